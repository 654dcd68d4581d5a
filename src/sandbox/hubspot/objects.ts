/**
 * Single records: list, read, create, update, archive, GDPR delete (HubSpot fact sheet 7.3 to 7.6, 7.9,
 * 18.2).
 */
import {
  body,
  idOf,
  linkTo,
  objectType,
  param,
  queryAfter,
  queryFlag,
  queryLimit,
  readScopes,
  writeScopes,
  type Call,
  type Route,
} from './call.ts'
import { recountAround } from './association-counts.ts'
import { associateCompanyByDomain } from './company-domains.ts'
import { inlineAssociations, type InlineAssociation } from './inline-associations.ts'
import { followDeal } from './lifecycle-automation.ts'
import { mergeRoute } from './merge.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import { prepareSingle } from './prepare-write.ts'
import { printRecord, printWritten, querySelection } from './record-answers.ts'
import type { Source, StoredRecord } from './record-store.ts'
import { invalid, NO_CONTENT, notFound, notNumeric, ok, Problem, type Answer } from './wire.ts'
import { commitWrite, type Written } from './write.ts'

const PAGE_DEFAULT = 10
const PAGE_MAX = 100
const HISTORY_PAGE_MAX = 50

/** How long the recycle bin keeps a record (7.9). */
export const BIN_MS = 90 * 86_400_000

const ROOT = '/crm/v3/objects/{objectType}'

export const objectRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, scopes: readScopes, handle: list },
  { method: 'POST', template: ROOT, mutates: true, scopes: writeScopes, handle: create },
  { method: 'GET', template: `${ROOT}/{objectId}`, mutates: false, scopes: readScopes, handle: read },
  { method: 'PATCH', template: `${ROOT}/{objectId}`, mutates: true, scopes: writeScopes, handle: update },
  { method: 'DELETE', template: `${ROOT}/{objectId}`, mutates: true, scopes: writeScopes, handle: archive },
  { method: 'POST', template: `${ROOT}/merge`, mutates: true, scopes: writeScopes, handle: mergeRoute },
  { method: 'POST', template: `${ROOT}/gdpr-delete`, mutates: true, scopes: writeScopes, handle: gdprDelete },
]

function list(call: Call): Answer {
  const { portal } = call
  const type = objectType(call)
  const limit = queryLimit(call, PAGE_DEFAULT, PAGE_MAX)
  const archived = queryFlag(call, 'archived')
  if (archived && !type.listsArchived) throw invalid(`Archived ${type.plural} cannot be listed`)
  const asked = querySelection(call, type)
  // That histories make batches smaller is documented with a number (6); for lists the same one is assumed.
  if (asked.history.length > 0 && limit > HISTORY_PAGE_MAX) {
    throw invalid(`limit must be between 1 and ${HISTORY_PAGE_MAX} for property histories, but was ${limit}`)
  }
  const page = portal.records.page(type.typeId, {
    from: queryAfter(call),
    limit: limit + 1,
    bin: archived,
    ...(archived && { accept: (record) => isInBin(portal, record) }),
  })
  const rows = page.slice(0, limit)
  const last = rows.at(-1)
  const after = page.length > limit && last !== undefined ? String(last.serial + 1) : null
  return ok({
    results: rows.map((record) => printRecord(portal, type, record, asked)),
    ...(after !== null && { paging: { next: { after, link: nextLink(call, after) } } }),
  })
}

/** Merged-away records show up in the bin where the portal does so; nothing stays longer than 90 days. */
export function isInBin(portal: Portal, record: StoredRecord): boolean {
  if (record.archivedAt === null || record.archivedAt <= portal.clock() - BIN_MS) return false
  return record.state === 'archived' || portal.settings.mergedLosersInArchive
}

/** The link of a list may show a v3 path whatever version was called (2). */
function nextLink(call: Call, after: string): string {
  const query = new URLSearchParams(call.query)
  query.set('after', after)
  return linkTo(call, `/crm/v3/objects/${param(call, 'objectType')}?${query.toString()}`)
}

function read(call: Call): Answer {
  const type = objectType(call)
  const asked = querySelection(call, type)
  const record = findRecord(call, type, { archived: queryFlag(call, 'archived') })
  return ok(printRecord(call.portal, type, record, asked))
}

/** The record of a path: by id (an alias answers its survivor) or by a unique property. */
function findRecord(call: Call, type: ObjectType, options: { archived: boolean }): StoredRecord {
  const { portal } = call
  const id = param(call, 'objectId')
  const idProperty = call.query.get('idProperty')
  if (idProperty !== null && idProperty !== '' && idProperty !== 'hs_object_id') {
    requireUnique(portal, type, idProperty)
    const holder = portal.records.holder(type.typeId, idProperty, id)
    if (holder === undefined || options.archived) throw notFound()
    return holder
  }
  if (!/^\d+$/.test(id)) throw notNumeric(id)
  if (options.archived) {
    const record = portal.records.find(type.typeId, id)
    if (record === undefined || !isInBin(portal, record)) throw notFound()
    return record
  }
  const record = portal.records.resolve(type.typeId, id)
  if (record === undefined) throw notFound()
  return record
}

/** The live record that a path begins with. */
export function requireFound(call: Call): StoredRecord {
  return findRecord(call, objectType(call), { archived: false })
}

/** Only the e-mail of contacts and customer-made unique properties identify records (7.8). */
export function requireUnique(portal: Portal, type: ObjectType, property: string): void {
  for (const name of portal.records.uniqueProperties(type.typeId)) if (name === property) return
  throw invalid(`Unable to perform update/upsert by non-unique ${type.typeId} property ${property}`)
}

function create(call: Call): Answer {
  const type = objectType(call)
  requireUnlocked(call.portal, type)
  const fields = body(call)
  const draft = prepareSingle(call.portal, {
    type,
    record: null,
    properties: fields['properties'],
    source: call.source,
    viaApi: true,
    checksForm: call.version === '2026-09',
  })
  const links = inlineAssociations(call.portal, type.typeId, fields['associations'])
  const written = finishWrite(call.portal, commitWrite(call.portal, draft), links, call.source)
  return {
    status: 201,
    body: printWritten(call.portal, type, written),
    headers: { location: linkTo(call, `/crm/v3/objects/${type.plural}/${written.record.id}`) },
  }
}

/** What follows a write: the associations of a new record, the company of its e-mail domain, automation. */
export function finishWrite(
  portal: Portal,
  written: Written,
  links: readonly InlineAssociation[],
  source: Source,
): Written {
  const { record, created, changed } = written
  for (const { to, definitions } of links) {
    const searchableAt = portal.associationSearchableAt()
    const changes = portal.associations.add(record, to, definitions, searchableAt)
    portal.announceAssociations(changes, source)
  }
  if (created && record.typeId === '0-1') associateCompanyByDomain(portal, record)
  if (record.typeId === '0-3' && (created || changed.includes('dealstage'))) followDeal(portal, record)
  if (changed.includes('hs_is_closed')) recountAround(portal, record)
  return written
}

function update(call: Call): Answer {
  const type = objectType(call)
  requireUnlocked(call.portal, type)
  const record = findRecord(call, type, { archived: false })
  const draft = prepareSingle(call.portal, {
    type,
    record,
    properties: body(call)['properties'],
    source: call.source,
    viaApi: true,
    checksForm: false,
  })
  const written = finishWrite(call.portal, commitWrite(call.portal, draft), [], call.source)
  return ok(printWritten(call.portal, type, written))
}

/**
 * Idempotent, unknown ids included. Whether an alias archives its survivor is undocumented; reads and
 * updates of an alias reach the survivor, so this does too.
 */
function archive(call: Call): Answer {
  const type = objectType(call)
  requireUnlocked(call.portal, type)
  const id = param(call, 'objectId')
  if (!/^\d+$/.test(id)) throw notNumeric(id)
  const record = call.portal.records.resolve(type.typeId, id)
  if (record !== undefined) archiveRecord(call.portal, record, call.source)
  return NO_CONTENT
}

export function archiveRecord(portal: Portal, record: StoredRecord, source: Source): void {
  portal.records.retire(record, portal.clock(), null)
  record.revision++
  portal.reindex(record, null)
  recountAround(portal, record)
  portal.announce(record, source, {
    kind: 'deletion',
    details: { objectId: record.serial, changeFlag: 'DELETED' },
  })
}

function gdprDelete(call: Call): Answer {
  const { portal, source } = call
  const type = objectType(call)
  if (type.plural !== 'contacts') throw new Problem(405, 'HTTP 405 Method Not Allowed')
  const fields = body(call)
  const id = idOf(fields['objectId'], 'objectId')
  const byEmail = fields['idProperty'] === 'email'
  const record = byEmail
    ? portal.records.holder(type.typeId, 'email', id)
    : (portal.records.resolve(type.typeId, id) ?? portal.records.find(type.typeId, id))
  if (record === undefined) {
    if (!byEmail) throw notFound()
    portal.blockedEmails.add(id.toLowerCase())
    return NO_CONTENT
  }
  record.revision++
  portal.reindex(record, null)
  portal.records.purge(record)
  recountAround(portal, record)
  portal.associations.forget(record)
  for (const kind of ['privacyDeletion', 'deletion']) {
    portal.announce(record, source, { kind, details: { objectId: record.serial, changeFlag: 'DELETED' } })
  }
  return NO_CONTENT
}

/** Very heavy writes lock an object for two seconds (5.2). */
export function requireUnlocked(portal: Portal, type: ObjectType): void {
  if (portal.settings.lockedObjects.includes(type.plural)) {
    throw new Problem(423, `The object type ${type.plural} is locked, try again later`)
  }
}
