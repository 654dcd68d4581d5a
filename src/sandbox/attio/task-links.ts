/**
 * The records a task is about: by id, by the value of a unique attribute, or, since August 2026, as a bare domain or
 * e-mail address. Attio fact sheet 15.3.
 */
import { isUuid } from './chance.ts'
import { invalid, objectNotFound, recordNotFound, valueNotFound } from './fault.ts'
import { parseValue } from './parse-value.ts'
import { recordsHolding } from './record-index.ts'
import { isEnabled, lookUpAttribute, lookUpObject } from './workspace.ts'
import type { ObjectType, Workspace } from './workspace.ts'

export interface Link {
  readonly objectId: string
  readonly recordId: string
}

export function linkedRecord(workspace: Workspace, input: string | Readonly<Record<string, unknown>>): Link {
  if (typeof input === 'string') {
    const [object, slug] = input.includes('@') ? ['people', 'email_addresses'] : ['companies', 'domains']
    return byValue(workspace, { object: objectToLink(workspace, object), slug, input })
  }
  const { target_object: target, ...keys } = input
  const [key, ...others] = Object.keys(keys)
  if (typeof target !== 'string' || key === undefined || others.length > 0) {
    throw invalid('A linked record needs target_object and one key that names the record.')
  }
  const object = objectToLink(workspace, target)
  if (key === 'target_record_id') return byId(workspace, object, keys[key])
  const values = keys[key]
  if (!Array.isArray(values) || values.length !== 1) throw invalid(`"${key}" must be an array of one value.`)
  const [value] = values as readonly unknown[]
  return byValue(workspace, { object, slug: key, input: value })
}

function objectToLink(workspace: Workspace, key: string): ObjectType {
  const object = lookUpObject(workspace, key)
  if (!object || !isEnabled(workspace, object)) throw objectNotFound(key)
  return object
}

function byId(workspace: Workspace, object: ObjectType, id: unknown): Link {
  if (typeof id !== 'string' || !isUuid(id)) throw invalid('target_record_id must be a UUID.')
  const record = workspace.records.get(id.toLowerCase())
  if (!record || record.objectId !== object.id) throw recordNotFound(id)
  return { objectId: object.id, recordId: record.id }
}

function byValue(
  workspace: Workspace,
  { object, slug, input }: { object: ObjectType; slug: string; input: unknown },
): Link {
  const attribute = lookUpAttribute(object, slug)
  if (!attribute) throw valueNotFound(`No attribute "${slug}" on object "${object.slug}".`)
  if (!attribute.isUnique) throw invalid(`"${slug}" is not a unique attribute.`)
  const [record] = recordsHolding(workspace, attribute, parseValue(workspace, attribute, input))
  if (!record) throw valueNotFound(`Could not find a record of "${object.slug}" with this "${slug}".`)
  return { objectId: object.id, recordId: record.id }
}
