/**
 * Which records belong together, before a first pass: the engine's own matching, grouped into cases that a person
 * can judge. Made from a rehearsal, so it says exactly what a pass would do.
 */
import { SIDES, type Side } from '../core/record.ts'
import type { FieldValue, FieldValues } from '../core/value.ts'
import { isBlank, isList } from '../core/value.ts'
import type { RecordRef } from '../store/records.ts'
import type { Rehearsal } from './dry-run.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { aloneCase, linkedCases, reviewCases, type PairingCase } from './pairing-case.ts'
import type { Seen } from './pairing-evidence.ts'
import { refKey } from './work.ts'

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

function snapshotsOf(mapping: string, rehearsal: Rehearsal): ReadonlyMap<string, Seen> {
  const seen: Seen[] = [
    ...rehearsal.links
      .filter((link) => link.mapping === mapping)
      .flatMap((link) => SIDES.map((side) => ({ side, snapshot: link.snapshots[side] }))),
    ...[...rehearsal.alone, ...rehearsal.creations].filter((record) => record.mapping === mapping),
  ]
  return new Map(seen.map((record) => [refKey({ side: record.side, id: record.snapshot.key.id }), record]))
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
