/**
 * Rows in the order of their stamps, so that polling for changes need not look at every row. A row that moves
 * leaves its old entry behind; entries that no longer fit are skipped, and swept away when they are many.
 */
import type { Row } from './row-store.ts'

interface Entry {
  readonly stamp: string
  readonly row: Row
}

const SWEEP_MIN = 4_096

export class Timeline {
  private entries: Entry[] = []
  private readonly gone = new Set<Row>()
  private sweepAt = SWEEP_MIN

  add(row: Row): void {
    const stamp = stampOf(row)
    const last = this.entries.at(-1)
    this.gone.delete(row)
    if (last === undefined || last.stamp <= stamp) this.entries.push({ stamp, row })
    else this.entries.splice(this.lowerBound(stamp), 0, { stamp, row })
    if (this.entries.length >= this.sweepAt) this.sweep()
  }

  remove(row: Row): void {
    this.gone.add(row)
  }

  /** Rows stamped at `from` or later, earliest first, each once. */
  *since(from: string): Generator<Row> {
    let stamp = ''
    // A row that was taken back and written again can have two entries that fit.
    const seen = new Set<Row>()
    for (let index = this.lowerBound(from); index < this.entries.length; index++) {
      const entry = this.entries[index] as Entry
      if (!this.isCurrent(entry) || (entry.stamp === stamp && seen.has(entry.row))) continue
      if (entry.stamp !== stamp) {
        stamp = entry.stamp
        seen.clear()
      }
      seen.add(entry.row)
      yield entry.row
    }
  }

  /** Starts anew with these rows, in whatever order they come. */
  fill(rows: Iterable<Row>): void {
    this.gone.clear()
    this.entries = Array.from(rows, (row) => ({ stamp: stampOf(row), row }))
    this.entries.sort((a, b) => (a.stamp < b.stamp ? -1 : a.stamp > b.stamp ? 1 : 0))
    this.sweepAt = Math.max(SWEEP_MIN, this.entries.length * 3)
  }

  private sweep(): void {
    this.entries = this.entries.filter((entry) => this.isCurrent(entry))
    this.gone.clear()
    this.sweepAt = Math.max(SWEEP_MIN, this.entries.length * 3)
  }

  private isCurrent({ stamp, row }: Entry): boolean {
    return stampOf(row) === stamp && !this.gone.has(row)
  }

  private lowerBound(stamp: string): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.entries[middle] as Entry).stamp < stamp) low = middle + 1
      else high = middle
    }
    return low
  }
}

function stampOf(row: Row): string {
  return String(row.values['SystemModstamp'])
}
