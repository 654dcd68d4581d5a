/**
 * Many rows as one bulk job (Bulk API 2.0, Salesforce fact sheet 16), with the outcomes of a collection: about nine
 * requests instead of one per 200 rows. Nothing of a job is carried out before it is closed, so a lost answer until
 * then costs a repetition; afterwards the job itself says what became of it.
 *
 * jsforce's own bulk client is not used: it uploads a stream that cannot be sent twice, and gives up on jobs that run on.
 */
import { ConnectorError } from '../../errors.ts'
import type { HttpResponse } from '../transport.ts'
import type { Description } from './catalogue.ts'
import type { SalesforceContext } from './context.ts'
import { formatCsv, parseCsv } from './csv.ts'
import type { Encoded } from './encode.ts'
import { toId18 } from './ids.ts'
import { parseBulkProblem } from './problem.ts'
import type { RowResult } from './rows.ts'
import { textIn } from './wire.ts'

/** Clears a field; an empty cell leaves it alone (16). A value that reads so cannot be sent this way. */
const NULL_CELL = '#N/A'

const POLL_FIRST_MS = 500
const POLL_MAX_MS = 10_000
/** Jobs that take longer are looked up by the engine, row by row. */
const PATIENCE_MS = 30 * 60_000

export interface Load<T> {
  readonly operation: 'upsert' | 'update'
  /** The column by which rows of the results are recognised: they come in any order. */
  readonly key: string
  readonly valueOf: (row: Encoded<T>) => string
}

export function wantsBulk(
  { settings }: Pick<SalesforceContext, 'settings'>,
  rows: readonly unknown[],
): boolean {
  return settings.bulkFrom !== null && rows.length >= settings.bulkFrom
}

/** Whether such a result is worth a second try in a smaller call: nothing was stored, and the row may be fine. */
export function goesAgain({ settings }: SalesforceContext, result: RowResult | undefined): boolean {
  if (!(result instanceof ConnectorError)) return false
  if (result.kind === 'transient') return true
  // Bulk jobs have no header that would allow it (6.3).
  return result.code === 'DUPLICATES_DETECTED' && settings.allowDuplicates
}

/** The result of every row. Rows that a job cannot carry, and those it did not get to, are `transient`. */
export async function loadRows<T>(
  context: SalesforceContext,
  { object }: Description,
  rows: readonly Encoded<T>[],
  load: Load<T>,
): Promise<ReadonlyMap<Encoded<T>, RowResult>> {
  const { client } = context
  const results = new Map<Encoded<T>, RowResult>()
  const carried = rows.filter((row) => !Object.values(row.body).includes(NULL_CELL))
  const unsent = client.error(
    'transient',
    'the row was not sent as part of a bulk job',
    'It is sent by itself.',
  )
  for (const row of rows) results.set(row, unsent)
  const siblings = carried.toSorted((a, b) => (a.parent < b.parent ? -1 : a.parent > b.parent ? 1 : 0))
  const job = await openJob(context, object, load, csvOf(siblings, load))
  if (job === null) return results
  const ended = await waitForJob(context, job)
  const unknown = client.error(
    'ambiguous',
    `bulk job ${job} does not say what became of this row`,
    'Nothing to do: the outcome is looked up before anything is sent again.',
  )
  for (const row of carried) results.set(row, unknown)
  if (!ended) return results
  const byKey = new Map(carried.map((row) => [load.valueOf(row), row]))
  const note = (line: Readonly<Record<string, string>>, result: RowResult): void => {
    const row = byKey.get(line[load.key] ?? '')
    if (row) results.set(row, result)
  }
  for (const line of await resultsOf(context, job, 'unprocessedrecords')) note(line, unsent)
  for (const line of await resultsOf(context, job, 'failedResults')) {
    note(line, client.rowError(parseBulkProblem(line['sf__Error'] ?? ''), object))
  }
  for (const line of await resultsOf(context, job, 'successfulResults')) {
    const id = toId18(line['sf__Id'] ?? '')
    if (id !== null) note(line, { id })
  }
  return results
}

function csvOf<T>(rows: readonly Encoded<T>[], { key, valueOf }: Load<T>): string {
  const columns = [...new Set(rows.flatMap(({ body }) => Object.keys(body)))].filter((name) => name !== key)
  const cells = rows.map((row) => [
    valueOf(row),
    ...columns.map((name) => {
      const value = row.body[name]
      return value === undefined ? '' : value === null ? NULL_CELL : String(value)
    }),
  ])
  return formatCsv([key, ...columns], cells)
}

/** A job with its data, closed; null where that did not come about and nothing will be carried out. */
async function openJob<T>(
  { client }: SalesforceContext,
  object: string,
  { operation, key }: Load<T>,
  csv: string,
): Promise<string | null> {
  const job = await unlessLost(
    client.json({
      method: 'POST',
      path: '/jobs/ingest',
      body: {
        object,
        operation,
        ...(operation === 'upsert' && { externalIdFieldName: key }),
        contentType: 'CSV',
        lineEnding: 'LF',
        columnDelimiter: 'COMMA',
      },
      mutating: true,
      object,
    }),
  )
  const id = textIn(job, 'id')
  if (id === null) return null
  const path = `/jobs/ingest/${encodeURIComponent(id)}`
  const uploaded = await unlessLost(
    client.exchange({
      method: 'PUT',
      path: `${path}/batches`,
      body: csv,
      contentType: 'text/csv',
      mutating: true,
      object,
    }),
  )
  // Whether the data arrived is not told, and it can be sent once only: the job ends as it is, without any effect.
  if (uploaded === null) {
    await unlessLost(client.json({ method: 'PATCH', path, body: { state: 'Aborted' }, mutating: true }))
    return null
  }
  for (let attempt = 1; ; attempt += 1) {
    const close = { method: 'PATCH', path, body: { state: 'UploadComplete' }, mutating: true } as const
    if ((await unlessLost(client.json(close))) !== null) return id
    const state = textIn(await client.get(path), 'state')
    if (state !== 'Open') return id
    if (attempt >= 3) return null
  }
}

/** Null when the answer was lost; everything else is thrown. */
async function unlessLost<T>(sending: Promise<T>): Promise<T | null> {
  try {
    return await sending
  } catch (error) {
    if (error instanceof ConnectorError && (error.kind === 'ambiguous' || error.kind === 'transient'))
      return null
    throw error
  }
}

/** Whether the job has come to an end: completed, failed or aborted, with results in any case. */
async function waitForJob({ client, runtime }: SalesforceContext, job: string): Promise<boolean> {
  const untilMs = runtime.now() + PATIENCE_MS
  for (let waitMs = POLL_FIRST_MS; runtime.now() < untilMs; waitMs = Math.min(POLL_MAX_MS, waitMs * 1.5)) {
    await runtime.sleep(waitMs)
    const state = await unlessLost(client.get(`/jobs/ingest/${encodeURIComponent(job)}`))
    if (/^(JobComplete|Failed|Aborted)$/.test(textIn(state, 'state') ?? '')) return true
  }
  return false
}

/** `JobComplete` does not say that rows succeeded, nor `Failed` that none did: all three lists are read. */
async function resultsOf(
  { client }: SalesforceContext,
  job: string,
  which: 'successfulResults' | 'failedResults' | 'unprocessedrecords',
): Promise<readonly Readonly<Record<string, string>>[]> {
  const path = `/jobs/ingest/${encodeURIComponent(job)}/${which}`
  const answer: HttpResponse | null = await unlessLost(
    client.exchange({ method: 'GET', path, headers: { accept: 'text/csv' }, mutating: false }),
  )
  return (answer && parseCsv(answer.body)) ?? []
}
