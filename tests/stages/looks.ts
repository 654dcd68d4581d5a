/** Times for worlds in which nobody waits for a schedule, and for those that do. */
import { every, NEVER, type Looks } from '../../src/schedule.ts'

export const LOOKS: Looks = {
  poll: every(15_000),
  listing: every(60_000),
  delayedPoll: every(600_000),
  sweep: every(6 * 3_600_000),
}

export const NO_LOOKS: Looks = { poll: NEVER, listing: NEVER, delayedPoll: NEVER, sweep: NEVER }

/** Nothing that a test does is so old. */
export const RETENTION = {
  changesMs: 30 * 86_400_000,
  journalMs: 180 * 86_400_000,
  conflictsMs: 180 * 86_400_000,
}
