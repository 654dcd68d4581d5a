/** Words in which the tests of the stages tell their stories, and the promises that hold at the end of each. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { DumpedRecord } from '../../src/sandbox/model.ts'
import type { Conflict } from '../../src/store/waiting.ts'
import { shippedMapping, type TestWorld, type Vendor } from './world.ts'

/** Where stamps are, and of which records each must be the only one. */
const STAMPS: readonly {
  readonly vendor: Vendor
  readonly field: string
  readonly objects: readonly string[]
}[] = [
  { vendor: 'attio', field: 'hubspot_id', objects: ['companies', 'people', 'deals'] },
  { vendor: 'attio', field: 'salesforce_id', objects: ['companies', 'people', 'deals'] },
  { vendor: 'hubspot', field: 'attio_record_id', objects: ['companies', 'contacts', 'deals'] },
  {
    vendor: 'salesforce',
    field: 'Attio_Record_Id__c',
    objects: ['Account', 'Lead', 'Contact', 'Opportunity'],
  },
]

/** What the vendors do by themselves, switched off where a story is not about it. */
export function calm(world: TestWorld): void {
  Object.assign(world.attio.settings, { enrichment: false, createCompanies: false })
  if (world.vendors.includes('hubspot')) Object.assign(world.hubspot.settings, { searchShortPages: 0 })
  if (!world.vendors.includes('salesforce')) return
  Object.assign(world.salesforce.settings, {
    shortQueryPages: 0,
    duplicateRules: [],
    leadQueue: null,
    commitDelayMs: [0, 0],
  })
}

// -- people ---------------------------------------------------------------------------------------------

interface Person {
  readonly first: string
  readonly last?: string
  readonly email?: string
  readonly job?: string
  readonly phone?: string
}

export function attioPerson(world: TestWorld, person: Person, actor?: string): string {
  const { id } = world.attio.edit({
    action: 'create',
    object: 'people',
    values: attioValues(person),
    ...(actor === undefined ? {} : { actor }),
  })
  return id
}

export function attioValues({ first, last = '', email, job, phone }: Person): Record<string, unknown> {
  return {
    name: { first_name: first, last_name: last, full_name: `${first} ${last}`.trim() },
    ...(email === undefined ? {} : { email_addresses: [email] }),
    ...(job === undefined ? {} : { job_title: job }),
    ...(phone === undefined ? {} : { phone_numbers: [phone] }),
  }
}

export function hubspotPerson(world: TestWorld, person: Person): string {
  return world.hubspot.edit({ action: 'create', object: 'contacts', values: hubspotValues(person) }).id
}

export function hubspotValues({ first, last, email, job, phone }: Person): Record<string, string> {
  return {
    firstname: first,
    ...(last === undefined ? {} : { lastname: last }),
    ...(email === undefined ? {} : { email }),
    ...(job === undefined ? {} : { jobtitle: job }),
    ...(phone === undefined ? {} : { phone }),
  }
}

/** Contacts and leads have the same fields, as far as stories go. */
export function salesforcePerson(world: TestWorld, object: 'Contact' | 'Lead', person: Person): string {
  const values = { ...salesforceValues(person), ...(object === 'Lead' && { Company: 'Engines Ltd' }) }
  return world.salesforce.edit({ action: 'create', object, values }).id
}

/** The record types of opportunities that the shipped mapping lists; an org has none until somebody makes them. */
export function makeRecordTypes(world: TestWorld): void {
  const StageName = [
    ['Prospecting', 'Qualification', 'Needs Analysis', 'Value Proposition', 'Proposal/Price Quote'],
    ['Negotiation/Review', 'Closed Won', 'Closed Lost'],
  ].flat()
  for (const Name of ['New Business', 'Partner', 'Renewal']) {
    const DeveloperName = Name.replace(' ', '_')
    const values = { SobjectType: 'Opportunity', DeveloperName, Name, picklists: { StageName } }
    world.salesforce.edit({ action: 'create', object: 'RecordType', values })
  }
}

function salesforceValues({ first, last, email, job, phone }: Person): Record<string, string> {
  return {
    FirstName: first,
    ...(last === undefined ? {} : { LastName: last }),
    ...(email === undefined ? {} : { Email: email }),
    ...(job === undefined ? {} : { Title: job }),
    ...(phone === undefined ? {} : { Phone: phone }),
  }
}

export function attioCompany(world: TestWorld, name: string, domain?: string): string {
  const values = { name, ...(domain === undefined ? {} : { domains: [domain] }) }
  return world.attio.edit({ action: 'create', object: 'companies', values }).id
}

export function hubspotCompany(world: TestWorld, name: string, domain?: string): string {
  const values = { name, ...(domain === undefined ? {} : { domain }) }
  return world.hubspot.edit({ action: 'create', object: 'companies', values }).id
}

export function edit(
  world: TestWorld,
  vendor: Vendor,
  object: string,
  id: string,
  values: Record<string, unknown>,
): void {
  world[vendor].edit({ action: 'update', object, id, values })
}

export function remove(world: TestWorld, vendor: Vendor, object: string, id: string): void {
  world[vendor].edit({ action: 'delete', object, id })
}

// -- ground truth ---------------------------------------------------------------------------------------

export function live(world: TestWorld, vendor: Vendor, object: string): Record<string, DumpedRecord> {
  const records = Object.entries(world[vendor].dump()[object] ?? {})
  return Object.fromEntries(records.filter(([, record]) => record.state === 'live'))
}

export function ids(world: TestWorld, vendor: Vendor, object: string): string[] {
  return Object.keys(live(world, vendor, object))
}

/** The values of a live record; of the only one when no id is given. */
export function held(world: TestWorld, vendor: Vendor, object: string, id?: string): Record<string, unknown> {
  const records = live(world, vendor, object)
  const wanted = id ?? Object.keys(records)[0]
  if (id === undefined) expect(Object.keys(records), `${object} in ${vendor}`).toHaveLength(1)
  const record = wanted === undefined ? undefined : records[wanted]
  if (!record) throw new Error(`${vendor} has no live ${object} ${wanted}`)
  return { ...record.values }
}

/** An Attio value of a single-select attribute, or null. */
export function only(value: unknown): unknown {
  return Array.isArray(value) ? (value[0] ?? null) : (value ?? null)
}

/** The counterpart of a record by the engine's own memory. */
export async function counterpart(world: TestWorld, vendor: Vendor, id: string): Promise<string | null> {
  const links = await world.store.findLinks(id)
  const link = links.find(({ state }) => state === 'live')
  return (vendor === 'attio' ? link?.right : link?.left) ?? null
}

export function associations(world: TestWorld, object: string, id: string): readonly string[] {
  const record = live(world, 'hubspot', object)[id]
  return (record?.associations ?? []).map((row) => `${row.object}/${row.id}/${row.label ?? ''}`).toSorted()
}

export async function conflicts(
  world: TestWorld,
  state: 'open' | 'all' = 'open',
): Promise<readonly Conflict[]> {
  return world.store.conflicts({ state, limit: 100 })
}

export async function onlyConflict(world: TestWorld, state: 'open' | 'all' = 'open'): Promise<Conflict> {
  const found = await conflicts(world, state)
  expect(found).toHaveLength(1)
  const [conflict] = found
  if (!conflict) throw new Error('no conflict')
  return conflict
}

// -- promises -------------------------------------------------------------------------------------------

/** I2, I7, I14: a further sync writes and marks nothing, nothing is unsettled, nobody has two counterparts. */
export async function expectRest(world: TestWorld): Promise<void> {
  world.onRequest = () => undefined
  world.onAnswer = () => undefined
  for (const vendor of world.vendors) world.faults[vendor].replace([])
  expect((await world.store.status(world.runtime.now())).openIntents, 'open intents').toBe(0)
  const before = { writes: world.writes(), truth: truth(world), review: await world.store.reviews(100) }
  const open = await conflicts(world)
  const tally = await world.sync()
  expect(world.writes(), 'writes of a second sync').toEqual(before.writes)
  expect(tally, 'a second sync').toMatchObject({ linked: 0, conflictsOpened: 0 })
  expect(truth(world)).toEqual(before.truth)
  expect(await conflicts(world)).toEqual(open)
  expect(await world.store.reviews(100)).toEqual(before.review)
  expectOneCounterpartEach(world)
}

/** No two live records of one vendor claim the same counterpart, and claims are mutual where both are stamped. */
export function expectOneCounterpartEach(world: TestWorld): void {
  for (const { vendor, field, objects } of STAMPS) {
    if (!world.vendors.includes(vendor)) continue
    for (const object of objects) {
      const records = Object.values(live(world, vendor, object))
      const claims = records.flatMap((record) => only(record.values[field]) ?? [])
      expect(claims.length, `${field} of ${vendor} ${object}`).toBe(new Set(claims).size)
    }
  }
}

function truth(world: TestWorld): unknown {
  return Object.fromEntries(world.vendors.map((vendor) => [vendor, world[vendor].dump()]))
}

// -- mapping files --------------------------------------------------------------------------------------

/** A mapping file with this text, in a folder of its own. */
export function mappingFile(text: string, name = 'mapping.yaml'): string {
  const file = join(mkdtempSync(join(tmpdir(), 'attune-stages-')), name)
  writeFileSync(file, text)
  return file
}

/** A shipped mapping file with some of its text replaced. */
export function altered(name: string, ...changes: readonly (readonly [from: string, to: string])[]): string {
  let text = readFileSync(shippedMapping(name), 'utf8')
  for (const [from, to] of changes) {
    if (!text.includes(from)) throw new Error(`${name}.yaml does not contain ${JSON.stringify(from)}`)
    text = text.replace(from, to)
  }
  return mappingFile(text, `${name}.yaml`)
}

export const PEOPLE_ONLY = [shippedMapping('people')]

/** People by name, e-mail and whatever lines are given. */
export function peopleMapping(...fields: readonly string[]): string {
  return mappingFile(`version: 1
pairing: attio-hubspot
left: { object: people }
right: { object: contacts }
match:
  - { left: email_addresses, right: [email, hs_additional_emails] }
fields:
  - { left: name, right: [firstname, lastname], as: person-name, conflict: ask }
  - { left: email_addresses, right: [email, hs_additional_emails], as: emails }
${fields.map((line) => `  - ${line}`).join('\n')}
`)
}
