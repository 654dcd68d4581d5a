/** Many contacts at a time before version 3: by ids, by addresses, by a search; and merging (see `old-records.ts`). */
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
import { printProfile } from './contact-profile.ts'
import { mergeRecords } from './merge.ts'
import type { ObjectType } from './object-types.ts'
import { namedValues, writeOld } from './old-records.ts'
import { prepareWrite } from './prepare-write.ts'
import type { StoredRecord } from './record-store.ts'
import { findHits } from './search.ts'
import { invalid, notFound, ok, Problem, type Answer } from './wire.ts'

const ROOT = '/contacts/v1/contact'

const reading = { method: 'GET', mutates: false, scopes: () => ['crm.objects.contacts.read'] } as const
const writing = { method: 'POST', mutates: true, scopes: () => ['crm.objects.contacts.write'] } as const

export const oldContactBatchRoutes: readonly Route[] = [
  { ...reading, template: `${ROOT}/vids/batch`, handle: byIds },
  { ...reading, template: `${ROOT}/emails/batch`, handle: byEmails },
  { ...reading, template: '/contacts/v1/search/query', handle: search },
  { ...writing, template: `${ROOT}/batch`, handle: writeBatch },
  { ...writing, template: `${ROOT}/merge-vids/{vid}`, handle: merge },
]

/** Most contacts of a read (legacy documents). */
const READ_MAX = 100
/** Most contacts of a write (legacy documents). */
const WRITE_MAX = 1_000

function byIds(call: Call): Answer {
  return profiles(call, 'vid', (vid) => call.portal.records.resolve('0-1', vid))
}

function byEmails(call: Call): Answer {
  return profiles(call, 'email', (email) => call.portal.records.holder('0-1', 'email', email))
}

/** By the id of the contact; who is not there is missing from the answer. */
function profiles(call: Call, key: string, find: (value: string) => StoredRecord | undefined): Answer {
  const asked = call.query.getAll(key)
  if (asked.length > READ_MAX) throw invalid(`At most ${READ_MAX} contacts can be read at once`)
  const found = asked.flatMap((value) => find(value) ?? [])
  return ok(Object.fromEntries(found.map((record) => [record.id, print(call, record)])))
}

const SEARCH_DEFAULT = 20
const SEARCH_MAX = 100

/** Of the search index, which lags here as well (recorded); `offset` counts rows. */
function search(call: Call): Answer {
  const query = call.query.get('q') ?? ''
  const from = queryNumber(call, 'offset', 0)
  const count = Math.min(SEARCH_MAX, Math.max(1, queryNumber(call, 'count', SEARCH_DEFAULT)))
  const hits = findHits(call, contacts(call), { query })
  const page = hits.slice(from, from + count)
  const offset = from + page.length
  const rows = page.flatMap(({ id }) => call.portal.records.resolve('0-1', id) ?? [])
  const found = { contacts: rows.map((record) => print(call, record)) }
  return ok({ query, offset, 'has-more': offset < hits.length, total: hits.length, ...found })
}

/** All or nothing; carried out by and by at the vendor, at once here. What fails is not told one by one here. */
function writeBatch(call: Call): Answer {
  const entries = objectsOf(call.payload())
  if (entries.length > WRITE_MAX) throw invalid(`At most ${WRITE_MAX} contacts can be written at once`)
  const type = contacts(call)
  for (const entry of entries) {
    const intent = { type, ...intended(call, entry), source: call.source, viaApi: true, checksForm: false }
    if (prepareWrite(call.portal, intent).kind !== 'ready') {
      throw new Problem(400, 'Errors found processing batch update')
    }
  }
  // Looked up again: a contact may come twice, and is made once.
  for (const entry of entries) writeOld(call, { type, ...intended(call, entry) })
  return { status: 202, body: null }
}

/** By id, or by an address that makes a contact when it is nobody's. */
function intended(
  { portal }: Call,
  entry: Json,
): { record: StoredRecord | null; properties: Record<string, string> } {
  const properties = namedValues(entry['properties'], 'property')
  if (entry['vid'] !== undefined) {
    const record = portal.records.resolve('0-1', idOf(entry['vid'], 'vid'))
    if (record === undefined) throw new Problem(400, 'Errors found processing batch update')
    return { record, properties }
  }
  const email = idOf(entry['email'], 'email')
  const record = portal.records.holder('0-1', 'email', email) ?? null
  return { record, properties: record === null ? { email, ...properties } : properties }
}

/** The answer is a bare word (recorded). */
function merge(call: Call): Answer {
  const { records } = call.portal
  const primary = records.resolve('0-1', param(call, 'vid'))
  const other = records.resolve('0-1', scalarOf(body(call)['vidToMerge']))
  if (primary === undefined || other === undefined) throw notFound()
  mergeRecords(call.portal, contacts(call), { primary, other, source: call.source })
  return ok('SUCCESS')
}

function contacts(call: Call): ObjectType {
  return call.portal.types.byTypeId('0-1')
}

function print(call: Call, record: StoredRecord): unknown {
  return printProfile(call.portal, record, {
    properties: call.query.getAll('property'),
    withHistory: call.query.get('propertyMode') === 'value_and_history',
  })
}
