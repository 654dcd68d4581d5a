/** Custom object schemas (HubSpot fact sheet 16). */
import { customObjectProperties } from './catalogue/others.ts'
import { body, param, stringOf, stringsOf, type Call, type Json, type Route } from './call.ts'
import { customType, type ObjectType } from './object-types.ts'
import type { CustomSchema, Portal } from './portal.ts'
import { addProperty, newProperty, printProperty } from './property-definitions.ts'
import {
  conflict,
  instant,
  invalid,
  missingFields,
  NO_CONTENT,
  notFound,
  ok,
  Problem,
  wrongType,
  type Answer,
} from './wire.ts'

const ROOT = '/crm-object-schemas/v3/schemas'
const ONE = `${ROOT}/{objectType}`

const reads = () => ['crm.schemas.custom.read']
const writes = () => ['crm.schemas.custom.write']

export const schemaRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'GET', template: ONE, mutates: false, scopes: reads, handle: read },
  { method: 'PATCH', template: ONE, mutates: true, scopes: writes, handle: update },
  { method: 'DELETE', template: ONE, mutates: true, scopes: writes, handle: remove },
  { method: 'POST', template: `${ONE}/associations`, mutates: true, scopes: writes, handle: associate },
]

/** Searchable properties per schema. */
const SEARCHABLE_MAX = 20

const SCHEMA_NAME = /^[a-z][a-z0-9_-]*$/i

function requireEnterprise(call: Call): void {
  if (call.portal.settings.customObjects) return
  throw new Problem(403, 'Your account does not have access to custom objects.')
}

function list(call: Call): Answer {
  requireEnterprise(call)
  return ok({ results: [...call.portal.schemas.values()].map((schema) => print(call.portal, schema)) })
}

function read(call: Call): Answer {
  return ok(print(call.portal, find(call).schema))
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
  const fullName = `p${portal.identity.portalId}_${name}`
  if (portal.types.find(fullName) !== undefined) throw conflict(`Object type named ${name} already exists`)
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
  return { status: 201, body: print(portal, schema) }
}

function textOrNull(raw: unknown): string | null {
  return typeof raw === 'string' && raw !== '' ? raw : null
}

function typeOf(portal: Portal, schema: CustomSchema): ObjectType {
  return customType({
    typeId: schema.typeId,
    fullName: `p${portal.identity.portalId}_${schema.name}`,
    labels: schema.labels,
    required: schema.requiredProperties,
    searchable: schema.searchableProperties,
  })
}

/** Notes and tasks can be associated with every custom object. */
function associatedTypes(portal: Portal, names: readonly string[]): ObjectType[] {
  const types = names.map((name) => portal.types.resolve(name.toLowerCase()))
  return [...new Set([...types, portal.types.byTypeId('0-46'), portal.types.byTypeId('0-27')])]
}

function defineProperties(call: Call, type: ObjectType, options: { name: string; raw: unknown }): void {
  const { portal } = call
  if (!Array.isArray(options.raw)) throw wrongType('java.util.ArrayList', 'Object value')
  const groupName = `${options.name}_information`
  portal.properties.addType(type.typeId, customObjectProperties(groupName))
  try {
    for (const fields of options.raw as Json[]) {
      addProperty(portal, type, newProperty(call, type, { groupName, ...fields }))
    }
  } catch (error) {
    portal.properties.removeType(type.typeId)
    throw error
  }
}

function checkNames(portal: Portal, schema: CustomSchema): void {
  const named = [
    ...schema.requiredProperties,
    ...schema.searchableProperties,
    ...schema.secondaryDisplayProperties,
    ...(schema.primaryDisplayProperty === null ? [] : [schema.primaryDisplayProperty]),
  ]
  const unknown = named.find((name) => portal.properties.find(schema.typeId, name) === undefined)
  if (unknown !== undefined) throw invalid(`Property ${unknown} does not exist`)
  if (schema.searchableProperties.length > SEARCHABLE_MAX) {
    throw invalid(`At most ${SEARCHABLE_MAX} properties can be searchable`)
  }
}

/**
 * User-defined ids start at 1 and repeat numbers of HubSpot's own types: only the category tells them apart.
 */
function relate(portal: Portal, type: ObjectType, name: string, target: ObjectType): number {
  const there = ++portal.counters.associationType
  const back = ++portal.counters.associationType
  portal.associationTypes.addPair({
    category: 'USER_DEFINED',
    from: type.typeId,
    to: target.typeId,
    ids: [there, back],
    labels: [null, null],
    names: [`${name}_to_${target.singular}`, `${target.singular}_to_${name}`],
    role: 'unlabelled',
  })
  return there
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
  return ok(print(portal, next))
}

/** All records must be gone first. */
function remove(call: Call): Answer {
  const { portal } = call
  const { type } = find(call)
  if (portal.records.count(type.typeId) > 0) throw invalid(`Object type ${type.typeId} still has records`)
  portal.schemas.delete(type.typeId)
  portal.types.remove(type)
  portal.properties.removeType(type.typeId)
  portal.associationTypes.removeType(type.typeId)
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
  const id = relate(portal, type, textOrNull(fields['name']) ?? schema.name, target)
  const definition = portal.associationTypes.find('USER_DEFINED', id)
  return {
    status: 201,
    body: {
      id: String(id),
      fromObjectTypeId: type.typeId,
      toObjectTypeId: target.typeId,
      name: definition?.name,
      createdAt: instant(portal.clock()),
      updatedAt: instant(portal.clock()),
    },
  }
}

function print(portal: Portal, schema: CustomSchema): unknown {
  const type = typeOf(portal, schema)
  const associations = [...portal.types.all()].flatMap((target) =>
    [
      ...portal.associationTypes.between(type.typeId, target.typeId),
      ...(target.typeId === type.typeId ? [] : portal.associationTypes.between(target.typeId, type.typeId)),
    ].filter((definition) => definition.role === 'unlabelled'),
  )
  const listed = [...portal.properties.list(type.typeId)].filter(({ definition }) => !definition.archived)
  return {
    labels: schema.labels,
    requiredProperties: schema.requiredProperties,
    searchableProperties: schema.searchableProperties,
    primaryDisplayProperty: schema.primaryDisplayProperty,
    secondaryDisplayProperties: schema.secondaryDisplayProperties,
    archived: false,
    id: schema.typeId.slice(2),
    fullyQualifiedName: type.plural,
    createdAt: instant(schema.createdAt),
    updatedAt: instant(schema.updatedAt),
    objectTypeId: schema.typeId,
    properties: listed.map((property) => printProperty(portal, type, property)),
    associations: associations.map((definition) => ({
      fromObjectTypeId: definition.from,
      toObjectTypeId: definition.to,
      name: definition.name,
      id: String(definition.associationTypeId),
    })),
    name: schema.name,
  }
}
