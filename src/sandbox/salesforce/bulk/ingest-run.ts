/**
 * Processing of ingest jobs (Salesforce fact sheet 16): in batches, each a transaction of its own, while the job is
 * `InProgress`. `JobComplete` says that all rows were looked at, not that they succeeded.
 */
import type { Actor } from '../actor.ts'
import { between } from '../../chance.ts'
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import type { Org } from '../org.ts'
import { writeRecord } from '../rows/commit.ts'
import { deleteRecord, purgeRow } from '../rows/delete.ts'
import { governorFailure } from '../rows/governor.ts'
import { keyField } from '../rows/key-field.ts'
import { inTransaction, type Transaction } from '../rows/transaction.ts'
import { upsertRecord } from '../rows/upsert.ts'
import { storedValue } from '../rows/values.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, Problem, refusal } from '../wire.ts'
import { parseCsv } from './csv.ts'
import { bodyOf, columnOf, NULL_CELL } from './ingest-columns.ts'
import type { IngestWork, RowResult } from './jobs.ts'

/** Rows that one transaction takes. */
const BATCH_ROWS = 200

/** Closes the upload; processing begins after a while in the queue. */
export function enqueue(org: Org, job: IngestWork): void {
  job.state = 'UploadComplete'
  job.changedAt = org.now()
  const waitMs = between(org.settings.bulkQueueMs, org.seed, 'bulk queue', job.id)
  org.chores.add(org.now() + waitMs, { kind: 'bulk', job: job.id })
}

/** Rows that were not processed yet never will be; those that were stay. */
export function abort(org: Org, job: IngestWork): void {
  if (job.startedAt === null) readFile(job)
  job.state = 'Aborted'
  job.changedAt = org.now()
}

/** Takes in the rows of the file; says what is wrong with it, or null. */
function readFile(job: IngestWork): string | null {
  const content = parseCsv(job.csv ?? '', job)
  if (content.kind === 'unreadable') return content.reason
  job.columns = content.columns
  job.header = content.header
  job.rows = content.rows
  return null
}

/** One step of a job: reads the file, processes one batch, or completes. */
export function stepIngest(org: Org, job: IngestWork): void {
  if (job.state === 'UploadComplete') start(org, job)
  else if (job.state === 'InProgress') processBatch(org, job)
  if (job.state !== 'InProgress') return
  const rows = Math.min(BATCH_ROWS, Math.max(1, job.rows.length - job.done))
  const durationMs = Math.ceil((rows / org.settings.bulkRowsPerSecond) * 1_000)
  org.chores.add(org.now() + durationMs, { kind: 'bulk', job: job.id })
}

function start(org: Org, job: IngestWork): void {
  job.changedAt = org.now()
  job.startedAt = org.now()
  const wrong = readFile(job)
  if (wrong !== null) return fail(job, wrong)
  const type = org.schema.type(job.object)
  const unknown = job.columns.find((column) => columnOf(org, actorOf(job), { type, column }) === null)
  // One column too many, and nothing of the file is loaded.
  if (unknown !== undefined) return fail(job, `InvalidBatch : Field name not found : ${unknown}`)
  job.state = job.rows.length === 0 ? 'JobComplete' : 'InProgress'
}

function processBatch(org: Org, job: IngestWork): void {
  const { bulkFailsAfter, chunkFailure } = org.settings
  const end = Math.min(job.rows.length, job.done + BATCH_ROWS, bulkFailsAfter ?? Number.POSITIVE_INFINITY)
  job.changedAt = org.now()
  if (chunkFailure !== null && end - job.done > 1) {
    for (let row = job.done; row < end; row++) job.results.push(failed(row, governorFailure(chunkFailure)))
  } else if (end > job.done) {
    inTransaction(org, actorOf(job), (transaction) => {
      for (let row = job.done; row < end; row++) job.results.push(processRow(transaction, job, row))
    })
  }
  job.done = end
  if (end === job.rows.length) job.state = 'JobComplete'
  else if (end === bulkFailsAfter) fail(job, 'InternalServerError : the job was stopped')
}

function processRow(transaction: Transaction, job: IngestWork, row: number): RowResult {
  try {
    const { id, created } = writeRow(transaction, job, row)
    return { row, id, created, error: null }
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    const unreadable = error.code === 'JSON_PARSER_ERROR' ? unreadableCell(transaction, job, row) : null
    return failed(row, unreadable ?? error)
  }
}

/** A cell that is no value of its field's type is told in words of its own (recorded). */
function unreadableCell({ org }: Transaction, job: IngestWork, row: number): Problem | null {
  const type = org.schema.type(job.object)
  for (const [index, column] of job.columns.entries()) {
    const cell = job.rows[row]?.[index] ?? ''
    const found = columnOf(org, actorOf(job), { type, column })
    if (found === null || found.parentKey !== null || ['', NULL_CELL].includes(cell)) continue
    const { name, soapType } = found.field
    if (isReadable(found.field, cell)) continue
    return refusal(
      'INVALID_FIELD',
      `Failed to deserialize field at col ${index}. Due to, '${cell}' is not a valid value for the type ${soapType}`,
      [name],
    )
  }
  return null
}

/** Whatever else may be wrong with it. */
function isReadable(field: Field, cell: string): boolean {
  try {
    storedValue(field, cell, () => new Set())
    return true
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return error.code !== 'JSON_PARSER_ERROR'
  }
}

function failed(row: number, problem: Problem): RowResult {
  const [entry] = problem.entries
  const fields = entry?.fields?.map((name) => `${name} `).join(',') ?? ''
  return { row, id: '', created: false, error: `${problem.code}:${entry?.message ?? ''}:${fields}--` }
}

function writeRow(
  transaction: Transaction,
  job: IngestWork,
  index: number,
): { id: string; created: boolean } {
  const { org } = transaction
  const type = org.schema.type(job.object)
  const cells = job.rows[index] ?? []
  if (cells.length !== job.columns.length) {
    const lengths = `header = ${job.columns.length} row = ${cells.length}`
    throw refusal('INVALID_FIELD', `Number of fields in header is different from the row. ${lengths}`, [])
  }
  const body = bodyOf(org, actorOf(job), { type, job, cells })
  const { Id: rawId, ...values } = body
  switch (job.operation) {
    case 'insert': {
      if (rawId !== undefined && rawId !== null) {
        throw refusal('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id'])
      }
      return summary(writeRecord(transaction, { type, row: null, body: values }))
    }
    case 'update':
      return summary(writeRecord(transaction, { type, row: existing(org, type, rawId), body: values }))
    case 'upsert': {
      const key = keyField(org, actorOf(job), { type, name: job.externalIdFieldName ?? 'Id' })
      const value = key.type === 'id' ? rawId : values[key.name]
      const { [key.name]: _key, ...others } = values
      return summary(upsertRecord(transaction, { type, key, value, body: others, updateOnly: false }))
    }
    case 'delete':
    case 'hardDelete': {
      const row = existing(org, type, rawId)
      deleteRecord(transaction, { type, row })
      if (job.operation === 'hardDelete') purgeRow(org, row)
      return { id: row.id, created: false }
    }
  }
}

function summary({ row, created }: { row: { id: string }; created: boolean }): {
  id: string
  created: boolean
} {
  return { id: row.id, created }
}

function existing(org: Org, type: ObjectType, rawId: unknown) {
  if (typeof rawId !== 'string') throw refusal('MISSING_ARGUMENT', 'Id not specified in an update call', [])
  const id = normalId(rawId)
  if (id === null) throw refusal('MALFORMED_ID', `bad id ${rawId}`, ['Id'])
  const row = org.rows.find(type.name, id)
  if (row === undefined) throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
  if (row.deletedAt !== null) throw isDeleted()
  return row
}

function fail(job: IngestWork, message: string): void {
  job.state = 'Failed'
  job.errorMessage = message
}

function actorOf(job: IngestWork): Actor {
  return {
    userId: job.createdById,
    kind: 'api',
    origin: job.origin,
    // Neither has a header in Bulk API 2.0 (6.3, 16).
    allowDuplicates: false,
    assigns: job.assigns,
  }
}
