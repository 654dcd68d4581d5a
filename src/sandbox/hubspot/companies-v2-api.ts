/** Companies before version 3: single ones, lists, by domain, and the contacts of one (see `old-records.ts`). */
import { addAssociation } from './associations-api.ts'
import { body, param, queryNumber, scalarOf, stringsOf, type Call, type Json, type Route } from './call.ts'
import { printProfile } from './contact-profile.ts'
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
import { NO_CONTENT, notFound, ok, Problem, type Answer } from './wire.ts'

const ROOT = '/companies/v2/companies'
const ONE = `${ROOT}/{companyId}`
const CONTACTS = `${ONE}/contacts`

const reading = { mutates: false, scopes: () => ['crm.objects.companies.read'] } as const
const writing = { mutates: true, scopes: () => ['crm.objects.companies.write'] } as const

export const oldCompanyRoutes: readonly Route[] = [
  { ...writing, method: 'POST', template: ROOT, handle: create },
  { ...reading, method: 'GET', template: `${ROOT}/paged`, handle: all },
  {
    ...reading,
    method: 'GET',
    template: `${ROOT}/recent/modified`,
    handle: recentBy((row) => row.updatedAt),
  },
  { ...reading, method: 'GET', template: `${ROOT}/recent/created`, handle: recentBy((row) => row.createdAt) },
  { ...reading, method: 'GET', template: ONE, handle: read },
  { ...writing, method: 'PUT', template: ONE, handle: update },
  { ...writing, method: 'DELETE', template: ONE, handle: archive },
  { ...reading, method: 'GET', template: CONTACTS, handle: contactsOf },
  { ...reading, method: 'GET', template: `${ONE}/vids`, handle: vidsOf },
  { ...writing, method: 'PUT', template: `${CONTACTS}/{vid}`, handle: addContact },
  { ...writing, method: 'DELETE', template: `${CONTACTS}/{vid}`, handle: removeContact },
  // A search that changes nothing, whatever its method.
  { ...reading, method: 'POST', template: '/companies/v2/domains/{domain}/companies', handle: byDomain },
  {
    ...writing,
    method: 'POST',
    template: '/companies/v1/batch-async/update',
    handle: (call) => updateBatch(call, companies(call)),
  },
]

function create(call: Call): Answer {
  const properties = sentProperties(call, 'name')
  return ok(print(call, writeOld(call, { type: companies(call), record: null, properties }).record))
}

function read(call: Call): Answer {
  return ok(print(call, find(call) ?? fail(notFound())))
}

function update(call: Call): Answer {
  const record = requireCompany(call)
  return ok(
    print(
      call,
      writeOld(call, { type: companies(call), record, properties: sentProperties(call, 'name') }).record,
    ),
  )
}

function archive(call: Call): Answer {
  requireUnlocked(call.portal, companies(call))
  const record = requireCompany(call)
  archiveRecord(call.portal, record, call.source)
  return ok({ companyId: record.serial, deleted: true })
}

function all(call: Call): Answer {
  const { rows, hasMore, offset } = pageOfAll(call, companies(call), { offset: 'last' })
  const asked = oldSelection(call, companies(call))
  return ok({ 'has-more': hasMore, offset, companies: rows.map((record) => print(call, record, asked)) })
}

function recentBy(timeOf: (record: StoredRecord) => number): (call: Call) => Answer {
  return (call) => {
    const { rows, ...page } = pageOfRecent(call, [companies(call)], timeOf)
    return ok({ results: rows.map((record) => print(call, record)), ...page })
  }
}

const DOMAIN_PAGE_MAX = 100

/** In the order of their ids, behind `offset.companyId` (recorded). */
function byDomain(call: Call): Answer {
  const fields = body(call)
  const limit = Math.min(DOMAIN_PAGE_MAX, Math.max(1, Number(scalarOf(fields['limit'])) || DOMAIN_PAGE_MAX))
  const after = Number(scalarOf((fields['offset'] as Json | null | undefined)?.['companyId']))
  const options = fields['requestOptions'] as Json | null | undefined
  const names = stringsOf(options?.['properties'])
  const domain = param(call, 'domain').toLowerCase()
  const found = [...call.portal.records.all(companies(call))]
    .filter(
      (record) => record.state === 'live' && record.serial > after && domainsOf(record).includes(domain),
    )
    .toSorted((a, b) => a.serial - b.serial)
  const rows = found.slice(0, limit)
  return ok({
    results: rows.map((record) => print(call, record, { names, withHistory: new Set() })),
    hasMore: found.length > limit,
    offset: { companyId: rows.at(-1)?.serial ?? 0, isPrimary: true },
  })
}

function domainsOf({ values }: StoredRecord): string[] {
  return [values['domain'] ?? '', ...(values['hs_additional_domains']?.split(';') ?? [])].map((each) =>
    each.toLowerCase(),
  )
}

const CONTACTS_DEFAULT = 20
const CONTACTS_MAX = 100

/** In the order of their ids; `vidOffset` is the last one shown. */
function contactPage(call: Call): { rows: StoredRecord[]; vidOffset: number; hasMore: boolean } {
  const { portal } = call
  const count = Math.min(CONTACTS_MAX, Math.max(1, queryNumber(call, 'count', CONTACTS_DEFAULT)))
  const after = queryNumber(call, 'vidOffset', 0)
  const behind = [...portal.associations.from(requireCompany(call), '0-1')]
    .flatMap(({ to }) => portal.records.resolve(to.typeId, to.id) ?? [])
    .filter((contact) => contact.serial > after)
    .toSorted((a, b) => a.serial - b.serial)
  const rows = behind.slice(0, count)
  return { rows, vidOffset: rows.at(-1)?.serial ?? after, hasMore: behind.length > count }
}

function contactsOf(call: Call): Answer {
  const { rows, vidOffset, hasMore } = contactPage(call)
  return ok({ contacts: rows.map((contact) => printContact(call, contact)), vidOffset, hasMore })
}

function vidsOf(call: Call): Answer {
  const { rows, vidOffset, hasMore } = contactPage(call)
  return ok({ vids: rows.map((contact) => contact.serial), vidOffset, hasMore })
}

const CONTACT_PROPERTIES = ['company', 'createdate', 'firstname', 'lastmodifieddate', 'lastname']

/** The vendor's oldest spelling of a contact: camel case, and properties in a list. */
function printContact(call: Call, contact: StoredRecord): unknown {
  const profile = printProfile(call.portal, contact, { properties: CONTACT_PROPERTIES, withHistory: false })
  const values = profile['properties'] as Record<string, { value: string }>
  const [known] = profile['identity-profiles'] as { identities: readonly { type: string; value: string }[] }[]
  return {
    identities: [
      {
        vid: contact.serial,
        identity: (known?.identities ?? []).map(({ type, value }) => ({
          value,
          type,
          timestamp: contact.createdAt,
        })),
        linkedVid: [],
      },
    ],
    properties: Object.entries(values).map(([name, { value }]) => ({ name, value, sourceVid: [] })),
    formSubmissions: [],
    listMembership: [],
    vid: contact.serial,
    portalId: call.portal.identity.portalId,
    isContact: true,
    canonicalVid: contact.serial,
    mergeAudit: [],
    mergedVids: profile['merged-vids'],
  }
}

function addContact(call: Call): Answer {
  const company = requireCompany(call)
  const vid = param(call, 'vid')
  const contact = call.portal.records.resolve('0-1', vid)
  if (contact === undefined) throw missing(call, 'Contact with the vid', vid)
  // In this version a contact had one company, which is the primary one today.
  const primary = call.portal.associationTypes.primary('0-1', '0-2')
  const changes = addAssociation(call.portal, contact, company, primary === undefined ? [] : [primary])
  call.portal.announceAssociations(changes, call.source)
  return ok(print(call, company))
}

function removeContact(call: Call): Answer {
  const company = requireCompany(call)
  const contact = { typeId: '0-1', id: param(call, 'vid') }
  call.portal.announceAssociations(call.portal.associations.remove(contact, company), call.source)
  return NO_CONTENT
}

function companies(call: Call): ObjectType {
  return call.portal.types.byTypeId('0-2')
}

function find(call: Call): StoredRecord | undefined {
  return call.portal.records.resolve('0-2', param(call, 'companyId'))
}

/** What is read is told shortly, what is changed at length (recorded). */
function requireCompany(call: Call): StoredRecord {
  return find(call) ?? fail(missing(call, 'company with the ID', param(call, 'companyId')))
}

function missing({ portal }: Call, what: string, id: string): Problem {
  return new Problem(404, `Couldn't find a ${what} '${id}' in portal '${portal.identity.portalId}'`)
}

function fail(problem: Problem): never {
  throw problem
}

function print(call: Call, record: StoredRecord, asked: OldSelection = everything(record)): unknown {
  return {
    portalId: call.portal.identity.portalId,
    companyId: record.serial,
    isDeleted: record.state !== 'live',
    properties: printOldValues(call.portal, record, asked),
    additionalDomains: record.values['hs_additional_domains']?.split(';').map((domain) => ({ domain })) ?? [],
    stateChanges: [],
    mergeAudits: [],
  }
}
