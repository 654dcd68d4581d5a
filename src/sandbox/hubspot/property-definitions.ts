/** Making and printing property definitions (HubSpot fact sheet 12). */
import {
  optionList,
  type PropertyDefinition,
  type PropertyOption,
  type PropertyType,
} from './catalogue/define.ts'
import { scalarOf, stringOf, type Call, type Json } from './call.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { UNIQUE_PROPERTIES_MAX, type Property } from './properties.ts'
import { allowedValues } from './values.ts'
import { conflict, instant, invalid, missingFields, wrongType } from './wire.ts'

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

/** A definition, with options that come from elsewhere in the portal filled in. */
export function printProperty(portal: Portal, type: ObjectType, property: Property): PropertyDefinition {
  const { definition } = property
  if (definition.name === 'deal_currency_code') {
    return { ...definition, options: optionList(allowedValues(portal, type, property)) }
  }
  if (definition.name === type.pipelineProperty || definition.name === type.stageProperty) {
    return { ...definition, options: pipelineOptions(portal, type, definition.name) }
  }
  return definition
}

function pipelineOptions(portal: Portal, type: ObjectType, name: string): PropertyOption[] {
  const pipelines = portal.pipelines.list(type.typeId)
  const entries =
    name === type.pipelineProperty ? pipelines : pipelines.flatMap((pipeline) => pipeline.stages)
  return entries.map(({ id, label }, displayOrder) => ({ label, value: id, displayOrder, hidden: false }))
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
    throw conflict(`A property named '${name}' already exists.`)
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
  if (raw === undefined || raw === null) return []
  if (!Array.isArray(raw)) throw wrongType('java.util.ArrayList', 'Object value')
  const options = raw.map((entry: Json, order) => ({
    label: stringOf(entry['label'], 'options.label'),
    value: stringOf(entry['value'], 'options.value'),
    displayOrder: typeof entry['displayOrder'] === 'number' ? entry['displayOrder'] : order,
    hidden: entry['hidden'] === true,
    ...(typeof entry['description'] === 'string' && { description: entry['description'] }),
  }))
  for (const key of ['label', 'value'] as const) {
    if (new Set(options.map((option) => option[key])).size < options.length) {
      throw invalid(`Property options must have distinct ${key}s`)
    }
  }
  return options
}
