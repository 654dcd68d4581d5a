/**
 * The records of a portal: by id, in id order for listing, and by unique value. Values are replaced as a
 * whole, never changed in place, so that the search index and the history can keep older ones without
 * copying.
 */
import type { ObjectType } from './object-types.ts'

/** Property name → text. A property without a value has no key. */
export type Values = Readonly<Record<string, string>>

/** Who changed something, as history and webhooks tell it (HubSpot fact sheet 7.4, 20.3). */
export interface Source {
  readonly type: string
  readonly id: string | null
  readonly userId: number | null
}

export interface Version {
  readonly value: string
  readonly at: number
  readonly source: Source
}

export type RecordState = 'live' | 'archived' | 'merged'

export interface StoredRecord {
  readonly id: string
  readonly serial: number
  readonly typeId: string
  values: Values
  /** Oldest first. A property that kept its creation value has no entry: see `versionsOf` in `history.ts`. */
  history: Record<string, Version[]>
  readonly createdAt: number
  readonly createdBy: Source
  updatedAt: number
  state: RecordState
  /** When it was archived or merged away. */
  archivedAt: number | null
  /** The record it was merged into. */
  into: string | null
  /** Rises with every change of the values; orders what the search index receives. */
  revision: number
}

interface Shelf {
  readonly records: Map<string, StoredRecord>
  /** Serials, ascending. */
  live: number[]
  bin: number[]
  /** Unique property → value in lower case → id of the live record that holds it. */
  readonly unique: Map<string, Map<string, string>>
}

export class RecordStore {
  private readonly shelves = new Map<string, Shelf>()

  /** From now on live records are found by this property's value. Existing records are indexed. */
  addUnique(typeId: string, property: string): void {
    const shelf = this.shelf(typeId)
    if (shelf.unique.has(property)) return
    shelf.unique.set(property, new Map())
    for (const record of shelf.records.values())
      if (record.state === 'live') this.claim(shelf, record, property)
  }

  removeUnique(typeId: string, property: string): void {
    this.shelf(typeId).unique.delete(property)
  }

  uniqueProperties(typeId: string): Iterable<string> {
    return this.shelf(typeId).unique.keys()
  }

  count(typeId: string): number {
    return this.shelf(typeId).live.length
  }

  /** In any state. */
  find(typeId: string, id: string): StoredRecord | undefined {
    return this.shelf(typeId).records.get(id)
  }

  /** The live record an id stands for: itself, or the one it was merged into. */
  resolve(typeId: string, id: string): StoredRecord | undefined {
    let record = this.shelf(typeId).records.get(id)
    while (record !== undefined && record.state === 'merged' && record.into !== null) {
      record = this.shelf(typeId).records.get(record.into)
    }
    return record?.state === 'live' ? record : undefined
  }

  isLive(typeId: string, id: string): boolean {
    return this.shelf(typeId).records.get(id)?.state === 'live'
  }

  /** The live record that holds a unique value; e-mails also match secondary addresses. */
  holder(typeId: string, property: string, value: string): StoredRecord | undefined {
    const shelf = this.shelf(typeId)
    const id = shelf.unique.get(property)?.get(value.trim().toLowerCase())
    return id === undefined ? undefined : shelf.records.get(id)
  }

  insert(record: StoredRecord): void {
    const shelf = this.shelf(record.typeId)
    shelf.records.set(record.id, record)
    if (record.state === 'live') this.enter(shelf, record)
    else insertSorted(shelf.bin, record.serial)
  }

  replaceValues(record: StoredRecord, values: Values): void {
    const shelf = this.shelf(record.typeId)
    const before = record.values
    record.values = values
    record.revision++
    if (record.state !== 'live') return
    for (const property of shelf.unique.keys()) {
      const touched = property === 'email' ? ['email', 'hs_additional_emails'] : [property]
      if (touched.every((name) => before[name] === values[name])) continue
      this.release(shelf, record, property, before)
      this.claim(shelf, record, property)
    }
  }

  /** To the recycle bin, or merged away; unique values become free. */
  retire(record: StoredRecord, at: number, into: string | null): void {
    const shelf = this.shelf(record.typeId)
    for (const property of shelf.unique.keys()) this.release(shelf, record, property, record.values)
    removeSorted(shelf.live, record.serial)
    insertSorted(shelf.bin, record.serial)
    record.state = into === null ? 'archived' : 'merged'
    record.into = into
    record.archivedAt = at
  }

  restore(record: StoredRecord): void {
    const shelf = this.shelf(record.typeId)
    removeSorted(shelf.bin, record.serial)
    record.state = 'live'
    record.archivedAt = null
    this.enter(shelf, record)
  }

  /** Gone for good, history included. */
  purge(record: StoredRecord): void {
    const shelf = this.shelf(record.typeId)
    for (const property of shelf.unique.keys()) this.release(shelf, record, property, record.values)
    removeSorted(shelf.live, record.serial)
    removeSorted(shelf.bin, record.serial)
    shelf.records.delete(record.id)
  }

  /** Up to `limit` records with a serial of at least `from`, in id order. */
  page(
    typeId: string,
    options: { from: number; limit: number; bin: boolean; accept?: (record: StoredRecord) => boolean },
  ): StoredRecord[] {
    const shelf = this.shelf(typeId)
    const serials = options.bin ? shelf.bin : shelf.live
    const page: StoredRecord[] = []
    for (let index = lowerBound(serials, options.from); index < serials.length; index++) {
      if (page.length === options.limit) break
      const record = shelf.records.get(String(serials[index]))
      if (record !== undefined && (options.accept?.(record) ?? true)) page.push(record)
    }
    return page
  }

  /** Every record in every state, for dumps and snapshots. */
  all(type?: ObjectType): Iterable<StoredRecord> {
    if (type !== undefined) return this.shelf(type.typeId).records.values()
    return [...this.shelves.values()].flatMap(({ records }) => [...records.values()])
  }

  clear(): void {
    this.shelves.clear()
  }

  private shelf(typeId: string): Shelf {
    let shelf = this.shelves.get(typeId)
    if (shelf === undefined) {
      shelf = { records: new Map(), live: [], bin: [], unique: new Map() }
      this.shelves.set(typeId, shelf)
    }
    return shelf
  }

  private enter(shelf: Shelf, record: StoredRecord): void {
    insertSorted(shelf.live, record.serial)
    for (const property of shelf.unique.keys()) this.claim(shelf, record, property)
  }

  private claim(shelf: Shelf, record: StoredRecord, property: string): void {
    const index = shelf.unique.get(property)
    for (const value of uniqueValues(property, record.values)) index?.set(value, record.id)
  }

  private release(shelf: Shelf, record: StoredRecord, property: string, values: Values): void {
    const index = shelf.unique.get(property)
    for (const value of uniqueValues(property, values)) {
      if (index?.get(value) === record.id) index.delete(value)
    }
  }
}

/** The values that a record occupies in a unique property, in lower case. */
function uniqueValues(property: string, values: Values): string[] {
  const found = values[property] === undefined ? [] : [values[property].toLowerCase()]
  const additional = property === 'email' ? values['hs_additional_emails'] : undefined
  return additional === undefined ? found : [...found, ...additional.toLowerCase().split(';')]
}

/** Index of the first serial that is not below `serial`. */
function lowerBound(serials: readonly number[], serial: number): number {
  let low = 0
  let high = serials.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((serials[middle] as number) < serial) low = middle + 1
    else high = middle
  }
  return low
}

function insertSorted(serials: number[], serial: number): void {
  const last = serials.at(-1)
  if (last === undefined || last < serial) serials.push(serial)
  else serials.splice(lowerBound(serials, serial), 0, serial)
}

function removeSorted(serials: number[], serial: number): void {
  const index = lowerBound(serials, serial)
  if (serials[index] === serial) serials.splice(index, 1)
}
