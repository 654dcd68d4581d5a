/** Associations in the oldest way of all: two ids and the id of a type (hubspot-ruby's recorded answers). */
import type { End } from './association-store.ts'
import type { AssociationDefinition } from './association-types.ts'
import {
  body,
  idOf,
  objectsOf,
  param,
  queryNumber,
  scalarOf,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import { requireRoom } from './inline-associations.ts'
import { typeCode } from './object-types.ts'
import type { Portal } from './portal.ts'
import { NO_CONTENT, ok, Problem, type Answer } from './wire.ts'

const ROOT = '/crm-associations/v1/associations'

/** The two sides are known from the type only, and nearly all types begin or end at a contact. */
const writing = { method: 'PUT', mutates: true, scopes: () => ['crm.objects.contacts.write'] } as const

export const oldestAssociationRoutes: readonly Route[] = [
  { ...writing, template: ROOT, handle: (call) => associate(call, [body(call)]) },
  {
    ...writing,
    template: `${ROOT}/create-batch`,
    handle: (call) => associate(call, objectsOf(call.payload())),
  },
  { ...writing, template: `${ROOT}/delete`, handle: (call) => dissociate(call, [body(call)]) },
  {
    ...writing,
    template: `${ROOT}/delete-batch`,
    handle: (call) => dissociate(call, objectsOf(call.payload())),
  },
  {
    method: 'GET',
    template: `${ROOT}/{objectId}/{category}/{definitionId}`,
    mutates: false,
    scopes: () => ['crm.objects.contacts.read'],
    handle: list,
  },
]

interface Pair {
  readonly from: End
  readonly to: End
  readonly definition: AssociationDefinition
}

function pairOf(portal: Portal, entry: Json): Pair {
  const definition = definitionOf(portal, scalarOf(entry['category']), scalarOf(entry['definitionId']))
  return {
    from: { typeId: definition.from, id: idOf(entry['fromObjectId'], 'fromObjectId') },
    to: { typeId: definition.to, id: idOf(entry['toObjectId'], 'toObjectId') },
    definition,
  }
}

function definitionOf(portal: Portal, category: string, id: string): AssociationDefinition {
  const definition = portal.associationTypes.find(category, Number(id))
  if (definition === undefined)
    throw invalidAssociations(`${category}=${id} is not a valid association definition id`)
  return definition
}

/** All of them, or none. */
function associate(call: Call, entries: readonly Json[]): Answer {
  const { portal } = call
  const pairs = entries.map((entry) => pairOf(portal, entry))
  const missing = pairs.flatMap(({ from, to }) => [from, to]).filter((end) => !portal.isVisible(end))
  if (missing.length > 0) {
    throw invalidAssociations(
      ...missing.map(({ typeId, id }) => `${typeCode(portal.types.byTypeId(typeId))}=${id} is not valid`),
    )
  }
  for (const { from, to, definition } of pairs) {
    requireRoom(portal, { from, to }, [definition])
    const changes = portal.associations.add(from, to, [definition], portal.associationSearchableAt())
    portal.announceAssociations(changes, call.source)
  }
  return NO_CONTENT
}

/** What is not there is passed over (recorded). */
function dissociate(call: Call, entries: readonly Json[]): Answer {
  const { portal } = call
  for (const { from, to, definition } of entries.map((entry) => pairOf(portal, entry))) {
    portal.announceAssociations(portal.associations.remove(from, to, [definition]), call.source)
  }
  return NO_CONTENT
}

const PAGE_DEFAULT = 20
const PAGE_MAX = 100

/** In the order of the ids; `offset` is the last one shown (recorded). */
function list(call: Call): Answer {
  const { portal } = call
  const definition = definitionOf(portal, param(call, 'category'), param(call, 'definitionId'))
  const limit = Math.min(PAGE_MAX, Math.max(1, queryNumber(call, 'limit', PAGE_DEFAULT)))
  const after = queryNumber(call, 'offset', 0)
  const end = { typeId: definition.from, id: param(call, 'objectId') }
  const ids = [...portal.associations.from(end, definition.to)]
    .filter(
      (row) =>
        portal.isVisible(row.to) && portal.associations.definitions(end.typeId, row).includes(definition),
    )
    .map(({ to }) => Number(to.id))
    .filter((id) => id > after)
    .toSorted((a, b) => a - b)
  const results = ids.slice(0, limit)
  return ok({ results, hasMore: ids.length > limit, offset: results.at(-1) ?? after })
}

function invalidAssociations(...errorTexts: readonly string[]): Problem {
  return new Problem(400, 'One or more associations are invalid', { errorTexts })
}
