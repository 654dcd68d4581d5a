/** sObject Collections (Salesforce fact sheet 14): up to 200 rows, HTTP 200 even when every row failed. */
import {
  asFlag,
  asList,
  asObject,
  asText,
  bodyObject,
  objectParam,
  param,
  type Call,
  type Json,
  type Route,
} from '../call.ts'
import { normalId } from '../ids.ts'
import { governorFailure } from '../rows/governor.ts'
import { writeRecord } from '../rows/commit.ts'
import { deleteRecord } from '../rows/delete.ts'
import { keyField } from '../rows/key-field.ts'
import { keyText } from '../rows/keys.ts'
import { printRow } from '../rows/print.ts'
import { inTransaction, type Transaction } from '../rows/transaction.ts'
import { upsertRecord } from '../rows/upsert.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, jsonProblem, ok, Problem, refusal, type Answer } from '../wire.ts'
import { namedField, requireCreateable, requireUpdateable } from './records-api.ts'

const ROOT = '/services/data/{version}/composite/sobjects'

const ROWS_MAX = 200
/** Runs of rows of one type in one call. */
const CHUNKS_MAX = 10
const RETRIEVE_MAX = 2_000

export const collectionRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: true, handle: create },
  { method: 'PATCH', template: ROOT, mutates: true, handle: update },
  { method: 'DELETE', template: ROOT, mutates: true, handle: remove },
  { method: 'GET', template: `${ROOT}/{object}`, mutates: false, handle: retrieveByQuery },
  { method: 'POST', template: `${ROOT}/{object}`, mutates: false, handle: retrieveByBody },
  { method: 'PATCH', template: `${ROOT}/{object}/{key}`, mutates: true, handle: upsert },
]

interface RowResult {
  readonly id?: string
  readonly success: boolean
  readonly errors: readonly unknown[]
  readonly created?: boolean
}

/** One row of a call: what it is about, and how it is done. */
interface Work {
  readonly type: string
  /** Throws the row's `Problem`. */
  readonly run: (transaction: Transaction) => { readonly id: string; readonly created?: boolean }
}

function create(call: Call): Answer {
  const { records, allOrNone } = recordsOf(call)
  const work = records.map((record): Work => {
    const { type, run } = typed(call, record)
    return {
      type,
      run: (transaction) => {
        const object = run()
        requireCreateable(object)
        const { id: _lower, Id: _id, ...body } = withoutAttributes(record)
        if (_lower !== undefined || _id !== undefined) {
          throw refusal('INVALID_FIELD_FOR_INSERT_UPDATE', 'cannot specify Id in an insert call', ['Id'])
        }
        return { id: writeRecord(transaction, { type: object, row: null, body }).row.id }
      },
    }
  })
  return perform(call, work, { allOrNone, reports: 'plain' })
}

function update(call: Call): Answer {
  const { records, allOrNone } = recordsOf(call)
  const work = records.map((record): Work => {
    const { type, run } = typed(call, record)
    return {
      type,
      run: (transaction) => {
        const object = run()
        requireUpdateable(object)
        const { id: lower, Id: upper, ...body } = withoutAttributes(record)
        const row = existing(call, object, upper ?? lower)
        writeRecord(transaction, { type: object, row, body })
        return { id: row.id }
      },
    }
  })
  return perform(call, work, { allOrNone, reports: 'plain' })
}

function upsert(call: Call): Answer {
  const type = objectParam(call)
  requireCreateable(type)
  const key = keyField(call.org, call.actor, { type, name: param(call, 'key') })
  const { records, allOrNone } = recordsOf(call)
  const seen = countValues(records.map((record) => valueOf(record, key.name)))
  const work = records.map((record): Work => {
    const { run } = typed(call, record)
    const value = valueOf(record, key.name)
    return {
      type: type.name,
      run: (transaction) => {
        if (run() !== type) throw jsonProblem(`The records must be of type ${type.name}`)
        // The same key twice in one call: the vendor refuses both rows (14).
        const text = keyText(value)
        if (text !== null && (seen.get(text.toLowerCase()) ?? 0) > 1) {
          throw refusal('DUPLICATE_VALUE', `Duplicate external id specified: ${text}`, [key.name])
        }
        const body = without(withoutAttributes(record), ['id', key.name])
        const { row, created } = upsertRecord(transaction, { type, key, value, body, updateOnly: false })
        return { id: row.id, created }
      },
    }
  })
  return perform(call, work, { allOrNone, reports: 'created' })
}

function remove(call: Call): Answer {
  const { org } = call
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '')
  requireCount(ids.length, ROWS_MAX)
  const work = ids.map((text): Work => {
    const id = normalId(text)
    const object = id === null ? undefined : org.schema.byPrefix(id.slice(0, 3))
    return {
      type: object?.name ?? '',
      run: (transaction) => {
        if (object === undefined) throw refusal('MALFORMED_ID', `malformed id ${text}`, [])
        const row = existing(call, object, id)
        deleteRecord(transaction, { type: object, row })
        return { id: row.id }
      },
    }
  })
  return perform(call, work, { allOrNone: call.query.get('allOrNone') === 'true', reports: 'plain' })
}

/** Does the rows in order, in one transaction; a failing row fails alone unless `allOrNone`. */
function perform(
  call: Call,
  work: readonly Work[],
  { allOrNone, reports }: { allOrNone: boolean; reports: 'plain' | 'created' },
): Answer {
  requireChunks(work)
  const { org, actor } = call
  const failing = chunkFailures(call, work)
  let results: RowResult[] = []
  try {
    inTransaction(org, actor, (transaction) => {
      results = work.map(({ type, run }) => {
        try {
          const broken = failing.get(type)
          if (broken !== undefined) throw broken
          const { id, created } = run(transaction)
          return { id, success: true, errors: [], ...(created !== undefined && { created }) }
        } catch (error) {
          if (!(error instanceof Problem)) throw error
          return failure(error, reports)
        }
      })
      if (allOrNone && results.some(({ success }) => !success)) throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    results = results.map((result) => (result.success ? failure(ROLLED_BACK, reports) : result))
  }
  return ok(results)
}

/** Ends the transaction of a call that is all or nothing. */
class RolledBack extends Error {}

const ROLLED_BACK = refusal(
  'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  'Record rolled back because not all records were valid and the request was using AllOrNone header',
)

/** In collections the code is called `statusCode`, and duplicates come without the records matched (6.1, 6.3). */
function failure(problem: Problem, reports: 'plain' | 'created'): RowResult {
  return {
    success: false,
    errors: problem.entries.map(({ errorCode, message, fields = [] }) => ({
      statusCode: errorCode,
      message,
      fields,
    })),
    ...(reports === 'created' && { created: false }),
  }
}

/** A trigger that fails takes all rows of its type with it; single rows pass (14). */
function chunkFailures(call: Call, work: readonly Work[]): ReadonlyMap<string, Problem> {
  const { chunkFailure } = call.org.settings
  if (chunkFailure === null) return new Map()
  const counts = countValues(work.map(({ type }) => type))
  return new Map(
    work
      .filter(({ type }) => (counts.get(type.toLowerCase()) ?? 0) > 1)
      .map(({ type }) => [type, governorFailure(chunkFailure)]),
  )
}

function recordsOf(call: Call): { records: readonly Json[]; allOrNone: boolean } {
  const body = bodyObject(call)
  const records = asList(body['records'], 'records').map(asObject)
  requireCount(records.length, ROWS_MAX)
  return { records, allOrNone: asFlag(body['allOrNone'], false) }
}

function requireCount(count: number, max: number): void {
  if (count === 0) throw refusal('REQUIRED_FIELD_MISSING', 'The request has no records')
  if (count > max) {
    throw refusal(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${max} records into this call`,
    )
  }
}

/** Rows of one type that follow each other are a chunk. */
function requireChunks(work: readonly Work[]): void {
  const chunks = work.filter(({ type }, index) => type !== work[index - 1]?.type).length
  if (chunks <= CHUNKS_MAX) return
  throw refusal(
    'INVALID_INPUT',
    `Cannot have more than ${CHUNKS_MAX} chunks in a single operation. Please rearrange the data to reduce chunking.`,
  )
}

/** The type of a row; a row without one fails by itself (recorded). */
function typed(call: Call, record: Json): { type: string; run: () => ObjectType } {
  const attributes = record['attributes']
  const named =
    typeof attributes === 'object' && attributes !== null ? (attributes as Json)['type'] : undefined
  return {
    type: typeof named === 'string' ? named : '',
    run: () => {
      if (typeof named !== 'string') {
        throw jsonProblem(
          'Nested object for polymorphic foreign key must have an attributes field before any other fields.',
        )
      }
      const object = call.org.schema.find(named)
      if (object === undefined) throw refusal('INVALID_TYPE', `sObject type '${named}' is not supported.`, [])
      return object
    },
  }
}

function existing(call: Call, type: ObjectType, raw: unknown) {
  const text = keyText(raw)
  if (text === null) throw refusal('MISSING_ARGUMENT', 'Id not specified in an update call', [])
  const id = normalId(text)
  if (id === null) throw refusal('MALFORMED_ID', `malformed id ${text}`, ['Id'])
  const row = call.org.rows.find(type.name, id)
  // Recorded for an unknown id.
  if (row === undefined) throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
  if (row.deletedAt !== null) throw isDeleted()
  return row
}

function retrieveByQuery(call: Call): Answer {
  const list = (name: string): string[] =>
    (call.query.get(name) ?? '').split(',').filter((entry) => entry !== '')
  return retrieve(call, { ids: list('ids'), fields: list('fields') })
}

function retrieveByBody(call: Call): Answer {
  const body = bodyObject(call)
  return retrieve(call, {
    ids: asList(body['ids'], 'ids').map((id) => asText(id, 'ids')),
    fields: asList(body['fields'], 'fields').map((name) => asText(name, 'fields')),
  })
}

/** In the order asked for; null for what is deleted, unknown or of another object. */
function retrieve(
  call: Call,
  { ids, fields }: { ids: readonly string[]; fields: readonly string[] },
): Answer {
  const { org, version } = call
  const type = objectParam(call)
  requireCount(ids.length, RETRIEVE_MAX)
  const asked = fields.map((name) => namedField(call, type, name))
  const rows = ids.map((text) => {
    const row = org.rows.find(type.name, normalId(text) ?? '')
    const values = row === undefined || row.deletedAt !== null ? null : org.seen(row)
    return values && printRow(type, values, { fields: asked, version })
  })
  return ok(rows)
}

function withoutAttributes(record: Json): Record<string, unknown> {
  const { attributes: _attributes, ...body } = record
  return body
}

function without(
  record: Readonly<Record<string, unknown>>,
  names: readonly string[],
): Record<string, unknown> {
  const lower = new Set(names.map((name) => name.toLowerCase()))
  return Object.fromEntries(Object.entries(record).filter(([name]) => !lower.has(name.toLowerCase())))
}

function valueOf(record: Json, name: string): unknown {
  const key = Object.keys(record).find((each) => each.toLowerCase() === name.toLowerCase())
  return key === undefined ? undefined : record[key]
}

function countValues(values: readonly unknown[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const value of values) {
    const key = String(value).toLowerCase()
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}
