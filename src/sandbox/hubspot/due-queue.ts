/** Things that happen later: a binary heap by due time; equal times come out in the order they went in. */

interface Entry<T> {
  readonly dueAt: number
  readonly order: number
  readonly item: T
}

export class DueQueue<T> {
  private heap: Entry<T>[] = []
  private order = 0

  get size(): number {
    return this.heap.length
  }

  /** Due time of the earliest entry, or null. */
  get nextAt(): number | null {
    return this.heap[0]?.dueAt ?? null
  }

  push(dueAt: number, item: T): void {
    this.heap.push({ dueAt, order: this.order++, item })
    this.rise(this.heap.length - 1)
  }

  /** The earliest entry that is due at `now`, removed; undefined when none is. */
  take(now: number): { readonly dueAt: number; readonly item: T } | undefined {
    const first = this.heap[0]
    if (first === undefined || first.dueAt > now) return undefined
    const last = this.heap.pop()
    if (last !== undefined && this.heap.length > 0) {
      this.heap[0] = last
      this.sink(0)
    }
    return first
  }

  save(): readonly (readonly [number, T])[] {
    return this.heap.toSorted(precedence).map((entry) => [entry.dueAt, entry.item])
  }

  load(entries: readonly (readonly [number, T])[]): void {
    this.heap = []
    this.order = 0
    for (const [dueAt, item] of entries) this.push(dueAt, item)
  }

  private rise(start: number): void {
    let index = start
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.ordered(parent, index)) return
      this.swap(parent, index)
      index = parent
    }
  }

  private sink(start: number): void {
    let index = start
    for (;;) {
      let least = index
      for (const child of [2 * index + 1, 2 * index + 2]) {
        if (child < this.heap.length && !this.ordered(least, child)) least = child
      }
      if (least === index) return
      this.swap(least, index)
      index = least
    }
  }

  private ordered(a: number, b: number): boolean {
    return precedence(this.heap[a] as Entry<T>, this.heap[b] as Entry<T>) <= 0
  }

  private swap(a: number, b: number): void {
    const held = this.heap[a] as Entry<T>
    this.heap[a] = this.heap[b] as Entry<T>
    this.heap[b] = held
  }
}

function precedence(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.dueAt - b.dueAt || a.order - b.order
}
