/** Batches of Bulk API 1.0: a file of rows, or a query, and what came of it. */
import { header, type Call, type Route } from '../call.ts'
import { csvAnswer, refusal, Text, type Answer } from '../wire.ts'
import { batchInfo, batchParam, classicJobParam } from './classic-info.ts'
import { classicAnswer } from './classic-xml.ts'
import { formatCsv, parseCsv } from './csv.ts'
import { enqueue } from './ingest-run.ts'
import type { Batch, ClassicJob } from './jobs.ts'
import { enqueueQuery } from './query-run.ts'

const ROOT = '/services/async/{version}/job/{job}/batch'

/** Characters and rows of a batch. */
const BATCH_MAX = 10_000_000
const ROWS_MAX = 10_000

const reading = (path: string, handle: (call: Call, batch: Batch) => Answer): Route => ({
  method: 'GET',
  template: `${ROOT}/{batch}${path}`,
  mutates: false,
  access: 'classic',
  handle: (call) => handle(call, batchParam(call, classicJobParam(call))),
})

export const batchRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: ROOT,
    mutates: ({ body }) => !/^\s*select\s/i.test(body ?? ''),
    access: 'classic',
    handle: create,
  },
  { method: 'GET', template: ROOT, mutates: false, access: 'classic', handle: list },
  reading('', (_call, batch) => classicAnswer(200, 'batchInfo', batchInfo(batch))),
  reading('/request', (_call, batch) => csvAnswer(uploaded(batch))),
  reading('/result', (_call, batch) => result(batch)),
  reading('/result/{result}', queryResult),
]

function create(call: Call): Answer {
  const { org } = call
  const job = classicJobParam(call)
  const type = header(call, 'content-type') ?? ''
  if (!type.includes('csv')) throw refusal('ClientInputError', `Unexpected content type: ${type}`)
  if (job.state !== 'Open') throw refusal('InvalidJobState', `The job is not open: ${job.state}`)
  const text = call.request.body ?? ''
  if (text.trim() === '') throw refusal('ClientInputError', 'The batch is empty')
  if (text.length > BATCH_MAX) {
    throw refusal(
      'ClientInputError',
      `Failed to read request. Exceeded max size limit of ${BATCH_MAX} with response size ${text.length}`,
    )
  }
  const batch = batchOf(call, job, text)
  requireRows(batch)
  org.jobs.add(batch)
  if (batch.kind === 'query-batch') enqueueQuery(org, batch)
  else enqueue(org, batch)
  return classicAnswer(201, 'batchInfo', batchInfo(batch))
}

function batchOf({ org }: Call, job: ClassicJob, text: string): Batch {
  const { object, operation, createdById, version, origin } = job
  const now = org.now()
  const shared = {
    id: org.ids.next('751'),
    job: job.id,
    object,
    createdById,
    createdAt: now,
    version,
    // Either line ending, and commas only.
    lineEnding: /^[^\n]*\r\n/.test(text) ? ('CRLF' as const) : ('LF' as const),
    columnDelimiter: 'COMMA',
    origin,
    state: 'UploadComplete' as const,
    changedAt: now,
    errorMessage: null,
    columns: [],
    header: '',
    rows: [],
  }
  if (operation === 'query' || operation === 'queryAll') {
    return { ...shared, kind: 'query-batch', operation, soql: text, resultId: org.ids.next('752') }
  }
  const { externalIdFieldName, assigns } = job
  return {
    ...shared,
    kind: 'ingest-batch',
    operation,
    externalIdFieldName,
    assigns,
    csv: text,
    done: 0,
    results: [],
    startedAt: null,
  }
}

/** When the vendor counts them is not known: before anything is loaded is the stricter reading. */
function requireRows(batch: Batch): void {
  const content = batch.kind === 'query-batch' ? null : parseCsv(batch.csv ?? '', batch)
  if (content?.kind === 'table' && content.rows.length > ROWS_MAX) {
    throw refusal('ClientInputError', `A batch has at most ${ROWS_MAX} records`)
  }
}

function list(call: Call): Answer {
  const batches = call.org.jobs.batchesOf(classicJobParam(call).id)
  return classicAnswer(200, 'batchInfoList', { batchInfo: batches.map(batchInfo) })
}

function uploaded(batch: Batch): string {
  return batch.kind === 'query-batch' ? batch.soql : (batch.csv ?? '')
}

/** Results of rows come in the order of the rows; those of a query are named and fetched one by one. */
function result(batch: Batch): Answer {
  const isOver = batch.state === 'JobComplete' || batch.state === 'Failed'
  if (!isOver) throw refusal('InvalidBatch', 'Batch not completed')
  if (batch.kind === 'query-batch') return classicAnswer(200, 'result-list', { result: [batch.resultId] })
  const rows = batch.results.map(({ id, created, error }) => [
    id,
    String(error === null),
    String(created),
    error ?? '',
  ])
  return csvAnswer(formatCsv({ columns: ['Id', 'Success', 'Created', 'Error'], rows }, batch))
}

function queryResult(call: Call, batch: Batch): Answer {
  if (
    batch.kind !== 'query-batch' ||
    batch.state !== 'JobComplete' ||
    batch.resultId !== call.params['result']
  ) {
    throw refusal('InvalidBatch', `Invalid result id: ${call.params['result'] ?? ''}`)
  }
  // Instead of a header without rows.
  if (batch.rows.length === 0)
    return { status: 200, body: new Text('text/csv', 'Records not found for this query') }
  return csvAnswer(formatCsv({ columns: batch.columns, rows: batch.rows }, batch))
}
