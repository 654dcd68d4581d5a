/**
 * Which records belong together, before a first pass: the engine's own matching, grouped into cases that a person
 * can judge. Made from a rehearsal, so it says exactly what a pass would do.
 */
import { otherSide, SIDES, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { FieldValue, FieldValues } from '../core/value.ts'
import { isBlank, isList } from '../core/value.ts'
import type { RecordRef } from '../store/records.ts'
import type { Review } from '../store/waiting.ts'
import type { Rehearsal } from './dry-run.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { refKey } from './work.ts'

export type Shape = 'one-to-one' | 'one-to-many' | 'many-to-one' | 'many-to-many' | 'left-only' | 'right-only'

/**
 * - `link`: a pass links the two. - `create`: a pass creates the counterpart.
 * - `review`: a person has to say. - `nothing`: outside the scope, or not to be created.
 */
export type Proposal = 'link' | 'create' | 'review' | 'nothing'

export interface PairingCase {
  readonly mapping: string
  readonly shape: Shape
  readonly proposal: Proposal
  readonly left: readonly RecordId[]
  readonly right: readonly RecordId[]
  /** What the case rests on: the matching rule, or the id that one record carries of the other. */
  readonly evidence: Evidence | null
  /** Why a person is asked. */
  readonly because: string
}

export interface Evidence {
  readonly by: 'key' | 'stamp'
  /** The rule as the mapping file has it; empty for a stamp. */
  readonly rule: string
  readonly strength: 'strong' | 'weak'
  /** How many equal keys the records share. */
  readonly keys: number
}

export interface MappingReport {
  readonly mapping: string
  /** Pairs that were linked before. */
  readonly linked: number
  readonly cases: readonly PairingCase[]
  /** What the matching fields of each record hold, for a person to recognise it; by `side:id`. */
  readonly labels: ReadonlyMap<string, string>
}

const REVIEWS_MAX = 1_000_000

/** `linkedBefore`: links per mapping before the rehearsal. */
export async function pairingReport(
  engine: Engine,
  rehearsal: Rehearsal,
  linkedBefore: ReadonlyMap<string, number>,
): Promise<readonly MappingReport[]> {
  const reviews = await engine.store.reviews(REVIEWS_MAX)
  const reports: MappingReport[] = []
  for (const mapping of engine.pairing.mappings) {
    const { mapping: name } = mapping.rules
    const own = reviews.filter((review) => review.mapping === name)
    const reviewed = own.flatMap((review) => [review.record, ...review.candidates])
    const inReview = new Set(reviewed.map(refKey))
    const snapshots = await withReviewed(engine, mapping, reviewed, snapshotsOf(name, rehearsal))
    const alone = rehearsal.alone.filter(
      ({ mapping: of, side, snapshot }) =>
        of === name && !inReview.has(refKey({ side, id: snapshot.key.id })),
    )
    const cases: PairingCase[] = [
      ...linkedCases(mapping, rehearsal),
      ...reviewCases(mapping, own, snapshots),
      ...rehearsal.creations
        .filter((record) => record.mapping === name)
        .map(({ side, snapshot }) => aloneCase(name, side, snapshot.key.id, 'create')),
      ...alone.map(({ side, snapshot }) => aloneCase(name, side, snapshot.key.id, 'nothing')),
    ]
    const labels = new Map(
      [...snapshots].map(([key, record]) => [key, labelOf(mapping, record.side, record.snapshot.values)]),
    )
    reports.push({ mapping: name, linked: linkedBefore.get(name) ?? 0, cases, labels })
  }
  return reports
}

/** Records that wait in review since an earlier pass were not looked at by this rehearsal. */
async function withReviewed(
  engine: Engine,
  mapping: MappingRuntime,
  reviewed: readonly RecordRef[],
  seen: ReadonlyMap<string, Seen>,
): Promise<ReadonlyMap<string, Seen>> {
  const all = new Map(seen)
  for (const side of SIDES) {
    const ids = reviewed.filter((ref) => ref.side === side && !seen.has(refKey(ref))).map(({ id }) => id)
    const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
    for (const [id, reading] of readings) {
      if (reading.kind === 'found') all.set(refKey({ side, id }), { side, snapshot: reading.snapshot })
    }
  }
  return all
}

interface Seen {
  readonly side: Side
  readonly snapshot: Snapshot
}

function snapshotsOf(mapping: string, rehearsal: Rehearsal): ReadonlyMap<string, Seen> {
  const seen: Seen[] = [
    ...rehearsal.links
      .filter((link) => link.mapping === mapping)
      .flatMap((link) => SIDES.map((side) => ({ side, snapshot: link.snapshots[side] }))),
    ...[...rehearsal.alone, ...rehearsal.creations].filter((record) => record.mapping === mapping),
  ]
  return new Map(seen.map((record) => [refKey({ side: record.side, id: record.snapshot.key.id }), record]))
}

function linkedCases(mapping: MappingRuntime, rehearsal: Rehearsal): readonly PairingCase[] {
  return rehearsal.links
    .filter((link) => link.mapping === mapping.rules.mapping)
    .map(({ left, right, snapshots }) => ({
      mapping: mapping.rules.mapping,
      shape: 'one-to-one',
      proposal: 'link',
      left: [left],
      right: [right],
      evidence: evidenceOf(mapping, snapshots.left, snapshots.right) ?? {
        by: 'stamp',
        rule: '',
        strength: 'strong',
        keys: 0,
      },
      because: '',
    }))
}

/** Reviews of records that are candidates of each other are one case. */
function reviewCases(
  mapping: MappingRuntime,
  reviews: readonly Review[],
  snapshots: ReadonlyMap<string, Seen>,
): readonly PairingCase[] {
  return clusters(reviews).map(({ members, because }) => {
    const ids = (side: Side) => members.filter((member) => member.side === side).map(({ id }) => id)
    const [left, right] = [ids('left'), ids('right')]
    return {
      mapping: mapping.rules.mapping,
      shape: shapeOf(left.length, right.length),
      proposal: 'review',
      left,
      right,
      evidence: strongestEvidence(mapping, left, right, snapshots),
      because,
    }
  })
}

interface Cluster {
  readonly members: readonly RecordRef[]
  readonly because: string
}

function clusters(reviews: readonly Review[]): readonly Cluster[] {
  const neighbours = new Map<string, { readonly ref: RecordRef; readonly near: Set<string> }>()
  const node = (ref: RecordRef) => {
    const known = neighbours.get(refKey(ref)) ?? { ref, near: new Set<string>() }
    neighbours.set(refKey(ref), known)
    return known
  }
  const reasons = new Map<string, string>()
  for (const review of reviews) {
    reasons.set(refKey(review.record), review.because)
    for (const candidate of review.candidates) {
      node(review.record).near.add(refKey(candidate))
      node(candidate).near.add(refKey(review.record))
    }
    node(review.record)
  }
  const found: Cluster[] = []
  const done = new Set<string>()
  for (const start of neighbours.keys()) {
    if (done.has(start)) continue
    const members: RecordRef[] = []
    const open = [start]
    for (let key = open.pop(); key !== undefined; key = open.pop()) {
      const at = neighbours.get(key)
      if (!at || done.has(key)) continue
      done.add(key)
      members.push(at.ref)
      open.push(...at.near)
    }
    const because = members
      .map((member) => reasons.get(refKey(member)))
      .find((reason) => reason !== undefined)
    found.push({ members, because: because ?? '' })
  }
  return found
}

function shapeOf(left: number, right: number): Shape {
  if (left === 0) return 'right-only'
  if (right === 0) return 'left-only'
  if (left === 1 && right === 1) return 'one-to-one'
  if (left === 1) return 'one-to-many'
  return right === 1 ? 'many-to-one' : 'many-to-many'
}

function aloneCase(mapping: string, side: Side, id: RecordId, proposal: 'create' | 'nothing'): PairingCase {
  const [left, right] = side === 'left' ? [[id], []] : [[], [id]]
  const because =
    proposal === 'create' ? `no counterpart on the ${otherSide(side)} side` : 'left alone by the mapping'
  return { mapping, shape: `${side}-only`, proposal, left, right, evidence: null, because }
}

function strongestEvidence(
  mapping: MappingRuntime,
  left: readonly RecordId[],
  right: readonly RecordId[],
  snapshots: ReadonlyMap<string, Seen>,
): Evidence | null {
  const found = left.flatMap((leftId) =>
    right.flatMap((rightId) => {
      const ofLeft = snapshots.get(refKey({ side: 'left', id: leftId }))?.snapshot
      const ofRight = snapshots.get(refKey({ side: 'right', id: rightId }))?.snapshot
      return ofLeft && ofRight ? (evidenceOf(mapping, ofLeft, ofRight) ?? []) : []
    }),
  )
  return found.find(({ strength }) => strength === 'strong') ?? found[0] ?? null
}

/** The first rule by which the two recognise each other. */
function evidenceOf(mapping: MappingRuntime, left: Snapshot, right: Snapshot): Evidence | null {
  for (const rule of mapping.rules.match) {
    const known = new Set(rule.keys.left(left.values))
    const keys = rule.keys.right(right.values).filter((key) => known.has(key)).length
    if (keys === 0) continue
    return { by: 'key', rule: `${rule.field.left} = ${rule.field.right}`, strength: rule.strength, keys }
  }
  return null
}

function labelOf(mapping: MappingRuntime, side: Side, values: FieldValues): string {
  const fields = [...new Set(mapping.rules.match.map((rule) => rule.field[side]))]
  const shown = fields.toReversed().map((field) => textOf(values[field] ?? null))
  return shown.filter((text) => text !== '').join(' · ')
}

function textOf(value: FieldValue): string {
  if (isBlank(value)) return ''
  if (typeof value === 'string') return value.replaceAll(/\s+/g, ' ').trim()
  if (typeof value === 'boolean') return String(value)
  if (isList(value)) return value.map(textOf).join(', ')
  const whole = (value as Readonly<Record<string, FieldValue>>)['full_name']
  return typeof whole === 'string' ? whole : JSON.stringify(value)
}
