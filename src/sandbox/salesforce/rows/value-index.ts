/** Rows by the value of one field. Text is compared without case, as the platform does (Salesforce fact sheet 8). */
import type { Row, Scalar, Values } from './row-store.ts'

export class ValueIndex {
  private readonly field: string
  private readonly rows = new Map<string, Set<Row>>()

  constructor(field: string) {
    this.field = field
  }

  find(key: string): Iterable<Row> {
    return this.rows.get(key) ?? []
  }

  add(row: Row): void {
    this.put(row, row.values)
  }

  remove(row: Row): void {
    this.take(row, row.values)
  }

  /** Before the row gets new values. */
  change(row: Row, next: Values): void {
    if (row.values[this.field] === next[this.field]) return
    this.take(row, row.values)
    this.put(row, next)
  }

  private put(row: Row, values: Values): void {
    const value = values[this.field]
    if (value === undefined) return
    const key = indexKey(value)
    const held = this.rows.get(key)
    if (held) held.add(row)
    else this.rows.set(key, new Set([row]))
  }

  private take(row: Row, values: Values): void {
    const value = values[this.field]
    if (value === undefined) return
    const key = indexKey(value)
    const held = this.rows.get(key)
    held?.delete(row)
    if (held?.size === 0) this.rows.delete(key)
  }
}

export function indexKey(value: Scalar): string {
  return String(value).toLowerCase()
}
