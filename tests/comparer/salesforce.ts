/** Reads a Salesforce org over its REST API: every live record of an object, with the roles of opportunities. */
import type { FieldValue, FieldValues } from '../../src/core/value.ts'
import { at, listAt, textAt, type Api } from './api.ts'
import type { Former, Replica } from './replica.ts'

const BASE = '/services/data/v64.0'

export async function readSalesforce(salesforce: Api): Promise<Replica> {
  const users = await rows(salesforce, "SELECT Id, Email, IsActive FROM User WHERE UserType = 'Standard'")
  const self = await salesforce.get('/services/oauth2/userinfo')
  return {
    users: users.map((user) => ({
      id: textAt(user, 'Id') ?? '',
      email: (textAt(user, 'Email') ?? '').toLowerCase(),
      active: at(user, 'IsActive') === true,
    })),
    tokenOwner: textAt(self, 'user_id'),
    records: (object, fields) => readRecords(salesforce, object, fields),
    former: async (object, fields) => (object === 'Contact' ? convertedLeads(salesforce, fields) : []),
  }
}

async function rows(salesforce: Api, soql: string): Promise<readonly unknown[]> {
  const found: unknown[] = []
  for (let path = `${BASE}/query?q=${encodeURIComponent(soql)}`; ;) {
    const page = await salesforce.get(path)
    found.push(...listAt(page, 'records'))
    const next = textAt(page, 'nextRecordsUrl')
    if (next === null) return found
    path = next
  }
}

async function readRecords(
  salesforce: Api,
  object: string,
  fields: readonly string[],
): Promise<ReadonlyMap<string, FieldValues>> {
  const description = await salesforce.get(`${BASE}/sobjects/${object}/describe`)
  const described = new Map(
    listAt(description, 'fields').map((field) => [textAt(field, 'name') ?? '', field]),
  )
  const types = recordTypes(description)
  const columns = ['Id', ...fields.filter((field) => described.has(field) && field !== 'Id')]
  // A converted lead is a contact: the row that is left of it belongs to nobody.
  const where = described.has('IsConverted') ? ' WHERE IsConverted = false' : ''
  const records = new Map<string, Record<string, FieldValue>>()
  for (const row of await rows(salesforce, `SELECT ${columns.join(', ')} FROM ${object}${where}`)) {
    const values = columns.slice(1).map((name): [string, FieldValue] => {
      const raw = at(row, name)
      if (name === 'RecordTypeId') return [name, types.get(String(raw)) ?? 'Master']
      return [name, valueOf(described.get(name), raw)]
    })
    const unmodelled = fields.includes('RecordTypeId') ? { RecordTypeId: 'Master' } : {}
    records.set(textAt(row, 'Id') ?? '', { ...unmodelled, ...Object.fromEntries(values) })
  }
  for (const field of fields) {
    if (field.startsWith('association:')) await addRoles(salesforce, field, records)
  }
  return records
}

/** Leads that are contacts now. */
async function convertedLeads(salesforce: Api, fields: readonly string[]): Promise<readonly Former[]> {
  const description = await salesforce.get(`${BASE}/sobjects/Lead/describe`)
  const described = new Set(listAt(description, 'fields').map((field) => textAt(field, 'name')))
  const own = fields.filter((field) => described.has(field) && field !== 'Id')
  const columns = ['Id', 'ConvertedContactId', ...own].join(', ')
  const leads = await rows(salesforce, `SELECT ${columns} FROM Lead WHERE IsConverted = true`)
  return leads.map((lead) => ({
    id: textAt(lead, 'Id') ?? '',
    heir: textAt(lead, 'ConvertedContactId') ?? '',
    values: Object.fromEntries(own.map((name) => [name, textAt(lead, name)])),
  }))
}

/** Id → developer name, without the master that every object has. */
function recordTypes(description: unknown): ReadonlyMap<string, string> {
  const infos = listAt(description, 'recordTypeInfos').filter((info) => at(info, 'master') !== true)
  return new Map(
    infos.map((info) => [textAt(info, 'recordTypeId') ?? '', textAt(info, 'developerName') ?? '']),
  )
}

function valueOf(field: unknown, raw: unknown): FieldValue {
  if (typeof raw !== 'string' && typeof raw !== 'number' && typeof raw !== 'boolean') return null
  const [target] = listAt(field, 'referenceTo')
  if (typeof target === 'string' && target !== 'User') return [{ object: target, id: String(raw) }]
  switch (textAt(field, 'type')) {
    case 'boolean':
      return raw === true
    case 'multipicklist':
      return String(raw).split(';')
    default:
      return String(raw)
  }
}

/** `association:Contact` holds everybody who takes part, `association:Contact/<role>` those with that role. */
async function addRoles(
  salesforce: Api,
  field: string,
  records: ReadonlyMap<string, Record<string, FieldValue>>,
): Promise<void> {
  const [object = '', label = null] = field.slice('association:'.length).split('/')
  const people = new Map<string, Set<string>>()
  const soql = 'SELECT OpportunityId, ContactId, Role, IsPrimary FROM OpportunityContactRole'
  for (const role of await rows(salesforce, soql)) {
    const isMeant =
      label === null ||
      (label === 'primary' ? at(role, 'IsPrimary') === true : textAt(role, 'Role') === label)
    if (!isMeant) continue
    const deal = textAt(role, 'OpportunityId') ?? ''
    people.set(deal, (people.get(deal) ?? new Set()).add(textAt(role, 'ContactId') ?? ''))
  }
  for (const [deal, values] of records) {
    values[field] = [...(people.get(deal) ?? [])].map((id) => ({ object, id }))
  }
}
