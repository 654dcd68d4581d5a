/** `/sobjects/Account/{id}/Contacts`, `/sobjects/Contact/{id}/Account`: records by the way that leads to them. */
import { canRead, readableFields, visibleField } from '../actor.ts'
import { objectParam, param, type Call } from '../call.ts'
import { normalId } from '../ids.ts'
import type { Row } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, notFound, notModelled, type Answer } from '../wire.ts'
import { answerQuery } from './query-api.ts'
import { namedField, readValues, seenValues } from './records-api.ts'

/** The record that a path begins with, or null where it begins with the name of a key field. */
export function beginning(call: Call): Row | null {
  return call.org.rows.find(objectParam(call).name, normalId(param(call, 'key')) ?? '') ?? null
}

/** A parent as a record, children as a page of them. */
export function readRelated(call: Call, row: Row): Answer {
  const { org, actor } = call
  const type = org.schema.type(row.object)
  if (row.deletedAt !== null) throw isDeleted()
  const name = param(call, 'value').toLowerCase()
  const reference = type.byRelationship.get(name)
  if (reference !== undefined && visibleField(org, actor, type, reference.name)) {
    return parent(call, seenValues(call, row, row.id)[reference.name])
  }
  const relationship = org.schema
    .childrenOf(type)
    .find(
      ({ relationshipName, child, field }) =>
        relationshipName?.toLowerCase() === name && canRead(org, actor, child, field),
    )
  if (relationship === undefined) throw notFound()
  const { child, field } = relationship
  const soql = `SELECT ${fieldNames(call, child).join(', ')} FROM ${child.name} WHERE ${field.name} = '${row.id}'`
  return answerQuery(call, soql, false)
}

/** An empty reference leads nowhere (documented). */
function parent(call: Call, id: unknown): Answer {
  const { org } = call
  const type = typeof id === 'string' ? org.schema.byPrefix(id.slice(0, 3)) : undefined
  const row = type && org.rows.find(type.name, String(id))
  if (type === undefined || row === undefined || row.deletedAt !== null) throw notFound()
  return readValues(call, type, seenValues(call, row, row.id))
}

function fieldNames(call: Call, type: ObjectType): readonly string[] {
  const asked = call.query.get('fields')
  if (asked === null) return readableFields(call.org, call.actor, type).map(({ name }) => name)
  return asked.split(',').map((name) => namedField(call, type, name.trim()).name)
}

/** Writing through a relationship is left out. */
export function refuseRelated(call: Call): void {
  if (beginning(call) !== null) throw notModelled('Writing through a relationship')
}
