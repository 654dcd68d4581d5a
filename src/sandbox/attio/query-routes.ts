/**
 * Query of records or entries: filter, sort, page. Attio fact sheet 6, 9 and 10. Without sorts records come by id, as in the
 * recordings; the vendor promises no order, and no order among records that sort alike.
 */
import { z } from 'zod'
import { data, isVisible, placeOfCall, parseBody, viewOf } from './call.ts'
import type { Answer, Call } from './call.ts'
import { invalid, notFound } from './fault.ts'
import type { AttioFault } from './fault.ts'
import { compileFilter } from './filter.ts'
import type { Filter } from './filter.ts'
import { attributeOf, resolvePath, valuesAlong } from './filter-path.ts'
import { filterType } from './filter-operators.ts'
import type { Comparable, Property } from './filter-operators.ts'
import { byCreation } from './record-index.ts'
import { recordRenderer } from './render.ts'
import type { View } from './render.ts'
import type { Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

const direction = z.enum(['asc', 'desc'])

const querySchema = z.object({
  filter: z.record(z.string(), z.unknown()).optional(),
  filter_view_id: z.string().optional(),
  sorts: z
    .array(
      z.union([
        z.object({ direction, attribute: z.string(), field: z.string().optional() }),
        z.object({
          direction,
          path: z.array(z.tuple([z.string(), z.string()])).min(1),
          field: z.string().optional(),
        }),
      ]),
    )
    .optional(),
  limit: z.number().int().min(1).optional(),
  offset: z.number().int().min(0).optional(),
})

type Query = z.infer<typeof querySchema>

export function queryRecords(call: Call): Answer {
  const { workspace } = call
  const object = placeOfCall(call)
  const query = parseBody(querySchema, call.body)
  if (query.filter_view_id !== undefined) throw unknownView(query)
  const limit = pageSize(workspace, query.limit)
  const offset = query.offset ?? 0
  const view = viewOf(call)
  const filter = query.filter === undefined ? null : compileFilter(workspace, object, query.filter)
  const order = compileSorts(workspace, object, query.sorts ?? [])
  const isReadable = (record: StoredRecord): boolean =>
    call.act.atMs >= record.settlesAtMs &&
    isVisible(workspace, record, view) &&
    (filter?.test(record, view) ?? true)
  const page = order.isByCreation
    ? scanListing(sourceInOrder(workspace, { object, filter, view, order }), { isReadable, offset, limit })
    : [...sourceOf(workspace, { object, filter, view })]
        .filter(isReadable)
        .sort((a, b) => order.compare(a, b, view))
        .slice(offset, offset + limit)
  const render = recordRenderer(workspace, object, view)
  const score = queryScore(object, filter, query)
  return { ...data(page.map(render)), headers: { 'x-attio-record-query-score': String(score) } }
}

/** A view replaces the filter, and may not stand beside one; there are no views here. */
const unknownView = ({ filter, filter_view_id: id }: Query): AttioFault =>
  filter === undefined
    ? notFound(`View with ID "${id}" not found.`)
    : invalid('Only one of filter and filter_view_id can be given.')

/** The score of a query, for the header and the score limits. The vendor's formula is not published. */
function queryScore(object: ObjectType, filter: Filter | null, query: Query): number {
  const parts = (filter?.conditions ?? 0) + (query.sorts?.length ?? 0) + (query.offset ?? 0) / 10_000
  return Math.round((parts * object.listing.length) / 1000)
}

function pageSize(workspace: Workspace, limit: number | undefined): number {
  const { pageMax, abovePageMax } = workspace.settings
  if (limit === undefined || limit <= pageMax) return Math.min(limit ?? 500, pageMax)
  if (abovePageMax === 'refuse') throw invalid(`limit must not exceed ${pageMax}.`)
  return pageMax
}

interface Order {
  readonly isByCreation: boolean
  readonly isDescending: boolean
  readonly compare: (a: StoredRecord, b: StoredRecord, view: View) => number
}

interface Source {
  readonly object: ObjectType
  readonly filter: Filter | null
  readonly view: View
}

/** Candidates of an index in the present; otherwise all live records and, in the past, the departed ones. */
function sourceOf(workspace: Workspace, { object, filter, view }: Source): Iterable<StoredRecord> {
  if (view.asOfMs !== null) {
    const departed = [...workspace.departed.values()].map((each) => each.record)
    return [...object.listing, ...departed.filter((record) => record.objectId === object.id)]
  }
  if (!filter?.candidates) return object.listing
  return [...filter.candidates()].filter((record) => record.objectId === object.id)
}

/** In the order of creation, either way, without sorting when the listing itself can be walked. */
function sourceInOrder(workspace: Workspace, options: Source & { order: Order }): Iterable<StoredRecord> {
  const source = sourceOf(workspace, options)
  const { listing } = options.object
  if (source !== listing) {
    const sorted = [...source].sort(byCreation)
    return options.order.isDescending ? sorted.reverse() : sorted
  }
  return options.order.isDescending ? backwards(listing) : listing
}

function* backwards<T>(items: readonly T[]): Iterable<T> {
  for (let i = items.length - 1; i >= 0; i--) {
    const item = items[i]
    if (item !== undefined) yield item
  }
}

function scanListing(
  source: Iterable<StoredRecord>,
  options: { isReadable: (record: StoredRecord) => boolean; offset: number; limit: number },
): readonly StoredRecord[] {
  const page: StoredRecord[] = []
  let skipped = 0
  for (const record of source) {
    if (!options.isReadable(record)) continue
    if (skipped < options.offset) {
      skipped += 1
      continue
    }
    page.push(record)
    if (page.length === options.limit) break
  }
  return page
}

type SortInput = NonNullable<Query['sorts']>[number]

function compileSorts(workspace: Workspace, object: ObjectType, sorts: readonly SortInput[]): Order {
  const compiled = sorts.map((sort) => compileSort(workspace, object, sort))
  const [first] = sorts
  return {
    isByCreation:
      first !== undefined && sorts.length === 1 && isCreation(compiled[0]?.attribute) && !('path' in first),
    isDescending: first?.direction === 'desc',
    compare: (a, b, view) => {
      for (const { read, sign } of compiled) {
        const difference = compareKeys(read(a, view), read(b, view), sign)
        if (difference !== 0) return difference
      }
      return a.id < b.id ? -1 : 1
    },
  }
}

interface Sort {
  readonly attribute: Attribute
  readonly sign: 1 | -1
  readonly read: (record: StoredRecord, view: View) => Comparable
}

function compileSort(workspace: Workspace, object: ObjectType, sort: SortInput): Sort {
  const attributes =
    'path' in sort
      ? resolvePath(workspace, object, sort.path)
      : [attributeOf(workspace, object, sort.attribute)]
  const attribute = attributes.at(-1)
  if (!attribute) throw invalid('A sort path must not be empty.')
  const property = sortProperty(workspace, attribute, sort.field)
  return {
    attribute,
    sign: sort.direction === 'asc' ? 1 : -1,
    read: (record, view) => {
      const [value] = valuesAlong(workspace, { attributes, record, view })
      if (!value) return null
      if (value.data.kind !== 'select' && value.data.kind !== 'status') return property.read(value)
      // Options sort by their place in the list, as stages do in the user interface.
      const { optionId } = value.data
      return attribute.options.findIndex((option) => option.id === optionId)
    },
  }
}

function sortProperty(workspace: Workspace, attribute: Attribute, field: string | undefined): Property {
  const type = filterType(workspace, attribute)
  const name = field ?? type.implicit ?? Object.keys(type.properties)[0] ?? ''
  const property = type.properties[name]
  if (!property) throw invalid(`Cannot sort "${attribute.slug}" by "${name}".`)
  return property
}

/** Records without a value come last, whichever way the others are sorted. */
function compareKeys(a: Comparable, b: Comparable, sign: 1 | -1): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  return (a < b ? -1 : 1) * sign
}

const isCreation = (attribute: Attribute | undefined): boolean =>
  attribute !== undefined && attribute.isSystem && attribute.slug === 'created_at'
