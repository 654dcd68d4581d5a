/**
 * One linked pair: ask the core what to do, and put its verdicts into writes and store changes. No I/O; the
 * dry run and the engine both call it.
 */
import { pairHash } from '../core/fingerprint.ts'
import { reconcile, wasRead } from '../core/reconcile.ts'
import type { FieldBase } from '../core/base.ts'
import type { Plan, Verdict } from '../core/plan.ts'
import { otherSide, SIDES, type Both, type Side } from '../core/record.ts'
import { isEqual, type Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import { closeConflict, conflictRow } from './conflict-rows.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { referenceRules } from './rule-index.ts'
import { sideWrites, stampOrder, type WriteVerdict } from './side-writes.ts'
import type { Pair, Write } from './work.ts'

export interface PairPlan {
  readonly plan: Plan
  readonly writes: readonly Write[]
  readonly changes: readonly Change[]
  /** Conflicts that this plan opens for a person. */
  readonly opened: number
}

/** Decides a pair. `evidenceComplete` says that missing evidence is missing for good. */
export function decidePairFields(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  evidenceComplete: boolean,
): Plan {
  const error = engine.settings.clockErrorMs
  return reconcile({
    rules: mapping.rules,
    base: pair.base,
    left: pair.left,
    right: pair.right,
    context: directory.context,
    evidenceComplete,
    clockErrorMs: { left: error, right: error },
    choices: Object.fromEntries(
      Object.entries(pair.decisions).flatMap(([field, { choice, lost }]) => (lost ? [] : [[field, choice]])),
    ),
    lost: Object.fromEntries(
      Object.entries(pair.decisions).flatMap(([field, { choice, lost }]) =>
        lost?.side === choice ? [[field, lost]] : [],
      ),
    ),
    paused: { ...mapping.paused, ...quarantinedFields(mapping, pair) },
  })
}

export function planPair(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  plan: Plan,
): PairPlan {
  const changes: Change[] = []
  const bases: Record<string, FieldBase> = {}
  let opened = 0
  for (const verdict of plan.verdicts) {
    if (verdict.kind === 'rebase' || verdict.kind === 'hold') bases[verdict.field] = verdict.base
    if (verdict.kind === 'hold') {
      const { field, conflict: report } = verdict
      const row = conflictRow(engine, mapping, { link: pair.link, field, report, state: 'open' })
      changes.push({ kind: 'open-conflict', conflict: row })
      opened += 1
    } else if (pair.decisions[verdict.field]?.lost) {
      changes.push(...overwrittenIsOver(engine, pair, verdict))
    } else if (verdict.kind === 'rebase' && pair.base[verdict.field]?.held) {
      const choice = choiceOn(pair, verdict.field, verdict.base)
      const loser = choice === null ? null : otherSide(choice)
      changes.push(closeConflict(engine, { link: pair.link.id, field: verdict.field, loser }))
    }
  }
  if (Object.keys(bases).length > 0) changes.push({ kind: 'set-base', link: pair.link.id, fields: bases })
  changes.push(...pendingEdges(engine, mapping, pair, directory))
  const writes = writesOf(engine, mapping, pair, directory, plan)
  return { plan, writes, changes, opened }
}

const NO_WRITES: ReturnType<typeof sideWrites> = { values: [], edges: [] }

/** Right before left, records before associations: the order in which a pair's writes are sent. */
function writesOf(
  engine: Engine,
  mapping: MappingRuntime,
  pair: Pair,
  directory: Directory,
  plan: Plan,
): readonly Write[] {
  const verdicts = plan.verdicts.filter((verdict): verdict is WriteVerdict => verdict.kind === 'write')
  const refused = pair.quarantines.flatMap(({ fields }) => fields)
  const sides = (['right', 'left'] as const).map((side) => {
    const [target, source] = [pair[side], pair[otherSide(side)]]
    const own = verdicts.filter((verdict) => verdict.side === side)
    const stamp = stampOrder(mapping, side, { target, other: source.key.id, refused })
    if (own.length === 0 && !stamp?.isDue) return NO_WRITES
    return sideWrites(engine, mapping, {
      link: pair.link.id,
      side,
      target,
      source,
      base: pair.base,
      context: directory.context[side],
      verdicts: own,
      stamp,
      settles: (verdict) => {
        const { field, conflict, before, source } = verdict
        const chosen = choiceOn(pair, field, { [side]: before, [otherSide(side)]: source }) !== null
        return { report: conflict, decided: chosen || isRestoring(pair, verdict) }
      },
    })
  })
  return [...sides.flatMap(({ values }) => values), ...sides.flatMap(({ edges }) => edges)]
}

/**
 * A decision about an overwritten value is carried out by the write that brings it back. Left at what was written, or
 * out of date because the field was changed since, it is over with this plan.
 */
function overwrittenIsOver(engine: Engine, pair: Pair, verdict: Verdict): readonly Change[] {
  const { field } = verdict
  const { choice, lost } = pair.decisions[field] ?? {}
  if (!lost || isRestoring(pair, verdict)) return []
  const link = pair.link.id
  if (choice !== lost.side) return [closeConflict(engine, { link, field, loser: lost.side })]
  // What is not to be decided now (a field set aside, a record that did not show it) may still be brought back.
  if (verdict.kind === 'nothing') return []
  return [closeConflict(engine, { link, field, loser: null })]
}

function isRestoring(pair: Pair, verdict: Verdict): boolean {
  const { choice, lost } = pair.decisions[verdict.field] ?? {}
  return verdict.kind === 'write' && lost?.side === choice && isEqual(verdict.target, lost?.value ?? null)
}

/** What a person chose for this field, if the values are still those of the conflict that was shown. */
function choiceOn(pair: Pair, field: string, values: Partial<Both<Canonical>>): Side | null {
  const { left = null, right = null } = values
  const isSame = pair.base[field]?.held === pairHash(left, right)
  return isSame ? (pair.decisions[field]?.choice ?? null) : null
}

function quarantinedFields(mapping: MappingRuntime, pair: Pair): Record<string, string> {
  const paused: Record<string, string> = {}
  for (const entry of pair.quarantines) {
    for (const rule of mapping.rules.fields) {
      const blamed = SIDES.some((side) => rule[side].fields.some((field) => entry.fields.includes(field)))
      if (blamed) paused[rule.key] = `set aside: ${entry.reason}`
    }
  }
  return paused
}

/**
 * Targets that have no link yet; the pair is looked at again when they get one. What a side waits for whose associations
 * were not read this time, it goes on waiting for.
 */
function pendingEdges(engine: Engine, mapping: MappingRuntime, pair: Pair, directory: Directory): Change[] {
  const atMs = engine.runtime.now()
  return referenceRules(mapping).map((rule): Change => {
    const sides = SIDES.filter((side) => wasRead(rule[side], pair[side].values))
    const edges = sides
      .flatMap((side) =>
        rule[side].fields.flatMap((field) => directory.pending(side, pair[side].values[field] ?? null)),
      )
      .map((edge) => ({ ...edge, link: pair.link.id, field: rule.key }))
    return { kind: 'await-targets', link: pair.link.id, field: rule.key, sides, edges, atMs }
  })
}
