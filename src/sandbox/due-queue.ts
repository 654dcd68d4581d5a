/** Things that happen later, by the time they are due; those of equal time come out in the order they went in. */
import TinyQueue from 'tinyqueue'

export interface Due<T> {
  readonly dueMs: number
  readonly item: T
}

interface Entry<T> extends Due<T> {
  readonly order: number
}

export class DueQueue<T> {
  private queue = new TinyQueue<Entry<T>>([], inOrder)
  private order = 0

  get size(): number {
    return this.queue.length
  }

  /** When the earliest entry is due, or null. */
  get nextMs(): number | null {
    return this.queue.peek()?.dueMs ?? null
  }

  add(dueMs: number, item: T): void {
    this.queue.push({ dueMs, order: this.order++, item })
  }

  /** Removes and returns the earliest entry if it is due. */
  takeDue(nowMs: number): Due<T> | undefined {
    const nextMs = this.nextMs
    return nextMs === null || nextMs > nowMs ? undefined : this.queue.pop()
  }

  /** Everything, in the order it is due; the queue stays as it is. */
  toArray(): readonly Due<T>[] {
    return this.queue.data.toSorted(inOrder).map(({ dueMs, item }) => ({ dueMs, item }))
  }

  load(entries: readonly Due<T>[]): void {
    this.queue = new TinyQueue<Entry<T>>([], inOrder)
    this.order = 0
    for (const { dueMs, item } of entries) this.add(dueMs, item)
  }
}

function inOrder<T>(a: Entry<T>, b: Entry<T>): number {
  return a.dueMs - b.dueMs || a.order - b.order
}
