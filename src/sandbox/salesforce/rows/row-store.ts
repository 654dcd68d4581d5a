/**
 * The rows of an org: by id, by indexed value and in the order of their stamps. Values are replaced as a whole and
 * never changed in place, so that change events and uncommitted writes can keep older ones without copying.
 *
 * Everything that changes rows happens inside `transact`, which takes it back when it throws.
 */
import { Timeline } from './timeline.ts'
import { ValueIndex } from './value-index.ts'

export type Scalar = string | number | boolean

/** Field name → value. A field without a value has no key; `Id` and the audit fields are among them. */
export type Values = Readonly<Record<string, Scalar>>

export interface Row {
  readonly id: string
  readonly object: string
  values: Values
  /** When it went into the recycle bin, epoch ms. */
  deletedAt: number | null
  /** Rows that went into the bin together come back together (Salesforce fact sheet 20). */
  deletedWith: string | null
  /** A transaction that has stamped the row and not committed yet: others still see `before` (11). */
  pending: { readonly until: number; readonly before: Values | null } | null
}

interface Table {
  readonly rows: Map<string, Row>
  readonly timeline: Timeline
  readonly indexes: Map<string, ValueIndex>
  readonly pending: Set<Row>
}

export class RowStore {
  private readonly tables = new Map<string, Table>()
  private undo: (() => void)[] | null = null
  private effects: (() => void)[] = []

  /**
   * All or nothing. Transactions nest; what `afterCommit` was given runs when the outermost has succeeded.
   */
  transact<T>(work: () => T): T {
    const outer = this.undo
    const own: (() => void)[] = []
    const effectsBefore = this.effects.length
    this.undo = own
    try {
      const result = work()
      this.undo = outer
      if (outer) outer.push(...own)
      else this.flush()
      return result
    } catch (error) {
      this.undo = outer
      for (const revert of own.reverse()) revert()
      this.effects.length = effectsBefore
      throw error
    }
  }

  /** Runs once the outermost transaction has succeeded; at once outside of one. */
  afterCommit(effect: () => void): void {
    this.effects.push(effect)
    if (this.undo === null) this.flush()
  }

  /** For state beside the rows that a failed transaction must take back as well. */
  onRollback(revert: () => void): void {
    this.undo?.push(revert)
  }

  find(object: string, id: string): Row | undefined {
    return this.tables.get(object)?.rows.get(id)
  }

  all(object: string): Iterable<Row> {
    return this.tables.get(object)?.rows.values() ?? []
  }

  count(object: string): number {
    return this.tables.get(object)?.rows.size ?? 0
  }

  insert(row: Row): void {
    const table = this.table(row.object)
    this.enter(table, row)
    this.undo?.push(() => this.leave(table, row))
  }

  /** `IsDeleted` and the stamps are values too. */
  replace(row: Row, values: Values): void {
    const table = this.table(row.object)
    const before = row.values
    this.exchange(table, row, values)
    this.undo?.push(() => this.exchange(table, row, before))
  }

  /** Marks a row as deleted or undeleted; its values say so as well. */
  mark(row: Row, deletedAt: number | null, deletedWith: string | null): void {
    const before = [row.deletedAt, row.deletedWith] as const
    row.deletedAt = deletedAt
    row.deletedWith = deletedWith
    this.undo?.push(() => ([row.deletedAt, row.deletedWith] = before))
  }

  remove(row: Row): void {
    const table = this.table(row.object)
    this.leave(table, row)
    this.undo?.push(() => this.enter(table, row))
  }

  /** Hides the newest write of a row from readers until it is committed. */
  hold(row: Row, until: number, before: Values | null): void {
    const table = this.table(row.object)
    row.pending = { until, before }
    table.pending.add(row)
    this.undo?.push(() => this.release(row))
  }

  release(row: Row): void {
    row.pending = null
    this.table(row.object).pending.delete(row)
  }

  /** Rows of running transactions: no index of new values finds what others still see of them. */
  pendingOf(object: string): ReadonlySet<Row> {
    return this.tables.get(object)?.pending ?? NONE
  }

  /** Rows whose `field` has this value, in lower case; built at the first question. */
  withValue(object: string, field: string, key: string): Iterable<Row> {
    const table = this.table(object)
    let index = table.indexes.get(field)
    if (index === undefined) {
      index = new ValueIndex(field)
      for (const row of table.rows.values()) index.add(row)
      table.indexes.set(field, index)
    }
    return index.find(key)
  }

  /** Rows stamped at or after `from`, by stamp; those of running transactions as they will be. */
  since(object: string, from: string): Iterable<Row> {
    return this.tables.get(object)?.timeline.since(from) ?? []
  }

  objects(): Iterable<string> {
    return this.tables.keys()
  }

  save(): readonly Row[] {
    return [...this.tables.values()].flatMap((table) => [...table.rows.values()])
  }

  load(rows: readonly Row[]): void {
    this.tables.clear()
    for (const row of rows) {
      const table = this.table(row.object)
      table.rows.set(row.id, row)
      if (row.pending !== null) table.pending.add(row)
    }
    for (const table of this.tables.values()) table.timeline.fill(table.rows.values())
  }

  private flush(): void {
    // An effect may cause another one.
    for (let effect = this.effects.shift(); effect; effect = this.effects.shift()) effect()
  }

  private table(object: string): Table {
    let table = this.tables.get(object)
    if (table === undefined) {
      table = { rows: new Map(), timeline: new Timeline(), indexes: new Map(), pending: new Set() }
      this.tables.set(object, table)
    }
    return table
  }

  private enter(table: Table, row: Row): void {
    table.rows.set(row.id, row)
    table.timeline.add(row)
    for (const index of table.indexes.values()) index.add(row)
  }

  private leave(table: Table, row: Row): void {
    table.rows.delete(row.id)
    table.timeline.remove(row)
    table.pending.delete(row)
    for (const index of table.indexes.values()) index.remove(row)
  }

  private exchange(table: Table, row: Row, values: Values): void {
    for (const index of table.indexes.values()) index.change(row, values)
    const moved = row.values['SystemModstamp'] !== values['SystemModstamp']
    row.values = values
    if (moved) table.timeline.add(row)
  }
}

const NONE: ReadonlySet<Row> = new Set()
