/** `POST /crm/v3/objects/{type}/search` (HubSpot fact sheet 9). */
import {
  body,
  objectType,
  readScopes,
  scalarOf,
  stringOf,
  stringsOf,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import { draw, share } from '../chance.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { printValues, recordUrl, selection, type Selection } from './record-answers.ts'
import { compileFilters, type Predicate } from './search-filters.ts'
import { REPLICAS, type IndexedRecord } from './search-index.ts'
import { instant, invalid, ok, wrongType, type Answer } from './wire.ts'

const BODY_MAX = 3_000
const PAGE_DEFAULT = 10
const PAGE_MAX = 200
/** No paging past this many hits. */
const HITS_MAX = 10_000

export const searchRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/crm/v3/objects/{objectType}/search',
    mutates: false,
    scopes: readScopes,
    handle: search,
    kind: 'search',
  },
]

interface Sort {
  readonly property: string
  readonly descending: boolean
}

function search(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  if ((call.request.body?.length ?? 0) > BODY_MAX) {
    throw invalid(`The request body is longer than ${BODY_MAX} characters`)
  }
  const wanted = body(call)
  const limit = pageLimit(wanted['limit'])
  const offset = pageOffset(wanted['after'])
  // Whether a page may begin before the ten thousandth hit and end behind it is unknown: the stricter reading.
  if (offset + limit > HITS_MAX) throw invalid(`Paging beyond ${HITS_MAX} results is not supported`)
  const asked = selection(portal, type, { properties: stringsOf(wanted['properties']) })
  const hits = findHits(call, type, wanted)

  const page = hits.slice(offset, offset + pageSize(call, limit))
  const next = offset + page.length
  // The index still counts what was archived a moment ago and the answer leaves it out, so that `total` can
  // be
  // higher than what comes and a page short, or empty with a cursor (observed).
  const rows = page.filter((hit) => portal.records.isLive(type.typeId, hit.id))
  return ok({
    total: hits.length,
    results: rows.map((hit) => printHit(portal, type, hit, asked)),
    ...(next < hits.length && { paging: { next: { after: String(next) } } }),
  })
}

/** What the index has by now, in the wanted order. */
export function findHits(call: Call, type: ObjectType, wanted: Json): readonly IndexedRecord[] {
  const { portal } = call
  const { seed, counters } = portal
  const replica = portal.index.replica(draw(seed, 'replica', counters.request) % REPLICAS)
  replica.catchUp(portal.clock())
  const sort = sortOf(portal, type, wanted['sorts'])
  const { matches, usesAssociations } = compileFilters(portal, type, wanted)
  const queried = queryPredicate(type, wanted['query'])
  const compute = () =>
    [...replica.records(type.typeId)]
      .filter((record) => matches(record) && queried(record))
      .sort(comparison(portal, type, sort))
  if (usesAssociations) return compute()
  const { filterGroups, filters, query } = wanted
  return replica.hits(type.typeId, JSON.stringify([type.typeId, filterGroups, filters, query, sort]), compute)
}

/** Some pages hold fewer rows than asked although more follow. */
function pageSize(call: Call, limit: number): number {
  const { seed, counters, settings } = call.portal
  if (limit < 2 || share(seed, 'short page', counters.request) >= settings.searchShortPages) return limit
  return 1 + (draw(seed, 'page size', counters.request) % (limit - 1))
}

function pageLimit(raw: unknown): number {
  if (raw === undefined || raw === null) return PAGE_DEFAULT
  const limit = Number(raw)
  if (!Number.isInteger(limit)) throw wrongType('int', 'String value')
  if (limit < 1 || limit > PAGE_MAX)
    throw invalid(`limit must be between 1 and ${PAGE_MAX}, but was ${limit}`)
  return limit
}

function pageOffset(raw: unknown): number {
  if (raw === undefined || raw === null || raw === '') return 0
  const text = scalarOf(raw)
  if (!/^\d+$/.test(text)) throw wrongType('int', `String "${text}": not a valid int value`)
  return Number(text)
}

const DIRECTIONS: ReadonlySet<unknown> = new Set([undefined, null, 'ASCENDING', 'DESCENDING'])

/** Exactly one sort, in one of three forms. */
function sortOf(portal: Portal, type: ObjectType, raw: unknown): Sort | null {
  if (raw === undefined || raw === null) return null
  if (!Array.isArray(raw)) throw wrongType('java.util.ArrayList', 'Object value')
  if (raw.length > 1) throw invalid('Only one sort is supported')
  const entry: unknown = raw[0]
  if (entry === undefined) return null
  if (typeof entry !== 'string' && (typeof entry !== 'object' || entry === null)) {
    throw wrongType('java.util.LinkedHashMap', 'scalar value')
  }
  const sort =
    typeof entry === 'string'
      ? { property: entry.replace(/^-/, ''), descending: entry.startsWith('-') }
      : sortObject(entry as Json)
  if (portal.properties.find(type.typeId, sort.property) === undefined) {
    throw invalid(`Property "${sort.property}" does not exist`)
  }
  return sort
}

/** A direction that is none is a value of the wrong type, as is an operator (5.2). */
function sortObject({ propertyName, direction }: Json): Sort {
  if (!DIRECTIONS.has(direction)) throw wrongType('Sort$Direction', `String "${scalarOf(direction)}"`)
  return { property: stringOf(propertyName, 'propertyName'), descending: direction === 'DESCENDING' }
}

/** Oldest first unless sorted; records without a value come last either way. */
function comparison(
  portal: Portal,
  type: ObjectType,
  sort: Sort | null,
): (a: IndexedRecord, b: IndexedRecord) => number {
  // By date of creation, which is not the order of ids: a merged record is as old as the older of the two.
  if (sort === null) return (a, b) => a.createdAt - b.createdAt || a.serial - b.serial
  const definition = portal.properties.find(type.typeId, sort.property)?.definition
  const factor = sort.descending ? -1 : 1
  const keys = new Map<IndexedRecord, string | number | undefined>()
  const keyOf = (record: IndexedRecord) => {
    if (keys.has(record)) return keys.get(record)
    const key = sortKey(record.values[sort.property], definition?.type)
    keys.set(record, key)
    return key
  }
  return (a, b) => {
    const left = keyOf(a)
    const right = keyOf(b)
    if (left === right) return a.serial - b.serial
    if (left === undefined) return 1
    if (right === undefined) return -1
    return left < right ? -factor : factor
  }
}

function sortKey(value: string | undefined, type: string | undefined): string | number | undefined {
  if (value === undefined) return undefined
  if (type === 'number') return Number(value)
  if (type === 'date' || type === 'datetime') return Date.parse(value)
  return value.toLowerCase()
}

/** `query` looks for a substring in fixed properties. */
function queryPredicate(type: ObjectType, raw: unknown): Predicate {
  if (raw === undefined || raw === null || raw === '') return () => true
  if (typeof raw !== 'string') throw wrongType('java.lang.String', 'Object value')
  const wanted = raw.toLowerCase()
  return ({ values }) => type.searched.some((name) => values[name]?.toLowerCase().includes(wanted) ?? false)
}

/** What the index holds, not what the record is by now. */
function printHit(portal: Portal, type: ObjectType, hit: IndexedRecord, asked: Selection): unknown {
  return {
    id: hit.id,
    properties: printValues(hit.values, asked.properties),
    createdAt: instant(hit.createdAt),
    updatedAt: hit.values[type.modifiedProperty],
    archived: false,
    url: recordUrl(portal, type, hit.id),
  }
}
