/**
 * How much of a shared allowance strangers leave to us, learned from refusals that were not our doing (algorithms
 * 7.3): a refusal takes 30 % away, every clean window gives 2 % of the whole back, and 30 % stay ours in any case.
 */

const CUT = 0.7
const REGAIN = 0.02
const LEAST = 0.3

export class Strangers {
  #share = 1
  #sinceMs = -Infinity
  readonly #windowMs: number

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  /** Between `LEAST` and 1. */
  share(nowMs: number): number {
    if (this.#share >= 1) return 1
    const cleanWindows = Math.floor((nowMs - this.#sinceMs) / this.#windowMs)
    return Math.min(1, this.#share + REGAIN * cleanWindows)
  }

  /** Requests sent together are refused together: one window counts once. */
  refused(nowMs: number): void {
    if (nowMs < this.#sinceMs + this.#windowMs) return
    this.#share = Math.max(LEAST, CUT * this.share(nowMs))
    this.#sinceMs = nowMs
  }
}
