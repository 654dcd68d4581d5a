/**
 * Single contacts the oldest way, which ends with version 3 (HubSpot fact sheet 2) and which widely used clients still
 * call. Shapes are those of the vendor's documents and of answers that others published; batches of that age are not
 * modelled.
 */
import { body, objectsOf, param, scalarOf, stringOf, type Call, type Route } from './call.ts'
import { printProfile } from './contact-profile.ts'
import type { ObjectType } from './object-types.ts'
import { archiveRecord, finishWrite, requireUnlocked } from './objects.ts'
import { prepareWrite, type PropertyFault } from './prepare-write.ts'
import type { StoredRecord } from './record-store.ts'
import { missingFields, NO_CONTENT, ok, Problem, type Answer } from './wire.ts'
import { commitWrite, type Written } from './write.ts'

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
  return ok(profileOf(call, write(call, null, sentProperties(call)).record))
}

function createOrUpdate(call: Call): Answer {
  const record = holderOf(call) ?? null
  const properties = sentProperties(call)
  const keyed = record === null ? { email: param(call, 'email'), ...properties } : properties
  const written = write(call, record, keyed)
  return ok({ vid: written.record.serial, isNew: written.created })
}

function read(call: Call): Answer {
  return ok(profileOf(call, requireContact(call)))
}

function update(call: Call): Answer {
  write(call, requireContact(call), sentProperties(call))
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

/** `[{property, value}]`. */
function sentProperties(call: Call): Record<string, string> {
  const list = body(call)['properties']
  if (list === undefined || list === null) throw missingFields('properties')
  return Object.fromEntries(
    objectsOf(list).map((entry) => [stringOf(entry['property'], 'property'), scalarOf(entry['value'])]),
  )
}

function write(call: Call, record: StoredRecord | null, properties: Record<string, string>): Written {
  const { portal, source } = call
  const type = contacts(call)
  requireUnlocked(portal, type)
  const intent = { type, record, properties, source, viaApi: true, checksForm: false }
  const prepared = prepareWrite(portal, intent)
  if (prepared.kind === 'faulty') throw invalidValues(prepared.faults)
  if (prepared.kind === 'refused') throw prepared.problem
  return finishWrite(portal, commitWrite(portal, prepared.draft), [], source)
}

/** The same list as in later versions, in a place of its own (recorded). */
function invalidValues(faults: readonly PropertyFault[]): Problem {
  return new Problem(400, 'Property values were not valid', {
    validationResults: faults.map(({ message, code, name }) => ({
      isValid: false,
      message,
      error: code,
      name,
    })),
  })
}
