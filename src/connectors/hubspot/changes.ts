/**
 * The change feed: a search by modification time, passed over again and again (HubSpot fact sheet 10).
 *
 * A pass walks from `since` to the newest change. It pages by value, never by offset: every page asks for rows
 * from the last modification time seen, because a record that changes during the walk moves to the end and
 * shifts all offsets behind it, which would skip rows. When a whole page has one single time (a bulk edit),
 * the walk goes through that time by record id instead.
 *
 * The next pass starts again `OVERLAP_MS` before the time at which this one *began*: the search index lags, so
 * rows may appear behind the place that a pass has reached. Without any row there is no proof that the index
 * is awake, and the cursor stays.
 *
 * A delayed feed (`settledMs`) is the same in the past: its now is so long ago, and rows changed since are not asked for.
 */
import type { ChangesPage, ChangesRequest } from '../reading.ts'
import type { HubSpotClient } from './client.ts'
import { modifiedProperty } from './objects.ts'
import { SEARCH_PAGE_MAX } from './batches.ts'
import { searchRecords, type SearchFilter } from './record-calls.ts'
import type { WireRecord } from './wire.ts'

export const OVERLAP_MS = 120_000

/** All times in epoch milliseconds. */
interface Cursor {
  /** Where the passes start. */
  readonly since: number
  /** The pass under way; null between passes. */
  readonly pass: Pass | null
}

interface Pass {
  readonly startedAt: number
  /** The modification time reached. */
  readonly at: number
  /** Set while going through the rows of exactly `at` by id: the last id seen. */
  readonly tieId: string | null
  /** Set behind such a tie: rows of exactly `at` are done. */
  readonly isPast: boolean
  /** The newest modification time seen. */
  readonly newest: number | null
}

export async function readChanges(
  client: HubSpotClient,
  { object, cursor: text, settledMs = 0 }: ChangesRequest,
): Promise<ChangesPage> {
  const nowMs = client.runtime.now() - settledMs
  if (text === null) {
    return { changes: [], cursor: print({ since: nowMs - OVERLAP_MS, pass: null }), more: false }
  }
  const cursor = parse(client, text)
  const pass = cursor.pass ?? {
    startedAt: nowMs,
    at: cursor.since,
    tieId: null,
    isPast: false,
    newest: null,
  }
  const property = modifiedProperty(object)
  const page = await searchRecords(client, object, {
    filters: filtersOf(pass, property, settledMs > 0),
    sort: pass.tieId === null ? property : 'hs_object_id',
    properties: [property],
    limit: SEARCH_PAGE_MAX,
    after: null,
  })
  const rows = page.records.map((record) => ({ id: record.id, at: modifiedAt(record, property) }))
  const times = rows.map(({ at }) => Date.parse(at ?? '')).filter((time) => !Number.isNaN(time))
  const seen: Pass = {
    ...pass,
    newest: times.length === 0 ? pass.newest : Math.max(pass.newest ?? 0, ...times),
  }
  const next = onward(seen, { ids: rows.map(({ id }) => id), times, goesOn: page.after !== null })
  return {
    changes: rows.map(({ id, at }) => ({ id, at, kind: 'changed' as const })),
    cursor: print(
      next
        ? { since: cursor.since, pass: next }
        : { since: nextStart(cursor, seen, page.after === null), pass: null },
    ),
    more: next !== null,
  }
}

function filtersOf(pass: Pass, propertyName: string, isSettled: boolean): SearchFilter[] {
  const value = String(pass.at)
  if (pass.tieId === null) {
    const from = { propertyName, operator: pass.isPast ? 'GT' : 'GTE', value } as const
    return isSettled ? [from, { propertyName, operator: 'LT', value: String(pass.startedAt) }] : [from]
  }
  return [
    { propertyName, operator: 'EQ', value },
    { propertyName: 'hs_object_id', operator: 'GT', value: pass.tieId },
  ]
}

/** Where the pass goes on; null when it is over. */
function onward(
  pass: Pass,
  page: { ids: readonly string[]; times: readonly number[]; goesOn: boolean },
): Pass | null {
  if (pass.tieId !== null) {
    const last = page.ids.at(-1)
    if (page.goesOn && last !== undefined) return { ...pass, tieId: last }
    return { ...pass, tieId: null, isPast: true }
  }
  if (!page.goesOn) return null
  const last = page.times.at(-1)
  // Pages that are empty though more should follow do occur; the next pass asks again (observed facts).
  if (last === undefined) return null
  if (last > pass.at) return { ...pass, at: last, isPast: false }
  return { ...pass, tieId: '0' }
}

/**
 * Behind the newest row when the pass came to its end: a bulk edit has thousands of rows of one time, which
 * would otherwise be walked again until something else changes.
 */
function nextStart(cursor: Cursor, pass: Pass, isComplete: boolean): number {
  if (pass.newest === null) return cursor.since
  const reached = isComplete ? pass.newest + 1 : pass.newest
  return Math.max(cursor.since, Math.min(reached, pass.startedAt - OVERLAP_MS))
}

function modifiedAt(record: WireRecord, property: string): string | null {
  return record.properties[property] ?? record.updatedAt
}

function print(cursor: Cursor): string {
  return JSON.stringify(cursor)
}

/** Cursors are our own words; one that is not was damaged or belongs to another vendor. */
function parse(client: HubSpotClient, text: string): Cursor {
  try {
    const cursor: unknown = JSON.parse(text)
    if (isCursor(cursor)) return cursor
  } catch {
    // Falls through: unreadable for whatever reason.
  }
  throw client.error(
    'rejected',
    'the cursor of the change feed is unreadable',
    'Reset the feed of this object; the next sweep finds what it missed.',
  )
}

function isCursor(value: unknown): value is Cursor {
  return (
    typeof value === 'object' &&
    value !== null &&
    'since' in value &&
    typeof value.since === 'number' &&
    'pass' in value &&
    typeof value.pass === 'object'
  )
}
