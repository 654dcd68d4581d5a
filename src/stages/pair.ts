/**
 * Carries out what a person decided about pairs: link these two, or leave them apart. Only our own database
 * changes; the CRMs are read, and the next pass brings linked records into agreement.
 */
import { LEFT_APART } from '../core/match.ts'
import { otherSide, SIDES, type Both, type RecordId, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { isPair } from '../store/links.ts'
import type { RecordRef, Sighting, Subject } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { linkJournal } from './link-changes.ts'
import { sightingOf } from './sighting.ts'
import { apartJournal } from './undo-apart.ts'

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
 * A record left apart is neither matched nor created, whatever happens to it, until a person links it.
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
  return decision.decision === 'apart'
    ? setApart(engine, mapping, { left, right })
    : setTogether(engine, mapping, { left, right })
}

async function setTogether(
  engine: Engine,
  mapping: MappingRuntime,
  { left, right }: Both<Found | null>,
): Promise<string | null> {
  if (!left || !right) return 'linking needs a record on both sides'
  if (left.partner !== null && left.partner === right.ref.id) return null
  const refusal = takenText(left) ?? takenText(right)
  if (refusal !== null) return refusal
  await engine.store.commitPlans(link(engine, mapping, left, right))
  return null
}

/**
 * In a row of two records, one that belongs to a third is apart from the other already: of several who look alike, each
 * is one row with every other, and a person links two of them and says `apart` to the rest.
 */
async function setApart(
  engine: Engine,
  mapping: MappingRuntime,
  { left, right }: Both<Found | null>,
): Promise<string | null> {
  const named = [left, right].filter((record) => record !== null)
  const [one, other] = named
  if (!one) return 'the row names no record'
  if (!other || one.partner === other.ref.id) {
    const refusal = takenText(one)
    if (refusal !== null) return refusal
  }
  const free = named.filter(({ partner }) => partner === null)
  await engine.store.commitPlans(free.flatMap((record) => apart(engine, mapping, record)))
  return null
}

function takenText({ ref: { side, id }, partner }: Found): string | null {
  return partner === null ? null : `the ${side} record ${id} is linked to ${partner}`
}

interface Found {
  readonly ref: RecordRef
  readonly subject: Subject
  readonly sighting: Sighting
  /** The record of the other side that it is linked to. */
  readonly partner: RecordId | null
}

/** A record that can be decided about, null when the row names none, or what speaks against it. */
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
  const sighting = sightingOf(rules, side, snapshot)
  const partner = isPair(link) ? link[otherSide(side)] : null
  // Its keys are remembered without marking it, so that what is left apart is not looked at again.
  if (partner === null)
    await engine.store.recordReads({ mapping: rules.mapping, side, sightings: [sighting] })
  return { ref, subject, sighting, partner }
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
function apart(
  engine: Engine,
  mapping: MappingRuntime,
  { ref, sighting, subject }: Found,
): readonly Change[] {
  const { rules } = mapping
  const step = { kind: 'apart', mapping, record: ref } as const
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
    // Said twice, it was said by the first run.
    ...(subject.suppressed === LEFT_APART ? [] : [apartJournal(engine, step, 'a person left it apart')]),
  ]
}
