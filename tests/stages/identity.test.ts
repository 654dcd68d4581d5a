/** Who is who: no second record for anybody, and nobody is guessed (I7, I8). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bell } from '../../src/core/bell.ts'
import { drain } from '../../src/stages/drain.ts'
import { observe } from '../../src/stages/observe.ts'
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
  live,
  only,
  remove,
  salesforcePerson,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

let world: TestWorld

beforeEach(async () => {
  const mappings = [shippedMapping('companies'), shippedMapping('people')]
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('records that match', () => {
  test('and are equal are linked without any write', async () => {
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    const contact = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'Ada@King-Family.com' })
    const before = world.writes()
    const tally = await world.sync()
    expect(tally.linked).toBe(1)
    expect(world.writes()).toEqual(before)
    expect(await counterpart(world, 'attio', person)).toBe(contact)
  })

  test('and complete each other are both completed, and nothing is cleared', async () => {
    attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' })
    hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', phone: '+14155550100' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Engineer', phone: '+14155550100' })
    expect(held(world, 'attio', 'people')).toMatchObject({
      job_title: ['Engineer'],
      phone_numbers: ['+14155550100'],
    })
  })

  test('by a further address are one person', async () => {
    const person = world.attio.edit({
      action: 'create',
      object: 'people',
      values: { email_addresses: ['ada@king-family.com', 'ada@byron-poems.com'] },
    }).id
    const contact = hubspotPerson(world, { first: 'Ada', email: 'ada@byron-poems.com' })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
  })

  test('only by name wait for a person, on both sides', async () => {
    attioPerson(world, { first: 'Ada', last: 'King', phone: '+14155550100' })
    hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'ambiguous' }, { kind: 'ambiguous' }])
  })

  test('only by name, and have different addresses, are two people', async () => {
    attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@byron-poems.com' })
    hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
  })
})

describe('duplicates', () => {
  test('of a company in HubSpot are not guessed among, and settle when one goes', async () => {
    const company = attioCompany(world, 'Acme', 'acme-rockets.com')
    const first = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    const second = hubspotCompany(world, 'Acme Inc', 'acme-rockets.com')
    await world.sync()
    expect(await counterpart(world, 'attio', company)).toBeNull()
    expect(await world.store.reviews(10)).toHaveLength(3)
    expect(ids(world, 'attio', 'companies')).toEqual([company])
    remove(world, 'hubspot', 'companies', second)
    await world.sync()
    expect(await counterpart(world, 'attio', company)).toBe(first)
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('that appear beside a pair are reported, and the pair goes on', async () => {
    const company = attioCompany(world, 'Acme', 'acme-rockets.com')
    await world.sync()
    const there = (await counterpart(world, 'attio', company)) ?? ''
    const twin = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    await world.sync()
    expect(ids(world, 'attio', 'companies')).toEqual([company])
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'duplicate', record: { id: twin } }])
    edit(world, 'attio', 'companies', company, { name: 'Acme Rockets' })
    await world.sync()
    expect(held(world, 'hubspot', 'companies', there)['name']).toBe('Acme Rockets')
    expect(held(world, 'hubspot', 'companies', twin)['name']).toBe('Acme')
  })

  test('come out of review when their keys change', async () => {
    const company = attioCompany(world, 'Acme', 'acme-rockets.com')
    const first = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    const second = hubspotCompany(world, 'Acme Inc', 'acme-rockets.com')
    await world.sync()
    edit(world, 'hubspot', 'companies', second, { domain: 'acme-incorporated.com' })
    await world.sync()
    expect(await counterpart(world, 'attio', company)).toBe(first)
    expect(ids(world, 'attio', 'companies')).toHaveLength(2)
    expect(await counterpart(world, 'hubspot', second)).not.toBeNull()
    expect(await world.store.reviews(10)).toEqual([])
  })
})

describe('creation', () => {
  test('meets a contact that somebody made between look and creation, and links it', async () => {
    const person = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Engineer',
    })
    let contact = ''
    world.onRequest = (vendor, request) => {
      if (contact !== '' || vendor !== 'hubspot' || !request.url.includes('/batch/upsert')) return
      contact = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    }
    await world.sync()
    expect(contact).not.toBe('')
    expect(ids(world, 'hubspot', 'contacts')).toEqual([contact])
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
  })

  test('meets a person that somebody made between look and creation, and links it', async () => {
    const contact = hubspotPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Clerk',
    })
    let person = ''
    world.onRequest = (vendor, request) => {
      const isCreation = request.method === 'PUT' || request.method === 'POST'
      if (person !== '' || vendor !== 'attio' || !isCreation || !/\/records(\?|$)/.test(request.url)) return
      person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    }
    await world.sync()
    expect(person).not.toBe('')
    expect(ids(world, 'attio', 'people')).toEqual([person])
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Clerk')
  })

  test('meets a company that somebody made a moment before, where HubSpot would take it twice', async () => {
    const company = attioCompany(world, 'Acme', 'acme-rockets.com')
    let made = ''
    world.onAnswer = (vendor, request) => {
      // After HubSpot was listed, and before the engine goes on.
      if (made !== '' || vendor !== 'hubspot' || !/objects\/companies\?/.test(request.url)) return
      made = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    }
    await world.sync()
    expect(made).not.toBe('')
    world.onAnswer = () => undefined
    await world.sync()
    // A company more than listed cannot be known; it is found, reported, and never copied back.
    expect(ids(world, 'attio', 'companies')).toEqual([company])
    expect(await counterpart(world, 'attio', company)).not.toBeNull()
  })

  test('is not tried beside a record outside the scope with the same key, however long nobody does anything', async () => {
    const scope = 'scope:\n  right: { lifecyclestage: { not_in: [subscriber] } }\n\ncreate:'
    await world.close()
    world = await openTestWorld({ empty: true, mappings: [altered('people', ['create:', scope])] })
    calm(world)
    const hiding = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    edit(world, 'hubspot', 'contacts', hiding, { lifecyclestage: '' })
    edit(world, 'hubspot', 'contacts', hiding, { lifecyclestage: 'subscriber' })
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    const before = world.writes().hubspot
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([hiding])
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { id: person }, candidates: [{ side: 'right', id: hiding }] },
    ])
    expect(world.writes().hubspot).toBe(before)
    await world.sync()
    expect(await world.store.reviews(10)).toHaveLength(1)
    edit(world, 'hubspot', 'contacts', hiding, { lifecyclestage: 'customer' })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(hiding)
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('is not tried in an org without duplicate rules either, until the one outside the scope has another key', async () => {
    const scope = 'scope:\n  right: { Title: { not_in: [Outsider] } }\n\ncreate:'
    await world.close()
    world = await openTestWorld({
      empty: true,
      crms: ['salesforce'],
      mappings: [altered('salesforce-people', ['create:', scope])],
    })
    calm(world)
    const outside = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Outsider' }
    const contact = salesforcePerson(world, 'Contact', outside)
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([contact])
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'duplicate', record: { id: person } }])
    edit(world, 'salesforce', 'Contact', contact, { Email: 'countess@king-family.com' })
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(2)
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('that the vendor refuses as not unique for ever ends in review, not in a loop', async () => {
    await world.close()
    world = await openTestWorld({
      empty: true,
      crms: ['salesforce'],
      mappings: [shippedMapping('salesforce-people')],
    })
    calm(world)
    const onePhone = {
      name: 'One_Phone',
      object: 'Contact',
      action: 'block',
      matching: [{ object: 'Contact', fields: { Phone: 'Phone' } }],
    } as const
    Object.assign(world.salesforce.settings, { duplicateRules: [onePhone] })
    const phone = '+14155550100'
    salesforcePerson(world, 'Contact', { first: 'Bob', last: 'Byron', email: 'bob@byron-poems.com', phone })
    await world.sync()
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', phone })
    let requests = 0
    world.onRequest = () => {
      requests += 1
      if (requests > 1_000) throw new Error('this goes on for ever')
    }
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(1)
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'not-unique', record: { id: person } }])
    edit(world, 'attio', 'people', person, { phone_numbers: ['+14155550101'] })
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(2)
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('of somebody with an address that another one gave up is done in the same pass', async () => {
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    const contact = await counterpart(world, 'attio', person)
    edit(world, 'attio', 'people', person, { email_addresses: ['countess@king-family.com'] })
    const heir = attioPerson(world, { first: 'Augusta', last: 'Byron', email: 'ada@king-family.com' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(await counterpart(world, 'attio', heir)).not.toBeNull()
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('is not done where the mapping says no', async () => {
    await world.close()
    const mappings = [
      altered('people', ['create: { left: yes, right: yes }', 'create: { left: no, right: yes }']),
    ]
    world = await openTestWorld({ empty: true, mappings })
    calm(world)
    hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    const person = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
  })
})

describe('when the database is lost', () => {
  test('everything finds its counterpart again by stamp and key, without a duplicate and without a write', async () => {
    for (let i = 0; i < 5; i += 1) {
      attioPerson(world, {
        first: `Ada${i}`,
        last: 'King',
        email: `ada${i}@king-family.com`,
        job: 'Engineer',
      })
      hubspotPerson(world, { first: `Bob${i}`, last: 'Byron', email: `bob${i}@byron-poems.com` })
    }
    attioPerson(world, { first: 'Nobody', last: 'Known' })
    attioCompany(world, 'Acme', 'acme-rockets.com')
    await world.sync()
    await world.sync()
    const before = { writes: world.writes(), people: live(world, 'attio', 'people') }
    const contacts = live(world, 'hubspot', 'contacts')
    await world.loseDatabase()
    const tally = await world.sync()
    expect(tally).toMatchObject({ linked: 12, created: { left: 0, right: 0 }, conflictsOpened: 0 })
    expect(world.writes()).toEqual(before.writes)
    expect(live(world, 'attio', 'people')).toEqual(before.people)
    expect(live(world, 'hubspot', 'contacts')).toEqual(contacts)
  })

  test('a stamp outweighs a changed address', async () => {
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    const there = (await counterpart(world, 'attio', person)) ?? ''
    await world.loseDatabase()
    edit(world, 'attio', 'people', person, { email_addresses: ['ada@byron-poems.com'] })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(there)
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1)
    expect(await conflicts(world)).toEqual([])
  })

  test('whoever has just been found by a stamp is not found by another record as well', async () => {
    const person = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    const there = (await counterpart(world, 'attio', person)) ?? ''
    await world.loseDatabase()
    edit(world, 'attio', 'people', person, { email_addresses: ['ada@byron-poems.com'] })
    const alike = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@byron-poems.com' })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(there)
    expect(ids(world, 'hubspot', 'contacts').toSorted()).toEqual([there, alike].toSorted())
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { side: 'right', id: alike } },
    ])
  })
})

test('a key that a paired record got since anything was listed is known from reading it', async () => {
  attioCompany(world, 'Acme', 'acme-works.com')
  await world.sync()
  const [company = ''] = ids(world, 'hubspot', 'companies')
  const engine = await world.engine()
  const [mapping] = engine.pairing.mappings
  if (!mapping) throw new Error('companies have a mapping')
  const told = async (record: string) => {
    const bell: Bell = {
      object: 'companies',
      record,
      kind: 'changed',
      into: null,
      at: null,
      version: null,
      actor: { kind: 'human', id: 'u1' },
      fields: [],
      key: `about ${record}`,
    }
    await observe(engine, { connection: 'hubspot', bells: [bell] })
    await world.advance(60_000)
    await world.run(drain(engine, mapping))
  }
  edit(world, 'hubspot', 'companies', company, { domain: 'acme-holding.com' })
  await told(company)
  const before = world.writes()
  const alike = hubspotCompany(world, 'ACME Holding', 'acme-holding.com')
  await told(alike)
  expect(world.writes()).toEqual(before)
  expect(await world.store.reviews(10)).toMatchObject([
    { kind: 'duplicate', record: { side: 'right', id: alike } },
  ])
  await world.sync()
})
