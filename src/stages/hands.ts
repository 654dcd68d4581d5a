/**
 * Which links are in the hands of a batch of this process: decided about, and not delivered yet. Nobody else of the
 * process decides about them, so that no decision is made on what another one is about to change. Across processes
 * and after crashes it is the epoch of a link that keeps this true (I14).
 */
import type { LinkId } from '../store/links.ts'

export class Hands {
  /** With whom to tell when it is let go of. */
  readonly #held = new Map<LinkId, Set<() => void>>()
  #releases = 0

  has(link: LinkId): boolean {
    return this.#held.has(link)
  }

  /** False when somebody has it. */
  take(link: LinkId): boolean {
    if (this.#held.has(link)) return false
    this.#held.set(link, new Set())
    return true
  }

  release(links: Iterable<LinkId>): void {
    const told: (() => void)[] = []
    for (const link of links) {
      told.push(...(this.#held.get(link) ?? []))
      this.#held.delete(link)
    }
    this.#releases += 1
    for (const tell of told) tell()
  }

  /**
   * Rises whenever anything is released: what was loaded before a take may then be out of date, although nobody has
   * the link any more.
   */
  get releases(): number {
    return this.#releases
  }

  /**
   * Resolves when each of these was let go of once, and when the signal is aborted. Somebody may have them again by
   * then.
   */
  async letGo(links: readonly LinkId[], signal: AbortSignal): Promise<void> {
    await Promise.all(links.map((link) => this.#letGoOf(link, signal)))
  }

  #letGoOf(link: LinkId, signal: AbortSignal): Promise<void> {
    const waiting = this.#held.get(link)
    if (!waiting || signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        waiting.delete(done)
        signal.removeEventListener('abort', done)
        resolve()
      }
      waiting.add(done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
