/** Finding records by the value of a property that is not unique, through the search index. */
import type { RecordId } from '../../core/record.ts'
import { BATCH_MAX, SEARCH_PAGE_MAX, SEARCH_ROWS_MAX } from './batches.ts'
import type { Catalogue } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { searchRecords } from './record-calls.ts'

/**
 * Ids of the live records that hold one of the values, as far as the index knows yet. A value that more than
 * 10,000 records share contributes the first 10,000.
 */
export async function searchIds(
  client: HubSpotClient,
  catalogue: Catalogue,
  { object, field, values }: { object: string; field: string; values: readonly string[] },
): Promise<RecordId[]> {
  const kindOf = await catalogue.kinds(object, [field])
  // `IN` wants lower-case texts, but enumerations compare exactly (HubSpot fact sheet 9).
  const isExact = kindOf(field).type === 'option'
  const sought = isExact ? values : [...new Set(values.map((value) => value.toLowerCase()))]
  const ids = new Set<RecordId>()
  const batches = searchableChunks(sought)
  // Ends: a batch is taken away, or replaced by its two smaller halves.
  for (let batch = batches.pop(); batch; batch = batches.pop()) {
    const isWhole = await searchBatch(client, { object, field, values: batch }, ids)
    const middle = Math.ceil(batch.length / 2)
    // A search shows 10,000 rows at most, so one very common value could hide the records of all others.
    if (!isWhole && batch.length > 1) batches.push(batch.slice(0, middle), batch.slice(middle))
  }
  return [...ids]
}

/** Adds the ids of the matching records; false when there are more than a search can show. */
async function searchBatch(
  client: HubSpotClient,
  { object, field, values }: { object: string; field: string; values: readonly string[] },
  ids: Set<RecordId>,
): Promise<boolean> {
  let after: string | null = null
  // Ends: the offset grows with every page, up to the vendor's limit. Pages may be short, so the last one has
  // to be cut to end there.
  do {
    const page = await searchRecords(client, object, {
      filters: [{ propertyName: field, operator: 'IN', values }],
      sort: 'hs_object_id',
      properties: [],
      limit: Math.min(SEARCH_PAGE_MAX, SEARCH_ROWS_MAX - Number(after)),
      after,
    })
    for (const record of page.records) ids.add(record.id)
    after = page.after
    if (Number(after) >= SEARCH_ROWS_MAX) return false
  } while (after !== null)
  return true
}

/** The whole search body may have 3,000 characters; the rest of ours takes less than 300. */
const SEARCH_VALUES_CHARS = 2_600

function searchableChunks(values: readonly string[]): string[][] {
  const batches: string[][] = []
  let size = Infinity
  for (const value of values) {
    const length = JSON.stringify(value).length + 1
    const current = batches.at(-1)
    if (current && current.length < BATCH_MAX && size + length <= SEARCH_VALUES_CHARS) {
      current.push(value)
      size += length
    } else {
      batches.push([value])
      size = length
    }
  }
  return batches
}
