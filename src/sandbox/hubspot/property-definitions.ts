/** Making and printing property definitions (HubSpot fact sheet 12). */
import type { PropertyDefinition, PropertyOption, PropertyType } from './catalogue/define.ts'
import { objectsOf, scalarOf, stringOf, type Call, type Json } from './call.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { UNIQUE_PROPERTIES_MAX } from './properties.ts'
import { alreadyExists, instant, invalid, missingFields } from './wire.ts'

/** What may be created (12.2). */
const TYPES: Readonly<Record<PropertyType, readonly string[]>> = {
  bool: ['booleancheckbox', 'calculation_equation'],
  date: ['date'],
  datetime: ['date'],
  enumeration: ['booleancheckbox', 'checkbox', 'radio', 'select', 'calculation_equation'],
  number: ['number', 'calculation_equation'],
  phone_number: ['phonenumber'],
  string: ['file', 'text', 'textarea', 'html', 'phonenumber', 'calculation_equation'],
}

const NAME = /^[a-z][a-z0-9_]*$/

/** The order of the keys in recorded answers. */
const PRINTED = [
  'updatedAt',
  'createdAt',
  'name',
  'label',
  'type',
  'fieldType',
  'description',
  'groupName',
  'options',
  'createdUserId',
  'updatedUserId',
  'referencedObjectType',
  'displayOrder',
  'calculated',
  'externalOptions',
  'archived',
  'archivedAt',
  'hasUniqueValue',
  'hidden',
  'hubspotDefined',
  'showCurrencySymbol',
  'currencyPropertyName',
  'numberDisplayHint',
  'textDisplayHint',
  'dateDisplayHint',
  'modificationMetadata',
  'formField',
  'calculationFormula',
  'dataSensitivity',
] as const satisfies readonly (keyof PropertyDefinition)[]

/** The answer to a batch does not say who made a definition and when (recorded). */
const NOT_IN_BATCHES = new Set(['createdAt', 'updatedAt', 'createdUserId', 'updatedUserId', 'archived'])

/** Most are asked for again and again, and are those that all portals share. */
const printed = new WeakMap<PropertyDefinition, Readonly<Record<string, unknown>>>()

export function printProperty(definition: PropertyDefinition): Readonly<Record<string, unknown>> {
  const known = printed.get(definition)
  if (known) return known
  const keys = PRINTED.filter((key) => definition[key] !== undefined)
  const fresh = Object.fromEntries(keys.map((key) => [key, definition[key]]))
  printed.set(definition, fresh)
  return fresh
}

const printedTexts = new WeakMap<PropertyDefinition, string>()

/** As JSON. Everybody who starts asks for all of them, which are half of all that a portal says. */
export function propertyText(definition: PropertyDefinition): string {
  const known = printedTexts.get(definition)
  if (known !== undefined) return known
  const fresh = JSON.stringify(printProperty(definition))
  printedTexts.set(definition, fresh)
  return fresh
}

export function printMadeInBatch(definition: PropertyDefinition): Record<string, unknown> {
  const keys = Object.entries(printProperty(definition)).filter(([key]) => !NOT_IN_BATCHES.has(key))
  return Object.fromEntries(keys)
}

export function addProperty(portal: Portal, type: ObjectType, definition: PropertyDefinition): void {
  portal.properties.put(type.typeId, definition)
  if (definition.hasUniqueValue) portal.records.addUnique(type.typeId, definition.name)
}

/** A checked new definition. */
export function newProperty(call: Call, type: ObjectType, fields: Json): PropertyDefinition {
  const { portal } = call
  const missing = ['name', 'label', 'type', 'fieldType', 'groupName'].filter((key) => !fields[key])
  if (missing.length > 0) throw missingFields(...missing)
  const name = stringOf(fields['name'], 'name')
  const groupName = stringOf(fields['groupName'], 'groupName')
  const hasUniqueValue = fields['hasUniqueValue'] === true
  if (!NAME.test(name)) {
    throw invalid(
      `Property name ${name} must start with a letter and hold only lowercase letters, numbers and _`,
    )
  }
  // Whether the name of an archived property is free again is undocumented; taken is the stricter reading.
  if (portal.properties.findAny(type.typeId, name) !== undefined) {
    const message = `A property named '${name}' already exists.`
    throw alreadyExists(message, name, 'Properties.PROPERTY_WITH_NAME_EXISTS')
  }
  const group = portal.properties.groups(type.typeId).get(groupName)
  if (group === undefined || group.archived) throw invalid(`Property group ${groupName} does not exist`)
  const { valueType, fieldType } = checkedTypes(fields)
  if (hasUniqueValue && valueType !== 'string') throw invalid('Only text properties can have unique values')
  if (hasUniqueValue && portal.properties.uniqueNames(type.typeId).length >= UNIQUE_PROPERTIES_MAX) {
    throw invalid(`At most ${UNIQUE_PROPERTIES_MAX} properties with unique values are possible`)
  }
  const options = optionsOf(fields['options'])
  if (valueType === 'enumeration' && options.length === 0 && fields['externalOptions'] !== true) {
    throw invalid(`Enumeration properties must have options: ${name}`)
  }
  const at = instant(portal.clock())
  const user = String(portal.owners.actor(undefined)?.userId)
  return {
    name,
    label: stringOf(fields['label'], 'label'),
    type: valueType,
    fieldType,
    description: scalarOf(fields['description']),
    groupName,
    options,
    displayOrder: typeof fields['displayOrder'] === 'number' ? fields['displayOrder'] : -1,
    calculated: fieldType === 'calculation_equation',
    externalOptions: fields['externalOptions'] === true,
    hasUniqueValue,
    hidden: fields['hidden'] === true,
    modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
    formField: fields['formField'] === true,
    dataSensitivity: 'non_sensitive',
    createdAt: at,
    updatedAt: at,
    createdUserId: user,
    updatedUserId: user,
    archived: false,
    ...texts(fields, ['referencedObjectType', 'calculationFormula', 'currencyPropertyName']),
    ...texts(fields, ['numberDisplayHint', 'textDisplayHint', 'dateDisplayHint']),
  }
}

export function texts(fields: Json, keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    keys.flatMap((key) => (typeof fields[key] === 'string' ? [[key, fields[key]]] : [])),
  )
}

export function checkedTypes(fields: Json): { valueType: PropertyType; fieldType: string } {
  const valueType = stringOf(fields['type'], 'type') as PropertyType
  const fieldType = stringOf(fields['fieldType'], 'fieldType')
  const allowed: readonly string[] | undefined = TYPES[valueType]
  if (allowed === undefined) throw invalid(`Invalid property type ${valueType}`)
  if (!allowed.includes(fieldType))
    throw invalid(`Field type ${fieldType} is not allowed for type ${valueType}`)
  return { valueType, fieldType }
}

export function optionsOf(raw: unknown): PropertyOption[] {
  const entries = objectsOf(raw)
  const orders = entries.map((entry) => entry['displayOrder']).filter((order) => typeof order === 'number')
  // Options that say no place come behind those that do (recorded).
  let last = Math.max(-1, ...orders)
  const options = entries.map((entry) => ({
    label: stringOf(entry['label'], 'options.label'),
    value: stringOf(entry['value'], 'options.value'),
    ...(typeof entry['description'] === 'string' && { description: entry['description'] }),
    displayOrder: typeof entry['displayOrder'] === 'number' ? entry['displayOrder'] : ++last,
    hidden: entry['hidden'] === true,
  }))
  for (const key of ['label', 'value'] as const) {
    if (new Set(options.map((option) => option[key])).size < options.length) {
      throw invalid(`Property options must have distinct ${key}s`)
    }
  }
  return options
}
