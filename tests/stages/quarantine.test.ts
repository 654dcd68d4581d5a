/** What a vendor refuses is set aside with its words, alone, and tried again when its cause is gone (I16). */
import { afterEach, describe, expect, test } from 'vitest'
import {
  associations,
  attioCompany,
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
  peopleMapping,
  remove,
} from './story.ts'
import { refuseWrites } from './refusing.ts'
import { openTestWorld, shippedMapping, type TestWorld, type Vendor } from './world.ts'

let world: TestWorld

const JOB = '{ left: job_title, right: jobtitle, as: text }'
const PHONE = '{ left: phone_numbers, right: phone, as: phones, region: US }'
/** The longest text that HubSpot takes, in characters; Attio takes longer ones. */
const HUBSPOT_TEXT_MAX = 65_536

async function open(...fields: readonly string[]): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: [peopleMapping(...fields)] })
  calm(world)
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

async function quarantined() {
  return world.store.quarantined(10)
}

const refuseWritesWith = (vendor: Vendor, text: string) => refuseWrites(world, vendor, text)

describe('a value that HubSpot refuses', () => {
  test('is set aside with the vendor’s words, and the other fields and people proceed', async () => {
    await open(JOB, PHONE)
    const ada = attioPerson(world, {
      first: 'Ada',
      email: 'ada@king-family.com',
      job: 'x'.repeat(HUBSPOT_TEXT_MAX + 1),
      phone: '+14155550100',
    })
    const bob = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com', job: 'Poet' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
    const there = async (id: string) =>
      held(world, 'hubspot', 'contacts', (await counterpart(world, 'attio', id)) ?? '')
    expect(await there(bob)).toMatchObject({ jobtitle: 'Poet' })
    expect(await there(ada)).toMatchObject({ phone: '+14155550100' })
    expect(await there(ada)).not.toHaveProperty('jobtitle')
    expect(await quarantined()).toMatchObject([
      {
        record: { side: 'left', id: ada },
        fields: ['jobtitle'],
        reason: expect.stringContaining('longer than 65536'),
      },
    ])
  })

  test('of a record as a whole stops that record only', async () => {
    await open(PHONE)
    const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    const bob = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
    await world.sync()
    const refusals = refuseWritesWith('hubspot', 'Augusta')
    const rename = (name: string) =>
      edit(world, 'attio', 'people', ada, { name: { first_name: name, last_name: '', full_name: name } })
    rename('Augusta')
    edit(world, 'attio', 'people', bob, { phone_numbers: ['+14155550123'] })
    await world.sync()
    const bobThere = (await counterpart(world, 'attio', bob)) ?? ''
    const adaThere = (await counterpart(world, 'attio', ada)) ?? ''
    expect(held(world, 'hubspot', 'contacts', bobThere)['phone']).toBe('+14155550123')
    expect(held(world, 'hubspot', 'contacts', adaThere)['firstname']).toBe('Ada')
    expect(await quarantined()).toMatchObject([
      { record: { side: 'left', id: ada }, reason: expect.stringContaining('Not like this'), attempts: 1 },
    ])
    const tries = refusals.times

    await world.sync()
    expect(refusals.times, 'nothing changed: not tried again').toBe(tries)
    edit(world, 'hubspot', 'contacts', adaThere, { mobilephone: '1' })
    edit(world, 'hubspot', 'contacts', adaThere, { phone: '+14155550199' })
    await world.sync()
    expect(refusals.times, 'an edit of the other side is not its cause').toBe(tries)

    rename('Adeline')
    await world.sync()
    expect(held(world, 'hubspot', 'contacts', adaThere)['firstname']).toBe('Adeline')
    expect(only(held(world, 'attio', 'people', ada)['phone_numbers'])).toBe('+14155550199')
    expect(await quarantined()).toEqual([])
  })

  test('at creation waits for an edit, and is then created once', async () => {
    await open(PHONE)
    const refusals = refuseWritesWith('hubspot', 'Augusta')
    const ada = attioPerson(world, { first: 'Augusta', email: 'ada@king-family.com' })
    await world.sync()
    await world.sync()
    expect(refusals.times).toBe(1)
    expect(await quarantined()).toMatchObject([{ record: { side: 'left', id: ada } }])
    edit(world, 'attio', 'people', ada, {
      name: { first_name: 'Ada', last_name: '', full_name: 'Ada' },
    })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1)
    expect(await quarantined()).toEqual([])
  })

  test('is tried again after a while, less and less often', async () => {
    await open(PHONE)
    const refusals = refuseWritesWith('hubspot', 'Augusta')
    attioPerson(world, { first: 'Augusta', email: 'ada@king-family.com' })
    await world.sync()
    await world.advance(601_000)
    await world.sync()
    expect(refusals.times).toBe(2)
    await world.advance(601_000)
    await world.sync()
    expect(refusals.times).toBe(2)
    await world.advance(601_000)
    await world.sync()
    expect(refusals.times).toBe(3)
  })
})

describe('a value that Attio refuses', () => {
  test('is tried again when its time has come although the record is looked at for something else', async () => {
    world = await openTestWorld({
      empty: true,
      mappings: [shippedMapping('companies'), shippedMapping('people')],
    })
    calm(world)
    const company = hubspotCompany(world, 'Acme', 'acme-rockets.com')
    const ada = hubspotPerson(world, { first: 'Augusta', email: 'ada@king-family.com' })
    const refusals = refuseWritesWith('attio', 'Augusta')
    await world.sync()
    await world.advance(601_000)
    refusals.stop()
    // Its associations are no cause of a refusal, but a listing shows that they changed.
    world.hubspot.edit({
      action: 'associate',
      object: 'contacts',
      id: ada,
      other: { object: 'companies', id: company },
    })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    expect(await quarantined()).toEqual([])
  })

  test('stops that record only, and heals when HubSpot changes', async () => {
    await open(PHONE)
    const refusals = refuseWritesWith('attio', 'Augusta')
    const ada = hubspotPerson(world, { first: 'Augusta', email: 'ada@king-family.com' })
    hubspotPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
    await world.sync()
    expect(refusals.times).toBe(1)
    edit(world, 'hubspot', 'contacts', ada, { firstname: 'Ada' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(await quarantined()).toEqual([])
  })
})

test('an address that another contact holds is set aside alone; everything else of the record travels', async () => {
  await open(PHONE)
  const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  const there = (await counterpart(world, 'attio', ada)) ?? ''
  const other = hubspotPerson(world, { first: 'Zoe', email: 'zoe@zenith-shoes.com' })
  await world.sync()
  const zoe = (await counterpart(world, 'hubspot', other)) ?? ''
  // Ada takes Zoe's address over in Attio, where Zoe gave it up; in HubSpot somebody gave it to her again.
  edit(world, 'attio', 'people', zoe, { email_addresses: ['zoe@elsewhere-shoes.com'] })
  edit(world, 'attio', 'people', ada, {
    email_addresses: ['zoe@zenith-shoes.com'],
    phone_numbers: ['+14155550144'],
  })
  world.onRequest = (vendor, request) => {
    if (vendor !== 'hubspot' || !request.url.includes('/batch/update')) return
    world.onRequest = () => undefined
    hubspotPerson(world, { first: 'New', email: 'zoe@elsewhere-shoes.com' })
  }
  await world.sync()
  expect(held(world, 'hubspot', 'contacts', there)['phone']).toBe('+14155550144')
  expect(await quarantined()).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        record: { side: 'left', id: ada },
        fields: ['email'],
        reason: expect.stringContaining('Contact already exists') as string,
      }),
    ]),
  )
  await world.sync()
  expect(ids(world, 'attio', 'people')).toHaveLength(2)
})

test('a company whose name is refused does not keep its people from being created', async () => {
  await open(PHONE)
  refuseWritesWith('hubspot', 'Unspeakable')
  attioCompany(world, 'Unspeakable', 'unspeakable-things.com')
  attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1)
})

describe('associations', () => {
  const employ = (contact: string, company: string) =>
    world.hubspot.edit({
      action: 'associate',
      object: 'contacts',
      id: contact,
      other: { object: 'companies', id: company, label: 'primary' },
    })
  const employerOf = (person: string): unknown =>
    (only(held(world, 'attio', 'people', person)['company']) as { id?: string } | null)?.id ?? null

  async function adaAndAcme() {
    world = await openTestWorld({
      empty: true,
      mappings: ['people', 'companies'].map((name) => shippedMapping(name)),
    })
    calm(world)
    const person = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    const company = attioCompany(world, 'Acme', 'acme-rockets.com')
    await world.sync()
    const contact = (await counterpart(world, 'attio', person)) ?? ''
    const account = (await counterpart(world, 'attio', company)) ?? ''
    return { person, company, contact, account }
  }

  test('of a record that was set aside come across when it no longer is', async () => {
    const { person, company, contact, account } = await adaAndAcme()
    refuseWritesWith('hubspot', 'Augusta')
    const rename = (name: string) =>
      edit(world, 'attio', 'people', person, {
        name: { first_name: name, last_name: '', full_name: name },
      })
    rename('Augusta')
    await world.sync()
    employ(contact, account)
    await world.sync()
    expect(employerOf(person)).toBe(null)
    rename('Adeline')
    await world.sync()
    expect(employerOf(person)).toBe(company)
  })

  test('that are refused are set aside alone, and travel when they no longer are', async () => {
    const { person, company, contact, account } = await adaAndAcme()
    const refusals = refuseWritesWith('hubspot', `"to":{"id":"${account}"}`)
    edit(world, 'attio', 'people', person, {
      company: [{ target_object: 'companies', target_record_id: company }],
    })
    await world.sync()
    expect(refusals.times).toBe(1)
    expect(await quarantined()).toMatchObject([{ record: { side: 'left', id: person } }])
    edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
    await world.sync()
    expect(only(held(world, 'attio', 'people', person)['job_title'])).toBe('Countess')
    expect(refusals.times).toBe(1)

    refusals.stop()
    await world.advance(601_000)
    await world.sync()
    expect(associations(world, 'contacts', contact)).toContain(`companies/${account}/primary`)
    expect(await quarantined()).toEqual([])
  })
})

test('a removal that is refused is tried again less and less often, and done when it no longer is', async () => {
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('people')] })
  calm(world)
  const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  const contact = ids(world, 'hubspot', 'contacts')[0] ?? ''
  await world.advance(60_000)
  const refusals = refuseWritesWith('hubspot', contact)
  remove(world, 'attio', 'people', ada)
  await world.sync()
  const each = refusals.times
  expect(each).toBeGreaterThan(0)
  expect(await quarantined()).toMatchObject([
    { record: { side: 'left', id: ada }, reason: expect.stringContaining('Not like this'), attempts: 1 },
  ])
  await world.sync()
  expect(refusals.times, 'the next listing').toBe(each)
  await world.advance(61_000)
  await world.sync()
  expect(refusals.times, 'a minute later').toBe(2 * each)
  await world.advance(61_000)
  await world.sync()
  expect(refusals.times, 'two minutes later').toBe(2 * each)
  await world.advance(61_000)
  await world.sync()
  expect(refusals.times, 'three minutes later').toBe(3 * each)
  expect(await quarantined()).toMatchObject([{ attempts: 3 }])

  refusals.stop()
  await world.advance(241_000)
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([])
  expect(await quarantined()).toEqual([])
})

test('who is edited while a removal is refused stays, and a person is asked', async () => {
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('people')] })
  calm(world)
  const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  const contact = ids(world, 'hubspot', 'contacts')[0] ?? ''
  await world.advance(60_000)
  const refusals = refuseWritesWith('hubspot', contact)
  remove(world, 'attio', 'people', ada)
  await world.sync()
  refusals.stop()
  edit(world, 'hubspot', 'contacts', contact, { phone: '+14155550199' })
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([contact])
  expect(await quarantined()).toEqual([])
  expect(await world.store.reviews(10)).toMatchObject([{ kind: 'delete-vs-update', record: { id: contact } }])
})

describe('a unique value that another record holds', () => {
  test('sets the field aside, and a later try ends after one refusal', async () => {
    await open(PHONE, '{ left: email_addresses, right: email, as: emails }')
    attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
    await world.sync()
    const contact = ids(world, 'hubspot', 'contacts')[0] ?? ''
    // Entered a moment later, and paired with nobody: HubSpot's contact of the same address is Ada's.
    attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
    edit(world, 'hubspot', 'contacts', contact, { email: 'bob@byron-poems.com' })
    await world.sync()
    expect(await quarantined()).toMatchObject([{ fields: ['email_addresses'] }])
    await world.advance(1_200_000)
    let tries = 0
    world.onRequest = (vendor, request) => {
      if (vendor !== 'attio' || request.method !== 'PUT') return
      tries += 1
      if (tries > 10) throw new Error('the same value is sent again and again')
    }
    await world.sync()
    world.onRequest = () => undefined
    expect(tries, 'tries when the wait is over').toBe(1)
  })
})

test('a record that was merged away takes its refusal along: only the survivor is tried again, and in time', async () => {
  await open(PHONE)
  const first = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  await world.sync()
  await world.advance(60_000)
  const refusals = refuseWritesWith('attio', '+14155550100')
  edit(world, 'hubspot', 'contacts', first, { phone: '+14155550100' })
  await world.sync()
  expect(await quarantined()).toMatchObject([{ record: { side: 'right', id: first } }])
  // Nothing that is mapped changes by this merge.
  const other = { object: 'contacts', id: hubspotPerson(world, { first: 'Ada', last: 'King' }) }
  const survivor = world.hubspot.edit({ action: 'merge', object: 'contacts', id: first, other }).id
  await world.sync()
  await world.advance(3_600_000)
  await world.sync()
  expect((await quarantined()).map(({ record }) => record.id)).toEqual([survivor])
  const before = refusals.times
  await world.advance(60_000)
  await world.sync()
  expect(refusals.times).toBe(before)
  refusals.stop()
  expect(await counterpart(world, 'hubspot', survivor)).not.toBeNull()
})
