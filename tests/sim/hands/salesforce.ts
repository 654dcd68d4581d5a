/** People at work in Salesforce. Value formats: Salesforce fact sheet 17; stages of a new org: 18. */
import type { HttpRequest } from '../../../src/connectors/transport.ts'
import type { FieldValue, FieldValues } from '../../../src/core/value.ts'
import type { Dump, DumpedRecord } from '../../../src/sandbox/model.ts'
import { KINDS, type AdminEdit, type Draft, type Hands, type Kind, type Page, type Phase } from './hands.ts'
import { salesforceLeads } from './salesforce-leads.ts'

const OBJECT: Readonly<Record<Kind, string>> = { company: 'Account', person: 'Contact', deal: 'Opportunity' }

const LEAD_PREFIX = '00Q'

/** The first three characters of an id say what it is of (Salesforce fact sheet 5). */
const KIND_OF_ID: Readonly<Record<string, Kind>> = {
  '001': 'company',
  '003': 'person',
  '006': 'deal',
  '00Q': 'person',
}

const STAGE: Readonly<Record<Phase, string>> = {
  lead: 'Qualification',
  progress: 'Value Proposition',
  won: 'Closed Won',
  lost: 'Closed Lost',
}

const NEW_BUSINESS = 'New_Business'
const RENEWAL = 'Renewal'

/** Who sells the same again shows the value of it to nobody. */
const STAGE_OF_RENEWALS: Readonly<Record<Phase, string>> = { ...STAGE, progress: 'Negotiation/Review' }

export const salesforceHands: Hands = {
  vendor: 'salesforce',
  side: 'right',
  object: OBJECT,
  objectOf: (kind, id) => (id.startsWith(LEAD_PREFIX) ? salesforceLeads.object : OBJECT[kind]),
  recordsOf,
  leads: salesforceLeads,
  // Leads have a description as well, and a contact takes over that of the lead it was.
  remark: { company: 'Site', person: 'Description', deal: 'NextStep' },
  restores: true,

  prepare: [],
  // The first one is what a new opportunity gets when nobody chooses.
  grow: [
    recordType(NEW_BUSINESS, [
      'Prospecting',
      'Qualification',
      'Needs Analysis',
      'Value Proposition',
      'Proposal/Price Quote',
      'Negotiation/Review',
      'Closed Won',
      'Closed Lost',
    ]),
    recordType(RENEWAL, ['Qualification', 'Negotiation/Review', 'Closed Won', 'Closed Lost']),
  ],
  // Field-level security: what the user of the connection may not see does not exist for it (18).
  breakSchema: [{ setting: 'hiddenFields', value: ['Contact.Title'] }],
  mendSchema: [{ setting: 'hiddenFields', value: [] }],
  typed: (value) => value ?? null,
  jobOf: (person) => (person.values['Title'] as string | undefined) ?? '',

  values: (kind, draft, page) => ({
    ...VALUES[kind](draft),
    ...(kind === 'deal' && page ? process(draft, page) : {}),
    ...one(salesforceHands.remark[kind], draft.remark),
  }),

  relate({ kind, id, relation, target, remove }) {
    if (relation === 'company') {
      const values = { AccountId: remove ? null : target }
      return { action: 'update', object: OBJECT[kind], id, values }
    }
    const other = { object: 'Contact', id: target }
    return { action: remove ? 'dissociate' : 'associate', object: OBJECT[kind], id, other }
  },

  read: (kind, record, dump = {}) => ({
    ...Object.fromEntries(
      Object.entries(record.values)
        .filter(([field]) => !SYSTEM.has(field))
        .map(([field, value]) => [field, printed(field, value as Scalar)]),
    ),
    ...(kind === 'deal'
      ? { RecordTypeId: recordTypeOf(record, dump), 'association:Contact': participants(record) }
      : {}),
  }),

  kindsOf,
}

const VALUES: Readonly<Record<Kind, (draft: Draft) => Record<string, unknown>>> = {
  company: ({ name, domain }) => ({ ...one('Name', name), ...one('Website', domain) }),
  person: ({ first, last, email, job, phone }) => ({
    ...(first === undefined ? {} : names(first, last)),
    ...one('Email', email),
    ...one('Title', job),
    ...one('Phone', phone),
  }),
  deal: ({ name, amount, stage }) => ({
    ...one('Name', name),
    ...(amount === undefined ? {} : { Amount: amount === '' ? null : Number(amount) }),
    ...(stage === undefined ? {} : { StageName: STAGE[stage] }),
    // The form insists on a close date.
    ...(name !== undefined && stage !== undefined ? { CloseDate: '2027-03-31' } : {}),
  }),
}

function recordType(DeveloperName: string, StageName: readonly string[]): AdminEdit {
  const Name = DeveloperName.replace('_', ' ')
  const values = { SobjectType: 'Opportunity', DeveloperName, Name, picklists: { StageName } }
  return { edit: { action: 'create', object: 'RecordType', values } }
}

/** Where there are record types, the page offers the stages of the one that the opportunity has or gets. */
function process({ process: wanted, stage }: Draft, { held, ...page }: Page): Record<string, unknown> {
  const types = Object.entries(page.dump()['RecordType'] ?? {})
  const known = held?.values['RecordTypeId']
  const name = wanted === undefined ? null : wanted === 'renewal' ? RENEWAL : NEW_BUSINESS
  const [id, type] =
    types.find(([each, { values }]) => (name === null ? each === known : values['DeveloperName'] === name)) ??
    []
  if (id === undefined) return {}
  const stages = type?.values['DeveloperName'] === RENEWAL ? STAGE_OF_RENEWALS : STAGE
  return {
    ...(name === null ? {} : { RecordTypeId: id }),
    ...(stage === undefined ? {} : { StageName: stages[stage] }),
  }
}

/** Contacts, and leads; of a lead that was converted, the row that is left says which contact it is now. */
function* recordsOf(kind: Kind, dump: Dump): Iterable<readonly [string, DumpedRecord]> {
  yield* Object.entries(dump[OBJECT[kind]] ?? {})
  if (kind !== 'person') return
  for (const [id, lead] of Object.entries(dump[salesforceLeads.object] ?? {})) {
    const contact = lead.values['ConvertedContactId']
    yield [id, typeof contact === 'string' ? { ...lead, state: 'merged', into: contact } : lead]
  }
}

/** The form insists on a last name, so that is where people enter whoever has one name only. */
function names(first: string, last: string | undefined): Record<string, unknown> {
  return last ? { FirstName: first, LastName: last } : { FirstName: null, LastName: first }
}

function one(field: string, text: string | undefined): Record<string, unknown> {
  return text === undefined ? {} : { [field]: text === '' ? null : text }
}

type Scalar = string | number | boolean | null | undefined

/** Who changed a row last, and when: not what it holds. */
const SYSTEM = new Set([
  'SystemModstamp',
  'LastModifiedDate',
  'LastModifiedById',
  'LastActivityDate',
  'IsDeleted',
  'MasterRecordId',
])

const REFERENCES: Readonly<Record<string, string>> = { AccountId: 'Account', ParentId: 'Account' }

function printed(field: string, value: Scalar): FieldValue {
  if (value === null || value === undefined) return null
  const object = REFERENCES[field]
  if (object !== undefined) return [{ object, id: String(value) }]
  return typeof value === 'boolean' ? value : String(value)
}

/** The developer name of the record type; every record of an org without record types is of the one called Master. */
function recordTypeOf({ values }: DumpedRecord, dump: Dump): string {
  const row = dump['RecordType']?.[String(values['RecordTypeId'])]
  const name = row?.values['DeveloperName']
  return typeof name === 'string' ? name : 'Master'
}

function participants({ associations }: DumpedRecord): FieldValues[string] {
  const ids = new Set(associations.filter(({ object }) => object === 'Contact').map(({ id }) => id))
  return [...ids].map((id) => ({ object: 'Contact', id }))
}

/**
 * The objects that a request is about: in its path, in the bodies of collections, or behind the ids of a deletion. What
 * goes into the bin with a deleted record is the doing of whoever deleted it.
 */
function kindsOf({ method, url, body }: HttpRequest): readonly Kind[] {
  const { pathname, searchParams } = new URL(url)
  const deleted = method === 'DELETE' ? (searchParams.get('ids')?.split(',') ?? []) : []
  if (deleted.some((id) => KIND_OF_ID[id.slice(0, 3)] !== undefined)) return KINDS
  const named = new Set([
    ...pathname.split('/'),
    ...[...(body ?? '').matchAll(/"type":"(\w+)"/g)].map(([, type = '']) => type),
  ])
  // Roles belong to deals; they have ids of their own.
  const isRole = named.has('OpportunityContactRole') || deleted.length > 0
  return KINDS.filter(
    (kind) =>
      named.has(OBJECT[kind]) ||
      (kind === 'deal' && isRole) ||
      (kind === 'person' && named.has(salesforceLeads.object)),
  )
}
