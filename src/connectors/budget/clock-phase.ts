/**
 * Where the vendor's clock stands in ours, from the `Date` of its answers. It is cut to whole seconds, so an answer
 * that says 14:42:01 was made while the vendor's clock showed 14:42:01.0 to 14:42:01.999, and at some instant
 * between our sending the request and our having the answer. Each answer therefore bounds the difference of the
 * clocks from both sides, and all of them together narrow it down to about one shortest round trip. Nothing is
 * estimated: the bounds hold for any latencies, however unequal the two ways are.
 *
 * The machine that counts requests may not be the one that writes the `Date`; its clock may differ by `ERROR_MS`.
 */

/** How far two disciplined clocks drift apart at most; the bounds widen by this while no answer confirms them. */
const DRIFT = 20e-6

/** How far the vendor's machines may be apart (algorithms 7.2 c: an error bound of 20 to 60 ms). */
const ERROR_MS = 20

const SECOND_MS = 1_000

/** Answers that have to fit together before the bounds are relied on. */
const SAMPLES_MIN = 30

export class ClockPhase {
  #samples = 0
  /** The vendor's clock is ahead of ours by at least and at most this. */
  #leastMs = -Infinity
  #mostMs = Infinity
  #atMs = 0
  #text = ''
  #textMs = Number.NaN

  /** `date`: the header as the vendor sent it; an answer without one says nothing. */
  saw(sentAtMs: number, nowMs: number, date: string | undefined): void {
    if (date === undefined) return
    // The header changes once a second, and there are many answers in one.
    if (date !== this.#text) {
      this.#text = date
      this.#textMs = Date.parse(date)
    }
    if (Number.isNaN(this.#textMs)) return
    const drift = DRIFT * (nowMs - this.#atMs)
    const least = Math.max(this.#leastMs - drift, this.#textMs - nowMs)
    const most = Math.min(this.#mostMs + drift, this.#textMs + SECOND_MS - sentAtMs)
    this.#atMs = nowMs
    if (least > most) {
      // A clock was set, here or there: what was known is void.
      this.#samples = 1
      this.#leastMs = this.#textMs - nowMs
      this.#mostMs = this.#textMs + SECOND_MS - sentAtMs
      return
    }
    this.#samples += 1
    this.#leastMs = least
    this.#mostMs = most
  }

  /** Whether windows of this length can be told apart: their edges are known to a quarter of their length. */
  tells(windowMs: number): boolean {
    return this.#samples >= SAMPLES_MIN && this.#mostMs - this.#leastMs + 2 * ERROR_MS <= windowMs / 4
  }

  /**
   * When the first window opens, certainly, in which a request that was answered at `answeredAtMs` can no longer
   * be counted. Windows are multiples of `windowMs` on the vendor's clock.
   */
  opensAfter(answeredAtMs: number, windowMs: number): number {
    return (this.#windowAt(answeredAtMs, windowMs) + 1) * windowMs - (this.#leastMs - ERROR_MS)
  }

  /** When the window after that of `nowMs` may begin: what is unanswered then may be counted there. */
  mayEndAt(nowMs: number, windowMs: number): number {
    return (this.#windowAt(nowMs, windowMs) + 1) * windowMs - (this.#mostMs + ERROR_MS)
  }

  /** The latest window that the vendor's clock may be in. */
  #windowAt(ms: number, windowMs: number): number {
    return Math.floor((ms + this.#mostMs + ERROR_MS) / windowMs)
  }
}
