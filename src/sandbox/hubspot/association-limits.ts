/**
 * How many records of one object a record may be associated with, per association type: set by the customer
 * under `definitions/configurations` (HubSpot fact sheet 17.3). Nothing is limited until somebody says so. The
 * texts of the refusals are not documented.
 */
import type { AssociationDefinition } from './association-types.ts'
import { pairReadScopes, pairWriteScopes, typePair } from './associations-api.ts'
import { inputs, scalarOf, stringOf, type Call, type Json, type Route } from './call.ts'
import { batchAnswer, invalid, missingFields, NO_CONTENT, ok, Problem, wrongType } from './wire.ts'
import type { Answer, BatchError } from './wire.ts'

const ROOT = '/crm/v4/associations/definitions/configurations'
const PAIR = `${ROOT}/{fromObjectType}/{toObjectType}`

export const associationLimitRoutes: readonly Route[] = [
  { method: 'GET', template: `${ROOT}/all`, mutates: false, scopes: () => [], handle: listAll },
  { method: 'GET', template: PAIR, mutates: false, scopes: pairReadScopes, handle: list },
  ...(['create', 'update', 'purge'] as const).map((verb) => ({
    method: 'POST',
    template: `${PAIR}/batch/${verb}`,
    mutates: true,
    scopes: pairWriteScopes,
    handle: { create, update, purge }[verb],
  })),
]

function listAll(call: Call): Answer {
  return ok({ results: limited(call.portal.associationTypes.all()) })
}

function list(call: Call): Answer {
  const { from, to } = typePair(call)
  return ok({ results: limited(call.portal.associationTypes.between(from.typeId, to.typeId)) })
}

function create(call: Call): Answer {
  return eachInput(call, 201, (input, definition) => {
    if (definition.maxToObjectIds !== null) throw invalid('This association type has a limit already')
    return setLimit(call, definition, maxOf(input))
  })
}

function update(call: Call): Answer {
  return eachInput(call, 200, (input, definition) => {
    if (definition.maxToObjectIds === null) throw invalid('This association type has no limit yet')
    return setLimit(call, definition, maxOf(input))
  })
}

function purge(call: Call): Answer {
  for (const input of inputs(call)) call.portal.associationTypes.limit(definitionOf(call, input), null)
  return NO_CONTENT
}

/** A failing input is an item of a 207; unreadable input refuses the whole batch. */
function eachInput(
  call: Call,
  status: 200 | 201,
  step: (input: Json, definition: AssociationDefinition) => unknown,
): Answer {
  const results: unknown[] = []
  const errors: BatchError[] = []
  const wanted = inputs(call)
  wanted.forEach(maxOf)
  for (const input of wanted) {
    try {
      results.push(step(input, definitionOf(call, input)))
    } catch (error) {
      if (!(error instanceof Problem) || error.details.category !== 'VALIDATION_ERROR') throw error
      errors.push(error.item())
    }
  }
  return batchAnswer({ status, now: call.portal.clock(), results, errors })
}

function setLimit(call: Call, definition: AssociationDefinition, max: number): unknown {
  return print(call.portal.associationTypes.limit(definition, max))
}

function definitionOf(call: Call, input: Json): AssociationDefinition {
  const { from, to } = typePair(call)
  const category = stringOf(input['category'], 'category')
  const typeId = scalarOf(input['typeId'])
  if (typeId === '') throw missingFields('typeId')
  const found = call.portal.associationTypes
    .between(from.typeId, to.typeId)
    .find((entry) => entry.category === category && String(entry.associationTypeId) === typeId)
  if (found === undefined) throw invalid(`${category}=${typeId} is not a valid association definition id`)
  return found
}

function maxOf(input: Json): number {
  const text = scalarOf(input['maxToObjectIds'])
  if (text === '') throw missingFields('maxToObjectIds')
  if (!/^-?\d+$/.test(text)) throw wrongType('int', `String "${text}": not a valid int value`)
  if (Number(text) < 1) throw new Problem(400, 'maxToObjectIds must be at least 1')
  return Number(text)
}

function limited(definitions: Iterable<AssociationDefinition>): unknown[] {
  return [...definitions].filter((definition) => definition.maxToObjectIds !== null).map(print)
}

function print(definition: AssociationDefinition): unknown {
  return {
    category: definition.category,
    typeId: definition.associationTypeId,
    userEnforcedMaxToObjectIds: definition.maxToObjectIds,
    label: definition.label,
  }
}
