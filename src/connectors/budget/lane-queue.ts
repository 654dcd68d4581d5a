/**
 * The order in which waiting requests go on; the queue inside p-queue. Requests that the vendor refused come first,
 * being older than everything that waits. Then the interactive lane, as long as it takes no more than 55 % of the
 * slots that others want too; then those by deficit round robin (algorithms 6.3, 7.3). Each request costs one, so a
 * round lets 4 of recovery, 3 of catch-up and 1 of backfill through. No slot is kept for a lane that does not want
 * it, and nobody starves: with every lane backlogged they get 55, 22, 17 and 6 %, each more than 80 % of its part by
 * the weights 8:4:3:1 (I25). With the 60 % that the design allows for, the interactive lane's bursts would take the
 * others below that.
 *
 * All that is about slots which are scarce. While there are plenty, the others wait for their pace and not for slots,
 * and who is in a hurry takes nothing from them.
 */
import type { Queue, QueueAddOptions } from 'p-queue'
import type { Lane } from '../../core/lane.ts'

type Run = () => Promise<unknown>

/** `priority` names the lane, `AGAIN` a refused request of any lane. */
export const AGAIN = -1

const OTHERS = [1, 2, 3] as const
const WEIGHTS: Readonly<Record<Lane, number>> = { 0: 8, 1: 4, 2: 3, 3: 1 }

/** What a slot of another lane earns the interactive one. */
const INTERACTIVE_PER_OTHER = 0.55 / 0.45
/** So many interactive requests at most may go first in a row while others wait. */
const INTERACTIVE_ROW = 12

interface Waiting {
  readonly id: string
  readonly run: Run
}

/** Which lane is next, and where in its round the round robin then stands. */
interface Choice {
  readonly lane: Lane | typeof AGAIN
  readonly turn: number
  readonly credit: number
}

export class LaneQueue implements Queue<Run, QueueAddOptions> {
  readonly #waiting = new Map<number, Waiting[]>([AGAIN, 0, 1, 2, 3].map((lane) => [lane, []]))
  /** There are slots for everybody, and only who is paced waits. */
  isRoomy = false
  #size = 0
  #interactive = INTERACTIVE_ROW
  /** Place in `OTHERS`, and how many of that lane may still go before it is the next one's turn. */
  #turn = 0
  #credit = WEIGHTS[1]

  get size(): number {
    return this.#size
  }

  enqueue(run: Run, options?: Partial<QueueAddOptions>): void {
    const { priority = 0, id = '' } = options ?? {}
    this.#of(priority).push({ id, run })
    this.#size += 1
  }

  dequeue(): Run | undefined {
    const choice = this.#choose()
    if (!choice) return undefined
    const { lane, turn, credit } = choice
    if (lane === 0 && !this.isRoomy && this.#othersWait())
      this.#interactive = Math.max(0, this.#interactive - 1)
    if (lane > 0) {
      this.#interactive = Math.min(INTERACTIVE_ROW, this.#interactive + INTERACTIVE_PER_OTHER)
      this.#turn = turn
      this.#credit = credit - 1
    }
    this.#size -= 1
    return this.#of(lane).shift()?.run
  }

  /** The lane of the request that goes next; null when none waits. A refused one waits in no lane any more. */
  first(): Lane | typeof AGAIN | null {
    return this.#choose()?.lane ?? null
  }

  /** Whether a request of this lane that comes now goes before all that wait; if so, it counts as gone. */
  overtakes(lane: Lane): boolean {
    if (this.#size === 0) return true
    const mayOvertake = this.isRoomy || this.#interactive >= 1
    const isNext = lane === 0 && mayOvertake && this.#of(0).length + this.#of(AGAIN).length === 0
    if (isNext && !this.isRoomy) this.#interactive -= 1
    return isNext
  }

  remove(idOrRun: string | Run): void {
    for (const waiting of this.#waiting.values()) {
      const place = waiting.findIndex(({ id, run }) => id === idOrRun || run === idOrRun)
      if (place < 0) continue
      waiting.splice(place, 1)
      this.#size -= 1
      return
    }
  }

  filter({ priority }: Readonly<Partial<QueueAddOptions>>): Run[] {
    return this.#of(priority ?? 0).map(({ run }) => run)
  }

  setPriority(id: string, priority: number): void {
    for (const waiting of this.#waiting.values()) {
      const found = waiting.find((each) => each.id === id)
      if (!found) continue
      this.remove(id)
      this.enqueue(found.run, { id, priority })
      return
    }
  }

  #choose(): Choice | null {
    const { turn, credit } = { turn: this.#turn, credit: this.#credit }
    if (this.#of(AGAIN).length > 0) return { lane: AGAIN, turn, credit }
    if (this.#of(0).length > 0 && (this.isRoomy || this.#interactive >= 1 || !this.#othersWait()))
      return { lane: 0, turn, credit }
    if (this.#size === 0) return null
    return this.#roundRobin(turn, credit)
  }

  /** Ends: one of the lanes has somebody waiting, and each gets new credit when its turn comes. */
  #roundRobin(fromTurn: number, fromCredit: number): Choice {
    let turn = fromTurn
    let credit = fromCredit
    for (;;) {
      const lane = OTHERS[turn] ?? 1
      if (credit >= 1 && this.#of(lane).length > 0) return { lane, turn, credit }
      turn = (turn + 1) % OTHERS.length
      credit = WEIGHTS[OTHERS[turn] ?? 1]
    }
  }

  #othersWait(): boolean {
    return OTHERS.some((lane) => this.#of(lane).length > 0)
  }

  #of(lane: number): Waiting[] {
    const waiting = this.#waiting.get(lane)
    if (!waiting) throw new RangeError(`there is no lane ${lane}`)
    return waiting
  }
}
