/**
 * Single contacts the oldest way, which ends with version 3 (HubSpot fact sheet 2) and which widely used clients still
 * call. Shapes are those of the vendor's documents and of answers that others published.
 */
import { param, type Call, type Route } from './call.ts'
import { printProfile } from './contact-profile.ts'
import type { ObjectType } from './object-types.ts'
import { archiveRecord, requireUnlocked } from './objects.ts'
import { sentProperties, writeOld } from './old-records.ts'
import type { StoredRecord } from './record-store.ts'
import { NO_CONTENT, ok, Problem, type Answer } from './wire.ts'

const ROOT = '/contacts/v1/contact'
const BY_ID = `${ROOT}/vid/{vid}`
const BY_EMAIL = `${ROOT}/email/{email}`

const reading = { mutates: false, scopes: () => ['crm.objects.contacts.read'] } as const
const writing = { mutates: true, scopes: () => ['crm.objects.contacts.write'] } as const

export const oldContactRoutes: readonly Route[] = [
  { ...writing, method: 'POST', template: ROOT, handle: create },
  { ...writing, method: 'POST', template: `${ROOT}/createOrUpdate/email/{email}`, handle: createOrUpdate },
  { ...reading, method: 'GET', template: `${BY_ID}/profile`, handle: read },
  { ...reading, method: 'GET', template: `${BY_EMAIL}/profile`, handle: read },
  { ...writing, method: 'POST', template: `${BY_ID}/profile`, handle: update },
  { ...writing, method: 'POST', template: `${BY_EMAIL}/profile`, handle: update },
  { ...writing, method: 'DELETE', template: BY_ID, handle: archive },
]

function create(call: Call): Answer {
  return ok(
    profileOf(
      call,
      writeOld(call, { type: contacts(call), record: null, properties: sentProperties(call, 'property') })
        .record,
    ),
  )
}

function createOrUpdate(call: Call): Answer {
  const record = holderOf(call) ?? null
  const properties = sentProperties(call, 'property')
  const keyed = record === null ? { email: param(call, 'email'), ...properties } : properties
  const written = writeOld(call, { type: contacts(call), record, properties: keyed })
  return ok({ vid: written.record.serial, isNew: written.created })
}

function read(call: Call): Answer {
  return ok(profileOf(call, requireContact(call)))
}

function update(call: Call): Answer {
  const record = requireContact(call)
  writeOld(call, { type: contacts(call), record, properties: sentProperties(call, 'property') })
  return NO_CONTENT
}

function archive(call: Call): Answer {
  const record = requireContact(call)
  requireUnlocked(call.portal, contacts(call))
  archiveRecord(call.portal, record, call.source)
  return ok({ vid: record.serial, deleted: true, reason: 'OK' })
}

function profileOf(call: Call, record: StoredRecord): unknown {
  return printProfile(call.portal, record, {
    properties: call.query.getAll('property'),
    withHistory: call.query.get('propertyMode') !== 'value_only',
  })
}

function contacts(call: Call): ObjectType {
  return call.portal.types.byTypeId('0-1')
}

/** By e-mail, secondary ones included. */
function holderOf(call: Call): StoredRecord | undefined {
  return call.portal.records.holder('0-1', 'email', param(call, 'email'))
}

/** A contact has all the ids it ever had. */
function requireContact(call: Call): StoredRecord {
  const vid = call.params['vid']
  const record = vid === undefined ? holderOf(call) : call.portal.records.resolve('0-1', vid)
  if (record === undefined) throw new Problem(404, 'contact does not exist')
  return record
}
