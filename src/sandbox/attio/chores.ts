/**
 * What the vendor does without being asked, some moments after a record appears: it gives people a company by
 * their e-mail domain and fills blanks from its data service. Attio fact sheet 7, 10.1 and 17.2.
 */
import { hashOf } from './chance.ts'
import { AttioFault } from './fault.ts'
import { parseValue } from './parse-value.ts'
import { planWrite } from './plan-write.ts'
import type { PlannedChange } from './plan-write.ts'
import { recordsByKey } from './record-index.ts'
import { SYSTEM } from './value.ts'
import { announce } from './webhook-queue.ts'
import { currentValues, lookUpAttribute, lookUpObject, objectOf } from './workspace.ts'
import type { Act, Chore, ObjectType, StoredRecord, Workspace } from './workspace.ts'
import { createRecord, updateRecord } from './write-record.ts'

/** Does everything that was due by now, each chore as of the instant it was due. */
export function runChores(workspace: Workspace, nowMs: number): void {
  for (;;) {
    const due = workspace.chores.takeDue(nowMs)
    if (!due) return
    runChore(workspace, due.item, { atMs: due.dueMs, actor: SYSTEM })
  }
}

function runChore(workspace: Workspace, chore: Chore, act: Act): void {
  if (chore.kind === 'announce') {
    announce(workspace, chore.events, act.atMs)
    return
  }
  const record = workspace.records.get(chore.recordId)
  if (!record) return
  try {
    if (chore.kind === 'link-company') linkCompany(workspace, record, act)
    else enrich(workspace, record, act)
  } catch (error) {
    // A schema of the customer's own (a required attribute, say) can forbid the vendor's write: it is dropped.
    if (!(error instanceof AttioFault)) throw error
  }
}

/** Domains that say nothing about where somebody works. */
const FREE_MAIL: ReadonlySet<string> = new Set(
  (
    'gmail.com googlemail.com yahoo.com yahoo.co.uk ymail.com outlook.com hotmail.com hotmail.co.uk live.com msn.com ' +
    'icloud.com me.com mac.com aol.com proton.me protonmail.com pm.me gmx.com gmx.de gmx.net web.de t-online.de ' +
    'mail.com mail.ru yandex.ru yandex.com zoho.com fastmail.com hey.com qq.com 163.com 126.com naver.com ' +
    'orange.fr wanadoo.fr free.fr libero.it comcast.net verizon.net att.net'
  ).split(' '),
)

function linkCompany(workspace: Workspace, person: StoredRecord, act: Act): void {
  const people = objectOf(workspace, person)
  const companies = lookUpObject(workspace, 'companies')
  const domains = companies && lookUpAttribute(companies, 'domains')
  const company = lookUpAttribute(people, 'company')
  const emails = lookUpAttribute(people, 'email_addresses')
  if (!companies || !domains || !company || !emails) return
  if (currentValues(person, company.id).length > 0) return
  const root = currentValues(person, emails.id)
    .flatMap(({ data }) => (data.kind === 'email-address' ? [data.root] : []))
    .find((each) => !FREE_MAIL.has(each))
  if (root === undefined) return
  const [known] = recordsByKey(workspace, domains, root)
  const target = known ?? createFrom(workspace, companies, root, act)
  const reference = { target_object: companies.id, target_record_id: target.id }
  write(workspace, { object: people, record: person, values: { company: [reference] }, act })
}

function createFrom(workspace: Workspace, companies: ObjectType, domain: string, act: Act): StoredRecord {
  const label = domain.split('.')[0] ?? domain
  const name = label.charAt(0).toUpperCase() + label.slice(1)
  const values = { domains: [domain], name: [name] }
  const request = { object: companies, record: null, values, prepends: () => false }
  return createRecord(workspace, {
    object: companies,
    changes: planWrite(workspace, request, act),
    act,
  })
}

function write(
  workspace: Workspace,
  options: {
    object: ObjectType
    record: StoredRecord
    values: Readonly<Record<string, unknown>>
    act: Act
  },
): void {
  const { object, record, values, act } = options
  const request = { object, record, values, prepends: () => false }
  updateRecord(workspace, { record, changes: planWrite(workspace, request, act), act })
}

/** Fills what is blank. The data service knows three companies in four, and every second person. */
function enrich(workspace: Workspace, record: StoredRecord, act: Act): void {
  const object = objectOf(workspace, record)
  const isCompany = object.slug === 'companies'
  const source = lookUpAttribute(object, isCompany ? 'domains' : 'email_addresses')
  const data = source && currentValues(record, source.id)[0]?.data
  if (data?.kind !== 'domain' && data?.kind !== 'email-address') return
  const key = data.kind === 'domain' ? data.domain : data.address
  const hash = hashOf(workspace.seed, key)
  if (isCompany ? hash % 4 === 0 : hash % 2 === 0) return
  const known = isCompany ? companyFacts(object, data.root, hash) : personFacts(key, hash)
  // Not through `planWrite`: the vendor may write what clients may not.
  const changes = Object.entries(known).flatMap(([slug, values]): PlannedChange[] => {
    const attribute = lookUpAttribute(object, slug)
    const isBlank = attribute && currentValues(record, attribute.id).length === 0
    if (!isBlank || attribute.isArchived || values.length === 0) return []
    return [{ attribute, next: values.map((value) => ({ data: parseValue(workspace, attribute, value) })) }]
  })
  if (changes.length > 0) updateRecord(workspace, { record, changes, act })
}

type Facts = Readonly<Record<string, readonly unknown[]>>

function companyFacts(object: ObjectType, domain: string, hash: number): Facts {
  const label = domain.split('.')[0] ?? domain
  const option = (slug: string, salt: number): readonly string[] => {
    const options = lookUpAttribute(object, slug)?.options.filter((each) => !each.isArchived) ?? []
    const chosen = options[(hash >>> salt) % Math.max(1, options.length)]
    return chosen ? [chosen.id] : []
  }
  return {
    description: [`${label} offers products and services at ${domain}.`],
    categories: option('categories', 3),
    logo_url: [`https://logos.example.com/${domain}.png`],
    linkedin: [`https://linkedin.com/company/${label}`],
    estimated_arr_usd: option('estimated_arr_usd', 5),
    foundation_date: [`${1980 + (hash % 44)}-01-01`],
    employee_range: option('employee_range', 7),
  }
}

function personFacts(address: string, hash: number): Facts {
  const handle = (address.split('@')[0] ?? address).replaceAll(/[^a-z0-9]+/g, '-')
  return {
    avatar_url: [`https://avatars.example.com/${hash.toString(16)}.png`],
    linkedin: [`https://linkedin.com/in/${handle}`],
  }
}
