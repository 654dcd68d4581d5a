/** Batches of associations v4 (HubSpot fact sheet 5.4, 17.3). */
import type { End } from './association-store.ts'
import type { AssociationDefinition } from './association-types.ts'
import {
  associateDefault,
  pageOfRows,
  PAGE_MAX,
  pairReadScopes,
  pairWriteScopes,
  printRow,
  requireVisible,
  typePair,
} from './associations-api.ts'
import { idOf, inputs, type Call, type Json, type Route } from './call.ts'
import { shuffled } from '../chance.ts'
import { associationTypes, requireRoom } from './inline-associations.ts'
import type { ObjectType } from './object-types.ts'
import { batchAnswer, NO_CONTENT, Problem, wrongType, type Answer, type BatchError } from './wire.ts'

const READ_MAX = 1_000
const WRITE_MAX = 2_000

const BATCH = '/crm/v4/associations/{fromObjectType}/{toObjectType}/batch'

const shared = { kind: 'associations' } as const

export const associationBatchRoutes: readonly Route[] = [
  {
    ...shared,
    method: 'POST',
    template: `${BATCH}/read`,
    mutates: false,
    scopes: pairReadScopes,
    handle: batchRead,
  },
  {
    ...shared,
    method: 'POST',
    template: `${BATCH}/create`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: batchCreate,
  },
  {
    ...shared,
    method: 'POST',
    template: `${BATCH}/associate/default`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: batchDefault,
  },
  {
    ...shared,
    method: 'POST',
    template: `${BATCH}/archive`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: batchArchive,
  },
  {
    ...shared,
    method: 'POST',
    template: `${BATCH}/labels/archive`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: batchLabelsArchive,
  },
]

/** 207 as soon as one input has no association: the normal case (5.4). */
function batchRead(call: Call): Answer {
  const { portal } = call
  const { from, to } = typePair(call)
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call, READ_MAX)) {
    const id = idOf(input['id'])
    const offset = Number(input['after'] ?? 0)
    if (!Number.isInteger(offset)) throw wrongType('long', 'String value')
    const end = { typeId: from.typeId, id }
    const page = portal.isVisible(end)
      ? pageOfRows(portal, end, to, { offset, limit: PAGE_MAX })
      : { rows: [], after: null }
    if (page.rows.length === 0) errors.push(noAssociations(from, to, id))
    else {
      results.push({
        from: { id },
        to: page.rows.map((row) => printRow(portal, from, row)),
        ...(page.after !== null && { paging: { next: { after: page.after } } }),
      })
    }
  }
  const shuffledResults = shuffled(results, portal.seed, 'associations', portal.counters.request)
  return batchAnswer({ status: 200, now: portal.clock(), results: shuffledResults, errors })
}

export function noAssociations(from: ObjectType, to: ObjectType, id: string): BatchError {
  return {
    status: 'error',
    category: 'OBJECT_NOT_FOUND',
    subCategory: 'crm.associations.NO_ASSOCIATIONS_FOUND',
    message: `No ${to.singular} is associated with ${from.singular} ${id}.`,
    context: { fromObjectId: [id], fromObjectType: [from.singular], toObjectType: [to.singular] },
  }
}

function batchCreate(call: Call): Answer {
  return eachPair(call, 201, (input, from, to) => [
    addTypes(call, from, to, associationTypes(call.portal, from.typeId, input['types'], to.typeId)),
  ])
}

/** Unlike the single PUT, a batch adds to the labels that are there. */
function addTypes(call: Call, from: End, to: End, definitions: readonly AssociationDefinition[]): unknown {
  const { portal } = call
  requireVisible(portal, from, to)
  requireRoom(portal, { from, to }, definitions)
  const added = portal.associations.add(from, to, definitions, portal.associationSearchableAt())
  portal.announceAssociations(added, call.source)
  return {
    fromObjectTypeId: from.typeId,
    fromObjectId: Number(from.id),
    toObjectTypeId: to.typeId,
    toObjectId: Number(to.id),
    labels: definitions.flatMap((definition) => definition.label ?? []),
  }
}

function batchDefault(call: Call): Answer {
  // 200 is the only success the vendor documents here, errors included (17.3).
  return eachPair(call, 200, (_input, from, to) =>
    associateDefault(call.portal, from, to, (changes) =>
      call.portal.announceAssociations(changes, call.source),
    ),
  )
}

export function pairEnds(call: Call, input: Json): { from: End; to: End } {
  const { from, to } = typePair(call)
  return {
    from: { typeId: from.typeId, id: idOf((input['from'] as Json | undefined)?.['id'], 'from') },
    to: { typeId: to.typeId, id: idOf((input['to'] as Json | undefined)?.['id'], 'to') },
  }
}

/** Runs one step per input; a failing input is an item of a 207. */
function eachPair(
  call: Call,
  status: 200 | 201,
  step: (input: Json, from: End, to: End) => readonly unknown[],
): Answer {
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call, WRITE_MAX)) {
    const { from, to } = pairEnds(call, input)
    try {
      results.push(...step(input, from, to))
    } catch (error) {
      if (!(error instanceof Problem) || error.details.category !== 'VALIDATION_ERROR') throw error
      errors.push(error.item())
    }
  }
  return batchAnswer({ status, now: call.portal.clock(), results, errors, neverPartial: status === 200 })
}

function batchArchive(call: Call): Answer {
  const { portal } = call
  const types = typePair(call)
  for (const input of inputs(call, WRITE_MAX)) {
    const from = { typeId: types.from.typeId, id: idOf((input['from'] as Json | undefined)?.['id'], 'from') }
    const targets = Array.isArray(input['to']) ? input['to'] : [input['to']]
    for (const target of targets as (Json | undefined)[]) {
      const to = { typeId: types.to.typeId, id: idOf(target?.['id'], 'to') }
      portal.announceAssociations(portal.associations.remove(from, to), call.source)
    }
  }
  return archived(call)
}

function batchLabelsArchive(call: Call): Answer {
  const { portal } = call
  for (const input of inputs(call, WRITE_MAX)) {
    const { from, to } = pairEnds(call, input)
    const definitions = associationTypes(portal, from.typeId, input['types'], to.typeId)
    portal.announceAssociations(portal.associations.remove(from, to, definitions), call.source)
  }
  return archived(call)
}

/** 204 in v4 and 200 in dated versions (2). */
function archived(call: Call): Answer {
  if (call.version === 'v4') return NO_CONTENT
  return batchAnswer({ status: 200, now: call.portal.clock(), results: [] })
}
