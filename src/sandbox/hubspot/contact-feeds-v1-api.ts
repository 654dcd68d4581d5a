/**
 * The three lists of contacts that outlived the lists of version 1, which answer 404 since April 2026 (the vendor's
 * change log): all contacts, those changed lately, and those made lately.
 */
import { queryNumber, type Call, type Route } from './call.ts'
import { printProfile } from './contact-profile.ts'
import type { StoredRecord } from './record-store.ts'
import { ok, type Answer } from './wire.ts'

const ROOT = '/contacts/v1/lists'

const reading = { method: 'GET', mutates: false, scopes: () => ['crm.objects.contacts.read'] } as const

export const oldContactFeedRoutes: readonly Route[] = [
  { ...reading, template: `${ROOT}/all/contacts/all`, handle: all },
  {
    ...reading,
    template: `${ROOT}/recently_updated/contacts/recent`,
    handle: (call) => recent(call, (record) => record.updatedAt),
  },
  {
    ...reading,
    template: `${ROOT}/all/contacts/recent`,
    handle: (call) => recent(call, (record) => record.createdAt),
  },
]

const PAGE_DEFAULT = 20
const PAGE_MAX = 100

/** How far back "lately" goes. */
const LATELY_MS = 30 * 86_400_000

const DEFAULTS = ['company', 'firstname', 'lastname']

/** In the order of their ids; `vid-offset` is the last one shown. */
function all(call: Call): Answer {
  const limit = pageSize(call)
  const page = call.portal.records.page('0-1', {
    from: queryNumber(call, 'vidOffset', -1) + 1,
    limit: limit + 1,
    bin: false,
  })
  const rows = page.slice(0, limit)
  return ok({
    contacts: rows.map((record) => print(call, record)),
    'has-more': page.length > limit,
    'vid-offset': rows.at(-1)?.serial ?? 0,
  })
}

/** Newest first; the two offsets together say behind which contact the next page begins. */
function recent(call: Call, timeOf: (record: StoredRecord) => number): Answer {
  const { portal } = call
  const limit = pageSize(call)
  const time = queryNumber(call, 'timeOffset', Number.POSITIVE_INFINITY)
  const vid = queryNumber(call, 'vidOffset', Number.POSITIVE_INFINITY)
  const wanted = [...portal.records.all(portal.types.byTypeId('0-1'))]
    .filter((record) => record.state === 'live' && timeOf(record) > portal.clock() - LATELY_MS)
    .filter((record) => timeOf(record) < time || (timeOf(record) === time && record.serial < vid))
    .toSorted((a, b) => timeOf(b) - timeOf(a) || b.serial - a.serial)
  const rows = wanted.slice(0, limit)
  const last = rows.at(-1)
  return ok({
    contacts: rows.map((record) => print(call, record)),
    'has-more': wanted.length > limit,
    'vid-offset': last?.serial ?? 0,
    'time-offset': last === undefined ? 0 : timeOf(last),
  })
}

/** More than the largest page is answered with the largest page. */
function pageSize(call: Call): number {
  return Math.min(PAGE_MAX, Math.max(1, queryNumber(call, 'count', PAGE_DEFAULT)))
}

function print(call: Call, record: StoredRecord): unknown {
  const asked = call.query.getAll('property')
  return {
    addedAt: record.createdAt,
    ...printProfile(call.portal, record, {
      properties: asked.length === 0 ? DEFAULTS : asked,
      withHistory: call.query.get('propertyMode') === 'value_and_history',
    }),
  }
}
