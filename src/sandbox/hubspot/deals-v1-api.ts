/** Deals before version 3: single ones, lists, and what they are associated with (see `old-records.ts`). */
import { addAssociation } from './associations-api.ts'
import { body, param, queryFlag, stringsOf, type Call, type Json, type Route } from './call.ts'
import { missingObject, type InlineAssociation } from './inline-associations.ts'
import type { ObjectType } from './object-types.ts'
import { archiveRecord, requireUnlocked } from './objects.ts'
import {
  everything,
  oldSelection,
  pageOfAll,
  pageOfRecent,
  printOldValues,
  sentProperties,
  updateBatch,
  writeOld,
  type OldSelection,
} from './old-records.ts'
import type { StoredRecord } from './record-store.ts'
import { invalid, NO_CONTENT, notFound, ok, type Answer } from './wire.ts'

const ROOT = '/deals/v1/deal'
const ONE = `${ROOT}/{dealId}`
const ASSOCIATIONS = `${ONE}/associations/{objectType}`

const reading = { mutates: false, scopes: () => ['crm.objects.deals.read'] } as const
const writing = { mutates: true, scopes: () => ['crm.objects.deals.write'] } as const

export const oldDealRoutes: readonly Route[] = [
  { ...writing, method: 'POST', template: ROOT, handle: create },
  { ...reading, method: 'GET', template: `${ROOT}/paged`, handle: all },
  {
    ...reading,
    method: 'GET',
    template: `${ROOT}/recent/modified`,
    handle: recentBy((row) => row.updatedAt),
  },
  { ...reading, method: 'GET', template: `${ROOT}/recent/created`, handle: recentBy((row) => row.createdAt) },
  { ...reading, method: 'GET', template: `${ROOT}/associated/{objectType}/{objectId}/paged`, handle: allOf },
  { ...reading, method: 'GET', template: ONE, handle: read },
  { ...writing, method: 'PUT', template: ONE, handle: update },
  { ...writing, method: 'DELETE', template: ONE, handle: archive },
  { ...writing, method: 'PUT', template: ASSOCIATIONS, handle: associate },
  { ...writing, method: 'DELETE', template: ASSOCIATIONS, handle: dissociate },
  {
    ...writing,
    method: 'POST',
    template: '/deals/v1/batch-async/update',
    handle: (call) => updateBatch(call, deals(call)),
  },
]

/** Names of the lists of associated ids, and whose ids they hold (recorded). */
const ASSOCIATED = [
  ['associatedVids', '0-1'],
  ['associatedCompanyIds', '0-2'],
  ['associatedDealIds', '0-3'],
  ['associatedTicketIds', '0-5'],
] as const

function create(call: Call): Answer {
  const links = linksOf(call, (body(call)['associations'] ?? {}) as Json)
  const properties = sentProperties(call, 'name')
  return ok(print(call, writeOld(call, { type: deals(call), record: null, properties, links }).record))
}

function linksOf({ portal }: Call, lists: Json): InlineAssociation[] {
  return ASSOCIATED.flatMap(([name, typeId]) =>
    stringsOf(lists[name]).map((id): InlineAssociation => {
      const to = { typeId, id }
      const definition = portal.associationTypes.unlabelled('0-3', typeId)
      if (definition === undefined || !portal.isVisible(to)) throw missingObject(portal, to)
      return { to, definitions: [definition] }
    }),
  )
}

function read(call: Call): Answer {
  return ok(print(call, requireDeal(call)))
}

function update(call: Call): Answer {
  const record = requireDeal(call)
  return ok(
    print(
      call,
      writeOld(call, { type: deals(call), record, properties: sentProperties(call, 'name') }).record,
    ),
  )
}

function archive(call: Call): Answer {
  requireUnlocked(call.portal, deals(call))
  archiveRecord(call.portal, requireDeal(call), call.source)
  return NO_CONTENT
}

function all(call: Call): Answer {
  const { rows, hasMore, offset } = pageOfAll(call, deals(call), { offset: 'next' })
  const asked = oldSelection(call, deals(call))
  const isLinked = queryFlag(call, 'includeAssociations')
  return ok({ deals: rows.map((record) => print(call, record, asked, isLinked)), hasMore, offset })
}

function recentBy(timeOf: (record: StoredRecord) => number): (call: Call) => Answer {
  return (call) => {
    const { rows, ...page } = pageOfRecent(call, [deals(call)], timeOf)
    return ok({ results: rows.map((record) => print(call, record)), ...page })
  }
}

/** The deals of a contact or a company. */
function allOf(call: Call): Answer {
  const { portal } = call
  const owner = {
    typeId: portal.types.resolve(param(call, 'objectType').toLowerCase()).typeId,
    id: param(call, 'objectId'),
  }
  if (!portal.isVisible(owner)) throw notFound()
  const { rows, hasMore, offset } = pageOfAll(call, deals(call), {
    offset: 'next',
    accept: (record) => portal.associations.row(owner, record) !== undefined,
  })
  const asked = oldSelection(call, deals(call))
  const isLinked = queryFlag(call, 'includeAssociations')
  return ok({ deals: rows.map((record) => print(call, record, asked, isLinked)), hasMore, offset })
}

function associate(call: Call): Answer {
  const deal = requireDeal(call)
  for (const to of named(call)) {
    const definition = call.portal.associationTypes.unlabelled('0-3', to.typeId)
    if (definition === undefined || !call.portal.isVisible(to)) throw missingObject(call.portal, to)
    call.portal.announceAssociations(addAssociation(call.portal, deal, to, [definition]), call.source)
  }
  return NO_CONTENT
}

function dissociate(call: Call): Answer {
  const deal = requireDeal(call)
  for (const to of named(call)) {
    call.portal.announceAssociations(call.portal.associations.remove(deal, to), call.source)
  }
  return NO_CONTENT
}

/** The records of the query: `CONTACT` or `COMPANY`, and any number of `id`. */
function named(call: Call): { typeId: string; id: string }[] {
  const { typeId } = call.portal.types.resolve(param(call, 'objectType').toLowerCase())
  const ids = call.query.getAll('id')
  if (ids.length === 0) throw invalid('At least one id is required')
  return ids.map((id) => ({ typeId, id }))
}

function deals(call: Call): ObjectType {
  return call.portal.types.byTypeId('0-3')
}

function requireDeal(call: Call): StoredRecord {
  const record = call.portal.records.resolve('0-3', param(call, 'dealId'))
  if (record === undefined) throw notFound()
  return record
}

function print(
  call: Call,
  record: StoredRecord,
  asked: OldSelection = everything(record),
  isLinked = true,
): unknown {
  return {
    portalId: call.portal.identity.portalId,
    dealId: record.serial,
    isDeleted: record.state !== 'live',
    associations: isLinked ? printAssociated(call, record) : null,
    properties: printOldValues(call.portal, record, asked),
    imports: [],
    stateChanges: [],
  }
}

function printAssociated({ portal }: Call, record: StoredRecord): unknown {
  const ids = (typeId: string): number[] =>
    [...portal.associations.from(record, typeId)].flatMap(({ to }) =>
      portal.isVisible(to) ? [Number(to.id)] : [],
    )
  return Object.fromEntries(ASSOCIATED.map(([name, typeId]) => [name, ids(typeId)]))
}
