/**
 * Notes and tasks as engagements, the way before version 3 (the vendor's legacy documents): one id, one type, the ids
 * of what it concerns and what the type says. Calls, e-mails and meetings are not modelled.
 */
import type { End } from './association-store.ts'
import {
  body,
  param,
  queryNumber,
  scalarOf,
  stringOf,
  stringsOf,
  type Call,
  type Json,
  type Route,
} from './call.ts'
import { missingObject, type InlineAssociation } from './inline-associations.ts'
import type { ObjectType } from './object-types.ts'
import { archiveRecord } from './objects.ts'
import { nextOffset, pageOfRecent, writeOld } from './old-records.ts'
import type { StoredRecord } from './record-store.ts'
import { instant, invalid, NO_CONTENT, notFound, notModelled, ok, type Answer } from './wire.ts'

const ROOT = '/engagements/v1/engagements'
const ONE = `${ROOT}/{engagementId}`

// Notes and tasks ride on the scopes of contacts (fact sheet 4.3).
const reading = { method: 'GET', mutates: false, scopes: () => ['crm.objects.contacts.read'] } as const
const writing = { mutates: true, scopes: () => ['crm.objects.contacts.write'] } as const

export const oldEngagementRoutes: readonly Route[] = [
  { ...writing, method: 'POST', template: ROOT, handle: create },
  { ...reading, template: `${ROOT}/paged`, handle: all },
  { ...reading, template: `${ROOT}/recent/modified`, handle: recent },
  { ...reading, template: `${ROOT}/associated/{objectType}/{objectId}/paged`, handle: allOf },
  { ...reading, template: ONE, handle: read },
  { ...writing, method: 'PATCH', template: ONE, handle: update },
  { ...writing, method: 'DELETE', template: ONE, handle: archive },
]

interface Kind {
  readonly name: 'NOTE' | 'TASK'
  readonly typeId: string
  /** Member of `metadata` → property. */
  readonly metadata: Readonly<Record<string, string>>
}

const KINDS: readonly Kind[] = [
  { name: 'NOTE', typeId: '0-46', metadata: { body: 'hs_note_body' } },
  {
    name: 'TASK',
    typeId: '0-27',
    metadata: {
      body: 'hs_task_body',
      subject: 'hs_task_subject',
      status: 'hs_task_status',
      taskType: 'hs_task_type',
      priority: 'hs_task_priority',
    },
  },
]

const ELSEWHERE = new Set(['CALL', 'EMAIL', 'MEETING', 'INCOMING_EMAIL', 'FORWARDED_EMAIL', 'LOGGED_EMAIL'])

const ASSOCIATED = [
  ['contactIds', '0-1'],
  ['companyIds', '0-2'],
  ['dealIds', '0-3'],
  ['ticketIds', '0-5'],
] as const

/** Lists of ids that nothing here can fill; all are there (recorded). */
const NOBODY = {
  ownerIds: [],
  workflowIds: [],
  contentIds: [],
  quoteIds: [],
  marketingEventIds: [],
  partnerClientIds: [],
  orderIds: [],
  cartIds: [],
}

function create(call: Call): Answer {
  const fields = body(call)
  const engagement = part(fields, 'engagement')
  const kind = kindOf(stringOf(engagement['type'], 'type'))
  const properties = { hs_timestamp: instant(call.portal.clock()), ...valuesOf(kind, fields) }
  const links = linksOf(call, kind, part(fields, 'associations'))
  const { record } = writeOld(call, { type: typeOf(call, kind), record: null, properties, links })
  return ok(print(call, record))
}

function kindOf(name: string): Kind {
  const kind = KINDS.find((each) => each.name === name)
  if (kind !== undefined) return kind
  if (ELSEWHERE.has(name)) throw notModelled(`The engagement type ${name}`)
  throw invalid(`${name} is not an engagement type`)
}

/** Only what was sent. */
function valuesOf(kind: Kind, fields: Json): Record<string, string> {
  const engagement = part(fields, 'engagement')
  const metadata = part(fields, 'metadata')
  const values = Object.entries(kind.metadata).map(([member, property]) => [property, metadata[member]])
  values.push(['hs_timestamp', engagement['timestamp']], ['hubspot_owner_id', engagement['ownerId']])
  return Object.fromEntries(
    values.flatMap(([property, value]) => (value === undefined ? [] : [[property, scalarOf(value)]])),
  )
}

function part(fields: Json, name: string): Json {
  const value = fields[name]
  return typeof value === 'object' && value !== null ? (value as Json) : {}
}

function linksOf({ portal }: Call, kind: Kind, lists: Json): InlineAssociation[] {
  return ASSOCIATED.flatMap(([name, typeId]) =>
    stringsOf(lists[name]).map((id): InlineAssociation => {
      const to = { typeId, id }
      const definition = portal.associationTypes.unlabelled(kind.typeId, typeId)
      if (definition === undefined || !portal.isVisible(to)) throw missingObject(portal, to)
      return { to, definitions: [definition] }
    }),
  )
}

function read(call: Call): Answer {
  return ok(print(call, requireEngagement(call)))
}

function update(call: Call): Answer {
  const record = requireEngagement(call)
  const kind = kindOfRecord(record)
  const properties = valuesOf(kind, body(call))
  return ok(print(call, writeOld(call, { type: typeOf(call, kind), record, properties }).record))
}

function archive(call: Call): Answer {
  archiveRecord(call.portal, requireEngagement(call), call.source)
  return NO_CONTENT
}

const PAGE_DEFAULT = 100
const PAGE_MAX = 250

function all(call: Call): Answer {
  return ok(page(call, () => true))
}

function allOf(call: Call): Answer {
  const { portal } = call
  const owner: End = {
    typeId: portal.types.resolve(param(call, 'objectType').toLowerCase()).typeId,
    id: param(call, 'objectId'),
  }
  if (!portal.isVisible(owner)) throw notFound()
  return ok(page(call, (record) => portal.associations.row(owner, record) !== undefined))
}

/** In the order of their ids; the next page begins at `offset` (recorded). */
function page(call: Call, accept: (record: StoredRecord) => boolean): unknown {
  const limit = Math.min(PAGE_MAX, Math.max(1, queryNumber(call, 'limit', PAGE_DEFAULT)))
  const from = queryNumber(call, 'offset', 0)
  const found = KINDS.flatMap(({ typeId }) =>
    call.portal.records.page(typeId, { from, limit: limit + 1, bin: false, accept }),
  ).toSorted((a, b) => a.serial - b.serial)
  const rows = found.slice(0, limit)
  return {
    results: rows.map((record) => print(call, record)),
    hasMore: found.length > limit,
    offset: nextOffset(rows, from),
  }
}

function recent(call: Call): Answer {
  const types = KINDS.map((kind) => typeOf(call, kind))
  const { rows, ...page } = pageOfRecent(call, types, (record) => record.updatedAt)
  return ok({ results: rows.map((record) => print(call, record)), ...page })
}

function requireEngagement(call: Call): StoredRecord {
  for (const { typeId } of KINDS) {
    const record = call.portal.records.resolve(typeId, param(call, 'engagementId'))
    if (record !== undefined) return record
  }
  throw notFound()
}

function kindOfRecord(record: StoredRecord): Kind {
  const kind = KINDS.find(({ typeId }) => typeId === record.typeId)
  if (kind === undefined) throw new Error(`${record.typeId} is no engagement`)
  return kind
}

function typeOf(call: Call, { typeId }: Kind): ObjectType {
  return call.portal.types.byTypeId(typeId)
}

function print(call: Call, record: StoredRecord): unknown {
  const { portal } = call
  const { values } = record
  const kind = kindOfRecord(record)
  const owner = values['hubspot_owner_id']
  const ids = (typeId: string): number[] =>
    [...portal.associations.from(record, typeId)].flatMap(({ to }) =>
      portal.isVisible(to) ? [Number(to.id)] : [],
    )
  return {
    engagement: {
      id: record.serial,
      portalId: portal.identity.portalId,
      active: true,
      createdAt: record.createdAt,
      lastUpdated: record.updatedAt,
      ...usersOf(record),
      ...(owner !== undefined && { ownerId: Number(owner) }),
      type: kind.name,
      timestamp: Date.parse(values['hs_timestamp'] ?? ''),
      source: record.createdBy.type,
      allAccessibleTeamIds: [],
      bodyPreview: values['hs_body_preview'] ?? '',
      queueMembershipIds: [],
      bodyPreviewIsTruncated: values['hs_body_preview_is_truncated'] === 'true',
      ...(values['hs_body_preview_html'] !== undefined && {
        bodyPreviewHtml: values['hs_body_preview_html'],
      }),
    },
    associations: {
      ...Object.fromEntries(ASSOCIATED.map(([name, typeId]) => [name, ids(typeId)])),
      ...NOBODY,
    },
    attachments: [],
    scheduledTasks: [],
    metadata: {
      ...Object.fromEntries(
        Object.entries(kind.metadata).flatMap(([member, property]) =>
          values[property] === undefined ? [] : [[member, values[property]]],
        ),
      ),
      ...(kind.name === 'TASK' && { forObjectType: 'OWNER', reminders: [], isAllDay: false }),
    },
  }
}

/** People; an app is nobody here. */
function usersOf({ values }: StoredRecord): { createdBy?: number; modifiedBy?: number } {
  const made = values['hs_created_by_user_id']
  const changed = values['hs_updated_by_user_id'] ?? made
  return {
    ...(made !== undefined && { createdBy: Number(made) }),
    ...(changed !== undefined && { modifiedBy: Number(changed) }),
  }
}
