/** Processing of query jobs (Salesforce fact sheet 16): every value is text, null is an empty cell. */
import { between } from '../../chance.ts'
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import { follow } from '../soql/scope.ts'
import { parseQuery } from '../soql/parse.ts'
import { isAggregate } from '../soql/aggregate.ts'
import { runQuery } from '../soql/run-query.ts'
import { Problem, refusal } from '../wire.ts'
import type { QueryWork } from './jobs.ts'

export function enqueueQuery(org: Org, job: QueryWork): void {
  const waitMs = between(org.settings.bulkQueueMs, org.seed, 'bulk queue', job.id)
  org.chores.add(org.now() + waitMs, { kind: 'bulk', job: job.id })
}

/** Refused when the job is made: no nesting, no aggregates, no offset. */
export function requireBulkQuery(soql: string): void {
  const query = parseQuery(soql)
  const isNested = query.select.some(({ kind }) => kind === 'subquery' || kind === 'typeof')
  if (!isNested && !isAggregate(query) && query.offset === null) return
  throw refusal(
    'API_ERROR',
    'Aggregate Relationships, nested queries and OFFSET are not supported in Bulk V2 Query',
  )
}

export function stepQuery(org: Org, job: QueryWork): void {
  job.changedAt = org.now()
  if (job.state === 'UploadComplete') {
    job.state = 'InProgress'
    const waitMs = between(org.settings.bulkQueueMs, org.seed, 'bulk query', job.id)
    org.chores.add(org.now() + waitMs, { kind: 'bulk', job: job.id })
    return
  }
  if (job.state !== 'InProgress') return
  try {
    requireBulkQuery(job.soql)
    const { columns, rows } = table(org, job)
    job.columns = columns
    job.rows = rows
    job.state = 'JobComplete'
  } catch (error) {
    // The schema may have changed since the job was made, and nobody looks into a batch before.
    if (!(error instanceof Problem)) throw error
    job.state = 'Failed'
    job.errorMessage = `InvalidBatch : Failed to process query: ${error.code}: ${error.entries[0]?.message ?? ''}`
  }
}

function table(org: Org, job: QueryWork): { columns: string[]; rows: string[][] } {
  const actor: Actor = {
    userId: job.createdById,
    kind: 'api',
    origin: job.origin,
    allowDuplicates: false,
    assigns: false,
  }
  const withDeleted = job.operation === 'queryAll'
  const result = runQuery(org, { actor, soql: job.soql, withDeleted, version: job.version }, () => '')
  if (result.kind !== 'rows') throw new Error('A bulk query answers rows')
  if (result.type.name !== job.object) {
    throw refusal('INVALID_TYPE', `the query is about ${result.type.name}, the job about ${job.object}`)
  }
  const { columns } = result.projection
  // Compound fields cannot be told in one cell.
  const shown = columns.filter(({ field }) => field.type !== 'address')
  const names = shown.map(({ steps, field }) =>
    [...steps.map((step) => step.field.relationshipName), field.name].join('.'),
  )
  const rows = result.ids.flatMap((id) => {
    const row = org.rows.find(result.type.name, id)
    const values = row && org.seen(row)
    if (!values) return []
    return [shown.map(({ steps, field }) => cell(follow(org, steps, values)?.[field.name]))]
  })
  return { columns: names, rows }
}

function cell(value: string | number | boolean | undefined): string {
  return value === undefined ? '' : String(value)
}
