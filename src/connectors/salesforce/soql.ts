/**
 * SOQL by hand (Salesforce fact sheet 9): literals are escaped here and nowhere else, backslashes first, because
 * jsforce's conditions escape quotes only, and a backslash then ends the literal early (0.9). Times are bare.
 */
import { isObject, type Json } from './wire.ts'
import type { SalesforceClient } from './client.ts'

export type Row = Readonly<Record<string, unknown>>

export interface QueryPage {
  readonly rows: readonly Row[]
  /** Whether these are all; a page can be shorter than asked for without notice (0.19). */
  readonly done: boolean
}

/** Addresses longer than this are refused, headers included (4); such a query travels in a composite request. */
const URL_MAX = 8_000

export function quoted(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t')
  return `'${escaped}'`
}

/** A pattern for LIKE that matches texts containing this one; its wildcards are escaped. */
export function containing(text: string): string {
  return `'%${quoted(text).slice(1, -1).replaceAll('%', '\\%').replaceAll('_', '\\_')}%'`
}

/** Without fractions: what we compare with has none (0.10). */
export function instantLiteral(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`
}

/** One page of a query. `deleted`: rows in the recycle bin count. */
export async function query(
  client: SalesforceClient,
  soql: string,
  options: { readonly deleted?: boolean } = {},
): Promise<QueryPage> {
  const path = `/${options.deleted ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`
  if (path.length <= URL_MAX) return pageOf(client, await client.get(path))
  const [answer] = await composed(client, [path])
  return answer ?? { rows: [], done: true }
}

/** Several queries in one request, which counts once (7, 15); at most five. */
export async function queries(
  client: SalesforceClient,
  asked: readonly { readonly soql: string; readonly deleted?: boolean }[],
): Promise<readonly QueryPage[]> {
  const [only, ...more] = asked
  if (!only) return []
  if (more.length === 0) return [await query(client, only.soql, only)]
  return composed(
    client,
    asked.map(({ soql, deleted }) => `/${deleted ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`),
  )
}

/** All rows of a query that is known to be small enough, following its pages at once: cursors do not last (7). */
export async function queryAllPages(
  client: SalesforceClient,
  soql: string,
  options: { readonly deleted?: boolean } = {},
): Promise<readonly Row[]> {
  const path = `/${options.deleted ? 'queryAll' : 'query'}?q=${encodeURIComponent(soql)}`
  const first = path.length <= URL_MAX ? await client.get(path) : await composedOne(client, path)
  const rows: Row[] = []
  let answer: unknown = first
  // Ends: every page has a row, and a query has a last one.
  for (;;) {
    const page = pageOf(client, answer)
    rows.push(...page.rows)
    const next = isObject(answer) ? answer['nextRecordsUrl'] : undefined
    if (page.done || typeof next !== 'string') return rows
    answer = await client.get(next)
  }
}

async function composed(client: SalesforceClient, paths: readonly string[]): Promise<readonly QueryPage[]> {
  return (await composedBodies(client, paths)).map((body) => pageOf(client, body))
}

async function composedOne(client: SalesforceClient, path: string): Promise<unknown> {
  const [body] = await composedBodies(client, [path])
  return body
}

/** Parts that fail are repeated with all of them: they only ask. */
async function composedBodies(
  client: SalesforceClient,
  paths: readonly string[],
): Promise<readonly unknown[]> {
  const answer = await client.json({
    method: 'POST',
    path: '/composite',
    body: {
      allOrNone: false,
      compositeRequest: paths.map((path, index) => ({
        method: 'GET',
        url: client.root + path,
        referenceId: `q${index}`,
      })),
    },
    mutating: false,
  })
  return partsOf(client, answer, { mutating: false }).map(({ status, body }) => {
    if (status >= 300) throw client.partError(status, body, { mutating: false })
    return body
  })
}

export interface Part {
  readonly referenceId: string
  readonly status: number
  readonly body: unknown
}

/** The parts of a composite answer (15). */
export function partsOf(
  client: SalesforceClient,
  answer: unknown,
  { mutating }: { readonly mutating: boolean },
): readonly Part[] {
  const parts = isObject(answer) ? answer['compositeResponse'] : undefined
  if (!Array.isArray(parts)) throw shapeless(client, mutating)
  return parts.filter(isObject).map((part: Json) => ({
    referenceId: String(part['referenceId']),
    status: Number(part['httpStatusCode']),
    body: part['body'],
  }))
}

export function pageOf(client: SalesforceClient, answer: unknown): QueryPage {
  if (!isObject(answer) || !Array.isArray(answer['records'])) throw shapeless(client, false)
  return { rows: answer['records'].filter(isObject), done: answer['done'] !== false }
}

function shapeless(client: SalesforceClient, mutating: boolean): Error {
  return client.error(
    mutating ? 'ambiguous' : 'transient',
    'the answer has another shape than documented',
    'Is the instance URL right, and no proxy in between?',
  )
}
