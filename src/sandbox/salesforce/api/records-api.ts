/** Single records (Salesforce fact sheet 13, 19). */
import { readableFields, visibleField } from '../actor.ts'
import { base, bodyObject, objectParam, param, type Call, type Json, type Route } from '../call.ts'
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import { writeRecord } from '../rows/commit.ts'
import { deleteRecord } from '../rows/delete.ts'
import { printRow } from '../rows/print.ts'
import type { Row, Values } from '../rows/row-store.ts'
import { inTransaction } from '../rows/transaction.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, NO_CONTENT, notModelled, ok, refusal, unknownRecord, type Answer } from '../wire.ts'
import { conditionalHeaders, notModified, requireUnchanged } from './conditions.ts'
import { noteIfAsked } from './recent-api.ts'

const ROOT = '/services/data/{version}/sobjects/{object}'

export const recordRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: true, handle: create },
  { method: 'GET', template: `${ROOT}/{key}`, mutates: false, handle: read },
  { method: 'PATCH', template: `${ROOT}/{key}`, mutates: true, handle: update },
  { method: 'DELETE', template: `${ROOT}/{key}`, mutates: true, handle: remove },
]

function create(call: Call): Answer {
  const type = objectParam(call)
  requireCreateable(type)
  return createFrom(call, type, bodyObject(call))
}

/** Also for `POST /sobjects/{T}/Id`. */
export function createFrom(call: Call, type: ObjectType, body: Json): Answer {
  const { row } = inTransaction(call.org, call.actor, (transaction) =>
    writeRecord(transaction, { type, row: null, body }),
  )
  noteIfAsked(call, row)
  return {
    status: 201,
    body: { id: row.id, success: true, errors: [] },
    headers: { location: `${base(call)}/sobjects/${type.name}/${row.id}` },
  }
}

function read(call: Call): Answer {
  const type = objectParam(call)
  const row = rowParam(call, type)
  const values = seenValues(call, row, param(call, 'key'))
  noteIfAsked(call, row)
  return readValues(call, type, values)
}

/** A row as it is read by id or by key, with what the conditional headers want. */
export function readValues(call: Call, type: ObjectType, values: Values): Answer {
  requireUnchanged(call, type, values)
  const unchanged = notModified(call, type, values)
  if (unchanged !== null) return unchanged
  const printed = printRow(type, values, { fields: fieldsParam(call, type), version: call.version })
  return { ...ok(printed), headers: conditionalHeaders(type, values) }
}

/** All visible fields, or those of `?fields=` and the id, which comes unasked (documented). */
function fieldsParam(call: Call, type: ObjectType): readonly Field[] {
  const asked = call.query.get('fields')
  if (asked === null) return readableFields(call.org, call.actor, type)
  const named = asked.split(',').map((name) => namedField(call, type, name.trim()))
  return [...new Set([...named, namedField(call, type, 'Id')])]
}

export function namedField(call: Call, type: ObjectType, name: string): Field {
  const field = visibleField(call.org, call.actor, type, name)
  if (field !== undefined) return field
  throw refusal('INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`)
}

function update(call: Call): Answer {
  const type = objectParam(call)
  requireUpdateable(type)
  const row = rowParam(call, type)
  requireUnchanged(call, type, row.values)
  const body = bodyObject(call)
  inTransaction(call.org, call.actor, (transaction) => writeRecord(transaction, { type, row, body }))
  noteIfAsked(call, row)
  return NO_CONTENT
}

function remove(call: Call): Answer {
  const type = objectParam(call)
  const row = rowParam(call, type)
  inTransaction(call.org, call.actor, (transaction) => deleteRecord(transaction, { type, row }))
  return NO_CONTENT
}

/** The live row of the path. Deleted and unknown ids are told apart (13.7). */
function rowParam(call: Call, type: ObjectType): Row {
  const key = param(call, 'key')
  const row = call.org.rows.find(type.name, normalId(key) ?? '')
  if (row === undefined) throw unknownRecord(key)
  if (row.deletedAt !== null) throw isDeleted()
  return row
}

/** What the caller sees of a row; nothing of one that was just made and not committed. */
export function seenValues(call: Call, row: Row, key: string): Values {
  const values = call.org.seen(row)
  if (values === null) throw unknownRecord(key)
  return values
}

/** The vendor lets an API make users and change them; here that is done by admins. */
function requireNoUser({ name }: ObjectType): void {
  if (name === 'User') throw notModelled('Writing users over the API')
}

export function requireCreateable(type: ObjectType): void {
  requireNoUser(type)
  if (!type.definition.traits.createable) {
    throw refusal('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type ${type.name} cannot be inserted`, [])
  }
}

export function requireUpdateable(type: ObjectType): void {
  requireNoUser(type)
  if (!type.definition.traits.updateable) {
    throw refusal('CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', `entity type ${type.name} cannot be updated`, [])
  }
}
