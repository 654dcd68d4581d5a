/**
 * When a record that is gone counts as deleted. A vendor that merges in the background answers for a while as if what went
 * into the survivor had been deleted, and shows the survivor to nobody (Attio fact sheet 4.2, 10.6). Carried over then, the
 * other CRM would lose whom two people were just made one of. So the record is looked at once more, when a merge would
 * have ended.
 */
import type { Side } from '../core/record.ts'
import type { LinkId } from '../store/links.ts'

/** Long enough for any work that waits; what came of it is told by the link then. */
const FORGET_MS = 3_600_000

/** Of one process: whoever comes after it begins to wait anew. */
export class Absences {
  /** In the order in which they were noted. */
  readonly #sinceMs = new Map<string, number>()

  /** Since when the record that a link has on this side is known to be gone; from now on, if nobody knew. */
  since(link: LinkId, side: Side, nowMs: number): number {
    for (const [key, sinceMs] of this.#sinceMs) {
      if (nowMs - sinceMs < FORGET_MS) break
      this.#sinceMs.delete(key)
    }
    const key = `${link}/${side}`
    const known = this.#sinceMs.get(key)
    if (known === undefined) this.#sinceMs.set(key, nowMs)
    return known ?? nowMs
  }

  /** It is there, or another one took its place. */
  isBack(link: LinkId, side: Side): void {
    this.#sinceMs.delete(`${link}/${side}`)
  }
}
