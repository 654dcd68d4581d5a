/** What settling every kind of unknown write needs. */
import type { Snapshot } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { DirtyRecord } from '../store/records.ts'
import type { Intent } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'

/** Open intents that are looked at together. */
export const INTENTS_MAX = 500

export async function readTarget(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
): Promise<Snapshot | 'gone' | 'hidden' | 'moved'> {
  if (intent.record === null) return 'gone'
  const edges = intent.kind === 'associate'
  const readings = await fetchRecords(engine, mapping, intent.side, [intent.record], { edges })
  const reading = readings.get(intent.record)
  if (!reading || reading.kind === 'hidden') return 'hidden'
  return reading.kind === 'found' ? reading.snapshot : reading.kind
}

/**
 * A request that nobody answered may be applied later than our look (algorithms 5.6). Ask before looking: while the
 * answer to a look travels, the request may arrive and the horizon pass.
 */
export function mayStillArrive(engine: Engine, intent: Intent): boolean {
  return engine.runtime.now() < intent.sentAtMs + engine.settings.zombieHorizonMs
}

/** Of its end nobody tells, so whoever waits for it looks ever less often. */
const SETTLING_MS = 1_000
const SETTLING_DOUBLED_MAX = 5

/** When to look again at records with a write whose outcome nobody recorded: sooner it cannot be settled. */
export function settledAtMs(
  { runtime, settings }: Engine,
  { sentAtMs }: Pick<Intent, 'sentAtMs'>,
  dirty: readonly DirtyRecord[],
): number {
  const looks = Math.max(0, ...dirty.map(({ attempts }) => attempts))
  const patienceMs = SETTLING_MS * 2 ** Math.min(looks, SETTLING_DOUBLED_MAX)
  return Math.max(sentAtMs + settings.zombieHorizonMs, runtime.now() + patienceMs)
}

/** The mapping may have been edited since the write was sent. */
export function hasRule(mapping: MappingRuntime, key: string): boolean {
  return mapping.rules.fields.some((rule) => rule.key === key)
}

/** The write is in the history although its answer never came. */
export function journalOf(
  engine: Engine,
  mapping: MappingRuntime,
  intent: Intent,
  fields: readonly string[],
  snapshot: Pick<Snapshot, 'key' | 'version'> | null,
): Change {
  const of = (pick: (field: Intent['fields'][string]) => Canonical) =>
    Object.fromEntries(fields.flatMap((key) => (intent.fields[key] ? [[key, pick(intent.fields[key])]] : [])))
  return {
    kind: 'journal',
    entry: {
      run: engine.run,
      link: intent.link,
      mapping: mapping.rules.mapping,
      side: intent.side,
      kind: intent.kind,
      record: snapshot?.key.id ?? intent.record,
      before: of((field) => field.before),
      after: of((field) => field.target),
      cause: of((field) => field.because),
      version: snapshot?.version ?? null,
      atMs: engine.runtime.now(),
    },
  }
}
