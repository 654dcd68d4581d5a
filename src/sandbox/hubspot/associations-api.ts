/** Associations v4 (HubSpot fact sheet 17.3). */
import { associationTypes, missingObject, requireRoom } from './inline-associations.ts'
import type { AssociationChange, End, Row } from './association-store.ts'
import { inPrintOrder, printType, type AssociationDefinition } from './association-types.ts'
import { linkTo, objectType, param, queryAfter, queryLimit, type Call, type Route } from './call.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import {
  batchAnswer,
  invalid,
  NO_CONTENT,
  notFound,
  notNumeric,
  ok,
  Problem,
  wrongType,
  type Answer,
} from './wire.ts'

export const PAGE_MAX = 500

const SINGLE = '/crm/v4/objects/{objectType}/{objectId}/associations'

const shared = { kind: 'associations' } as const

export const associationRoutes: readonly Route[] = [
  {
    ...shared,
    method: 'GET',
    template: `${SINGLE}/{toObjectType}`,
    mutates: false,
    scopes: pairReadScopes,
    handle: list,
  },
  {
    ...shared,
    method: 'PUT',
    template: `${SINGLE}/default/{toObjectType}/{toObjectId}`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: putDefault,
  },
  {
    ...shared,
    method: 'PUT',
    template: `${SINGLE}/{toObjectType}/{toObjectId}`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: putLabels,
  },
  {
    ...shared,
    method: 'DELETE',
    template: `${SINGLE}/{toObjectType}/{toObjectId}`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: remove,
  },
]

/** The object types of a call, in whichever way its path names them. */
export function typePair(call: Call): { from: ObjectType; to: ObjectType } {
  const from = objectType(call, call.params['objectType'] === undefined ? 'fromObjectType' : 'objectType')
  return { from, to: objectType(call, 'toObjectType') }
}

export function pairReadScopes(call: Call): readonly string[] {
  const { from, to } = typePair(call)
  return [from.scopes.read, to.scopes.read]
}

export function pairWriteScopes(call: Call): readonly string[] {
  const { from, to } = typePair(call)
  return [from.scopes.write, to.scopes.write]
}

function ends(call: Call): { from: End; to: End } {
  const { from, to } = typePair(call)
  const id = param(call, 'objectId')
  const toId = param(call, 'toObjectId')
  for (const given of [id, toId]) if (!/^\d+$/.test(given)) throw notNumeric(given)
  return { from: { typeId: from.typeId, id }, to: { typeId: to.typeId, id: toId } }
}

function list(call: Call): Answer {
  const { portal } = call
  const { from, to } = typePair(call)
  const end = { typeId: from.typeId, id: param(call, 'objectId') }
  // Nothing says that an alias resolves here, so it does not.
  if (!portal.isVisible(end)) throw notFound()
  const limit = queryLimit(call, PAGE_MAX, PAGE_MAX)
  const { rows, after } = pageOfRows(portal, end, to, { offset: queryAfter(call), limit })
  const path = `/crm/v4/objects/${from.plural}/${end.id}/associations/${to.plural}`
  const link = linkTo(call, `${path}?limit=${limit}&after=${after}`)
  return ok({
    results: rows.map((row) => printRow(portal, from, row)),
    ...(after !== null && { paging: { next: { after, link } } }),
  })
}

export function pageOfRows(
  portal: Portal,
  from: End,
  to: ObjectType,
  page: { offset: number; limit: number },
): { rows: Row[]; after: string | null } {
  const visible = [...portal.associations.from(from, to.typeId)].filter((row) => portal.isVisible(row.to))
  const end = page.offset + page.limit
  return { rows: visible.slice(page.offset, end), after: end < visible.length ? String(end) : null }
}

/** Ids of targets are JSON numbers here, and only here (3). */
export function printRow(portal: Portal, from: ObjectType, row: Row): unknown {
  const types = inPrintOrder(portal.associations.definitions(from.typeId, row))
  return { toObjectId: Number(row.to.id), associationTypes: types.map(printType) }
}

function putDefault(call: Call): Answer {
  const { from, to } = ends(call)
  const rows = associateDefault(call.portal, from, to, (changes) =>
    call.portal.announceAssociations(changes, call.source),
  )
  return batchAnswer({ status: 200, now: call.portal.clock(), results: rows })
}

/** One row per direction. */
export function associateDefault(
  portal: Portal,
  from: End,
  to: End,
  announce: (changes: readonly AssociationChange[]) => void,
): unknown[] {
  const definition = portal.associationTypes.unlabelled(from.typeId, to.typeId)
  if (definition === undefined) throw unrelated(from, to)
  requireVisible(portal, from, to)
  requireRoom(portal, { from, to }, [definition])
  announce(addAssociation(portal, from, to, [definition]))
  const inverse = portal.associationTypes.inverse(definition)
  return [printDefault(from, to, definition), printDefault(to, from, inverse)]
}

/** Adds types; without a label, the first company of a record may become its primary one (17.1). */
export function addAssociation(
  portal: Portal,
  from: End,
  to: End,
  definitions: readonly AssociationDefinition[],
): AssociationChange[] {
  const wanted = [...definitions]
  const primary = portal.associationTypes.primary(from.typeId, to.typeId)
  const isUnlabelled = definitions.every((definition) => definition.role === 'unlabelled')
  if (primary !== undefined && isUnlabelled && portal.settings.firstCompanyBecomesPrimary) {
    const [holder, company] = from.typeId === '0-2' ? [to, from] : [from, to]
    if (portal.associations.primaryOf(holder, company.typeId) === undefined) wanted.push(primary)
  }
  return portal.associations.add(from, to, wanted, portal.associationSearchableAt())
}

function printDefault(from: End, to: End, definition: AssociationDefinition): unknown {
  return {
    from: { id: from.id },
    to: { id: to.id },
    associationSpec: {
      associationCategory: definition.category,
      associationTypeId: definition.associationTypeId,
    },
  }
}

function putLabels(call: Call): Answer {
  const { portal } = call
  const { from, to } = ends(call)
  const raw = call.payload()
  if (!Array.isArray(raw)) throw wrongType('java.util.ArrayList', 'Object value')
  if (raw.length === 0) throw invalid('At least one association type is required')
  return {
    status: 201,
    body: setLabels(call, from, to, associationTypes(portal, from.typeId, raw, to.typeId)),
  }
}

/** The given labels replace the labels that are there (17.3). */
function setLabels(call: Call, from: End, to: End, definitions: readonly AssociationDefinition[]): unknown {
  const { portal } = call
  requireVisible(portal, from, to)
  requireRoom(portal, { from, to }, definitions)
  const row = portal.associations.row(from, to)
  const held = row === undefined ? [] : portal.associations.definitions(from.typeId, row)
  const dropped = held.filter((entry) => entry.role !== 'unlabelled' && !definitions.includes(entry))
  const changes = [
    ...(dropped.length > 0 ? portal.associations.remove(from, to, dropped) : []),
    ...portal.associations.add(from, to, definitions, portal.associationSearchableAt()),
  ]
  portal.announceAssociations(changes, call.source)
  return {
    fromObjectTypeId: from.typeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: to.typeId,
    toObjectId: Number(to.id),
    labels: definitions.flatMap((definition) => definition.label ?? []),
  }
}

function remove(call: Call): Answer {
  const { from, to } = ends(call)
  call.portal.announceAssociations(call.portal.associations.remove(from, to), call.source)
  return NO_CONTENT
}

export function requireVisible(portal: Portal, from: End, to: End): void {
  if (from.typeId === to.typeId && from.id === to.id) {
    throw invalid(`Object ${from.id} cannot be associated to itself (${to.id})`)
  }
  for (const { id } of [from, to]) if (!/^\d+$/.test(id)) throw invalidIdentifier(id)
  for (const end of [from, to]) if (!portal.isVisible(end)) throw missingObject(portal, end)
}

function invalidIdentifier(id: string): Problem {
  return new Problem(400, `${id} is not a valid ID`, {
    context: { id: [id] },
    category: 'VALIDATION_ERROR',
    subCategory: 'crm.associations.INVALID_IDENTIFIER',
  })
}

function unrelated(from: End, to: End): Problem {
  return invalid(`No association type is defined from ${from.typeId} to ${to.typeId}`)
}
