/**
 * What a sweep noticed, for the change log: a listing shows that something changed, and the read that follows who
 * did it and when, where the vendor says so. Polls and webhooks leave their own rows when they arrive.
 */
import { otherSide, SIDES, type Evidence, type Side } from '../core/record.ts'
import type { Plan, Verdict } from '../core/plan.ts'
import type { Change } from '../store/change.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { ruleOf } from './rule-index.ts'
import type { LinkedGroup, Pair } from './work.ts'

export function observed(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  pair: Pair,
  plan: Plan,
): readonly Change[] {
  if (pair.isNew) return []
  return SIDES.flatMap((side): Change[] => {
    const listed = group.dirty.some((row) => row.side === side && row.reasons.includes('listed'))
    const causes = plan.verdicts.filter((verdict) => comesFrom(verdict, side))
    if (!listed || causes.length === 0) return []
    const snapshot = pair[side]
    const evidence = causes
      .flatMap((verdict) => ruleOf(mapping, verdict.field)[side].fields)
      .flatMap((field) => snapshot.evidence[field] ?? [])
    const newest = evidence.reduce<Evidence | null>(
      (latest, each) => (latest && (latest.at ?? '') >= (each.at ?? '') ? latest : each),
      null,
    )
    const { mapping: name } = mapping.rules
    const atMs = engine.runtime.now()
    return [
      {
        kind: 'log',
        change: {
          key: `sweep/${name}/${side}/${snapshot.key.id}/${snapshot.version ?? atMs}`,
          mapping: name,
          side,
          record: snapshot.key.id,
          source: 'sweep',
          kind: 'changed',
          actor: newest ? { ...newest.actor } : null,
          vendorAt: newest?.at ?? null,
          atMs,
          version: snapshot.version,
        },
      },
    ]
  })
}

/** A write is caused by the side it does not write to; an open conflict by both. */
function comesFrom(verdict: Verdict, side: Side): boolean {
  return verdict.kind === 'hold' || (verdict.kind === 'write' && verdict.side === otherSide(side))
}
