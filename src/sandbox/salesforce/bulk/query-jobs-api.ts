/** Query jobs of Bulk API 2.0 (Salesforce fact sheet 16). */
import { asText, bodyObject, type Call, type Json, type Route } from '../call.ts'
import { parseQuery } from '../soql/parse.ts'
import { objectOf } from '../soql/scope.ts'
import { csvAnswer, ok, refusal, type Answer } from '../wire.ts'
import { formatCsv } from './csv.ts'
import { formatOf, jobMembers, jobParam, listJobs, removeJob } from './job-answers.ts'
import type { QueryJob } from './jobs.ts'
import { enqueueQuery, requireBulkQuery } from './query-run.ts'

const ROOT = '/services/data/{version}/jobs/query'

// A query job changes nothing that anybody else could see.
export const queryJobRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: false, handle: create },
  { method: 'GET', template: ROOT, mutates: false, handle: (call) => listJobs(call, 'query', jobMembers) },
  { method: 'GET', template: `${ROOT}/{job}`, mutates: false, handle: (call) => ok(progress(jobOf(call))) },
  { method: 'PATCH', template: `${ROOT}/{job}`, mutates: false, handle: abort },
  {
    method: 'DELETE',
    template: `${ROOT}/{job}`,
    mutates: false,
    handle: (call) => removeJob(call, jobOf(call), ['UploadComplete', 'InProgress']),
  },
  { method: 'GET', template: `${ROOT}/{job}/results`, mutates: false, handle: results },
]

function jobOf(call: Call): QueryJob {
  return jobParam(call, 'query')
}

function create(call: Call): Answer {
  const { org, actor } = call
  const body = bodyObject(call)
  const soql = asText(body['query'], 'query')
  const operation = asText(body['operation'], 'operation')
  if (operation !== 'query' && operation !== 'queryAll') {
    throw refusal('INVALIDJOB', `InvalidJob : unknown operation ${operation}`)
  }
  requireBulkQuery(soql)
  const now = org.now()
  const job: QueryJob = {
    kind: 'query',
    id: org.ids.next('750'),
    object: objectOf(org, soql, parseQuery(soql).from).name,
    operation,
    soql,
    createdById: actor.userId,
    createdAt: now,
    version: call.version,
    ...formatOf(body),
    origin: actor.origin,
    state: 'UploadComplete',
    changedAt: now,
    errorMessage: null,
    columns: [],
    rows: [],
  }
  org.jobs.add(job)
  enqueueQuery(org, job)
  return ok(jobMembers(job))
}

function abort(call: Call): Answer {
  const job = jobOf(call)
  if (asText(bodyObject(call)['state'], 'state') !== 'Aborted' || job.state === 'JobComplete') {
    throw refusal(
      'INVALIDJOBSTATE',
      'InvalidJobState : a query job can only be aborted, and only before it is complete',
    )
  }
  job.state = 'Aborted'
  job.changedAt = call.org.now()
  return ok(jobMembers(job))
}

function progress(job: QueryJob): Json {
  return {
    ...jobMembers(job),
    jobType: 'V2Query',
    numberRecordsProcessed: job.rows.length,
    retries: 0,
    totalProcessingTime: job.changedAt - job.createdAt,
    ...(job.errorMessage !== null && { errorMessage: job.errorMessage }),
  }
}

/** `Sforce-Locator` is the text `null` on the last page; every page has the header line. */
function results(call: Call): Answer {
  const job = jobOf(call)
  if (job.state !== 'JobComplete') {
    throw refusal('INVALIDJOBSTATE', `Job state must be JobComplete to get results, but was ${job.state}`)
  }
  const asked = call.query.get('maxRecords')
  const size = asked === null ? call.org.settings.bulkResultRows : Number(asked)
  const start = offsetOf(call.query.get('locator'))
  if (!Number.isInteger(size) || size < 1 || start === null || start > job.rows.length) {
    throw refusal('INVALID_QUERY_LOCATOR', 'invalid query locator')
  }
  const rows = job.rows.slice(start, start + size)
  const next = start + rows.length
  const locator = next < job.rows.length ? Buffer.from(String(next)).toString('base64url') : 'null'
  return csvAnswer(formatCsv({ columns: job.columns, rows }, job), {
    'sforce-locator': locator,
    'sforce-numberofrecords': String(rows.length),
  })
}

function offsetOf(locator: string | null): number | null {
  if (locator === null || locator === '') return 0
  const offset = Number(Buffer.from(locator, 'base64url').toString('utf8'))
  return Number.isInteger(offset) && offset > 0 ? offset : null
}
