/** How long requests of one allowance take: the shortest, which no request beats, and what most stay under. */

/** One generation; the shortest trip is that of this and the previous one, so that a changed route is noticed. */
const GENERATION_MS = 300_000

/** Before that many answers the shortest one seen may be far above the shortest there is. */
const SAMPLES_MIN = 100

/** The share of the shortest trip that is relied on (algorithms 7.2). */
const TRUST = 0.8

export class Trips {
  #count = 0
  #shortest = Infinity
  #previousShortest = Infinity
  #generationEndsMs = -Infinity
  #mean = 0
  #deviation = 0

  saw(ms: number, nowMs: number): void {
    if (nowMs >= this.#generationEndsMs) {
      // After a long silence both generations are old.
      const isNext = nowMs < this.#generationEndsMs + GENERATION_MS
      this.#previousShortest = isNext ? this.#shortest : Infinity
      if (!isNext) this.#count = 0
      this.#shortest = Infinity
      this.#generationEndsMs = nowMs + GENERATION_MS
    }
    this.#count += 1
    if (ms < this.#shortest) this.#shortest = ms
    if (this.#count === 1) {
      this.#mean = ms
      this.#deviation = ms / 2
    } else {
      this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) / 16
      this.#mean += (ms - this.#mean) / 16
    }
  }

  /**
   * What every trip surely takes, and so how much earlier than its answer a request was counted, together with how
   * much later than its sending the next one will be. Zero until enough is known.
   */
  get slackMs(): number {
    if (this.#count < SAMPLES_MIN) return 0
    return Math.floor(TRUST * Math.min(this.#shortest, this.#previousShortest))
  }

  /** Most trips are shorter; smoothed like a TCP retransmission timeout (RFC 6298). */
  get slowMs(): number {
    return this.#mean + 4 * this.#deviation
  }
}
