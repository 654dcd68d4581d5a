/**
 * What companies and deals have in common in the APIs before version 3, which end with it (HubSpot fact sheet 2) and
 * which older clients still call. Shapes are those of answers that others recorded and published (hubspot-ruby's
 * cassettes of 2019) and of the vendor's legacy documents.
 */
import { objectsOf, queryList, queryNumber, scalarOf, stringOf, body, type Call, type Json } from './call.ts'
import { versionsOf } from './history.ts'
import type { ObjectType } from './object-types.ts'
import { finishWrite, requireUnlocked } from './objects.ts'
import type { InlineAssociation } from './inline-associations.ts'
import type { Portal } from './portal.ts'
import { prepareWrite, type PropertyFault } from './prepare-write.ts'
import type { StoredRecord, Version } from './record-store.ts'
import { missingFields, Problem, type Answer } from './wire.ts'
import { commitWrite, type Written } from './write.ts'

/** Which values an answer shows, and of which of them what they were before. */
export interface OldSelection {
  readonly names: readonly string[]
  readonly withHistory: ReadonlySet<string>
}

/** Lists show nothing but ids unless told what to show (recorded). */
export function oldSelection(call: Call, type: ObjectType): OldSelection {
  const withHistory = new Set(queryList(call, 'propertiesWithHistory'))
  const asked = [...queryList(call, 'properties'), ...withHistory]
  return { names: call.portal.properties.known(type.typeId, asked), withHistory }
}

/** All values, with all they ever were. */
export function everything(record: StoredRecord): OldSelection {
  const names = Object.keys(record.values)
  return { names, withHistory: new Set(names) }
}

/** Blank values are not shown. */
export function printOldValues(
  portal: Portal,
  record: StoredRecord,
  { names, withHistory }: OldSelection,
): Record<string, unknown> {
  const printed: Record<string, unknown> = {}
  for (const name of portal.properties.known(record.typeId, names)) {
    const property = portal.properties.find(record.typeId, name)
    const versions = versionsOf(record, name, property?.readOnly ?? false).toReversed()
    const [latest] = versions
    if (latest === undefined || record.values[name] === undefined) continue
    const shown = withHistory.has(name) ? versions : [latest]
    const type = property?.definition.type
    printed[name] = {
      value: oldValue(latest.value, type),
      timestamp: latest.at,
      source: latest.source.type,
      sourceId: latest.source.id,
      versions: shown.map((version) => printVersion(name, version, type)),
    }
  }
  return printed
}

function printVersion(name: string, { value, at, source }: Version, type: string | undefined): unknown {
  return {
    name,
    value: oldValue(value, type),
    timestamp: at,
    ...(source.id !== null && { sourceId: source.id }),
    source: source.type,
    sourceVid: [],
  }
}

/** Times are epoch milliseconds in these versions, as text. */
export function oldValue(value: string, type: string | undefined): string {
  if (value === '' || (type !== 'date' && type !== 'datetime')) return value
  return String(Date.parse(value))
}

/** `[{name, value}]`, where contacts say `property`. Names are taken in any case (recorded). */
export function sentProperties(call: Call, key: 'name' | 'property'): Record<string, string> {
  const list = body(call)['properties']
  if (list === undefined || list === null) throw missingFields('properties')
  return namedValues(list, key)
}

export function namedValues(list: unknown, key: 'name' | 'property'): Record<string, string> {
  return Object.fromEntries(
    objectsOf(list).map((entry) => [stringOf(entry[key], key).toLowerCase(), scalarOf(entry['value'])]),
  )
}

export function writeOld(
  call: Call,
  options: {
    readonly type: ObjectType
    /** Null to create. */
    readonly record: StoredRecord | null
    readonly properties: Json
    readonly links?: readonly InlineAssociation[]
  },
): Written {
  const { portal, source } = call
  const { type, record, properties, links = [] } = options
  requireUnlocked(portal, type)
  const intent = { type, record, properties, source, viaApi: true, checksForm: false }
  const prepared = prepareWrite(portal, intent)
  if (prepared.kind === 'faulty') throw invalidValues(prepared.faults)
  if (prepared.kind === 'refused') throw prepared.problem
  return finishWrite(portal, commitWrite(portal, prepared.draft), links, source)
}

/** Accepted, and carried out by and by at the vendor; at once here. Records that are not there are passed over. */
export function updateBatch(call: Call, type: ObjectType): Answer {
  for (const entry of objectsOf(call.payload())) {
    const record = call.portal.records.resolve(type.typeId, scalarOf(entry['objectId']))
    if (record !== undefined)
      writeOld(call, { type, record, properties: namedValues(entry['properties'], 'name') })
  }
  return { status: 202, body: null }
}

/** The same list as in later versions, in a place of its own (recorded). */
function invalidValues(faults: readonly PropertyFault[]): Problem {
  return new Problem(400, 'Property values were not valid', {
    validationResults: faults.map(({ message, code, name }) => ({
      isValid: false,
      message,
      error: code,
      name,
    })),
  })
}

const PAGE_DEFAULT = 100
const PAGE_MAX = 250

/** Where the next page begins: behind the last row of this one. */
export function nextOffset(rows: readonly StoredRecord[], from: number): number {
  const last = rows.at(-1)
  return last === undefined ? from : last.serial + 1
}

/**
 * In the order of their ids. What `offset` says differs from list to list in the recordings: the last id shown
 * (companies), or the first that may follow (engagements).
 */
export function pageOfAll(
  call: Call,
  type: ObjectType,
  options: { readonly offset: 'last' | 'next'; readonly accept?: (record: StoredRecord) => boolean },
): { rows: readonly StoredRecord[]; hasMore: boolean; offset: number } {
  const limit = Math.min(PAGE_MAX, Math.max(1, queryNumber(call, 'limit', PAGE_DEFAULT)))
  const step = options.offset === 'last' ? 1 : 0
  const from = queryNumber(call, 'offset', 0) + step
  const page = call.portal.records.page(type.typeId, {
    from,
    limit: limit + 1,
    bin: false,
    accept: options.accept ?? (() => true),
  })
  const rows = page.slice(0, limit)
  return { rows, hasMore: page.length > limit, offset: nextOffset(rows, from) - step }
}

const RECENT_DEFAULT = 20
const RECENT_MAX = 100
/** How far back "recent" goes, in time and in number (legacy documents). */
const RECENT_MS = 30 * 86_400_000
const RECENT_TOTAL = 10_000

/** Newest first; `offset` counts rows here. */
export function pageOfRecent(
  call: Call,
  types: readonly ObjectType[],
  timeOf: (record: StoredRecord) => number,
): { rows: readonly StoredRecord[]; hasMore: boolean; offset: number; total: number } {
  const { portal } = call
  const count = Math.min(RECENT_MAX, Math.max(1, queryNumber(call, 'count', RECENT_DEFAULT)))
  const from = queryNumber(call, 'offset', 0)
  const since = Math.max(queryNumber(call, 'since', 0), portal.clock() - RECENT_MS)
  const recent = types
    .flatMap((type) => [...portal.records.all(type)])
    .filter((record) => record.state === 'live' && timeOf(record) >= since)
    .toSorted((a, b) => timeOf(b) - timeOf(a) || b.serial - a.serial)
    .slice(0, RECENT_TOTAL)
  const rows = recent.slice(from, from + count)
  const offset = from + rows.length
  return { rows, hasMore: offset < recent.length, offset, total: recent.length }
}
