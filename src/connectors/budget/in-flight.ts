/**
 * At most so many requests under way. With `slowMs`, as many as the vendor carries without becoming slow: some ration
 * nothing but requests that run long, and those stay clear of that by slowing down when answers do (algorithms 7.3).
 */
import type { Lane } from '../../core/lane.ts'
import type { InFlightBucket } from '../traffic.ts'
import type { Answer, Place, Remembered, Rule } from './rule.ts'

/** Answers judged together: 95 % of so many is all but one. */
const BATCH = 20
const QUANTILE = 0.95
/** A slow batch takes a fifth away, one that is not gives one back. */
const CUT = 0.8

export class InFlightRule implements Rule {
  readonly #bucket: InFlightBucket
  #capacity: number
  #out = 0
  #times: number[] = []

  constructor(bucket: InFlightBucket) {
    this.#bucket = bucket
    this.#capacity = bucket.limit
  }

  /** Nobody is paced here: whoever waits, waits for room. */
  isRoomy(): boolean {
    return false
  }

  opensAt(nowMs: number, _lane: Lane): number {
    return this.#out < this.#capacity ? nowMs : Infinity
  }

  take(): Place {
    this.#out += 1
    return this.#place
  }

  // One for all: nothing has to be known about a single request.
  readonly #place: Place = {
    answered: (answer: Answer) => {
      this.#out -= 1
      if (this.#bucket.slowMs !== undefined) this.#judge(answer.nowMs - answer.sentAtMs, this.#bucket.slowMs)
    },
    unused: () => {
      this.#out -= 1
    },
  }

  #judge(ms: number, slowMs: number): void {
    this.#times.push(ms)
    if (this.#times.length < BATCH) return
    const sorted = this.#times.toSorted((a, b) => a - b)
    const isSlow = (sorted[Math.ceil(QUANTILE * BATCH) - 1] ?? 0) > slowMs
    this.#capacity = isSlow
      ? Math.max(1, Math.floor(CUT * this.#capacity))
      : Math.min(this.#bucket.limit, this.#capacity + 1)
    this.#times = []
  }

  use(): { busy: number; capacity: number } {
    return { busy: this.#out, capacity: this.#capacity }
  }

  tune(limit: number): void {
    this.#capacity = Math.min(limit, this.#bucket.limit)
  }

  /** Too many at once, the vendor says, whatever we thought. */
  refused(_nowMs: number, isOwn: boolean): void {
    if (isOwn) this.#capacity = Math.max(1, Math.floor(CUT * this.#capacity))
  }

  // What follows concerns windows: here nothing is counted once it is answered.
  distrust(): void {}
  remember(): Remembered | null {
    return null
  }
  recall(): void {}
  release(): void {}
}
