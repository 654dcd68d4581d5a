/** Ingest jobs of Bulk API 2.0 (Salesforce fact sheet 16). */
import { asText, bodyObject, header, type Call, type Json, type Route } from '../call.ts'
import { keyField } from '../rows/key-field.ts'
import { unsupportedType } from '../request-checks.ts'
import { csvAnswer, notModelled, ok, refusal, type Answer } from '../wire.ts'
import { formatResults } from './csv.ts'
import { abort, enqueue } from './ingest-run.ts'
import { formatOf, jobMembers, jobObject, jobParam, listJobs, removeJob } from './job-answers.ts'
import type { IngestJob, IngestOperation, RowResult } from './jobs.ts'

const ROOT = '/services/data/{version}/jobs/ingest'

export const ingestRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: true, handle: create },
  { method: 'GET', template: ROOT, mutates: false, handle: (call) => listJobs(call, 'ingest', description) },
  { method: 'GET', template: `${ROOT}/{job}`, mutates: false, handle: (call) => ok(progress(jobOf(call))) },
  { method: 'PATCH', template: `${ROOT}/{job}`, mutates: true, handle: changeState },
  {
    method: 'DELETE',
    template: `${ROOT}/{job}`,
    mutates: true,
    handle: (call) => removeJob(call, jobOf(call), ['Open', 'InProgress']),
  },
  { method: 'PUT', template: `${ROOT}/{job}/batches`, mutates: true, handle: upload },
  {
    method: 'GET',
    template: `${ROOT}/{job}/successfulResults`,
    mutates: false,
    handle: (call) => results(call, 'succeeded'),
  },
  {
    method: 'GET',
    template: `${ROOT}/{job}/failedResults`,
    mutates: false,
    handle: (call) => results(call, 'failed'),
  },
  { method: 'GET', template: `${ROOT}/{job}/unprocessedrecords`, mutates: false, handle: unprocessed },
]

function jobOf(call: Call): IngestJob {
  return jobParam(call, 'ingest')
}

const OPERATIONS = new Set(['insert', 'update', 'upsert', 'delete', 'hardDelete'])

/** Largest upload (7): 150 MB once encoded, about 100 MB of text. */
const UPLOAD_MAX = 100_000_000

function create(call: Call): Answer {
  const { org, actor } = call
  if (header(call, 'content-type')?.includes('multipart'))
    throw notModelled('A job with its data in one call')
  const body = bodyObject(call)
  const type = jobObject(call, asText(body['object'], 'object'), (reason) =>
    refusal('INVALIDJOB', `InvalidJob : ${reason}`),
  )
  const operation = operationOf(call, body)
  const externalIdFieldName = (body['externalIdFieldName'] ?? null) as string | null
  if (operation === 'upsert') {
    if (externalIdFieldName === null)
      throw refusal('INVALIDJOB', 'InvalidJob : externalIdFieldName is required for upsert')
    keyField(org, actor, { type, name: externalIdFieldName })
  }
  const contentType = body['contentType'] ?? 'CSV'
  if (contentType !== 'CSV')
    throw refusal('INVALIDJOB', `InvalidJob : contentType ${JSON.stringify(contentType)} is not supported`)
  const now = org.now()
  const job: IngestJob = {
    kind: 'ingest',
    id: org.ids.next('750'),
    object: type.name,
    operation,
    externalIdFieldName,
    // The assignment rule of a job is named in it; there is no header and no default.
    assigns: typeof body['assignmentRuleId'] === 'string',
    createdById: actor.userId,
    createdAt: now,
    version: call.version,
    ...formatOf(body),
    origin: actor.origin,
    state: 'Open',
    changedAt: now,
    csv: null,
    columns: [],
    header: '',
    rows: [],
    done: 0,
    results: [],
    errorMessage: null,
    startedAt: null,
  }
  org.jobs.add(job)
  return ok(description(job))
}

function operationOf(call: Call, body: Json): IngestOperation {
  const operation = asText(body['operation'], 'operation')
  if (!OPERATIONS.has(operation)) throw refusal('INVALIDJOB', `InvalidJob : unknown operation ${operation}`)
  if (operation === 'hardDelete' && !call.org.settings.permissions.includes('BulkApiHardDelete')) {
    throw refusal(
      'FEATURENOTENABLED',
      'hardDelete operation requires special user profile permission, please contact your system administrator',
    )
  }
  return operation as IngestOperation
}

/** Exactly one upload per job. */
function upload(call: Call): Answer {
  const job = jobOf(call)
  if (!/csv/i.test(header(call, 'content-type') ?? '')) throw unsupportedType(header(call, 'content-type'))
  const csv = call.request.body ?? ''
  if (job.state !== 'Open' || job.csv !== null) {
    throw refusal(
      'INVALIDJOBSTATE',
      `Can't upload data to job with id: ${job.id}, it already has data or is closed`,
    )
  }
  if (csv.length > UPLOAD_MAX) throw refusal('CLIENTINPUTERROR', 'ClientInputError : the upload is too large')
  job.csv = csv
  return { status: 201, body: null }
}

/** The answer to a close says `UploadComplete`; whatever comes later is only seen by asking again (observed). */
function changeState(call: Call): Answer {
  const job = jobOf(call)
  const state = asText(bodyObject(call)['state'], 'state')
  if (state === 'UploadComplete') {
    if (job.state !== 'Open') throw wrongState(job, state)
    enqueue(call.org, job)
    return ok(description(job))
  }
  if (state === 'Aborted') {
    if (job.state !== 'Open' && job.state !== 'UploadComplete' && job.state !== 'InProgress') {
      throw wrongState(job, state)
    }
    abort(call.org, job)
    return ok(description(job))
  }
  throw refusal('INVALIDJOBSTATE', `InvalidJobState : ${state} cannot be set`)
}

function wrongState(job: IngestJob, state: string): Error {
  return refusal(
    'INVALIDJOBSTATE',
    `Changing state of job with id: ${job.id} from ${job.state} to ${state} is not allowed`,
  )
}

function description(job: IngestJob): Json {
  return {
    ...jobMembers(job),
    ...(job.externalIdFieldName !== null && { externalIdFieldName: job.externalIdFieldName }),
    contentUrl: `services/data/v${job.version}/jobs/ingest/${job.id}/batches`,
  }
}

function progress(job: IngestJob): Json {
  const { contentUrl: _contentUrl, ...rest } = description(job)
  const spent = job.startedAt === null ? 0 : job.changedAt - job.startedAt
  return {
    ...rest,
    jobType: 'V2Ingest',
    numberRecordsProcessed: job.results.length,
    numberRecordsFailed: job.results.filter(({ error }) => error !== null).length,
    retries: 0,
    totalProcessingTime: spent,
    apiActiveProcessingTime: spent,
    apexProcessingTime: 0,
    ...(job.errorMessage !== null && { errorMessage: job.errorMessage }),
  }
}

/** Rows come in the order in which parallel batches finished, which is not that of the file. */
function results(call: Call, kind: 'succeeded' | 'failed'): Answer {
  const job = jobOf(call)
  const wanted = job.results.filter(({ error }) => (error === null) === (kind === 'succeeded')).toReversed()
  const columns = ['sf__Id', kind === 'succeeded' ? 'sf__Created' : 'sf__Error']
  const rows = wanted.map((result) => resultRow(job, result))
  return csvAnswer(formatResults({ columns, header: job.header, rows }, job))
}

function resultRow(job: IngestJob, { row, id, created, error }: RowResult): string[] {
  const cells = job.rows[row] ?? []
  // Of a row of another length nothing is repeated (recorded).
  const shown = cells.length === job.columns.length ? cells : job.columns.map(() => '')
  return [id, error ?? String(created), ...shown]
}

/** What an aborted or failed job did not get to. */
function unprocessed(call: Call): Answer {
  const job = jobOf(call)
  const isOver = job.state === 'Failed' || job.state === 'Aborted'
  const rows = isOver ? job.rows.slice(job.done) : []
  return csvAnswer(formatResults({ columns: [], header: job.header, rows }, job))
}
