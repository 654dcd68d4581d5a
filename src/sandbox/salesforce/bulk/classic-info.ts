/** Jobs and batches of Bulk API 1.0 as their owners see them. */
import { param, type Call } from '../call.ts'
import { refusal } from '../wire.ts'
import type { Members } from './classic-xml.ts'
import { JOB_MS, type Batch, type ClassicJob, type JobState } from './jobs.ts'

export function classicJobParam(call: Call): ClassicJob {
  const id = param(call, 'job')
  const job = call.org.jobs.find(id, 'classic', call.org.now())
  if (job === undefined) throw refusal('InvalidJob', `Invalid job id: ${id}`)
  return job
}

export function batchParam(call: Call, job: ClassicJob): Batch {
  const id = param(call, 'batch')
  const batch = call.org.jobs.get(id)
  const isBatch = batch?.kind === 'ingest-batch' || batch?.kind === 'query-batch'
  if (!isBatch || batch.job !== job.id || call.org.now() - batch.createdAt > JOB_MS) {
    throw refusal('InvalidBatch', `Invalid batch id: ${id}`)
  }
  return batch
}

export function jobInfo(call: Call, job: ClassicJob): Members {
  const batches = call.org.jobs.batchesOf(job.id)
  const count = (...states: readonly JobState[]): number =>
    batches.filter(({ state }) => states.includes(state)).length
  const total = (of: (batch: Batch) => number): number => batches.reduce((sum, batch) => sum + of(batch), 0)
  return {
    id: job.id,
    operation: job.operation,
    object: job.object,
    createdById: job.createdById,
    createdDate: time(job.createdAt),
    systemModstamp: time(job.changedAt),
    state: job.state,
    externalIdFieldName: job.externalIdFieldName,
    concurrencyMode: job.concurrencyMode,
    contentType: 'CSV',
    numberBatchesQueued: count('UploadComplete'),
    numberBatchesInProgress: count('InProgress'),
    numberBatchesCompleted: count('JobComplete'),
    numberBatchesFailed: count('Failed'),
    numberBatchesTotal: batches.length,
    numberRecordsProcessed: total(processed),
    numberRetries: 0,
    apiVersion: job.version,
    numberRecordsFailed: total(failed),
    totalProcessingTime: total(spent),
    apiActiveProcessingTime: total(spent),
    apexProcessingTime: 0,
  }
}

const STATES: Readonly<Record<JobState, string>> = {
  Open: 'Queued',
  UploadComplete: 'Queued',
  InProgress: 'InProgress',
  JobComplete: 'Completed',
  Failed: 'Failed',
  Aborted: 'NotProcessed',
}

export function batchInfo(batch: Batch): Members {
  return {
    id: batch.id,
    jobId: batch.job,
    state: STATES[batch.state],
    stateMessage: batch.errorMessage,
    createdDate: time(batch.createdAt),
    systemModstamp: time(batch.changedAt),
    numberRecordsProcessed: processed(batch),
    numberRecordsFailed: failed(batch),
    totalProcessingTime: spent(batch),
    apiActiveProcessingTime: spent(batch),
    apexProcessingTime: 0,
  }
}

function processed(batch: Batch): number {
  return batch.kind === 'ingest-batch' ? batch.results.length : batch.rows.length
}

function failed(batch: Batch): number {
  return batch.kind === 'ingest-batch' ? batch.results.filter(({ error }) => error !== null).length : 0
}

function spent({ createdAt, changedAt }: Batch): number {
  return changedAt - createdAt
}

/** Not as the rest of the API writes times. */
function time(ms: number): string {
  return `${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().slice(0, 19)}.000Z`
}
