/**
 * An allowance for what requests weigh in a window, where the vendor says the weight of a request with its answer
 * and the limit nowhere. Nothing is held back until the first refusal. What was in the window then was too much:
 * 70 % of it is the limit from there on, and every clean window adds 2 % (as for strangers, algorithms 7.3).
 */
import type { Lane } from '../../core/lane.ts'
import type { ScoreBucket } from '../traffic.ts'
import type { Answer, Place, Remembered, Rule } from './rule.ts'

const CUT = 0.7
const REGAIN = 0.02

export class ScoreRule implements Rule {
  readonly #windowMs: number
  #scores: { readonly untilMs: number; readonly score: number }[] = []
  #sum = 0
  #out = 0
  /** What the next request is expected to weigh: as much as the last ones. */
  #typical = 0
  #limit = Infinity
  #sinceMs = -Infinity

  constructor(bucket: ScoreBucket) {
    this.#windowMs = bucket.windowMs
  }

  /** Nobody is paced here: whoever waits, waits for room. */
  isRoomy(): boolean {
    return false
  }

  opensAt(nowMs: number, _lane: Lane): number {
    this.#expire(nowMs)
    const limit = this.#limitAt(nowMs)
    let sum = this.#sum + (this.#out + 1) * this.#typical
    // One request may always ask: a limit below the weight of a single one would stop everything for good.
    if (sum <= limit || (this.#out === 0 && this.#scores.length === 0)) return nowMs
    for (const { untilMs, score } of this.#scores) {
      sum -= score
      if (sum <= limit) return untilMs
    }
    return this.#out === 0 ? (this.#scores.at(-1)?.untilMs ?? nowMs) : Infinity
  }

  take(): Place {
    this.#out += 1
    return this.#place
  }

  readonly #place: Place = {
    answered: ({ nowMs, score }: Answer) => {
      this.#out -= 1
      if (score === null) return
      this.#typical = this.#typical === 0 ? score : this.#typical + (score - this.#typical) / 8
      this.#scores.push({ untilMs: nowMs + this.#windowMs, score })
      this.#sum += score
    },
    unused: () => {
      this.#out -= 1
    },
  }

  refused(nowMs: number, own: boolean): void {
    this.#expire(nowMs)
    if (!own || this.#sum === 0 || nowMs < this.#sinceMs + this.#windowMs) return
    this.#limit = CUT * Math.min(this.#limitAt(nowMs), this.#sum + this.#out * this.#typical)
    this.#sinceMs = nowMs
  }

  use(nowMs: number): { busy: number; capacity: number | null } {
    this.#expire(nowMs)
    const limit = this.#limitAt(nowMs)
    return { busy: this.#sum, capacity: limit === Infinity ? null : Math.floor(limit) }
  }

  #limitAt(nowMs: number): number {
    if (this.#limit === Infinity) return Infinity
    return this.#limit * (1 + REGAIN * Math.floor((nowMs - this.#sinceMs) / this.#windowMs))
  }

  #expire(nowMs: number): void {
    let past = 0
    for (const { untilMs, score } of this.#scores) {
      if (untilMs > nowMs) break
      past += 1
      this.#sum -= score
    }
    if (past > 0) this.#scores.splice(0, past)
  }

  release(): void {
    this.#scores = []
    this.#sum = 0
  }

  // A limit that nobody states cannot be tuned, and scores of an earlier process are found out by a refusal.
  tune(): void {}
  distrust(): void {}
  remember(): Remembered | null {
    return null
  }
  recall(): void {}
}
