/** Custom object schemas (HubSpot fact sheet 16). */
import { body, param, queryFlag, stringOf, stringsOf, type Call, type Json, type Route } from './call.ts'
import { associatedTypes, checkNames, defineProperties, relate, typeOf } from './custom-schema.ts'
import type { ObjectType } from './object-types.ts'
import type { CustomSchema } from './portal.ts'
import { printAssociation, printSchema, printStandardSchema } from './schema-answers.ts'
import {
  conflict,
  instant,
  invalid,
  missingFields,
  NO_CONTENT,
  notFound,
  ok,
  Problem,
  type Answer,
} from './wire.ts'

const ROOT = '/crm-object-schemas/v3/schemas'
const ONE = `${ROOT}/{objectType}`

const reads = () => ['crm.schemas.custom.read']
const writes = () => ['crm.schemas.custom.write']
/** HubSpot's own objects have schemas too; only the custom ones are listed and can be changed. */
const readsOne = (call: Call) => [call.portal.types.resolve(param(call, 'objectType')).schemaScopes.read]

export const schemaRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'GET', template: ONE, mutates: false, scopes: readsOne, handle: read },
  { method: 'PATCH', template: ONE, mutates: true, scopes: writes, handle: update },
  { method: 'DELETE', template: ONE, mutates: true, scopes: writes, handle: remove },
  { method: 'POST', template: `${ONE}/associations`, mutates: true, scopes: writes, handle: associate },
]

/** Searchable properties per schema. */
const SCHEMA_NAME = /^[a-z][a-z0-9_-]*$/i

function requireEnterprise(call: Call): void {
  if (call.portal.settings.customObjects) return
  throw new Problem(403, 'Your account does not have access to custom objects.')
}

function list(call: Call): Answer {
  requireEnterprise(call)
  const archived = queryFlag(call, 'archived')
  const wanted = [...call.portal.schemas.values()].filter((schema) => isArchived(schema) === archived)
  return ok({ results: wanted.map((schema) => printSchema(call.portal, schema)) })
}

function isArchived(schema: CustomSchema): boolean {
  return schema.archivedAt !== null
}

function read(call: Call): Answer {
  const type = call.portal.types.resolve(param(call, 'objectType'))
  if (!type.custom) return ok(printStandardSchema(call.portal, type))
  return ok(printSchema(call.portal, find(call).schema))
}

function find(call: Call): { type: ObjectType; schema: CustomSchema } {
  requireEnterprise(call)
  const type = call.portal.types.resolve(param(call, 'objectType'))
  const schema = call.portal.schemas.get(type.typeId)
  if (schema === undefined) throw notFound()
  return { type, schema }
}

function create(call: Call): Answer {
  requireEnterprise(call)
  const { portal } = call
  const fields = body(call)
  const missing = ['name', 'labels', 'properties', 'requiredProperties', 'associatedObjects'].filter(
    (key) => fields[key] === undefined || fields[key] === null,
  )
  if (missing.length > 0) throw missingFields(...missing)
  const name = stringOf(fields['name'], 'name')
  if (!SCHEMA_NAME.test(name)) throw invalid(`Invalid schema name ${name}`)
  // The name of an archived schema is not free (16).
  const isTaken = [...portal.schemas.values()].some((schema) => schema.name === name)
  if (isTaken) throw conflict(`Object type named ${name} already exists`)
  const { singular, plural } = (fields['labels'] ?? {}) as Json
  const now = portal.clock()
  const schema: CustomSchema = {
    typeId: `2-${++portal.counters.customType}`,
    name,
    labels: { singular: stringOf(singular, 'labels.singular'), plural: stringOf(plural, 'labels.plural') },
    primaryDisplayProperty: textOrNull(fields['primaryDisplayProperty']),
    secondaryDisplayProperties: stringsOf(fields['secondaryDisplayProperties']),
    requiredProperties: stringsOf(fields['requiredProperties']),
    searchableProperties: stringsOf(fields['searchableProperties']),
    createdAt: now,
    updatedAt: now,
    archivedAt: null,
  }
  const type = typeOf(portal, schema)
  const targets = associatedTypes(portal, stringsOf(fields['associatedObjects']))
  defineProperties(call, type, { name, raw: fields['properties'] })
  try {
    checkNames(portal, schema)
  } catch (error) {
    portal.properties.removeType(type.typeId)
    throw error
  }
  portal.types.add(type)
  portal.schemas.set(type.typeId, schema)
  portal.indexUniqueValues(type)
  for (const target of targets) relate(portal, type, name, target)
  return { status: 201, body: printSchema(portal, schema) }
}

function textOrNull(raw: unknown): string | null {
  return typeof raw === 'string' && raw !== '' ? raw : null
}

function update(call: Call): Answer {
  const { portal } = call
  const { schema } = find(call)
  const fields = body(call)
  const { singular, plural } = (fields['labels'] ?? {}) as Json
  const lists = (key: 'requiredProperties' | 'searchableProperties' | 'secondaryDisplayProperties') =>
    fields[key] === undefined ? schema[key] : stringsOf(fields[key])
  const next: CustomSchema = {
    ...schema,
    labels: {
      singular: textOrNull(singular) ?? schema.labels.singular,
      plural: textOrNull(plural) ?? schema.labels.plural,
    },
    primaryDisplayProperty: textOrNull(fields['primaryDisplayProperty']) ?? schema.primaryDisplayProperty,
    secondaryDisplayProperties: lists('secondaryDisplayProperties'),
    requiredProperties: lists('requiredProperties'),
    searchableProperties: lists('searchableProperties'),
    updatedAt: portal.clock(),
  }
  checkNames(portal, next)
  portal.schemas.set(schema.typeId, next)
  portal.types.add(typeOf(portal, next))
  return ok(printSchema(portal, next))
}

/** All records must be gone first. An archived schema keeps its name until it is deleted for good (16). */
function remove(call: Call): Answer {
  const { portal } = call
  if (queryFlag(call, 'archived')) return purge(call)
  const { type, schema } = find(call)
  if (portal.records.count(type.typeId) > 0) throw invalid(`Object type ${type.typeId} still has records`)
  portal.schemas.set(type.typeId, { ...schema, archivedAt: portal.clock() })
  portal.types.remove(type)
  portal.associationTypes.removeType(type.typeId)
  return NO_CONTENT
}

function purge(call: Call): Answer {
  requireEnterprise(call)
  const { portal } = call
  const named = param(call, 'objectType')
  const schema = [...portal.schemas.values()].find(
    (entry) => isArchived(entry) && [entry.typeId, typeOf(portal, entry).plural, entry.name].includes(named),
  )
  if (schema === undefined) throw notFound()
  portal.schemas.delete(schema.typeId)
  portal.properties.removeType(schema.typeId)
  return NO_CONTENT
}

function associate(call: Call): Answer {
  const { portal } = call
  const { type, schema } = find(call)
  const fields = body(call)
  const target = portal.types.resolve(stringOf(fields['toObjectTypeId'], 'toObjectTypeId'))
  if (portal.associationTypes.unlabelled(type.typeId, target.typeId) !== undefined) {
    throw conflict(`An association from ${type.typeId} to ${target.typeId} already exists`)
  }
  const definition = relate(portal, type, textOrNull(fields['name']) ?? schema.name, target)
  const at = instant(portal.clock())
  return { status: 201, body: { ...printAssociation(definition), createdAt: at, updatedAt: at } }
}
