/**
 * When a record that is gone counts as deleted. A vendor that merges in the background answers for a while as if what went
 * into the survivor had been deleted, and shows the survivor to nobody (Attio fact sheet 4.2, 10.6). Carried over then, the
 * other CRM would lose whom two people were just made one of. So the record is looked at once more, when a merge would
 * have ended.
 */
import { otherSide, SIDES, type Side } from '../core/record.ts'
import type { Link, LinkId } from '../store/links.ts'
import type { Engine } from './engine.ts'
import type { Followed } from './merges.ts'
import type { PlannedOperations } from './planned.ts'

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

/** When it is sure that what is gone was deleted and not merged; null when it is sure now, and where nothing is gone. */
export function goneForGoodAtMs(engine: Engine, link: Link, { snapshots, hidden }: Followed): number | null {
  const nowMs = engine.runtime.now()
  const times = SIDES.flatMap((side) => {
    if (hidden[side]) return []
    if (link[side] === null || snapshots[side] !== null) {
      engine.absences.isBack(link.id, side)
      return []
    }
    const { mergesWithinMs } = engine.pairing.connectors[side].capabilities
    return mergesWithinMs === 0 ? [] : [engine.absences.since(link.id, side, nowMs) + mergesWithinMs]
  })
  const latest = Math.max(...times, nowMs)
  return latest > nowMs ? latest : null
}

/** What was gone when the plan was made is looked at a second time now: when that says that it was deleted, and not merged. */
export async function untilGoneForGood(
  { pairing, runtime, absences, signal }: Engine,
  { writes }: PlannedOperations,
  madeMs: number,
): Promise<void> {
  // A clock that was set back since must not make it wait for long.
  const sinceMs = Math.min(madeMs, runtime.now())
  const times = writes.flatMap(({ kind, link, side }) => {
    if (kind !== 'remove') return []
    const gone = otherSide(side)
    const { mergesWithinMs } = pairing.connectors[gone].capabilities
    return mergesWithinMs === 0 ? [] : [absences.since(link, gone, sinceMs) + mergesWithinMs]
  })
  const waitMs = Math.max(...times, 0) - runtime.now()
  if (waitMs > 0) await runtime.sleep(waitMs, signal)
}
