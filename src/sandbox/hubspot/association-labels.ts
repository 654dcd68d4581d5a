/** Association labels: `/crm/v4/associations/{from}/{to}/labels` (HubSpot fact sheet 17.2, 17.3). */
import { LABELS_MAX, printType, type AssociationDefinition } from './association-types.ts'
import { body, objectType, param, stringOf, type Call, type Route } from './call.ts'
import { conflict, invalid, missingFields, NO_CONTENT, notFound, ok, type Answer } from './wire.ts'

const ROOT = '/crm/v4/associations/{fromObjectType}/{toObjectType}/labels'

export const labelRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: reads, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writes, handle: create },
  { method: 'PUT', template: ROOT, mutates: true, scopes: writes, handle: rename },
  {
    method: 'DELETE',
    template: `${ROOT}/{associationTypeId}`,
    mutates: true,
    scopes: writes,
    handle: remove,
  },
]

function pair(call: Call) {
  return { from: objectType(call, 'fromObjectType'), to: objectType(call, 'toObjectType') }
}

function reads(call: Call): readonly string[] {
  const { from, to } = pair(call)
  return [from.scopes.read, to.scopes.read]
}

function writes(call: Call): readonly string[] {
  const { from, to } = pair(call)
  return [from.scopes.write, to.scopes.write]
}

function list(call: Call): Answer {
  const { from, to } = pair(call)
  return ok({ results: call.portal.associationTypes.between(from.typeId, to.typeId).map(printType) })
}

/** Answers both directions: a paired label has two ids. */
function create(call: Call): Answer {
  const { portal } = call
  const { from, to } = pair(call)
  const fields = body(call)
  const label = stringOf(fields['label'], 'label')
  const name = stringOf(fields['name'], 'name')
  const held = portal.associationTypes.between(from.typeId, to.typeId)
  const own = held.filter((definition) => definition.category === 'USER_DEFINED' && definition.label !== null)
  if (own.some((definition) => definition.name === name || definition.label === label)) {
    throw conflict(`An association label ${label} already exists`)
  }
  if (own.length >= LABELS_MAX) throw invalid(`At most ${LABELS_MAX} labels per pair of objects are possible`)
  const inverse = fields['inverseLabel']
  const there = ++portal.counters.associationType
  const isPaired = typeof inverse === 'string' && inverse !== label
  const back = isPaired || from.typeId !== to.typeId ? ++portal.counters.associationType : there
  portal.associationTypes.addPair({
    category: 'USER_DEFINED',
    from: from.typeId,
    to: to.typeId,
    ids: [there, back],
    labels: [label, isPaired ? inverse : label],
    names: [name, isPaired ? `${name}_inverse` : name],
    role: 'label',
  })
  const made = [there, back].map((id) => portal.associationTypes.find('USER_DEFINED', id))
  return ok({
    results: [...new Set(made.filter((definition) => definition !== undefined))].map(printType),
  })
}

function rename(call: Call): Answer {
  const fields = body(call)
  if (fields['associationTypeId'] === undefined) throw missingFields('associationTypeId')
  const definition = ownLabel(call, Number(fields['associationTypeId']))
  call.portal.associationTypes.relabel(definition, stringOf(fields['label'], 'label'))
  return NO_CONTENT
}

function remove(call: Call): Answer {
  call.portal.associationTypes.remove(ownLabel(call, Number(param(call, 'associationTypeId'))))
  return NO_CONTENT
}

function ownLabel(call: Call, associationTypeId: number): AssociationDefinition {
  const { from, to } = pair(call)
  const definition = call.portal.associationTypes
    .between(from.typeId, to.typeId)
    .find((entry) => entry.category === 'USER_DEFINED' && entry.associationTypeId === associationTypeId)
  if (definition === undefined || definition.label === null) throw notFound()
  return definition
}
