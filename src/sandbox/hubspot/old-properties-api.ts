/** Property definitions and groups before version 3, in versions 1 and 2 alike (the vendor's legacy documents). */
import type { PropertyDefinition } from './catalogue/define.ts'
import type { PropertyGroup } from './catalogue/standard.ts'
import { body, objectType, param, queryFlag, stringOf, type Call, type Json, type Route } from './call.ts'
import {
  archiveProperty,
  changeProperty,
  findProperty,
  isArchived,
  unknownProperty,
} from './properties-api.ts'
import { addProperty, newProperty } from './property-definitions.ts'
import { alreadyExists, invalid, NO_CONTENT, notFound, ok, type Answer } from './wire.ts'

const reading = { method: 'GET', mutates: false, scopes: reads } as const
const writing = { mutates: true, scopes: writes } as const

export const oldPropertyRoutes: readonly Route[] = ['v1', 'v2'].flatMap((version): Route[] => {
  const root = `/properties/${version}/{objectType}`
  const one = `${root}/properties/named/{propertyName}`
  const group = `${root}/groups/named/{groupName}`
  return [
    { ...reading, template: `${root}/properties`, handle: list },
    { ...writing, method: 'POST', template: `${root}/properties`, handle: create },
    { ...reading, template: one, handle: read },
    { ...writing, method: 'PUT', template: one, handle: update },
    { ...writing, method: 'DELETE', template: one, handle: archive },
    { ...reading, template: `${root}/groups`, handle: listGroups },
    { ...writing, method: 'POST', template: `${root}/groups`, handle: createGroup },
    { ...reading, template: group, handle: readGroup },
    { ...writing, method: 'PUT', template: group, handle: updateGroup },
  ]
})

function reads(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.read]
}

function writes(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.write]
}

function list(call: Call): Answer {
  return ok(live(call).map(print))
}

function live(call: Call): PropertyDefinition[] {
  return [...call.portal.properties.list(objectType(call).typeId)]
    .filter((property) => !isArchived(property))
    .map(({ definition }) => definition)
}

function read(call: Call): Answer {
  const name = param(call, 'propertyName')
  const property = findProperty(call.portal, objectType(call), name)
  if (isArchived(property)) throw unknownProperty(name)
  return ok(print(property.definition))
}

/** A type may be left out here, and is then text. */
function create(call: Call): Answer {
  const type = objectType(call)
  const definition = newProperty(call, type, {
    type: 'string',
    fieldType: 'text',
    label: body(call)['name'],
    ...body(call),
  })
  addProperty(call.portal, type, definition)
  return ok(print(definition))
}

function update(call: Call): Answer {
  return ok(print(changeProperty(call, param(call, 'propertyName'), body(call))))
}

function archive(call: Call): Answer {
  archiveProperty(call.portal, objectType(call), param(call, 'propertyName'))
  return NO_CONTENT
}

function groupsOf(call: Call): Map<string, PropertyGroup> {
  return call.portal.properties.groups(objectType(call).typeId)
}

function findGroup(call: Call): PropertyGroup {
  const group = groupsOf(call).get(param(call, 'groupName'))
  if (group === undefined || group.archived) throw notFound()
  return group
}

function listGroups(call: Call): Answer {
  const groups = [...groupsOf(call).values()].filter((group) => !group.archived)
  return ok(groups.map((group) => printGroup(call, group)))
}

function readGroup(call: Call): Answer {
  return ok(printGroup(call, findGroup(call)))
}

function createGroup(call: Call): Answer {
  const fields = body(call)
  const name = stringOf(fields['name'], 'name')
  if (groupsOf(call).get(name)?.archived === false) {
    throw alreadyExists(`A property group named '${name}' already exists.`, name)
  }
  const group = { name, label: name, displayOrder: -1, archived: false, ...shown(fields) }
  groupsOf(call).set(name, group)
  return ok(printGroup(call, group))
}

function updateGroup(call: Call): Answer {
  const group = { ...findGroup(call), ...shown(body(call)) }
  groupsOf(call).set(group.name, group)
  return ok(printGroup(call, group))
}

/** What is called a label today was a display name. */
function shown({ displayName, displayOrder }: Json): Partial<PropertyGroup> {
  if (displayName !== undefined && typeof displayName !== 'string') throw invalid('displayName must be text')
  return {
    ...(displayName !== undefined && { label: displayName }),
    ...(typeof displayOrder === 'number' && { displayOrder }),
  }
}

function printGroup(call: Call, { name, label, displayOrder }: PropertyGroup): unknown {
  const own = queryFlag(call, 'includeProperties') && {
    properties: live(call)
      .filter(({ groupName }) => groupName === name)
      .map(print),
  }
  return { portalId: call.portal.identity.portalId, name, displayName: label, displayOrder, ...own }
}

function print(definition: PropertyDefinition): unknown {
  const { modificationMetadata: metadata } = definition
  const at = (text: string | undefined): number | null => (text === undefined ? null : Date.parse(text))
  return {
    name: definition.name,
    label: definition.label,
    description: definition.description,
    groupName: definition.groupName,
    type: definition.type,
    fieldType: definition.fieldType,
    createdAt: at(definition.createdAt),
    updatedAt: at(definition.updatedAt),
    hidden: definition.hidden,
    deleted: definition.archived === true,
    displayOrder: definition.displayOrder,
    formField: definition.formField,
    options: definition.options.map((option) => ({
      description: null,
      ...option,
      doubleData: 0,
      readOnly: false,
    })),
    calculated: definition.calculated,
    externalOptions: definition.externalOptions,
    readOnlyValue: metadata.readOnlyValue,
    readOnlyDefinition: metadata.readOnlyDefinition,
    mutableDefinitionNotDeletable: definition.hubspotDefined === true && !metadata.readOnlyDefinition,
    hubspotDefined: definition.hubspotDefined === true,
    favorited: false,
    favoritedOrder: -1,
    displayMode: 'current_value',
    showCurrencySymbol: definition.showCurrencySymbol ?? null,
    referencedObjectType: definition.referencedObjectType ?? null,
  }
}
