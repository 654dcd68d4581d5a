/**
 * When a record that a bell tells of is looked at (algorithms 6.3): soon after the first touch, since a person waits
 * for it, and once for many that follow closely. Whatever is looked at is read as it is then, so nothing is lost by
 * waiting. The same for every database.
 *
 * - A change rests `restMs`, then it is due. Touched again within `flurryMs`, the record waits until it was left alone
 *   for as long; touched more than `touchesMax` times within `withinMs`, for `busyMs`; never longer than `waitMaxMs`.
 * - A removal waits `busyMs`: nobody waits for it, a merge may turn out to be behind it, and a mass deletion has to
 *   be seen as one before the first is carried out.
 * - A change of our own waits `ownMs`, in the lane of what catches up: it is expected. Looked at sooner, it would
 *   carry over half-finished bursts of the other side, whose writes come back again.
 */
import type { Lane } from '../core/lane.ts'
import type { ObservedChange } from './change.ts'
import type { Debounce } from './records.ts'

export type Touch = 'change' | 'removal' | 'own'

/** A dirty row that exists already. */
export interface Waiting {
  readonly lane: Lane
  readonly dueMs: number
  /** Of the first and of the last mark that have not been answered. */
  readonly firstAtMs: number
  readonly lastAtMs: number
  /** Somebody has it in hand; the new mark survives that and is due after it. */
  readonly isAtWork: boolean
  /** Tries that failed: then `dueMs` is a retry's, and news brings it forward. */
  readonly attempts: number
}

/** Where our own changes queue up. */
export const OWN_LANE: Lane = 2

export function touchOf({ actor, kind }: ObservedChange): Touch {
  if (kind === 'removed') return 'removal'
  return isOwn(actor) ? 'own' : 'change'
}

function isOwn(actor: ObservedChange['actor']): boolean {
  return typeof actor === 'object' && actor !== null && 'kind' in actor && actor['kind'] === 'us'
}

/**
 * When a record is due that is touched now. `earlier` are the times of its other touches within `withinMs`; of many
 * the newest `touchesMax` are enough.
 */
export function dueAfterTouch(
  debounce: Debounce,
  touched: {
    readonly touch: Touch
    readonly nowMs: number
    readonly earlier: readonly number[]
    readonly waiting: Waiting | null
  },
): number {
  const { touch, nowMs, waiting } = touched
  const dueMs = nowMs + quietMs(debounce, touched)
  if (!waiting || waiting.isAtWork) return dueMs
  // What is due soon after a first touch stays so, however many follow: they are seen by the same look.
  const isFixed = waiting.dueMs - waiting.lastAtMs <= debounce.restMs
  const isQuietWait = waiting.lane < OWN_LANE && waiting.attempts === 0 && waiting.dueMs > nowMs && !isFixed
  if (!isQuietWait || touch === 'own') return Math.min(waiting.dueMs, dueMs)
  return Math.max(waiting.dueMs, Math.min(dueMs, waiting.firstAtMs + debounce.waitMaxMs))
}

/** How long the record has to be left alone. */
function quietMs(
  debounce: Debounce,
  { touch, nowMs, earlier }: { touch: Touch; nowMs: number; earlier: readonly number[] },
): number {
  if (touch === 'own') return debounce.ownMs
  if (touch === 'removal' || earlier.length >= debounce.touchesMax) return debounce.busyMs
  return earlier.some((atMs) => nowMs - atMs < debounce.flurryMs) ? debounce.flurryMs : debounce.restMs
}
