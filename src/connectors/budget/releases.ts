/**
 * When the slots of answered requests are free again, soonest first. Answers come in order and so do most of these
 * times; the exceptions (lost requests, which stay counted longest) are moved into place from the back.
 */

/** Past times are cut off the front once there are so many. */
const COMPACT_AT = 1_024

export class Releases {
  #times: number[] = []
  #head = 0

  get size(): number {
    return this.#times.length - this.#head
  }

  add(atMs: number): void {
    const times = this.#times
    let place = times.length
    while (place > this.#head && (times[place - 1] as number) > atMs) place -= 1
    if (place === times.length) times.push(atMs)
    else times.splice(place, 0, atMs)
  }

  /** Forgets the times up to now. */
  expire(nowMs: number): void {
    const times = this.#times
    let head = this.#head
    while (head < times.length && (times[head] as number) <= nowMs) head += 1
    if (head === times.length) {
      if (head > 0) times.length = 0
      head = 0
    } else if (head >= COMPACT_AT) {
      times.splice(0, head)
      head = 0
    }
    this.#head = head
  }

  /** The time at which `count` of them are free; `Infinity` when there are fewer. */
  whenFree(count: number): number {
    return this.#times[this.#head + count - 1] ?? Infinity
  }

  toArray(): readonly number[] {
    return this.#times.slice(this.#head)
  }

  clear(): void {
    this.#times = []
    this.#head = 0
  }
}
