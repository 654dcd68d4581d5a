/**
 * What two CRMs hold, without what differs between two equal histories: record ids and the vendors' own times.
 * References become the label of the record they lead to, so that pictures of two worlds can be compared.
 */
import type { Dump, DumpedRecord } from '../../../src/sandbox/model.ts'

export type Picture = Readonly<Record<string, readonly string[]>>

/** Bookkeeping of the vendors: who, when, by which number; and counters of notes and of days. */
const BOOKKEEPING =
  /^(record_id|created_at|created_by|hs_object_|hs_created|hs_updated|hs_all_|hs_v2_|hs_lastmodified|hs_was_imported|hs_is_unworked|hs_num_|hs_days_to_close_raw)|(date|_time|timestamp)$/

/** Object → one line per live record, sorted. */
export function picture(dumps: Readonly<Record<'attio' | 'hubspot', Dump>>): Picture {
  const labels = new Map(
    Object.values(dumps).flatMap((dump) =>
      Object.values(dump).flatMap((records) =>
        Object.entries(records).map(([id, record]) => [id, labelOf(record)] as const),
      ),
    ),
  )
  return Object.fromEntries(
    Object.entries(dumps).flatMap(([vendor, dump]) =>
      Object.entries(dump).map(([object, records]) => [
        `${vendor}/${object}`,
        Object.values(records)
          .filter(({ state }) => state === 'live')
          .map((record) => line(record, labels))
          .toSorted(),
      ]),
    ),
  )
}

function line(record: DumpedRecord, labels: ReadonlyMap<string, string>): string {
  const values = Object.entries(record.values)
    .filter(([name, value]) => !BOOKKEEPING.test(name) && !isBlank(value))
    .map(([name, value]) => [name, withoutIds(value, labels)] as const)
    .toSorted(([a], [b]) => compare(a, b))
  const associations = record.associations
    .map(({ object, id, label }) => `${object}/${label ?? ''}/${labels.get(id) ?? 'unknown'}`)
    .toSorted()
  return JSON.stringify({ ...Object.fromEntries(values), associations })
}

/** An id of any record becomes its label; the order of references means nothing. */
function withoutIds(value: unknown, labels: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return labels.get(value) ?? value
  if (Array.isArray(value)) {
    const each = value.map((entry: unknown) => withoutIds(entry, labels))
    return each.every(isReference)
      ? each.toSorted((a, b) => compare(JSON.stringify(a), JSON.stringify(b)))
      : each
  }
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, withoutIds(entry, labels)]))
}

function isReference(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'object' in value
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

/** Enough to tell records apart, from what people typed. */
function labelOf({ values }: DumpedRecord): string {
  const text = (name: string) => JSON.stringify(values[name] ?? null)
  const naming = [
    'email_addresses',
    'email',
    'domains',
    'domain',
    'name',
    'firstname',
    'lastname',
    'dealname',
  ]
  return `<${naming
    .map(text)
    .filter((each) => each !== 'null')
    .join(' ')}>`
}

function isBlank(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0)
}

/** What to show when two pictures differ: lines that only one of them has. */
export function differences(a: Picture, b: Picture): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].flatMap((object) => {
    const [left, right] = [a[object] ?? [], b[object] ?? []]
    return [
      ...without(left, right).map((each) => `only in the first: ${object} ${each}`),
      ...without(right, left).map((each) => `only in the second: ${object} ${each}`),
    ]
  })
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const each of others) left.set(each, (left.get(each) ?? 0) + 1)
  return lines.filter((each) => {
    const count = left.get(each) ?? 0
    left.set(each, count - 1)
    return count <= 0
  })
}
