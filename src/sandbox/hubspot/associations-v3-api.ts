/**
 * Associations the older way, where a type is known by its name and ids are texts. Still answered by the vendor
 * and still used by many clients (HubSpot fact sheet 19, recorded answers).
 */
import type { AssociationChange, End } from './association-store.ts'
import type { AssociationDefinition } from './association-types.ts'
import { pairReadScopes, pairWriteScopes, requireVisible, typePair } from './associations-api.ts'
import { noAssociations, pairEnds } from './associations-batch-api.ts'
import {
  idOf,
  inputs,
  objectType,
  param,
  queryAfter,
  queryLimit,
  stringOf,
  type Call,
  type Route,
} from './call.ts'
import { requireRoom } from './inline-associations.ts'
import { requireFound } from './objects.ts'
import { associationNames, printRecord, selection } from './record-answers.ts'
import { batchAnswer, invalid, NO_CONTENT, ok, Problem, type Answer, type BatchError } from './wire.ts'

const SINGLE = '/crm/v3/objects/{objectType}/{objectId}/associations/{toObjectType}'
const ONE = `${SINGLE}/{toObjectId}/{associationType}`
const PAIR = '/crm/v3/associations/{fromObjectType}/{toObjectType}'

const reading = { mutates: false, scopes: pairReadScopes } as const
const writing = { mutates: true, scopes: pairWriteScopes } as const

const PAGE_MAX = 500

export const oldAssociationRoutes: readonly Route[] = [
  { ...reading, method: 'GET', template: SINGLE, handle: list },
  { ...writing, method: 'PUT', template: ONE, handle: put },
  { ...writing, method: 'DELETE', template: ONE, handle: remove },
  { ...reading, method: 'GET', template: `${PAIR}/types`, handle: types },
  { ...reading, method: 'POST', template: `${PAIR}/batch/read`, handle: batchRead },
  { ...writing, method: 'POST', template: `${PAIR}/batch/create`, handle: batchCreate },
  { ...writing, method: 'POST', template: `${PAIR}/batch/archive`, handle: batchArchive },
]

function list(call: Call): Answer {
  const record = requireFound(call)
  const limit = queryLimit(call, PAGE_MAX, PAGE_MAX)
  const offset = queryAfter(call)
  const named = associationNames(call.portal, record, objectType(call, 'toObjectType'))
  const end = offset + limit
  return ok({
    results: named.slice(offset, end),
    ...(end < named.length && { paging: { next: { after: String(end) } } }),
  })
}

function put(call: Call): Answer {
  const { portal } = call
  const { from, to, definition } = single(call)
  requireVisible(portal, from, to)
  announce(call, add(call, from, to, definition))
  const { from: type, to: target } = typePair(call)
  const asked = selection(portal, type, { properties: [], associations: [target] })
  return ok(printRecord(portal, type, requireFound(call), asked))
}

function remove(call: Call): Answer {
  const { from, to, definition } = single(call)
  announce(call, call.portal.associations.remove(from, to, [definition]))
  return NO_CONTENT
}

function single(call: Call): { from: End; to: End; definition: AssociationDefinition } {
  const types = typePair(call)
  return {
    from: { typeId: types.from.typeId, id: param(call, 'objectId') },
    to: { typeId: types.to.typeId, id: param(call, 'toObjectId') },
    definition: named(call, param(call, 'associationType')),
  }
}

function types(call: Call): Answer {
  const { from, to } = typePair(call)
  const results = call.portal.associationTypes
    .between(from.typeId, to.typeId)
    .map(({ associationTypeId, name }) => ({ id: String(associationTypeId), name }))
  return ok({ results })
}

function batchRead(call: Call): Answer {
  const { portal } = call
  const { from, to } = typePair(call)
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call)) {
    const id = idOf(input['id'])
    const record = portal.records.find(from.typeId, id)
    const rows = record?.state === 'live' ? associationNames(portal, record, to) : []
    if (rows.length === 0) errors.push(noAssociations(from, to, id))
    else results.push({ from: { id }, to: rows })
  }
  return batchAnswer({ status: 200, now: portal.clock(), results, errors })
}

/** Answers both directions, the way back first (recorded). */
function batchCreate(call: Call): Answer {
  const { portal } = call
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call)) {
    try {
      const { from, to } = pairEnds(call, input)
      const definition = named(call, stringOf(input['type'], 'type'))
      requireVisible(portal, from, to)
      announce(call, add(call, from, to, definition))
      const inverse = portal.associationTypes.inverse(definition)
      results.push({ from: { id: to.id }, to: { id: from.id }, type: inverse.name })
      results.push({ from: { id: from.id }, to: { id: to.id }, type: definition.name })
    } catch (error) {
      if (!(error instanceof Problem) || error.details.category !== 'VALIDATION_ERROR') throw error
      errors.push(error.item())
    }
  }
  return batchAnswer({ status: 201, now: portal.clock(), results, errors })
}

function batchArchive(call: Call): Answer {
  for (const input of inputs(call)) {
    const { from, to } = pairEnds(call, input)
    const definition = named(call, stringOf(input['type'], 'type'))
    announce(call, call.portal.associations.remove(from, to, [definition]))
  }
  return NO_CONTENT
}

/** A type by its name, or by its id as the oldest paths have it. */
function named(call: Call, name: string): AssociationDefinition {
  const { from, to } = typePair(call)
  const found = call.portal.associationTypes
    .between(from.typeId, to.typeId)
    .find((entry) => entry.name === name.toLowerCase() || String(entry.associationTypeId) === name)
  if (found === undefined) throw invalid(`${name} is not a valid association type`)
  return found
}

function add(call: Call, from: End, to: End, definition: AssociationDefinition): AssociationChange[] {
  requireRoom(call.portal, { from, to }, [definition])
  return call.portal.associations.add(from, to, [definition], call.portal.associationSearchableAt())
}

function announce(call: Call, changes: readonly AssociationChange[]): void {
  call.portal.announceAssociations(changes, call.source)
}
