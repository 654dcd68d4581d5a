/** Bulk jobs of an org (Salesforce fact sheet 16). Plain data; what they do is in the files beside. */

export type IngestOperation = 'insert' | 'update' | 'upsert' | 'delete' | 'hardDelete'
export type JobState = 'Open' | 'UploadComplete' | 'InProgress' | 'JobComplete' | 'Failed' | 'Aborted'

interface JobBase {
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

export interface IngestJob extends JobBase {
  readonly kind: 'ingest'
  readonly operation: IngestOperation
  readonly externalIdFieldName: string | null
  readonly assigns: boolean
  /** As uploaded; null before. */
  csv: string | null
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** Rows processed so far. */
  done: number
  results: RowResult[]
  errorMessage: string | null
  /** When processing started, epoch ms. */
  startedAt: number | null
}

export interface QueryJob extends JobBase {
  readonly kind: 'query'
  readonly operation: 'query' | 'queryAll'
  readonly soql: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

export type Job = IngestJob | QueryJob

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
