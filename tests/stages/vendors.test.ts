/** What vendors and their automations do by themselves: settled once, never fought (I1, I2, I17). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  altered,
  attioCompany,
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
  onlyConflict,
  peopleMapping,
  PEOPLE_ONLY,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld, type Vendor } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('enrichment', () => {
  test('that fills a new company in Attio reaches HubSpot, and then all is quiet', async () => {
    world = await openTestWorld({ empty: true, mappings: [shippedMapping('companies')] })
    const id = attioCompany(world, 'Northwind', 'northwind-trading-17.com')
    await world.sync()
    await world.sync()
    const here = held(world, 'attio', 'companies', id)
    const there = held(world, 'hubspot', 'companies')
    expect(there['description'] ?? null).toBe(only(here['description']))
  })

  test('and automatic companies in both CRMs do not make anybody twice', async () => {
    world = await openTestWorld({
      empty: true,
      mappings: [shippedMapping('companies'), shippedMapping('people')],
    })
    Object.assign(world.hubspot.settings, { companiesFromEmailDomains: true })
    attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family-office.com' })
    hubspotPerson(world, { first: 'Bob', last: 'Byron', email: 'bob@byron-poems-press.com' })
    for (let pass = 0; pass < 3; pass += 1) await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
    const domains = Object.values(world.attio.dump()['companies'] ?? {}).map(({ values }) =>
      only(values['domains']),
    )
    expect(new Set(domains).size).toBe(domains.length)
  })
})

describe('enrichment inside the quiet window', () => {
  const typed = 'Traders since 1887, says a person.'
  const described = (vendor: Vendor) => only(held(world, vendor, 'companies')['description'])

  beforeEach(async () => {
    // By every other rule Attio would win.
    const policy = ['description, conflict: prefer-right', 'description, conflict: prefer-left'] as const
    world = await openTestWorld({ empty: true, mappings: [altered('companies', policy)] })
  })

  /** A company that Attio's data service knows: it fills in a description a quarter of a second later. */
  const inAttio = () => attioCompany(world, 'Northwind', 'northwind-trading-17.com')

  test('does not beat what a person typed into a company of the other CRM', async () => {
    inAttio()
    const there = hubspotCompany(world, 'Northwind', 'northwind-trading-17.com')
    edit(world, 'hubspot', 'companies', there, { description: typed })
    await world.advance(1_000)
    expect(described('attio')).toContain('offers products')
    await world.sync()
    expect([described('attio'), described('hubspot')]).toEqual([typed, typed])
  })

  test('does not beat what a person typed before the record had come over', async () => {
    const there = hubspotCompany(world, 'Northwind', 'northwind-trading-17.com')
    await world.sync()
    // Before the daemon hears of it, both have a description: one by a person, one by the vendor.
    edit(world, 'hubspot', 'companies', there, { description: typed })
    await world.advance(1_000)
    await world.sync()
    expect([described('attio'), described('hubspot')]).toEqual([typed, typed])
    expect(await conflicts(world)).toEqual([])
  })

  test('that replaces a value which came over is undone once, and then asked about', async () => {
    Object.assign(world.attio.settings, { enrichment: false })
    const there = hubspotCompany(world, 'Northwind', 'northwind-trading-17.com')
    await world.sync()
    await world.advance(60_000)
    edit(world, 'hubspot', 'companies', there, { description: typed })
    await world.sync()
    const before = world.writes()
    for (let turn = 0; turn < 5; turn += 1) {
      await world.advance(30_000)
      const [id = ''] = ids(world, 'attio', 'companies')
      const values = { description: 'Enriched.' }
      world.attio.edit({ action: 'update', object: 'companies', id, values, actor: 'system' })
      await world.sync()
      expect(described('hubspot')).toBe(typed)
    }
    const after = world.writes()
    expect(after.attio - before.attio + after.hubspot - before.hubspot).toBe(1)
    expect(await onlyConflict(world)).toMatchObject({ kind: 'automation-fight', right: typed })
  })

  test('gives way to the next person', async () => {
    inAttio()
    const there = hubspotCompany(world, 'Northwind', 'northwind-trading-17.com')
    edit(world, 'hubspot', 'companies', there, { description: typed })
    await world.advance(1_000)
    await world.sync()
    await world.advance(30_000)
    const [id = ''] = ids(world, 'attio', 'companies')
    edit(world, 'attio', 'companies', id, { description: 'Rewritten by another person.' })
    await world.sync()
    expect(described('hubspot')).toBe('Rewritten by another person.')
  })
})

describe('a vendor that stores something else than was sent', () => {
  test('is not fought: trimmed and lower-cased values come to rest', async () => {
    world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
    calm(world)
    hubspotPerson(world, {
      first: ' Ada ',
      last: 'KING',
      email: ' Ada@King-Family.COM ',
      phone: '(415) 555-0100',
    })
    await world.sync()
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
  })

  test('is not fought: a lifecycle stage that cannot go back stays, by policy or as a stable difference', async () => {
    const stage = '{ left: job_title, right: lifecyclestage, as: text, conflict: prefer-left }'
    world = await openTestWorld({ empty: true, mappings: [peopleMapping(stage)] })
    calm(world)
    const id = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'customer' })
    await world.sync()
    edit(world, 'attio', 'people', id, { job_title: 'lead' })
    for (let pass = 0; pass < 3; pass += 1) await world.sync()
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
  })
})

/** Another program with a token of its own: nobody, as far as the engine can tell, is a person. */
function automate(vendor: Vendor, id: string, value: string): void {
  const [method, path, body] =
    vendor === 'attio'
      ? ['PATCH', `/v2/objects/people/records/${id}`, { data: { values: { job_title: [value] } } }]
      : ['PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: value } }]
  const answer = world[vendor].handle({
    method,
    url: `http://${vendor}.invalid${String(path)}`,
    headers: { authorization: `Bearer ${world[vendor].token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  } as Parameters<typeof world.attio.handle>[0])
  expect(answer.status).toBe(200)
}

test('two automations that fight over a field are stopped within eight writes, and reported', async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')],
  })
  calm(world)
  const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  const contact = (await counterpart(world, 'attio', person)) ?? ''
  const before = world.writes()
  for (let turn = 0; turn < 15; turn += 1) {
    await world.advance(60_000)
    // Each insists on its own word as soon as it sees the other one.
    if (only(held(world, 'attio', 'people')['job_title']) !== 'here') automate('attio', person, 'here')
    await world.sync()
    await world.advance(60_000)
    if (held(world, 'hubspot', 'contacts')['jobtitle'] !== 'there') automate('hubspot', contact, 'there')
    await world.sync()
  }
  const after = world.writes()
  expect(after.attio + after.hubspot - before.attio - before.hubspot).toBeLessThanOrEqual(8)
  expect(await onlyConflict(world)).toMatchObject({ kind: 'automation-fight', field: 'job_title' })
})

test('of two rules that would fight over a field only the first one runs, and the other one is named', async () => {
  const restore = 'direction: left-to-right, drift: restore'
  world = await openTestWorld({
    empty: true,
    mappings: [
      peopleMapping(
        `{ left: job_title, right: jobtitle, ${restore} }`,
        `{ left: description, right: jobtitle, as: text, ${restore} }`,
      ),
    ],
  })
  calm(world)
  const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  edit(world, 'attio', 'people', person, { description: 'Writes notes' })
  const { warnings } = await world.pairing()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(
    /^description is paused: .*:11:5: right `jobtitle` is already written by entry `job_title`/,
  )
  await world.sync()
  const before = world.writes()
  for (let turn = 0; turn < 5; turn += 1) {
    await world.advance(60_000)
    await world.sync()
  }
  expect(world.writes()).toEqual(before)
  expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
})

test('a person who is entered in the team of another company in Attio moves, as somebody’s doing', async () => {
  world = await openTestWorld({ empty: true, crms: ['salesforce'] })
  calm(world)
  const umbra = attioCompany(world, 'Umbra', 'umbra-lights.com')
  const acme = attioCompany(world, 'Acme', 'acme-rockets.com')
  const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  const team = [{ target_object: 'people', target_record_id: person }]
  edit(world, 'attio', 'companies', umbra, { team })
  await world.sync()
  const contact = (await counterpart(world, 'attio', person)) ?? ''
  // Salesforce tells of a person at work on this record, and not on which of its fields.
  edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
  await world.sync()
  edit(world, 'attio', 'companies', acme, { team })
  await world.sync()
  const account = await counterpart(world, 'attio', acme)
  expect(held(world, 'salesforce', 'Contact', contact)['AccountId']).toBe(account)
  expect(await conflicts(world, 'all')).toEqual([])
})

test('a person who goes back and forth is followed every time', async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')],
  })
  calm(world)
  const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  const contact = (await counterpart(world, 'attio', person)) ?? ''
  for (let turn = 0; turn < 10; turn += 1) {
    await world.advance(60_000)
    const word = turn % 2 === 0 ? 'Countess' : 'Engineer'
    if (turn % 3 === 0) edit(world, 'hubspot', 'contacts', contact, { jobtitle: word })
    else edit(world, 'attio', 'people', person, { job_title: word })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe(word)
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe(word)
  }
  expect(await conflicts(world, 'all')).toEqual([])
})
