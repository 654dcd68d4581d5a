/** What the routes of ingest and of query jobs have in common (Salesforce fact sheet 16). */
import { asText, param, type Call, type Json } from '../call.ts'
import { ELSEWHERE } from '../catalogue/standard.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { stamp } from '../times.ts'
import { NO_CONTENT, notModelled, ok, refusal, type Answer, type Problem } from '../wire.ts'
import { DELIMITERS } from './csv.ts'
import type { Job, JobBase } from './jobs.ts'

type V2Kind = 'ingest' | 'query'
type Of<Kind extends V2Kind> = Extract<Job, { kind: Kind }>

export function jobParam<Kind extends V2Kind>(call: Call, kind: Kind): Of<Kind> {
  const job = call.org.jobs.find(param(call, 'job'), kind, call.org.now())
  if (job === undefined) throw refusal('NOT_FOUND', 'The requested resource does not exist')
  return job
}

export function listJobs<Kind extends V2Kind>(
  call: Call,
  kind: Kind,
  describe: (job: Of<Kind>) => Json,
): Answer {
  const jobs = call.org.jobs.of(kind, call.org.now())
  return ok({ done: true, nextRecordsUrl: null, records: jobs.map(describe) })
}

/** The object that a new job is about. Both APIs name what they do not find; only the code is written differently. */
export function jobObject({ org }: Call, name: string, refuse: (reason: string) => Problem): ObjectType {
  const type = org.schema.find(name)
  if (type !== undefined) return type
  if (ELSEWHERE.has(name.toLowerCase())) throw notModelled(`The object ${name}`)
  throw refuse(`Unable to find object: ${name}`)
}

/** Not while there is something to come. */
export function removeJob(call: Call, job: JobBase, busy: readonly JobBase['state'][]): Answer {
  if (busy.includes(job.state)) {
    throw refusal('INVALIDJOBSTATE', `Deleting a job with state ${job.state} is not allowed`)
  }
  call.org.jobs.delete(job.id)
  return NO_CONTENT
}

/** Members of every job, whichever kind. */
export function jobMembers(job: JobBase & { readonly operation: string }): Json {
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: stamp(job.createdAt),
    systemModstamp: stamp(job.changedAt),
    state: job.state,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    apiVersion: Number(job.version),
    lineEnding: job.lineEnding,
    columnDelimiter: job.columnDelimiter,
  }
}

/** Delimiter and line ending of a job; comma and LF unless said otherwise. */
export function formatOf(body: Json): Pick<JobBase, 'lineEnding' | 'columnDelimiter'> {
  const lineEnding = body['lineEnding'] ?? 'LF'
  const columnDelimiter = asText(body['columnDelimiter'] ?? 'COMMA', 'columnDelimiter')
  if (lineEnding !== 'LF' && lineEnding !== 'CRLF') {
    throw refusal('INVALIDJOB', `InvalidJob : lineEnding ${JSON.stringify(lineEnding)} is not supported`)
  }
  if (DELIMITERS[columnDelimiter] === undefined) {
    throw refusal('INVALIDJOB', `InvalidJob : columnDelimiter ${columnDelimiter} is not supported`)
  }
  return { lineEnding, columnDelimiter }
}
