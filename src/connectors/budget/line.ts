/**
 * Who waits for an allowance: a p-queue that stands still, and lets one through when it is told to. p-queue keeps
 * the waiting and takes those out whose signal aborts; `LaneQueue` says who is next.
 *
 * The line has no bound of its own: everybody in it is a call that somebody awaits, and callers have bounds
 * (`batches-in-flight` batches of at most `batch.write` items each).
 */
import PQueue, { type QueueAddOptions } from 'p-queue'
import type { Lane } from '../../core/lane.ts'
import { AGAIN, LaneQueue } from './lane-queue.ts'

export class Line {
  readonly #lanes: LaneQueue
  readonly #queue: PQueue<LaneQueue, QueueAddOptions>

  constructor() {
    // p-queue makes its queue itself, and we want to look into it.
    const lanes: LaneQueue[] = []
    class Lanes extends LaneQueue {
      constructor() {
        super()
        lanes.push(this)
      }
    }
    this.#queue = new PQueue({ queueClass: Lanes, autoStart: false })
    this.#lanes = lanes[0] ?? new LaneQueue()
  }

  get length(): number {
    return this.#lanes.size
  }

  /** Whether there are slots for everybody: then nobody has to let another lane go first. */
  set isRoomy(isRoomy: boolean) {
    this.#lanes.isRoomy = isRoomy
  }

  /** The lane of whoever is next; null when nobody waits. */
  first(): Lane | null {
    const lane = this.#lanes.first()
    return lane === AGAIN ? 0 : lane
  }

  /** Whether a request of this lane need not wait for anybody, being first among all who do. */
  overtakes(lane: Lane): boolean {
    return this.#lanes.overtakes(lane)
  }

  /**
   * Waits, and resolves to what `onTurn` returns. That is called at the very moment of being let through; when the
   * signal aborts in the same instant, the promise rejects although it was called.
   */
  join<T>(
    who: { readonly lane: Lane; readonly again: boolean; readonly signal: AbortSignal | undefined },
    onTurn: () => T,
  ): Promise<T> {
    const { lane, again, signal } = who
    return this.#queue.add(
      () => {
        this.#queue.pause()
        return onTurn()
      },
      { priority: again ? AGAIN : lane, ...(signal && { signal }) },
    )
  }

  /** Lets whoever is first through. */
  letThrough(): void {
    this.#queue.start()
    this.#queue.pause()
  }
}
