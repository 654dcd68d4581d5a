/**
 * When the next request of a backlog may leave although slots are free: evenly over the window, so that a slot
 * appears every `windowMs / capacity`, and whoever is in a hurry waits for one slot instead of a whole window.
 *
 * Half of an idle window may be used at once: a small piece of work should not crawl. What it takes early is
 * missing later, so the rest of that window is spread over what remains.
 */

export interface Window {
  readonly capacity: number
  readonly busy: number
  readonly windowMs: number
}

export class Pacing {
  #lastMs = -Infinity
  #nextMs = -Infinity
  #early = 0
  #earlyUntilMs = -Infinity

  opensAt(nowMs: number, window: Window): number {
    return isHalfEmpty(window) ? nowMs : this.#nextMs
  }

  /** The same for a window that ends: what is `free` of it, spread over the time that is left until `untilMs`. */
  evenlyUntil(untilMs: number, free: number): number {
    return this.#lastMs + Math.max(0, untilMs - this.#lastMs) / free
  }

  /** Notes a request that leaves now, its own slot not among the busy ones. */
  went(nowMs: number, window: Window): void {
    if (isHalfEmpty(window)) {
      if (nowMs >= this.#earlyUntilMs) this.#early = 0
      if (nowMs < this.#nextMs) {
        this.#early += 1
        this.#earlyUntilMs = nowMs + window.windowMs
      }
      this.#nextMs = nowMs + this.#spacingMs(nowMs, window)
    } else {
      // One that left late lets the next one leave early, or every delay would lower the rate.
      const spacing = this.#spacingMs(nowMs, window)
      this.#nextMs = Math.max(this.#nextMs, nowMs - spacing) + spacing
    }
    this.#lastMs = nowMs
  }

  #spacingMs(nowMs: number, { capacity, windowMs }: Window): number {
    const early = nowMs < this.#earlyUntilMs ? Math.min(this.#early, capacity / 2) : 0
    return windowMs / (capacity - early)
  }
}

export function isHalfEmpty({ busy, capacity }: Pick<Window, 'busy' | 'capacity'>): boolean {
  return busy < capacity / 2
}
