/**
 * Does something again and again, as a schedule says: never twice at once, and at once when its time has passed. What
 * was missed while the machine slept or a run took long is done once and not once per miss. A clock that is set back
 * puts nothing off: it is done at once, and the next time is reckoned by the new clock.
 */
import type { Runtime } from '../runtime.ts'
import type { Schedule } from '../schedule.ts'

export interface Timetable {
  readonly schedule: Schedule
  readonly runtime: Runtime
  readonly signal: AbortSignal
  /** `woke-up`: the machine slept or its clock was set, and whatever was told or due meanwhile may be lost. */
  readonly run: (why: 'due' | 'woke-up') => Promise<void>
}

/** Timers stand still while a machine sleeps; nothing is overdue by more than this after it woke up. */
const PIECE_MS = 30_000
/** So far from what was asked for no timer ends on a machine that is awake and whose clock nobody sets. */
const SLEPT_MS = 60_000

/** Many pairings, and many installations, are not to ask at the same second. */
const JITTER_SHARE = 0.1
const JITTER_MAX_MS = 30_000

/** Rejects with what `run` rejects with, and with the signal's reason when stopped. */
export async function keepTimetable(timetable: Timetable): Promise<never> {
  const { schedule, runtime, run } = timetable
  // Ends with the signal.
  for (;;) {
    const nowMs = runtime.now()
    const dueMs = schedule.next(nowMs)
    const jitterMs = Math.min(JITTER_MAX_MS, JITTER_SHARE * (dueMs - nowMs)) * runtime.random()
    await run(await waitUntil(Math.round(dueMs + jitterMs), timetable))
  }
}

async function waitUntil(dueMs: number, { runtime, signal }: Timetable): Promise<'due' | 'woke-up'> {
  // Ends with the time, or with the signal.
  for (;;) {
    const nowMs = runtime.now()
    if (nowMs >= dueMs) {
      signal.throwIfAborted()
      return 'due'
    }
    const pieceMs = Math.min(PIECE_MS, dueMs - nowMs)
    await runtime.sleep(pieceMs, signal)
    if (Math.abs(runtime.now() - nowMs - pieceMs) > SLEPT_MS) return 'woke-up'
  }
}
