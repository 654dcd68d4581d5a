/** Property definitions, groups and validation rules (HubSpot fact sheet 12). */
import type { PropertyDefinition } from './catalogue/define.ts'
import {
  body,
  idOf,
  inputs,
  objectType,
  param,
  scalarOf,
  queryFlag,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Property } from './properties.ts'
import {
  addProperty,
  checkedTypes,
  newProperty,
  optionsOf,
  printMadeInBatch,
  printProperty,
  propertyText,
  texts,
} from './property-definitions.ts'
import {
  batchAnswer,
  instant,
  invalid,
  NO_CONTENT,
  ok,
  Problem,
  type Answer,
  type BatchError,
} from './wire.ts'

const ROOT = '/crm/v3/properties/{objectType}'
const VALIDATIONS = '/crm/v3/property-validations/{objectType}'

export const propertyRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'GET', template: `${ROOT}/{propertyName}`, mutates: false, scopes: reads, handle: read },
  { method: 'PATCH', template: `${ROOT}/{propertyName}`, mutates: true, scopes: writes, handle: update },
  { method: 'DELETE', template: `${ROOT}/{propertyName}`, mutates: true, scopes: writes, handle: archive },
  { method: 'POST', template: `${ROOT}/batch/read`, mutates: false, scopes: reads, handle: batchRead },
  { method: 'POST', template: `${ROOT}/batch/create`, mutates: true, scopes: writes, handle: batchCreate },
  { method: 'POST', template: `${ROOT}/batch/archive`, mutates: true, scopes: writes, handle: batchArchive },
  // Rules made by the account's admins; none of them is modelled, so every property is free of rules.
  { method: 'GET', template: VALIDATIONS, mutates: false, scopes: reads, handle: () => ok({ results: [] }) },
  {
    method: 'GET',
    template: `${VALIDATIONS}/{propertyName}`,
    mutates: false,
    scopes: reads,
    handle: () => ok({ results: [] }),
  },
]

const NON_SENSITIVE = 'non_sensitive'

function reads(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.read]
}

function writes(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.write]
}

function list(call: Call): Answer {
  const type = objectType(call)
  const archived = queryFlag(call, 'archived')
  // Sensitive properties are listed only for those who ask for them, and this portal has none (12.1).
  const sensitivity = call.query.get('dataSensitivity') ?? NON_SENSITIVE
  if (sensitivity !== NON_SENSITIVE) return ok({ results: [] })
  const results = [...call.portal.properties.list(type.typeId)]
    .filter((property) => isArchived(property) === archived)
    .map(({ definition }) => propertyText(definition))
  return ok(`{"results":[${results.join(',')}]}`)
}

function read(call: Call): Answer {
  const type = objectType(call)
  const property = findProperty(call.portal, type, param(call, 'propertyName'))
  if (isArchived(property) !== queryFlag(call, 'archived')) throw unknownProperty(property.definition.name)
  return ok(printProperty(property.definition))
}

function create(call: Call): Answer {
  const type = objectType(call)
  const definition = newProperty(call, type, body(call))
  addProperty(call.portal, type, definition)
  return { status: 201, body: printProperty(definition) }
}

function update(call: Call): Answer {
  return ok(printProperty(changeProperty(call, param(call, 'propertyName'), body(call))))
}

/** `options` are replaced as a whole; `name` and `hasUniqueValue` never change (12.2). */
export function changeProperty(call: Call, name: string, fields: Json): PropertyDefinition {
  const { portal } = call
  const type = objectType(call)
  const property = findProperty(portal, type, name)
  const { definition } = property
  if (isArchived(property)) throw unknownProperty(definition.name)
  const { modificationMetadata } = definition
  const changesOnlyOptions = Object.keys(fields).every((key) => key === 'options')
  if (modificationMetadata.readOnlyDefinition && !changesOnlyOptions) {
    throw invalid(`Property ${definition.name} is defined by HubSpot and cannot be changed`)
  }
  const groupName = typeof fields['groupName'] === 'string' ? fields['groupName'] : definition.groupName
  if (!portal.properties.groups(type.typeId).has(groupName)) {
    throw invalid(`Property group ${groupName} does not exist`)
  }
  const retyped =
    fields['type'] !== undefined || fields['fieldType'] !== undefined
      ? checkedTypes({ type: definition.type, fieldType: definition.fieldType, ...fields })
      : { valueType: definition.type, fieldType: definition.fieldType }
  const next: PropertyDefinition = {
    ...definition,
    ...texts(fields, ['label', 'description', 'calculationFormula', 'currencyPropertyName']),
    ...texts(fields, ['numberDisplayHint', 'textDisplayHint', 'dateDisplayHint']),
    type: retyped.valueType,
    fieldType: retyped.fieldType,
    groupName,
    options: fields['options'] === undefined ? definition.options : optionsOf(fields['options']),
    hidden: typeof fields['hidden'] === 'boolean' ? fields['hidden'] : definition.hidden,
    formField: typeof fields['formField'] === 'boolean' ? fields['formField'] : definition.formField,
    displayOrder:
      typeof fields['displayOrder'] === 'number' ? fields['displayOrder'] : definition.displayOrder,
    updatedAt: instant(portal.clock()),
  }
  portal.properties.put(type.typeId, next)
  return next
}

function archive(call: Call): Answer {
  const type = objectType(call)
  archiveProperty(call.portal, type, param(call, 'propertyName'))
  return NO_CONTENT
}

export function archiveProperty(portal: Portal, type: ObjectType, name: string): void {
  const { definition } = findProperty(portal, type, name)
  if (definition.hubspotDefined === true) {
    throw invalid(`Property ${name} is defined by HubSpot and cannot be archived`)
  }
  const at = instant(portal.clock())
  portal.properties.put(type.typeId, { ...definition, archived: true, archivedAt: at, updatedAt: at })
  portal.records.removeUnique(type.typeId, name)
}

function batchRead(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  const archived = body(call)['archived'] === true
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call)) {
    const name = idOf(input['name'], 'name')
    const property = portal.properties.findAny(type.typeId, name)
    if (property !== undefined && isArchived(property) === archived) {
      results.push(printProperty(property.definition))
    } else errors.push(unknownProperty(name).item({ name: [name] }))
  }
  return batchAnswer({ status: 200, now: portal.clock(), results, errors })
}

function batchCreate(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call)) {
    try {
      const definition = newProperty(call, type, input)
      addProperty(portal, type, definition)
      results.push(printMadeInBatch(definition))
    } catch (error) {
      if (!(error instanceof Problem) || error.details.category === undefined) throw error
      errors.push(error.item({ name: [scalarOf(input['name'])] }))
    }
  }
  return batchAnswer({ status: 201, now: portal.clock(), results, errors })
}

function batchArchive(call: Call): Answer {
  const type = objectType(call)
  for (const input of inputs(call)) {
    const name = idOf(input['name'], 'name')
    if (call.portal.properties.find(type.typeId, name) !== undefined) archiveProperty(call.portal, type, name)
  }
  return NO_CONTENT
}

export function findProperty(portal: Portal, type: ObjectType, name: string): Property {
  const property = portal.properties.findAny(type.typeId, name)
  if (property === undefined) throw unknownProperty(name)
  return property
}

export function unknownProperty(name: string): Problem {
  return new Problem(404, `Property ${name} does not exist`, {
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'PROPERTY_DOESNT_EXIST',
  })
}

export function isArchived(property: Property): boolean {
  return property.definition.archived === true
}
