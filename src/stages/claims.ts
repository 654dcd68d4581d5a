/**
 * Records that another mapping of their object speaks for. One that has its counterpart there, or is about to get it,
 * needs none here; and what became of a record of another object (a converted lead) takes over its pair, or its having
 * none.
 */
import type { MatchDecision } from '../core/match.ts'
import { otherSide, SIDES, type RecordId, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef } from '../store/records.ts'
import { BEREAVED, decideLoner, isBereaved } from './decide-loner.ts'
import { followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { introduce } from './introduce.ts'
import type { Loner } from './loners.ts'
import { prospect, type Prospects } from './prospects.ts'
import { foundByOthers, type Question } from './questions.ts'
import { goesFirst, keptElsewhere, siblingsOf } from './siblings.ts'
import { refKey } from './work.ts'

/** Decisions that are not this mapping's to make, and records whose former selves have a pair, by record. */
export async function claimedByOthers(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  prospects: Prospects,
): Promise<{
  readonly claims: ReadonlyMap<string, MatchDecision>
  /** Those of them that have their counterpart there, and are not only about to get one. */
  readonly kept: ReadonlySet<string>
  /** What a person has to be asked by that mapping. */
  readonly questions: readonly Change[]
  readonly origins: ReadonlyMap<string, Origin>
}> {
  const claims = new Map<string, MatchDecision>()
  const questions: Change[] = []
  const origins = new Map<string, Origin>()
  const subjects = loners.map((loner) => loner.subject)
  const kept = await keptElsewhere(engine, mapping, subjects)
  for (const key of kept) claims.set(key, KEPT_ELSEWHERE)
  const open = (loner: Loner): boolean => {
    const { kind } = decideLoner(mapping, loner, prospects)
    return !claims.has(refKey(loner.subject)) && (kind === 'create' || kind === 'review')
  }
  for (const side of SIDES) {
    const own = loners.filter((loner) => loner.subject.side === side)
    for (const sibling of siblingsOf(engine, mapping, side)) {
      const creating = own.filter((loner) => open(loner) && mapping.rules.create[otherSide(side)])
      if (creating.length === 0) continue
      await introduce(engine, sibling, creating)
      const there = await prospect(engine, sibling, creating, () => true)
      const found = new Map<string, Question>()
      for (const loner of creating) {
        const decision = decideLoner(sibling, loner, there)
        if (hasCounterpart(decision, side)) {
          claims.set(refKey(loner.subject), KEPT_ELSEWHERE)
          if (decision.kind === 'review') found.set(refKey(loner.subject), decision)
        } else if (isBereaved(loner, there)) claims.set(refKey(loner.subject), BEREAVED_ELSEWHERE)
      }
      questions.push(...(await foundByOthers(engine, sibling, found, subjects)))
    }
    const arrivals = siblingsOf(engine, mapping, otherSide(side)).length > 0 ? own.filter(open) : []
    for (const [id, origin] of await originsOf(engine, mapping, side, arrivals)) {
      origins.set(refKey({ side, id }), origin)
    }
  }
  for (const [key, decision] of await contested(engine, mapping, loners, { prospects, claims })) {
    claims.set(key, decision)
  }
  return { claims, kept, questions, origins }
}

/** Whether there is somebody on the other side: who only resembles others of his own side has nobody there. */
function hasCounterpart(decision: MatchDecision, side: Side): boolean {
  if (decision.kind === 'review') return decision.candidates.some((candidate) => candidate.side !== side)
  return decision.kind === 'adopt'
}

const BEREAVED_ELSEWHERE: MatchDecision = {
  kind: 'nothing',
  because: `not created again: ${BEREAVED}`,
}

const KEPT_ELSEWHERE: MatchDecision = {
  kind: 'nothing',
  because: 'another mapping has its counterpart',
}

/**
 * Pairs that would be made of a record for which a mapping that goes first has somebody as well. That is no guess:
 * whoever is a contact and a lead is the contact, and the lead is shown to a person.
 */
async function contested(
  engine: Engine,
  mapping: MappingRuntime,
  loners: readonly Loner[],
  {
    prospects,
    claims,
  }: { readonly prospects: Prospects; readonly claims: ReadonlyMap<string, MatchDecision> },
): Promise<ReadonlyMap<string, MatchDecision>> {
  const found = new Map<string, MatchDecision>()
  for (const side of SIDES) {
    const seniors = siblingsOf(engine, mapping, side).filter((each) => goesFirst(engine, each, mapping, side))
    if (seniors.length === 0) continue
    // By the record of `side` that each would become half of a pair with. What stamps say is no question of keys.
    const wanted = loners.flatMap((loner) => {
      if (claims.has(refKey(loner.subject))) return []
      const decision = decideLoner(mapping, loner, prospects)
      if (decision.kind !== 'adopt' || decision.because !== 'key') return []
      const record = loner.subject.side === side ? loner.subject : { side, id: decision.other }
      const snapshot = loner.subject.side === side ? loner.snapshot : prospects.snapshots.get(refKey(record))
      return snapshot ? [{ loner, record: { side, id: record.id }, snapshot }] : []
    })
    for (const senior of wanted.length === 0 ? [] : seniors) {
      const records = wanted.map(({ record }) => record)
      const subjects = await engine.store.load({ mapping: senior.rules.mapping, records })
      const there = wanted.flatMap(({ snapshot, ...pair }, i) => {
        const subject = subjects[i]
        return subject ? [{ ...pair, holder: { subject, dirty: [], snapshot, former: null } }] : []
      })
      const holders = there.map(({ holder }) => holder)
      await introduce(engine, senior, holders)
      const others = await prospect(engine, senior, holders)
      for (const { loner, record, holder } of there) {
        if (!hasCounterpart(decideLoner(senior, holder, others), side)) continue
        found.set(refKey(loner.subject), loner.subject.side === side ? KEPT_ELSEWHERE : duplicateOf(record))
      }
    }
  }
  return found
}

function duplicateOf(record: RecordRef): MatchDecision {
  return {
    kind: 'review',
    review: 'duplicate',
    candidates: [{ ...record, linked: true, suppressed: false }],
    because: 'the record with the same key has a counterpart by another mapping',
  }
}

/** What a record was, as far as it says what becomes of the record now. */
export type Origin =
  /** Paired: that pair is looked at first, and moves. */
  | { readonly kind: 'paired'; readonly woken: Change }
  /** Without a counterpart, for a reason: its heir gets none either. */
  | { readonly kind: 'alone'; readonly reason: string; readonly was: RecordId }

/** Records that were records of another object when that was decided. */
async function originsOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  arrivals: readonly Loner[],
): Promise<ReadonlyMap<string, Origin>> {
  const found = new Map<string, Origin>()
  const connector = engine.pairing.connectors[side]
  if (arrivals.length === 0 || !connector.origins) return found
  const ids = arrivals.map((loner) => loner.subject.id)
  const origins = await connector.origins({ object: mapping.rules.object[side], ids })
  for (const sibling of siblingsOf(engine, mapping, otherSide(side))) {
    const came = [...origins].flatMap(([id, all]) =>
      all
        .filter(({ object }) => object === sibling.rules.object[side])
        .map((origin) => [id, origin] as const),
    )
    const records = came.map(([, origin]) => ({ side, id: origin.id }))
    const { mapping: name } = sibling.rules
    const links = await engine.store.linksOf({ mapping: name, side, ids: records.map(({ id }) => id) })
    const subjects = await engine.store.load({ mapping: name, records })
    for (const [i, [id, origin]] of came.entries()) {
      const reason = subjects[i]?.suppressed ?? null
      // What its own creation made, nobody knows yet: a pair, or one that a person has ended since.
      const isUnsettled = (subjects[i]?.openIntent ?? null) !== null
      if (links.has(origin.id) || isUnsettled) {
        found.set(id, { kind: 'paired', woken: followUp(engine, name, { side, id: origin.id }) })
      } else if (reason !== null && found.get(id)?.kind !== 'paired') {
        found.set(id, { kind: 'alone', reason, was: origin.id })
      }
    }
  }
  return found
}
