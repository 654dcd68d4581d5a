/** SOQL over REST (Salesforce fact sheet 9, 10): `query`, `queryAll`, and the pages of both. */
import { base, header, param, type Call, type Route } from '../call.ts'
import { share } from '../../chance.ts'
import { normalId } from '../ids.ts'
import type { Printed } from '../rows/print.ts'
import { columnMetadata } from '../soql/columns.ts'
import type { Cursor } from '../soql/cursors.ts'
import { explain } from '../soql/explain.ts'
import type { Projection } from '../soql/project.ts'
import { reprint, runQuery, type OpenChildCursor, type QueryOptions } from '../soql/run-query.ts'
import { findListView } from '../views/list-views.ts'
import { ok, refusal, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}'

export const queryRoutes: readonly Route[] = [
  { method: 'GET', template: `${ROOT}/query`, mutates: false, handle: (call) => query(call, false) },
  { method: 'GET', template: `${ROOT}/queryAll`, mutates: false, handle: (call) => query(call, true) },
  { method: 'GET', template: `${ROOT}/query/{locator}`, mutates: false, handle: more },
  { method: 'GET', template: `${ROOT}/queryAll/{locator}`, mutates: false, handle: more },
]

/** `Sforce-Query-Options: batchSize=N`: from 200 to 2,000, and only a hint (4). */
const BATCH_MIN = 200

/** With a long text field selected pages are half as long (0.19, recorded). */
const LONG_TEXT_ROWS = 1_000
const LONG_TEXT = 255

function query(call: Call, withDeleted: boolean): Answer {
  const { org, actor, version } = call
  const explained = call.query.get('explain')
  // A list view is explained by its id.
  const view = normalId(explained ?? '')
  const soql = view === null ? (explained ?? call.query.get('q')) : findListView(org, view).soql
  if (soql === null || soql.trim() === '') {
    throw refusal('MALFORMED_QUERY', 'A query string has to be specified')
  }
  const options: QueryOptions = { actor, soql, withDeleted, version }
  if (explained !== null) return ok(explain(org, options))
  if (call.query.get('columns') === 'true') return ok(columnMetadata(org, options))
  return answerQuery(call, soql, withDeleted)
}

/** The first page of what a query finds. */
export function answerQuery(call: Call, soql: string, withDeleted: boolean): Answer {
  const { org, actor, version } = call
  const options: QueryOptions = { actor, soql, withDeleted, version }
  const result = runQuery(org, options, childCursors(call, options))
  switch (result.kind) {
    case 'count':
      return ok({ totalSize: result.size, done: true, records: [] })
    case 'groups':
      return ok({ totalSize: result.records.length, done: true, records: result.records })
    case 'rows': {
      const cursor: Cursor = {
        id: org.ids.next(CURSOR_PREFIX),
        soql,
        withDeleted,
        ids: result.ids,
        pageRows: batchSize(call),
      }
      const rows = pageRows(call, { cursor, projection: result.projection, offset: 0 })
      const answer = page(call, { cursor, print: result.print, offset: 0, rows })
      if (!answer.done) org.cursors.add(cursor, org.now())
      return ok(answer)
    }
  }
}

/** A locator serves `query` and `queryAll` alike; the next URL of both says `query` (9). */
function more(call: Call): Answer {
  const { org, actor, version } = call
  const { cursor, offset } = org.cursors.at(param(call, 'locator'), org.now())
  const options: QueryOptions = {
    actor,
    soql: cursor.soql,
    withDeleted: cursor.withDeleted,
    version,
  }
  const { print, projection } = reprint(org, options, childCursors(call, options))
  const rows = pageRows(call, { cursor, projection, offset })
  return ok(page(call, { cursor, print, offset, rows }))
}

const CURSOR_PREFIX = '0r8'

interface Page {
  readonly totalSize: number
  readonly done: boolean
  readonly nextRecordsUrl?: string
  readonly records: readonly Printed[]
}

/** Rows of subqueries count against the page as well (7). */
function page(
  call: Call,
  {
    cursor,
    print,
    offset,
    rows,
  }: { cursor: Cursor; print: (id: string) => Printed | null; offset: number; rows: number },
): Page {
  const { ids } = cursor
  const records: Printed[] = []
  let next = offset
  for (let weight = 0; next < ids.length && weight < rows; next++) {
    const record = print(ids[next] ?? '')
    if (record === null) continue
    weight += 1 + childRows(record)
    records.push(record)
  }
  const done = next >= ids.length
  return {
    totalSize: ids.length,
    done,
    ...(!done && { nextRecordsUrl: `${base(call)}/query/${cursor.id}-${next}` }),
    records,
  }
}

function childRows(record: Printed): number {
  return Object.values(record).reduce<number>((total, value) => {
    const nested = (value as { records?: unknown } | null)?.records
    return total + (Array.isArray(nested) ? nested.length : 0)
  }, 0)
}

function pageRows(
  call: Call,
  { cursor, projection, offset }: { cursor: Cursor; projection: Projection; offset: number },
): number {
  const { settings, seed } = call.org
  const hasLongText = projection.columns.some(
    ({ field }) => field.type === 'textarea' && field.length > LONG_TEXT,
  )
  const asked = Math.min(cursor.pageRows, settings.queryPageRows)
  const rows = hasLongText ? Math.min(asked, LONG_TEXT_ROWS) : asked
  // Pages can be smaller without notice.
  const isShort = share(seed, 'short page', cursor.id, offset) < settings.shortQueryPages
  return isShort ? Math.ceil(rows * (0.3 + share(seed, 'page size', cursor.id, offset) / 2)) : rows
}

function batchSize(call: Call): number {
  const options = header(call, 'sforce-query-options') ?? ''
  const asked = /batchSize\s*=\s*(\d+)/i.exec(options)?.[1]
  if (asked === undefined) return call.org.settings.queryPageRows
  return Math.max(BATCH_MIN, Number(asked))
}

/** Children that do not fit into the row of their parent. */
function childCursors(call: Call, options: QueryOptions): OpenChildCursor {
  const { org } = call
  return ({ soql, ids, offset }) => {
    const id = org.ids.next(CURSOR_PREFIX)
    const { withDeleted } = options
    org.cursors.add({ id, soql, withDeleted, ids, pageRows: org.settings.queryPageRows }, org.now())
    return `${base(call)}/query/${id}-${offset}`
  }
}
