/**
 * Exchanges that others recorded with real orgs are answered here as they were there, but for ids and the order of rows
 * that no query asked for. What a recorded request is about is made first: rows it names, rows it was answered.
 */
import { describe, expect, test } from 'vitest'
import { isPresent, readSpec } from './specs.ts'
import { START, TestOrg, VERSION, type Body } from './test-org.ts'

interface Exchange {
  readonly source: string
  readonly request: { readonly method: string; readonly url: string; readonly body: Body }
  readonly response: { readonly status: number; readonly body: Body }
}

const all: readonly Exchange[] = isPresent ? readSpec('recordings/composite-and-bulk.json') : []

/** Bulk API 1.0 is asked about jobs of before; `bulk-classic.test.ts` has its answers. */
const isClassic = ({ request }: Exchange): boolean => request.url.includes('/async/')

/** Recorded once: everywhere else an object without rows is missing from the counts. */
const isCountOfNothing = ({ response }: Exchange): boolean => response.body?.sObjects?.[0]?.count === 0

const EXCHANGES = all.filter((each) => !isClassic(each) && !isCountOfNothing(each))

const HTTP_DATE = /[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} [0-9:]{8} GMT/g
const AFTER_START = new Date(START + 60_000).toUTCString()

/** What every row of an object needs, whatever else was recorded of it. */
const REQUIRED: Readonly<Record<string, Record<string, unknown>>> = {
  Account: { Name: 'Recorded' },
  Contact: { LastName: 'Recorded' },
  Opportunity: { Name: 'Recorded', StageName: 'Prospecting', CloseDate: '2021-10-03' },
}

describe.skipIf(!isPresent)('recorded', () => {
  test('exchanges are here', () => {
    expect(EXCHANGES.length).toBeGreaterThan(30)
  })

  test.each(EXCHANGES.map((each, index) => [`${index}: ${each.request.method} ${each.request.url}`, each]))(
    '%s',
    (_name, { request, response }) => {
      const org = new TestOrg()
      const ids = new Map<string, string>()
      for (const row of rowsIn(response.body)) make(org, ids, row.attributes.type, fieldsOf(row))
      for (const { name, count } of response.body?.sObjects ?? []) {
        for (let made = 0; made < count; made++) make(org, ids, name, {})
      }
      for (const part of response.body?.compositeResponse ?? []) {
        for (let made = 0; made < (part.body?.totalSize ?? 0); made++) make(org, ids, 'Account', {})
      }
      for (const record of request.body?.records ?? []) {
        if (record.Id) make(org, ids, record.attributes.type, { Id: record.Id })
      }
      const reply = org.call(request.method, `/${replaced(request.url, ids)}`, withIds(request.body, ids))
      expect([reply.status, comparable(reply.body)]).toEqual([response.status, comparable(response.body)])
    },
  )
})

/** Rows of a recorded page. */
function rowsIn(body: Body): Body[] {
  return Array.isArray(body?.records) ? body.records : []
}

function fieldsOf(row: Body): Record<string, unknown> {
  const { attributes: _attributes, ...fields } = row
  return fields
}

function make(org: TestOrg, ids: Map<string, string>, object: string, fields: Record<string, unknown>): void {
  const { Id: recorded, ...values } = fields
  const id = org.create(object, { ...REQUIRED[object], ...values })
  if (typeof recorded === 'string') ids.set(recorded, id)
}

/** Recorders wrote `vxx.0` for the version. Whoever asked whether anything was new had asked lately. */
function replaced(text: string, ids: ReadonlyMap<string, string>): string {
  let result = text.replaceAll('vxx.0', `v${VERSION}`).replaceAll(HTTP_DATE, AFTER_START)
  for (const [recorded, id] of ids) result = result.replaceAll(recorded, id)
  return result
}

function withIds(body: Body, ids: ReadonlyMap<string, string>): Body {
  return body === null || body === undefined ? undefined : JSON.parse(replaced(JSON.stringify(body), ids))
}

/** Ids by their prefix only, one version for all, rows in an order of ours, and times and tags as such. */
function comparable(body: Body): Body {
  const plain = JSON.stringify(body)
    .replaceAll(/"([a-zA-Z0-9]{3})[a-zA-Z0-9]{12}[A-Z0-5]{3}"/g, '"$1…"')
    .replaceAll(/\/v(\d\d|xx)\.0\//g, '/v/')
    .replaceAll(/\/([a-zA-Z0-9]{3})[a-zA-Z0-9]{12}[A-Z0-5]{3}"/g, '/$1…"')
    .replaceAll(/"ETag":"\\"[0-9a-f]{8}\\""/g, '"ETag":"tag"')
    .replaceAll(HTTP_DATE, 'time')
  const parsed: Body = JSON.parse(plain)
  if (Array.isArray(parsed?.records)) {
    parsed.records = parsed.records
      .map((row: Body) => JSON.stringify(row))
      .toSorted()
      .map((row: string) => JSON.parse(row))
  }
  return parsed
}
