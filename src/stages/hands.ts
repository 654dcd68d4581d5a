/**
 * Which links are in the hands of a batch of this process: decided about, and not delivered yet. Nobody else of the
 * process decides about them, so that no decision is made on what another one is about to change. Across processes
 * and after crashes it is the epoch of a link that keeps this true (I14).
 */
import type { LinkId } from '../store/store.ts'

export class Hands {
  readonly #held = new Set<LinkId>()
  #releases = 0

  has(link: LinkId): boolean {
    return this.#held.has(link)
  }

  /** False when somebody has it. */
  take(link: LinkId): boolean {
    if (this.#held.has(link)) return false
    this.#held.add(link)
    return true
  }

  release(links: Iterable<LinkId>): void {
    for (const link of links) this.#held.delete(link)
    this.#releases += 1
  }

  /**
   * Rises whenever anything is released: what was loaded before a take may then be out of date, although nobody has
   * the link any more.
   */
  get releases(): number {
    return this.#releases
  }
}
