/** A priority queue by due time (a binary heap); entries of equal time leave in the order they came. */

export interface Due<T> {
  readonly dueMs: number
  readonly order: number
  readonly item: T
}

export class DueQueue<T> {
  private heap: Due<T>[] = []
  private order = 0

  get size(): number {
    return this.heap.length
  }

  peek(): Due<T> | undefined {
    return this.heap[0]
  }

  add(dueMs: number, item: T): void {
    this.heap.push({ dueMs, order: this.order++, item })
    let child = this.heap.length - 1
    while (child > 0) {
      const parent = (child - 1) >> 1
      if (!this.swapIfLater(parent, child)) break
      child = parent
    }
  }

  /** Removes and returns the earliest entry if it is due. */
  takeDue(nowMs: number): Due<T> | undefined {
    const first = this.heap[0]
    if (!first || first.dueMs > nowMs) return undefined
    const last = this.heap.pop()
    if (last && this.heap.length > 0) {
      this.heap[0] = last
      this.sink()
    }
    return first
  }

  /** Everything, in due order; the queue stays as it is. */
  toArray(): readonly Due<T>[] {
    return this.heap.toSorted((a, b) => (isLater(a, b) ? 1 : -1))
  }

  load(entries: readonly Due<T>[]): void {
    this.heap = []
    this.order = 0
    for (const entry of entries) this.add(entry.dueMs, entry.item)
  }

  private sink(): void {
    let parent = 0
    for (;;) {
      const left = parent * 2 + 1
      const right = left + 1
      if (left >= this.heap.length) return
      const [a, b] = [this.heap[left], this.heap[right]]
      const child = a && b && isLater(a, b) ? right : left
      if (!this.swapIfLater(parent, child)) return
      parent = child
    }
  }

  private swapIfLater(parent: number, child: number): boolean {
    const [upper, lower] = [this.heap[parent], this.heap[child]]
    if (!upper || !lower || !isLater(upper, lower)) return false
    this.heap[parent] = lower
    this.heap[child] = upper
    return true
  }
}

function isLater<T>(a: Due<T>, b: Due<T>): boolean {
  return a.dueMs > b.dueMs || (a.dueMs === b.dueMs && a.order > b.order)
}
