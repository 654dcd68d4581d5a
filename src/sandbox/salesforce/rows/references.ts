/** Reference values: the record must exist and be one that the field may lead to (Salesforce fact sheet 6.2, 13.4). */
import { visibleField, type Actor } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { isDeleted, jsonProblem, refusal, type Problem } from '../wire.ts'
import { rowsByKey } from './keys.ts'
import type { Row } from './row-store.ts'

/** The 18 characters of a reference; throws when it leads nowhere it may. */
export function storedReference(org: Org, type: ObjectType, field: Field, text: string): string {
  const id = normalId(text)
  if (id === null) throw malformed(field, text)
  const targets = field.referenceTo
  const row = findTarget(org, targets, id)
  if (row === undefined) {
    const known = org.schema.byPrefix(id.slice(0, 3))
    if (known !== undefined && !targets.includes(known.name)) throw malformed(field, text)
    throw refusal('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', [])
  }
  if (row.deletedAt !== null) throw isDeleted()
  if (field.name === 'OwnerId' && row.object === 'User' && row.values['IsActive'] !== true) {
    throw refusal('INACTIVE_OWNER_OR_USER', 'operation performed with inactive user', [field.name])
  }
  if (field.name === 'RecordTypeId' && org.recordTypes.find(id)?.object !== type.name) {
    // Write-ups of real answers end in the id.
    throw refusal(
      'INVALID_CROSS_REFERENCE_KEY',
      `${field.label}: this ID value isn't valid for the user: ${id}`,
      [field.name],
    )
  }
  return id
}

function findTarget(org: Org, targets: readonly string[], id: string): Row | undefined {
  for (const target of targets) {
    const row = org.rows.find(target, id)
    if (row !== undefined) return row
  }
  return undefined
}

function malformed(field: Field, text: string): Problem {
  return refusal('MALFORMED_ID', `${field.label}: id value of incorrect type: ${text}`, [field.name])
}

/** `"Account": {"Ext__c": "A-1"}`: the id of the record that has this key (13.4). */
export function referenceByKey(
  org: Org,
  actor: Actor,
  { field, nested }: { field: Field; nested: Readonly<Record<string, unknown>> },
): string {
  const { attributes, ...keys } = nested
  const parent = org.schema.type(parentName(field, nested, attributes))
  const [entry, ...others] = Object.entries(keys)
  if (entry === undefined || others.length > 0) {
    throw refusal('INVALID_FIELD', 'Only one external ID may be specified for a foreign key', [])
  }
  const [name, value] = entry
  const key = visibleField(org, actor, parent, name)
  if (key === undefined || !(key.externalId || key.idLookup)) {
    throw refusal(
      'INVALID_FIELD',
      `Field name provided, ${name} is not an External ID or indexed field for ${parent.name}`,
      [],
    )
  }
  const found = rowsByKey(org, parent, key, String(value))
  if (found.length > 1) {
    throw refusal(
      'DUPLICATE_EXTERNAL_ID',
      `Foreign key external ID: ${String(value)} matches several records`,
      [],
    )
  }
  const [row] = found
  if (row === undefined) {
    throw refusal(
      'INVALID_FIELD',
      `Foreign key external ID: ${String(value)} not found for field ${key.name} in entity ${parent.name}`,
      [],
    )
  }
  return row.id
}

/** A polymorphic reference needs to be told which object is meant, before anything else (6.2, 13.4). */
function parentName(field: Field, nested: Readonly<Record<string, unknown>>, attributes: unknown): string {
  const [only, ...others] = field.referenceTo
  if (only !== undefined && others.length === 0) return only
  const type = (attributes as { type?: unknown } | undefined)?.type
  const named = field.referenceTo.find((name) => name === type)
  if (named === undefined || Object.keys(nested)[0] !== 'attributes') {
    throw jsonProblem(
      'Nested object for polymorphic foreign key must have an attributes field before any other fields.',
    )
  }
  return named
}
