/** Bulk jobs of an org (Salesforce fact sheet 16). Plain data; what they do is in the files beside. */

export type IngestOperation = 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete'
export type QueryOperation = 'query' | 'queryAll'
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

export interface JobBase {
  readonly id: string
  readonly object: string
  readonly createdById: string
  readonly createdAt: number
  readonly version: string
  readonly lineEnding: 'LF' | 'CRLF'
  readonly columnDelimiter: string
  /** Of the request that made it, for change events. */
  readonly origin: string
  state: JobState
  changedAt: number
  errorMessage: string | null
}

export interface RowResult {
  /** The row of the file, from 0. */
  readonly row: number
  /** Empty when it failed. */
  readonly id: string
  readonly created: boolean
  /** `CODE:message:FIELD --`; null when it succeeded. */
  readonly error: string | null
}

/** A file of rows to write: a whole job of Bulk API 2.0, or one batch of Bulk API 1.0. */
export interface IngestWork extends JobBase {
  readonly operation: IngestOperation
  readonly externalIdFieldName: string | null
  readonly assigns: boolean
  /** As uploaded; null before. */
  csv: string | null
  columns: readonly string[]
  header: string
  rows: readonly (readonly string[])[]
  /** Rows processed so far. */
  done: number
  results: RowResult[]
  /** When processing started, epoch ms. */
  startedAt: number | null
}

export interface QueryWork extends JobBase {
  readonly operation: QueryOperation
  readonly soql: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

export interface IngestJob extends IngestWork {
  readonly kind: 'ingest'
}

export interface QueryJob extends QueryWork {
  readonly kind: 'query'
}

/** A job of Bulk API 1.0: its batches are files of their own, processed as they come. */
export interface ClassicJob {
  readonly kind: 'classic'
  readonly id: string
  readonly object: string
  readonly operation: IngestOperation | QueryOperation
  readonly externalIdFieldName: string | null
  readonly assigns: boolean
  readonly concurrencyMode: 'Parallel' | 'Serial'
  readonly createdById: string
  readonly createdAt: number
  readonly version: string
  readonly origin: string
  state: 'Open' | 'Closed' | 'Aborted'
  changedAt: number
}

export interface IngestBatch extends IngestWork {
  readonly kind: 'ingest-batch'
  readonly job: string
}

export interface QueryBatch extends QueryWork {
  readonly kind: 'query-batch'
  readonly job: string
  readonly resultId: string
}

export type Batch = IngestBatch | QueryBatch
export type Job = IngestJob | QueryJob | ClassicJob | Batch

/** How long a job and its results are kept (7). */
export const JOB_MS = 7 * 86_400_000

export class Jobs {
  private jobs = new Map<string, Job>()

  add(job: Job): void {
    this.jobs.set(job.id, job)
  }

  find<Kind extends Job['kind']>(
    id: string,
    kind: Kind,
    now: number,
  ): Extract<Job, { kind: Kind }> | undefined {
    const job = this.jobs.get(id)
    if (job === undefined || job.kind !== kind || now - job.createdAt > JOB_MS) return undefined
    return job as Extract<Job, { kind: Kind }>
  }

  get(id: string): Job | undefined {
    return this.jobs.get(id)
  }

  of<Kind extends Job['kind']>(kind: Kind, now: number): Extract<Job, { kind: Kind }>[] {
    return [...this.jobs.values()].filter(
      (job): job is Extract<Job, { kind: Kind }> => job.kind === kind && now - job.createdAt <= JOB_MS,
    )
  }

  /** In the order in which they were uploaded. */
  batchesOf(jobId: string): Batch[] {
    return [...this.jobs.values()].filter(
      (job): job is Batch => (job.kind === 'ingest-batch' || job.kind === 'query-batch') && job.job === jobId,
    )
  }

  delete(id: string): void {
    this.jobs.delete(id)
  }

  save(): readonly Job[] {
    return [...this.jobs.values()]
  }

  load(saved: unknown): void {
    this.jobs = new Map((saved as Job[]).map((job) => [job.id, job]))
  }
}
