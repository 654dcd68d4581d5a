/**
 * Forgets what is too old to be asked for: who told us of changes, what we wrote, conflicts that are closed. In small
 * steps with a rest in between, so that nobody waits. Links, bases, deletions and whatever waits for a person are
 * never forgotten.
 */
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'
import { every } from '../schedule.ts'
import type { Store } from '../store/store.ts'
import { keepTimetable } from './timetable.ts'

/** How long each is kept. */
export interface Retention {
  readonly changesMs: number
  readonly journalMs: number
  readonly conflictsMs: number
}

export interface Forgetting {
  readonly store: Store
  readonly runtime: Runtime
  readonly log: Logger
  readonly signal: AbortSignal
  readonly retention: Retention
  readonly pairings: readonly string[]
}

export type Forgotten = Readonly<Record<'changes' | 'journal' | 'conflicts', number>>

const STEP = 500
const REST_MS = 50
const DAY_MS = 86_400_000
/** Recycle bins show what was removed for 90 days. */
const REMOVED_MS = 100 * DAY_MS

const JOURNAL_SINCE = 'retention/journal'

/** Where whoever follows the journal of a pairing remembers the last entry that it is done with. */
export function journalCursorKey(pairing: string): string {
  return `look-back/${pairing}`
}

export async function forget(forgetting: Forgetting): Promise<Forgotten> {
  const { store, runtime, log, retention } = forgetting
  const nowMs = runtime.now()
  // First the note: undo must not take a journal for complete that is not.
  const journalSinceMs = nowMs - retention.journalMs
  await store.setMeta(JOURNAL_SINCE, String(journalSinceMs))
  const forgotten: Forgotten = {
    changes: await forgetOne(forgetting, 'changes', nowMs - retention.changesMs),
    journal: await forgetOne(forgetting, 'journal', journalSinceMs),
    conflicts: await forgetOne(forgetting, 'conflicts', nowMs - retention.conflictsMs),
  }
  if (Object.values(forgotten).some((count) => count > 0)) log.info({ ...forgotten }, 'old entries forgotten')
  return forgotten
}

/** What was written before this may not be in the journal any more; null: everything is. */
export async function journalSince(store: Pick<Store, 'meta'>): Promise<number | null> {
  const text = await store.meta(JOURNAL_SINCE)
  return text === null ? null : Number(text)
}

/** Rejects with the signal's reason when stopped. */
export async function keepForgetting(
  forgetting: Forgetting,
  onForgotten: (forgotten: Forgotten) => void,
): Promise<never> {
  const { runtime, signal } = forgetting
  const run = async () => onForgotten(await forget(forgetting))
  await run()
  return keepTimetable({ schedule: every(DAY_MS / 24), runtime, signal, run })
}

async function forgetOne(
  { store, runtime, signal, pairings }: Forgetting,
  what: keyof Forgotten,
  beforeMs: number,
): Promise<number> {
  const readUntil = what === 'journal' ? await readByAll(store, pairings) : null
  const removedBeforeMs = Math.min(beforeMs, runtime.now() - REMOVED_MS)
  let forgotten = 0
  let after: string | null = null
  do {
    signal.throwIfAborted()
    const step = await store.prune({ what, after, limit: STEP, beforeMs, removedBeforeMs, readUntil })
    forgotten += step.forgotten
    after = step.next
    if (after !== null) await runtime.sleep(REST_MS, signal)
  } while (after !== null)
  return forgotten
}

/** The last entry of the journal that all who follow it have read; null when nobody does. */
async function readByAll(store: Store, pairings: readonly string[]): Promise<number | null> {
  let least: number | null = null
  for (const pairing of pairings) {
    const cursor = await store.meta(journalCursorKey(pairing))
    if (cursor !== null) least = Math.min(least ?? Infinity, Number(cursor))
  }
  return least
}
