/**
 * Equality indexes over current values, and who refers to whom. Unique attributes are always indexed; any
 * other attribute is from the first time somebody asks for equality, which keeps look-ups off full scans.
 */
import { valueKey } from './value.ts'
import type { StoredValue, ValueData } from './value.ts'
import { currentValues, objectById } from './workspace.ts'
import type { Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

const NOBODY: ReadonlySet<StoredRecord> = new Set()

export const recordsHolding = (
  workspace: Workspace,
  attribute: Attribute,
  data: ValueData,
): ReadonlySet<StoredRecord> => recordsByKey(workspace, attribute, valueKey(data))

export function recordsByKey(
  workspace: Workspace,
  attribute: Attribute,
  key: string,
): ReadonlySet<StoredRecord> {
  const index = workspace.indexes.get(attribute.id) ?? buildIndex(workspace, attribute)
  return index.get(key) ?? NOBODY
}

function buildIndex(workspace: Workspace, attribute: Attribute): Map<string, Set<StoredRecord>> {
  const index = new Map<string, Set<StoredRecord>>()
  workspace.indexes.set(attribute.id, index)
  for (const record of objectById(workspace, attribute.objectId)?.listing ?? []) {
    indexValues(workspace, record, attribute, currentValues(record, attribute.id))
  }
  return index
}

function indexValues(
  workspace: Workspace,
  record: StoredRecord,
  attribute: Attribute,
  values: readonly StoredValue[],
): void {
  const index = workspace.indexes.get(attribute.id)
  if (!index) return
  for (const { data } of values) {
    const key = valueKey(data)
    const holders = index.get(key)
    if (holders) holders.add(record)
    else index.set(key, new Set([record]))
  }
}

function unindexValues(
  workspace: Workspace,
  record: StoredRecord,
  attribute: Attribute,
  values: readonly StoredValue[],
): void {
  const index = workspace.indexes.get(attribute.id)
  if (!index) return
  for (const { data } of values) {
    const key = valueKey(data)
    const holders = index.get(key)
    holders?.delete(record)
    if (holders?.size === 0) index.delete(key)
  }
}

const referrerKey = (record: StoredRecord, attribute: Attribute): string => `${record.id} ${attribute.id}`

function refer(
  workspace: Workspace,
  record: StoredRecord,
  attribute: Attribute,
  values: readonly StoredValue[],
): void {
  for (const { data } of values) {
    if (data.kind !== 'record-reference') continue
    const referrers = workspace.referrers.get(data.recordId)
    if (referrers) referrers.add(referrerKey(record, attribute))
    else workspace.referrers.set(data.recordId, new Set([referrerKey(record, attribute)]))
  }
}

function unrefer(
  workspace: Workspace,
  record: StoredRecord,
  attribute: Attribute,
  values: readonly StoredValue[],
): void {
  for (const { data } of values) {
    if (data.kind !== 'record-reference') continue
    const referrers = workspace.referrers.get(data.recordId)
    referrers?.delete(referrerKey(record, attribute))
    if (referrers?.size === 0) workspace.referrers.delete(data.recordId)
  }
}

export interface Referrer {
  readonly record: StoredRecord
  readonly attribute: Attribute
}

/** Live records that point at a record, through any attribute. */
export function referrersOf(workspace: Workspace, recordId: string): readonly Referrer[] {
  return [...(workspace.referrers.get(recordId) ?? [])].flatMap((key) => {
    const [referrerId = '', attributeId = ''] = key.split(' ')
    const record = workspace.records.get(referrerId)
    const attribute = workspace.attributes.get(attributeId)
    return record && attribute ? [{ record, attribute }] : []
  })
}

/** Replaces the current rows of one attribute, keeping the indexes true. The only writer of `current`. */
export function setCurrent(
  workspace: Workspace,
  record: StoredRecord,
  attribute: Attribute,
  values: readonly StoredValue[],
): void {
  const before = currentValues(record, attribute.id)
  unindexValues(workspace, record, attribute, before)
  if (attribute.type === 'record-reference') {
    unrefer(workspace, record, attribute, before)
    refer(workspace, record, attribute, values)
  }
  if (values.length > 0) record.current.set(attribute.id, values)
  else record.current.delete(attribute.id)
  indexValues(workspace, record, attribute, values)
}

/** Puts a record into the listing of its object, at its place by `created_at` value and id. */
export function enlist(workspace: Workspace, object: ObjectType, record: StoredRecord): void {
  workspace.records.set(record.id, record)
  object.listing.splice(placeOf(object.listing, record), 0, record)
  for (const attribute of object.attributes) {
    const values = currentValues(record, attribute.id)
    if (values.length === 0) continue
    indexValues(workspace, record, attribute, values)
    if (attribute.type === 'record-reference') refer(workspace, record, attribute, values)
  }
}

/** Takes a record out of listing and indexes. Records that point at it still do. */
export function delist(workspace: Workspace, object: ObjectType, record: StoredRecord): void {
  workspace.records.delete(record.id)
  object.listing.splice(placeOf(object.listing, record), 1)
  for (const attribute of object.attributes) {
    const values = currentValues(record, attribute.id)
    if (values.length === 0) continue
    unindexValues(workspace, record, attribute, values)
    if (attribute.type === 'record-reference') unrefer(workspace, record, attribute, values)
  }
}

/**
 * Order of a listing. Ties in `created_at` are broken by id: the vendor documents no order among them, so
 * nothing may rest on the order of creation.
 */
export const byCreation = (a: StoredRecord, b: StoredRecord): number =>
  a.createdValueMs - b.createdValueMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)

function placeOf(listing: readonly StoredRecord[], record: StoredRecord): number {
  let [low, high] = [0, listing.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const other = listing[middle]
    if (other && byCreation(other, record) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Every unique attribute of an object has its index; one that became unique later gets it here. */
export function buildMissingIndexes(workspace: Workspace, object: ObjectType): void {
  for (const attribute of object.attributes) {
    if (attribute.isUnique && !workspace.indexes.has(attribute.id)) buildIndex(workspace, attribute)
  }
}
