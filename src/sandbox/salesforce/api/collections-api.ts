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
import { writeRecord } from '../rows/commit.ts'
import { deleteRecord } from '../rows/delete.ts'
import { keyField } from '../rows/key-field.ts'
import { keyText } from '../rows/keys.ts'
import { printRow } from '../rows/print.ts'
import { upsertRecord } from '../rows/upsert.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, jsonProblem, ok, refusal, type Answer } from '../wire.ts'
import { countValues, performRows, type RowWork } from './collection-rows.ts'
import { namedField, requireCreateable, requireUpdateable } from './records-api.ts'

const ROOT = '/services/data/{version}/composite/sobjects'

const ROWS_MAX = 200
const RETRIEVE_MAX = 2_000

export const collectionRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: true, handle: create },
  { method: 'PATCH', template: ROOT, mutates: true, handle: update },
  { method: 'DELETE', template: ROOT, mutates: true, handle: remove },
  { method: 'GET', template: `${ROOT}/{object}`, mutates: false, handle: retrieveByQuery },
  { method: 'POST', template: `${ROOT}/{object}`, mutates: false, handle: retrieveByBody },
  { method: 'PATCH', template: `${ROOT}/{object}/{key}`, mutates: true, handle: upsert },
]

function create(call: Call): Answer {
  const { records, allOrNone } = recordsOf(call)
  const work = records.map((record): RowWork => {
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
  return performRows(call, work, { allOrNone, reports: 'plain' })
}

function update(call: Call): Answer {
  const { records, allOrNone } = recordsOf(call)
  const work = records.map((record): RowWork => {
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
  return performRows(call, work, { allOrNone, reports: 'plain' })
}

function upsert(call: Call): Answer {
  const type = objectParam(call)
  requireCreateable(type)
  const key = keyField(call.org, call.actor, { type, name: param(call, 'key') })
  const { records, allOrNone } = recordsOf(call)
  const seen = countValues(records.map((record) => valueOf(record, key.name)))
  const work = records.map((record): RowWork => {
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
  return performRows(call, work, { allOrNone, reports: 'created' })
}

function remove(call: Call): Answer {
  const { org } = call
  const ids = (call.query.get('ids') ?? '').split(',').filter((id) => id !== '')
  requireCount(ids.length, ROWS_MAX)
  const work = ids.map((text): RowWork => {
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
  return performRows(call, work, { allOrNone: call.query.get('allOrNone') === 'true', reports: 'plain' })
}

function recordsOf(call: Call): { records: readonly Json[]; allOrNone: boolean } {
  const body = bodyObject(call)
  const records = asList(body['records'], 'records').map(asObject)
  if (records.length === 0) throw refusal('REQUIRED_FIELD_MISSING', 'At least 1 record is required')
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
