/** Property groups (HubSpot fact sheet 12.3). */
import type { PropertyGroup } from './catalogue/standard.ts'
import { body, objectType, param, stringOf, type Call, type Route } from './call.ts'
import { alreadyExists, invalid, NO_CONTENT, notFound, ok, type Answer } from './wire.ts'

const ROOT = '/crm/v3/properties/{objectType}/groups'

export const propertyGroupRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'GET', template: `${ROOT}/{groupName}`, mutates: false, scopes: reads, handle: read },
  { method: 'PATCH', template: `${ROOT}/{groupName}`, mutates: true, scopes: writes, handle: update },
  { method: 'DELETE', template: `${ROOT}/{groupName}`, mutates: true, scopes: writes, handle: archive },
]

function reads(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.read]
}

function writes(call: Call): readonly string[] {
  return [objectType(call).schemaScopes.write]
}

function groups(call: Call): Map<string, PropertyGroup> {
  return call.portal.properties.groups(objectType(call).typeId)
}

function find(call: Call): PropertyGroup {
  const group = groups(call).get(param(call, 'groupName'))
  if (group === undefined || group.archived) throw notFound()
  return group
}

function list(call: Call): Answer {
  return ok({ results: [...groups(call).values()].filter((group) => !group.archived) })
}

function read(call: Call): Answer {
  return ok(find(call))
}

function create(call: Call): Answer {
  const fields = body(call)
  const name = stringOf(fields['name'], 'name')
  const label = stringOf(fields['label'], 'label')
  const held = groups(call).get(name)
  if (held !== undefined && !held.archived) {
    throw alreadyExists(`A property group named '${name}' already exists.`, name)
  }
  const displayOrder = typeof fields['displayOrder'] === 'number' ? fields['displayOrder'] : -1
  const group = { name, label, displayOrder, archived: false }
  groups(call).set(name, group)
  return { status: 201, body: group }
}

function update(call: Call): Answer {
  const group = find(call)
  const { label, displayOrder } = body(call)
  const next = {
    ...group,
    ...(typeof label === 'string' && { label }),
    ...(typeof displayOrder === 'number' && { displayOrder }),
  }
  groups(call).set(group.name, next)
  return ok(next)
}

function archive(call: Call): Answer {
  const group = find(call)
  for (const { definition } of call.portal.properties.list(objectType(call).typeId)) {
    if (definition.groupName === group.name && definition.archived !== true) {
      throw invalid(`Property group ${group.name} still holds properties`)
    }
  }
  groups(call).set(group.name, { ...group, archived: true })
  return NO_CONTENT
}
