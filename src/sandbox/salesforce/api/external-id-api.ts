/** Rows by external id (Salesforce fact sheet 13.3). */
import { base, bodyObject, objectParam, param, type Call, type Route } from '../call.ts'
import type { Field } from '../catalogue/field.ts'
import { deleteRecord } from '../rows/delete.ts'
import { rowsByKey } from '../rows/keys.ts'
import type { Row } from '../rows/row-store.ts'
import { inTransaction } from '../rows/transaction.ts'
import { SeveralMatch, upsertRecord } from '../rows/upsert.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { NO_CONTENT, notFound, refusal, unknownRecord, type Answer } from '../wire.ts'
import { createFrom, readValues, requireCreateable, requireUpdateable, seenValues } from './records-api.ts'
import { keyField } from '../rows/key-field.ts'
import { beginning, readRelated, refuseRelated } from './related-api.ts'

const PATH = '/services/data/{version}/sobjects/{object}/{key}/{value}'

export const externalIdRoutes: readonly Route[] = [
  { method: 'GET', template: PATH, mutates: false, handle: read },
  { method: 'PATCH', template: PATH, mutates: true, handle: upsert },
  { method: 'DELETE', template: PATH, mutates: true, handle: remove },
  // Creates without an id: the field `Id` may serve as the key.
  {
    method: 'POST',
    template: '/services/data/{version}/sobjects/{object}/Id',
    mutates: true,
    handle: (call) => {
      const type = objectParam(call)
      requireCreateable(type)
      return createFrom(call, type, bodyObject(call))
    },
  },
]

function target(call: Call): { type: ObjectType; key: Field; value: string } {
  const type = objectParam(call)
  const value = param(call, 'value')
  const key = keyField(call.org, call.actor, { type, name: param(call, 'key') })
  // What looks like the name of a file is not found; documented for addresses that end in `.inc` (13.3).
  if (/\.inc$/i.test(value)) throw notFound()
  return { type, key, value }
}

function read(call: Call): Answer {
  const from = beginning(call)
  if (from !== null) return readRelated(call, from)
  const { type, key, value } = target(call)
  const rows = rowsByKey(call.org, type, key, value)
  if (rows.length > 1) return choices(call, type, rows)
  const [row] = rows
  if (row === undefined) throw unknownRecord(value)
  return readValues(call, type, seenValues(call, row, value))
}

/** Whether conditional headers are honoured here is untested (19): they are not, and the client is not told. */
function upsert(call: Call): Answer {
  refuseRelated(call)
  const { type, key, value } = target(call)
  requireCreateable(type)
  requireUpdateable(type)
  const body = bodyObject(call)
  const repeated = Object.keys(body).find(
    (name) => name.toLowerCase() === key.name.toLowerCase() || name.toLowerCase() === 'id',
  )
  if (repeated !== undefined) {
    throw refusal('INVALID_FIELD', `The ${repeated} field should not be specified in the sobject data.`, [
      repeated,
    ])
  }
  const updateOnly = call.query.get('updateOnly') === 'true'
  try {
    const { row, created } = inTransaction(call.org, call.actor, (transaction) =>
      upsertRecord(transaction, { type, key, value, body, updateOnly }),
    )
    return written(call, type, { row, created })
  } catch (error) {
    if (error instanceof SeveralMatch) return choices(call, type, error.rows)
    throw error
  }
}

/** 204 for an update before version 46 (13.3). */
function written(call: Call, type: ObjectType, { row, created }: { row: Row; created: boolean }): Answer {
  if (!created && Number(call.version) < 46) return NO_CONTENT
  return {
    status: created ? 201 : 200,
    body: { id: row.id, success: true, errors: [], created },
    headers: { location: `${base(call)}/sobjects/${type.name}/${row.id}` },
  }
}

/** Several records match: their URLs, and no error object (6.1). */
function choices(call: Call, type: ObjectType, rows: readonly Row[]): Answer {
  return { status: 300, body: rows.map(({ id }) => `${base(call)}/sobjects/${type.name}/${id}`) }
}

function remove(call: Call): Answer {
  refuseRelated(call)
  const { type, key, value } = target(call)
  const rows = rowsByKey(call.org, type, key, value)
  if (rows.length > 1) return choices(call, type, rows)
  const [row] = rows
  if (row === undefined) throw unknownRecord(value)
  inTransaction(call.org, call.actor, (transaction) => deleteRecord(transaction, { type, row }))
  return NO_CONTENT
}
