/** The pairing with Salesforce: it comes to rest, and what the org refuses is set aside with its own words. */
import { afterEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  held,
  ids,
  live,
  remove,
  salesforcePerson,
} from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

let world: TestWorld

async function open(options: TestWorldOptions = { empty: true }): Promise<void> {
  world = await openTestWorld({ crms: ['salesforce'], ...options })
}

afterEach(() => world.close())

describe('a second sync', () => {
  test.each([
    ['Attio and Salesforce', ['salesforce']],
    ['Attio between HubSpot and Salesforce', ['hubspot', 'salesforce']],
  ] as const)('of %s writes nothing, in untidy worlds of a year', { timeout: 120_000 }, async (_, crms) => {
    await open({ crms, people: 60, seed: 5 })
    await world.sync()
    await world.advance(120_000)
    const before = world.writes()
    const tally = await world.sync()
    expect(world.writes()).toEqual(before)
    expect(tally).toMatchObject({ linked: 0, conflictsOpened: 0 })
  })
})

test('a first load into an org that is set up and empty creates the deals too, each in its stage', async () => {
  await open({ crms: ['salesforce'], empty: 'set-up' })
  calm(world)
  for (const stage of ['Lead', 'In Progress', 'Won 🎉']) {
    const values = { name: `Deal in ${stage}`, stage, owner: 'ada.okafor@example.com' }
    world.attio.edit({ action: 'create', object: 'deals', values })
  }
  await world.sync()
  const stages = Object.values(live(world, 'salesforce', 'Opportunity')).map(
    ({ values }) => values['StageName'],
  )
  expect(new Set(stages)).toEqual(new Set(['Closed Won', 'Needs Analysis', 'Prospecting']))
  expect(await world.store.quarantined(10)).toEqual([])
})

describe('a collection of 200 with 7 bad rows', () => {
  const BAD = 7
  const RULE = { object: 'Contact', when: "Title LIKE 'Intern%'", message: 'Interns are no contacts.' }

  /** Two hundred people, of whom seven are interns. */
  async function people(field?: string): Promise<void> {
    await open()
    calm(world)
    world.salesforce.settings.validationRules = [{ ...RULE, ...(field !== undefined && { field }) }]
    for (let n = 0; n < 200; n += 1) {
      const job = n % 29 === 0 ? `Intern ${n}` : `No ${n}`
      attioPerson(world, { first: `Ada ${n}`, last: 'King', email: `ada${n}@king-family.com`, job })
    }
    await world.sync()
  }

  const words = () => world.store.quarantined(100)

  test('applies 193, and sets 7 aside with the words of Salesforce', { timeout: 60_000 }, async () => {
    await people()
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(200 - BAD)
    const refused = await words()
    expect(refused).toHaveLength(BAD)
    for (const { reason } of refused) expect(reason).toContain(RULE.message)
    await expectRest(world)
  })

  test('where the rule blames a field, all are there, and 7 without it', { timeout: 60_000 }, async () => {
    await people('Title')
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(200)
    const untitled = Object.values(live(world, 'salesforce', 'Contact')).filter(
      ({ values }) => !values['Title'],
    )
    expect(untitled).toHaveLength(BAD)
    const refused = await words()
    expect(refused.map(({ fields }) => fields)).toEqual(Array.from({ length: BAD }, () => ['Title']))
    for (const { reason } of refused) expect(reason).toContain(RULE.message)
    await expectRest(world)
  })

  test('what was set aside follows when its cause is gone', async () => {
    await open()
    calm(world)
    world.salesforce.settings.validationRules = [RULE]
    const ada = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Intern',
    })
    await world.sync()
    expect(await words()).toHaveLength(1)
    edit(world, 'attio', 'people', ada, { job_title: 'Engineer' })
    await world.sync()
    expect(held(world, 'salesforce', 'Contact')['Title']).toBe('Engineer')
    expect(await words()).toEqual([])
    await expectRest(world)
  })
})

describe('what people do with records', () => {
  const ADA = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }

  test('a merge in Salesforce keeps one pair, and no person is created again', async () => {
    await open()
    calm(world)
    const first = salesforcePerson(world, 'Contact', ADA)
    const second = salesforcePerson(world, 'Contact', {
      ...ADA,
      email: 'countess@king-family.com',
      job: 'Countess',
    })
    await world.sync()
    const other = { object: 'Contact', id: second }
    world.salesforce.edit({ action: 'merge', object: 'Contact', id: first, other })
    await world.sync()
    expect(ids(world, 'salesforce', 'Contact')).toEqual([first])
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(await world.store.countLinks('attio-salesforce/people-Contact')).toBe(1)
    expect(await counterpart(world, 'salesforce', first)).not.toBeNull()
    await expectRest(world)
  })

  test('a merge into a contact that shares no key with the other is followed by its master', async () => {
    await open()
    calm(world)
    const sukarno = attioPerson(world, { first: 'Sukarno', last: 'Sukarno', job: 'President' })
    await world.sync()
    const [first = ''] = ids(world, 'salesforce', 'Contact')
    const values = { LastName: 'Koesno' }
    const master = world.salesforce.edit({ action: 'create', object: 'Contact', values }).id
    const other = { object: 'Contact', id: first }
    world.salesforce.edit({ action: 'merge', object: 'Contact', id: master, other })
    await world.sync()
    expect(await counterpart(world, 'attio', sukarno)).toBe(master)
    expect(ids(world, 'attio', 'people')).toEqual([sukarno])
    expect(await world.store.reviews(10)).toEqual([])
    await expectRest(world)
  })

  test('a contact taken out of the bin finds its person again', async () => {
    await open()
    calm(world)
    const contact = salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'salesforce', 'Contact', contact)
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBeNull()
    world.salesforce.edit({ action: 'restore', object: 'Contact', id: contact })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(contact)
    expect(Object.keys(live(world, 'attio', 'people'))).toEqual([person])
    await expectRest(world)
  })

  test('one entered again keeps the place of one that comes back, and a person is asked', async () => {
    await open()
    calm(world)
    const first = salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'salesforce', 'Contact', first)
    const again = salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(again)
    world.salesforce.edit({ action: 'restore', object: 'Contact', id: first })
    await world.sync()
    expect(await counterpart(world, 'attio', person)).toBe(again)
    expect(await counterpart(world, 'salesforce', first)).toBeNull()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    const [review, ...others] = await world.store.reviews(10)
    expect(others).toEqual([])
    expect(review).toMatchObject({ record: { side: 'right', id: first }, kind: 'duplicate' })
    expect(review?.candidates).toContainEqual({ side: 'left', id: person })
    expect(review?.candidates).toContainEqual({ side: 'right', id: again })
    await expectRest(world)
  })

  test('a person deleted in Attio goes to the bin of Salesforce, and does not come back', async () => {
    await open()
    calm(world)
    const contact = salesforcePerson(world, 'Contact', ADA)
    await world.sync()
    const [person = ''] = ids(world, 'attio', 'people')
    remove(world, 'attio', 'people', person)
    await world.sync()
    expect(world.salesforce.dump()['Contact']?.[contact]?.state).toBe('archived')
    await expectRest(world)
  })
})

describe('a field that the org hides for a while', () => {
  test('takes what was typed on the other side meanwhile, once it is shown again', async () => {
    await open()
    calm(world)
    const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Poet' })
    await world.sync()
    world.salesforce.settings.hiddenFields = ['Contact.Title']
    edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'salesforce', 'Contact')['Title']).toBe('Poet')
    world.salesforce.settings.hiddenFields = []
    await world.advance(60_000)
    await world.sync({ fresh: true })
    expect(held(world, 'salesforce', 'Contact')['Title']).toBe('Countess')
    await expectRest(world)
  })

  test('keeps a record whose counterpart is deleted meanwhile, as nobody knows what it holds there', async () => {
    await open()
    calm(world)
    const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Poet' })
    await world.sync()
    const [contact = ''] = ids(world, 'salesforce', 'Contact')
    world.salesforce.settings.hiddenFields = ['Contact.Title']
    edit(world, 'salesforce', 'Contact', contact, { Title: 'Countess' })
    remove(world, 'attio', 'people', ada)
    await world.sync()
    expect(held(world, 'salesforce', 'Contact')['Title']).toBe('Countess')
    expect(await world.store.reviews(10)).toMatchObject([{ record: { side: 'right', id: contact } }])
  })
})

describe('a record that takes the place of one in the recycle bin', () => {
  test('gets its fields, although the bin keeps the id that both would carry', async () => {
    await open()
    calm(world)
    const person = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Poet' }
    const ada = attioPerson(world, person)
    await world.sync()
    const [first = ''] = ids(world, 'salesforce', 'Contact')
    remove(world, 'salesforce', 'Contact', first)
    const second = salesforcePerson(world, 'Contact', person)
    await world.sync()
    edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
    await world.sync()
    await world.advance(60_000)
    await world.sync()
    expect(live(world, 'salesforce', 'Contact')[second]?.values['Title']).toBe('Countess')
    expect(await world.store.quarantined(10)).toMatchObject([{ fields: ['Attio_Record_Id__c'] }])
    await expectRest(world)
  })
})
