/**
 * The arithmetic of one allowance, apart from everything that waits: a rule never sleeps and has no clock of its
 * own. `gate.ts` asks it with the time, lets requests wait in line and tells it what became of them.
 */
import type { Lane } from '../../core/lane.ts'
import type { HttpResponse } from '../transport.ts'

export interface Rule {
  /**
   * When a request of this lane may leave, if nothing else happens: `nowMs` or earlier means now, `Infinity` not
   * before one of those under way is answered.
   */
  opensAt(nowMs: number, lane: Lane): number

  /** Whether so much is free that nobody loses a place to whoever goes first. */
  isRoomy(nowMs: number): boolean

  /** One request leaves. Only at a time at which `opensAt` has let it. */
  take(nowMs: number): Place

  /** Requests under way or still counted, and how many there may be; null where nothing limits them. */
  use(nowMs: number): { readonly busy: number; readonly capacity: number | null }

  /** The vendor refused a request that is charged here. `own`: this is the allowance it is classified by. */
  refused(nowMs: number, own: boolean): void

  /** The limit as the vendor states it. */
  tune(limit: number): void

  /**
   * Others, or a process before this one, have used the allowance to an unknown extent. `answersTell`: the vendor
   * states what remains, so one request at a time may go and find out.
   */
  distrust(nowMs: number, answersTell: boolean): void

  /** What the next process has to know; null when there is nothing. */
  remember(nowMs: number): Remembered | null
  recall(remembered: Remembered, nowMs: number): void

  /** Nothing that has been answered is counted any more: the connection is closing. */
  release(): void
}

export interface Remembered {
  /** As the vendor's answers had it. */
  readonly limit: number
  /** When each of the slots that are taken is free again, soonest first. */
  readonly releases: readonly number[]
  /**
   * The vendor's windows turned out not to be those of its clock: not assumed again before then, and the next time for
   * longer.
   */
  readonly unlocked: { readonly untilMs: number; readonly nextMs: number } | null
}

/** What a request holds from the moment it is let through. */
export interface Place {
  /** The request was sent, and this came of it. */
  answered(answer: Answer): void
  /** The request was never sent. */
  unused(): void
}

export interface Answer {
  readonly sentAtMs: number
  readonly nowMs: number
  /** Null: no answer arrived and none will. The vendor may have counted the request, or may yet. */
  readonly response: HttpResponse | null
  /** How many requests the vendor says are left in this window; null when it says nothing. */
  readonly remaining: number | null
  /** What the request weighs; null where the vendor does not say, or does not weigh. */
  readonly score: number | null
}
