/**
 * Records that another mapping of their object speaks for. One that has its counterpart there, or is about to get it,
 * needs none here; and what became of a paired record of another object (a converted lead) takes over that pair.
 */
import type { MatchDecision } from '../core/match.ts'
import { otherSide, SIDES, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef } from '../store/records.ts'
import { decideLoner } from './decide-loner.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Loner } from './loners.ts'
import { prospect, type Prospects } from './prospects.ts'
import { keptElsewhere, siblingsOf } from './siblings.ts'
import { refKey } from './work.ts'

/** Decisions that are not this mapping's to make, and records whose former selves have a pair, by record. */
export async function claimedByOthers(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  prospects: Prospects,
): Promise<{
  readonly claims: ReadonlyMap<string, MatchDecision>
  readonly origins: ReadonlyMap<string, { readonly woken: readonly Change[] }>
}> {
  const claims = new Map<string, MatchDecision>()
  const origins = new Map<string, { readonly woken: readonly Change[] }>()
  const subjects = loners.map((loner) => loner.subject)
  for (const key of await keptElsewhere(engine, mapping, subjects)) claims.set(key, KEPT_ELSEWHERE)
  const open = (loner: Loner): boolean => {
    const { kind } = decideLoner(mapping, loner, prospects)
    return !claims.has(refKey(loner.subject)) && (kind === 'create' || kind === 'review')
  }
  for (const side of SIDES) {
    const own = loners.filter((loner) => loner.subject.side === side)
    for (const sibling of siblingsOf(engine, mapping, side)) {
      const creating = own.filter((loner) => open(loner) && mapping.rules.create[otherSide(side)])
      if (creating.length === 0) continue
      const there = await prospect(engine, sibling, creating)
      for (const loner of creating) {
        const { kind } = decideLoner(sibling, loner, there)
        if (kind === 'adopt' || kind === 'review') claims.set(refKey(loner.subject), KEPT_ELSEWHERE)
      }
    }
    const arrivals = siblingsOf(engine, mapping, otherSide(side)).length > 0 ? own.filter(open) : []
    for (const [id, woken] of await pairedOrigins(engine, mapping, side, arrivals)) {
      origins.set(refKey({ side, id }), { woken })
    }
  }
  return { claims, origins }
}

const KEPT_ELSEWHERE: MatchDecision = {
  kind: 'nothing',
  because: 'another mapping has its counterpart',
}

/** Records that were records of another object when those were paired: that pair is looked at first, and moves. */
async function pairedOrigins(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  arrivals: readonly Loner[],
): Promise<ReadonlyMap<string, readonly Change[]>> {
  const woken = new Map<string, readonly Change[]>()
  const connector = engine.pairing.connectors[side]
  if (arrivals.length === 0 || !connector.origins) return woken
  const ids = arrivals.map((loner) => loner.subject.id)
  const origins = await connector.origins({ object: mapping.rules.object[side], ids })
  for (const sibling of siblingsOf(engine, mapping, otherSide(side))) {
    const came = [...origins].filter(([, origin]) => origin.object === sibling.rules.object[side])
    const links = await engine.store.linksOf({
      mapping: sibling.rules.mapping,
      side,
      ids: came.map(([, origin]) => origin.id),
    })
    for (const [id, origin] of came) {
      if (links.has(origin.id)) woken.set(id, wake(engine, sibling, { side, id: origin.id }))
    }
  }
  return woken
}

/** Marks a record whose pair has to find out what became of it, without its listing having shown that yet. */
export function wake(engine: Engine, mapping: MappingRuntime, record: RecordRef): readonly Change[] {
  const atMs = engine.runtime.now()
  const { mapping: name } = mapping.rules
  return [{ kind: 'mark', mapping: name, record, reason: 'follow-up', lane: 1, dueMs: atMs, atMs }]
}
