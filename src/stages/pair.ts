/**
 * Carries out what a person decided about pairs: link these two, or leave them apart. Only our own database
 * changes; the CRMs are read, and the next pass brings linked records into agreement.
 */
import { LEFT_APART } from '../core/match.ts'
import { SIDES, type Both, type RecordId, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef, Sighting, Subject } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { linkJournal } from './link-changes.ts'
import { sightingOf } from './sighting.ts'

export interface PairDecision {
  readonly mapping: string
  readonly left: RecordId | null
  readonly right: RecordId | null
  readonly decision: 'link' | 'apart'
}

export interface PairOutcome {
  readonly decision: PairDecision
  readonly outcome: 'linked' | 'apart' | 'refused'
  /** Why it was refused; empty otherwise. */
  readonly because: string
}

/**
 * One decision after the other, each in a transaction of its own: a refused one leaves the others standing.
 * A record left apart keeps that until it is edited in a CRM; then it is matched like any other.
 */
export async function applyPairDecisions(
  engine: Engine,
  decisions: readonly PairDecision[],
): Promise<readonly PairOutcome[]> {
  const outcomes: PairOutcome[] = []
  for (const decision of decisions) {
    engine.signal.throwIfAborted()
    const refusal = await apply(engine, decision)
    const done = decision.decision === 'link' ? 'linked' : 'apart'
    outcomes.push({ decision, outcome: refusal === null ? done : 'refused', because: refusal ?? '' })
  }
  return outcomes
}

/** The reason why not, or null when it is done. */
async function apply(engine: Engine, decision: PairDecision): Promise<string | null> {
  const mapping = engine.pairing.mappings.find(({ rules }) => rules.mapping === decision.mapping)
  if (!mapping) return `there is no mapping ${decision.mapping}`
  const found = {
    left: await look(engine, mapping, 'left', decision),
    right: await look(engine, mapping, 'right', decision),
  }
  for (const side of SIDES) if (typeof found[side] === 'string') return found[side]
  const { left, right } = found as Both<Found | null>
  if (decision.decision === 'apart') {
    const both = [left, right].filter((record) => record !== null)
    if (both.length === 0) return 'the row names no record'
    await engine.store.commitPlans(both.flatMap((record) => apart(engine, mapping, record)))
    return null
  }
  if (!left || !right) return 'linking needs a record on both sides'
  if (left.subject.link && left.subject.link.id === right.subject.link?.id) return null
  await engine.store.commitPlans(link(engine, mapping, left, right))
  return null
}

interface Found {
  readonly ref: RecordRef
  readonly subject: Subject
  readonly sighting: Sighting
}

/** A record that is free to be decided about, null when the row names none, or what speaks against it. */
async function look(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  decision: PairDecision,
): Promise<Found | string | null> {
  const id = decision[side]
  if (id === null) return null
  const { rules } = mapping
  const ref = { side, id }
  const [subject] = await engine.store.load({ mapping: rules.mapping, records: [ref] })
  const reading = (await fetchRecords(engine, mapping, side, [id], { edges: true })).get(id)
  if (!subject || reading?.kind !== 'found') return `the ${side} record ${id} is not there any more`
  const { snapshot } = reading
  if (snapshot.key.id !== id) return `the ${side} record ${id} was merged into ${snapshot.key.id}`
  if (!rules.inScope[side](snapshot.values)) return `the ${side} record ${id} is outside the scope`
  if (subject.openIntent) return `a write for the ${side} record ${id} is not settled yet; a pass settles it`
  const { link } = subject
  const isTaken = link !== null && link.left !== null && link.right !== null && link.state !== 'tomb'
  const isSamePair = link?.left === decision.left && link?.right === decision.right
  if (isTaken && !(isSamePair && decision.decision === 'link')) {
    return `the ${side} record ${id} is linked to ${side === 'left' ? link.right : link.left}`
  }
  // Its keys are remembered without marking it, so that what is left apart is not looked at again.
  const sighting = sightingOf(rules, side, snapshot)
  await engine.store.recordReads({ mapping: rules.mapping, side, sightings: [sighting] })
  return { ref, subject, sighting }
}

/** As the engine links records that match, and marked, so that the next pass makes them agree. */
function link(engine: Engine, mapping: MappingRuntime, left: Found, right: Found): readonly Change[] {
  const { mapping: name, version } = mapping.rules
  const atMs = engine.runtime.now()
  const half = left.subject.link ?? right.subject.link
  const id = half?.id ?? engine.runtime.id()
  const ids = { left: left.ref.id, right: right.ref.id }
  const versions = { left: left.sighting.version, right: right.sighting.version }
  return [
    half
      ? { kind: 'set-link', link: id, ...ids, state: 'live' }
      : { kind: 'put-link', link: { id, mapping: name, ...ids, state: 'live', rules: version, versions } },
    ...[left.ref, right.ref].flatMap((record): Change[] => [
      { kind: 'drop-review', mapping: name, record },
      { kind: 'release', mapping: name, record },
      { kind: 'release-waiting', targetMapping: name, side: record.side, target: record.id, atMs },
      { kind: 'mark', mapping: name, record, reason: 'manual', lane: 0, dueMs: atMs, atMs },
    ]),
    linkJournal(engine, mapping, {
      link: { id },
      from: half ?? null,
      to: { ...ids, state: 'live' },
      kind: 'link',
      side: 'left',
      record: left.ref.id,
      because: 'a person linked them',
    }),
  ]
}

/** Never created on the other side, and seen in its present state, so that a listing does not bring it up again. */
function apart(engine: Engine, mapping: MappingRuntime, { ref, sighting }: Found): readonly Change[] {
  const { rules } = mapping
  return [
    { kind: 'suppress', mapping: rules.mapping, record: ref, reason: LEFT_APART, atMs: engine.runtime.now() },
    { kind: 'drop-review', mapping: rules.mapping, record: ref },
    {
      kind: 'agree-record',
      mapping: rules.mapping,
      record: ref,
      fingerprint: sighting.fingerprint,
      version: sighting.version,
    },
  ]
}
