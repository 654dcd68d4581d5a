/**
 * Which records belong together, before a first pass: the engine's own matching, grouped into cases that a person
 * can judge. Made from a rehearsal, so it says exactly what a pass would do.
 */
import { LEFT_APART } from '../core/match.ts'
import { SIDES, type Side } from '../core/record.ts'
import type { FieldValue, FieldValues } from '../core/value.ts'
import { isBlank, isList } from '../core/value.ts'
import type { RecordRef } from '../store/records.ts'
import type { Rehearsal } from './dry-run.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { aloneCase, apartCases, linkedCases, reviewCases, type PairingCase } from './pairing-case.ts'
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

/** Reviews, and records that a person left apart: a report has all of them. */
const ROWS_MAX = 1_000_000

/** `linkedBefore`: links per mapping before the rehearsal. */
export async function pairingReport(
  engine: Engine,
  rehearsal: Rehearsal,
  linkedBefore: ReadonlyMap<string, number>,
): Promise<readonly MappingReport[]> {
  const reviews = await engine.store.reviews(ROWS_MAX)
  const keptApart = await engine.store.keptAlone({ reason: LEFT_APART, limit: ROWS_MAX })
  const reports: MappingReport[] = []
  for (const mapping of engine.pairing.mappings) {
    const { mapping: name } = mapping.rules
    const own = reviews.filter((review) => review.mapping === name)
    const reviewed = own.flatMap((review) => [review.record, ...review.candidates])
    const apart = keptApart.filter((kept) => kept.mapping === name).map(({ record }) => record)
    const told = new Set([...reviewed, ...apart].map(refKey))
    const snapshots = await withUnseen(engine, mapping, [...reviewed, ...apart], snapshotsOf(name, rehearsal))
    const alone = rehearsal.alone.filter(
      ({ mapping: of, side, snapshot }) => of === name && !told.has(refKey({ side, id: snapshot.key.id })),
    )
    const cases: PairingCase[] = [
      ...linkedCases(mapping, rehearsal),
      ...reviewCases(mapping, own, snapshots),
      ...apartCases(mapping, apart, snapshots),
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

/** Records that wait, or were decided about, since an earlier pass were not looked at by this rehearsal. */
async function withUnseen(
  engine: Engine,
  mapping: MappingRuntime,
  wanted: readonly RecordRef[],
  seen: ReadonlyMap<string, Seen>,
): Promise<ReadonlyMap<string, Seen>> {
  const all = new Map(seen)
  for (const side of SIDES) {
    const ids = wanted.filter((ref) => ref.side === side && !seen.has(refKey(ref))).map(({ id }) => id)
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
  // The weak rule comes last and says it best: a name, in as many fields as the side has for it.
  const groups = mapping.rules.match.toReversed().map((rule) => rule.fields[side])
  const shown = groups.map((fields) => joined(fields, values))
  return [...new Set(shown)].filter((text) => text !== '').join(' · ')
}

function joined(fields: readonly string[], values: FieldValues): string {
  const texts = fields.map((field) => textOf(values[field] ?? null))
  return texts.filter((text) => text !== '').join(' ')
}

function textOf(value: FieldValue): string {
  if (isBlank(value)) return ''
  if (typeof value === 'string') return value.replaceAll(/\s+/g, ' ').trim()
  if (typeof value === 'boolean') return String(value)
  if (isList(value)) return value.map(textOf).join(', ')
  const whole = (value as Readonly<Record<string, FieldValue>>)['full_name']
  return typeof whole === 'string' ? whole : JSON.stringify(value)
}
