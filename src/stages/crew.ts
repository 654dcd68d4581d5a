/** Work that goes on side by side, of which nothing may still be going on when whoever began it goes on. */
export class Crew<Job> {
  readonly #jobs = new Map<Promise<void>, Job>()
  readonly #failures: unknown[] = []
  readonly #onEnd: (job: Job) => void

  /** `onEnd` is called whenever something has ended, however it ended. */
  constructor(onEnd: (job: Job) => void = () => undefined) {
    this.#onEnd = onEnd
  }

  /** What is under way. */
  get jobs(): readonly Job[] {
    return [...this.#jobs.values()]
  }

  get isIdle(): boolean {
    return this.#jobs.size === 0
  }

  /** In the order in which they came. */
  get failures(): readonly unknown[] {
    return this.#failures
  }

  /** What it rejects with becomes a failure. */
  begin(job: Job, work: Promise<void>): void {
    const own: Promise<void> = work
      .catch((error: unknown) => void this.#failures.push(error))
      .then(() => {
        this.#jobs.delete(own)
        this.#onEnd(job)
      })
    this.#jobs.set(own, job)
  }

  /** Resolves when one of them has ended; at once where none is under way. */
  async oneEnds(): Promise<void> {
    if (!this.isIdle) await Promise.race(this.#jobs.keys())
  }

  async allEnd(): Promise<void> {
    // Ends: who waits for this begins nothing more.
    while (!this.isIdle) await Promise.all(this.#jobs.keys())
  }
}
