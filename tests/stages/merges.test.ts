/** Merges in either CRM: no orphaned pair, no second creation, no value lost (algorithms 3.5). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { lookAtEverything } from '../../src/stages/pass.ts'
import {
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
  peopleMapping,
  PEOPLE_ONLY,
  remove,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

let world: TestWorld

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** Two pairs: Ada with a job, and the same Ada under another address with a phone number. */
async function twoPairs() {
  const first = attioPerson(world, {
    first: 'Ada',
    last: 'King',
    email: 'ada@king-family.com',
    job: 'Engineer',
  })
  const second = attioPerson(world, {
    first: 'Augusta',
    last: 'King',
    email: 'augusta@king-family.com',
    phone: '+14155550100',
  })
  await world.sync()
  const firstThere = (await counterpart(world, 'attio', first)) ?? ''
  const secondThere = (await counterpart(world, 'attio', second)) ?? ''
  await world.advance(60_000)
  return { first, second, firstThere, secondThere }
}

function mergeInAttio(id: string, other: string): string {
  return world.attio.edit({ action: 'merge', object: 'people', id, other: { object: 'people', id: other } })
    .id
}

function mergeInHubSpot(id: string, other: string): string {
  return world.hubspot.edit({
    action: 'merge',
    object: 'contacts',
    id,
    other: { object: 'contacts', id: other },
  }).id
}

describe('a merge in Attio', () => {
  test('that two workers notice at once keeps one pair', async () => {
    const { first, second } = await twoPairs()
    const survivor = mergeInAttio(first, second)
    const engine = await world.engine()
    const one = { ...engine, settings: { ...engine.settings, batchSize: 1 } }
    const [mapping] = engine.pairing.mappings
    if (!mapping) throw new Error('people have a mapping')
    await world.run(lookAtEverything(engine, { report: () => undefined }))
    await world.run(Promise.all([drain(one, mapping), drain(one, mapping)]))
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
    expect(await counterpart(world, 'attio', survivor)).not.toBeNull()
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'duplicate' }])
  })

  test('of two linked people keeps one pair, and the other contact is reported and not created again', async () => {
    const { first, second, firstThere, secondThere } = await twoPairs()
    const survivor = mergeInAttio(first, second)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([survivor])
    expect(ids(world, 'hubspot', 'contacts').toSorted()).toEqual([firstThere, secondThere].toSorted())
    const kept = (await counterpart(world, 'attio', survivor)) ?? ''
    expect([firstThere, secondThere]).toContain(kept)
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
    const other = kept === firstThere ? secondThere : firstThere
    expect(held(world, 'hubspot', 'contacts', kept)['attio_record_id'], 'the stamp of the pair').toBe(
      survivor,
    )
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { side: 'right', id: other } },
    ])
    expect(held(world, 'attio', 'people')).toMatchObject({
      job_title: ['Engineer'],
      phone_numbers: ['+14155550100'],
    })
    edit(world, 'hubspot', 'contacts', other, { jobtitle: 'Ghost' })
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([survivor])
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Engineer')
    edit(world, 'attio', 'people', survivor, { job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts', kept)['jobtitle']).toBe('Countess')
  })

  test('of a linked person and one without a counterpart moves the pair', async () => {
    const first = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Engineer',
    })
    await world.sync()
    const there = (await counterpart(world, 'attio', first)) ?? ''
    const second = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@byron-poems.com' })
    const survivor = mergeInAttio(second, first)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([there])
    expect(await counterpart(world, 'attio', survivor)).toBe(there)
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
    expect(await world.store.reviews(10)).toEqual([])
  })

  test('loses no edit that HubSpot saw meanwhile', async () => {
    const { first, second, firstThere } = await twoPairs()
    edit(world, 'hubspot', 'contacts', firstThere, { jobtitle: 'Countess' })
    const survivor = mergeInAttio(first, second)
    await world.sync()
    if ((await counterpart(world, 'attio', survivor)) !== firstThere) return
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
  })

  test.each([
    ['cleared in the survivor before we looked is cleared', true],
    ['kept is kept', false],
  ])('of two linked people: what somebody %s, although Attio does not say who', async (_, clears) => {
    const { first, second, secondThere } = await twoPairs()
    const survivor = mergeInAttio(second, first)
    if (clears) edit(world, 'attio', 'people', survivor, { phone_numbers: [] })
    await world.sync()
    expect(await counterpart(world, 'attio', survivor)).toBe(secondThere)
    const expected = clears ? [] : ['+14155550100']
    expect(held(world, 'attio', 'people', survivor)['phone_numbers'] ?? []).toEqual(expected)
    expect(held(world, 'hubspot', 'contacts', secondThere)['phone'] ?? '').toBe(expected[0] ?? '')
  })

  test('keeps cleared what somebody cleared of the other one’s, which nobody had agreed on for the pair', async () => {
    Object.assign(world.attio.settings, { mergeMultiselect: 'primary' })
    const first = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', phone: '+14155550100' })
    // Entered in HubSpot, so that the id of the pair is in Attio, and the survivor is known by it.
    const there = hubspotPerson(world, {
      first: 'Augusta',
      email: 'augusta@king-family.com',
      phone: '+14155550101',
    })
    await world.sync()
    const second = (await counterpart(world, 'hubspot', there)) ?? ''
    await world.advance(60_000)
    const survivor = mergeInAttio(first, second)
    edit(world, 'attio', 'people', survivor, { phone_numbers: [] })
    await world.sync()
    expect(await counterpart(world, 'attio', survivor)).toBe(there)
    expect(held(world, 'attio', 'people', survivor)['phone_numbers'] ?? []).toEqual([])
    expect(held(world, 'hubspot', 'contacts', there)['phone'] ?? '').toBe('')
  })

  test('of two people in review is one person again', async () => {
    hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    const first = attioPerson(world, { first: 'Ada', last: 'King', phone: '+14155550100' })
    const second = attioPerson(world, { first: 'Ada', last: 'King', job: 'Engineer' })
    await world.sync()
    expect(await world.store.reviews(10)).not.toEqual([])
    const survivor = mergeInAttio(first, second)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([survivor])
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1)
    const asked = (await world.store.reviews(10)).map(({ record }) => record.id)
    expect(asked).not.toContain(first)
    expect(asked).not.toContain(second)
  })

  test('that is still settling is waited for', async () => {
    const { first, second, firstThere, secondThere } = await twoPairs()
    Object.assign(world.attio.settings, { mergeSettleMs: 5_000 })
    const survivor = mergeInAttio(first, second)
    await world.sync()
    await world.advance(10_000)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([survivor])
    expect(ids(world, 'hubspot', 'contacts').toSorted()).toEqual([firstThere, secondThere].toSorted())
    expect(await world.store.reviews(10)).toMatchObject([{ kind: 'duplicate', record: { side: 'right' } }])
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
    expect(await counterpart(world, 'attio', survivor)).not.toBeNull()
  })
})

describe.each([[false], [true]])('a merge in HubSpot (primary id kept: %s)', (primaryIdPreservation) => {
  beforeEach(() => {
    Object.assign(world.hubspot.settings, { primaryIdPreservation })
  })

  test('of two linked contacts keeps one pair, and the other person is reported and not created again', async () => {
    const { first, second, firstThere, secondThere } = await twoPairs()
    const survivor = mergeInHubSpot(firstThere, secondThere)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
    expect(ids(world, 'attio', 'people').toSorted()).toEqual([first, second].toSorted())
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
    const kept = (await counterpart(world, 'hubspot', survivor)) ?? ''
    const other = kept === first ? second : first
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { side: 'left', id: other } },
    ])
    edit(world, 'attio', 'people', other, { job_title: 'Ghost' })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
    edit(world, 'attio', 'people', kept, { job_title: 'Countess' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
  })

  test('of a linked contact into one that a new person matches asks about the person', async () => {
    const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    await world.sync()
    const there = (await counterpart(world, 'attio', ada)) ?? ''
    await world.advance(60_000)
    const augusta = attioPerson(world, { first: 'Augusta', last: 'King', email: 'augusta@king-family.com' })
    const alike = hubspotPerson(world, { first: 'Augusta', last: 'King', email: 'augusta@king-family.com' })
    const survivor = mergeInHubSpot(alike, there)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
    expect(await counterpart(world, 'hubspot', survivor)).toBe(ada)
    expect(await world.store.reviews(10)).toMatchObject([
      { kind: 'duplicate', record: { side: 'left', id: augusta } },
    ])
  })

  /** Ada's contact goes into one that was entered meanwhile and has no title. */
  async function mergeWithNewContact() {
    const person = attioPerson(world, {
      first: 'Ada',
      last: 'King',
      email: 'ada@king-family.com',
      job: 'Engineer',
    })
    await world.sync()
    const there = (await counterpart(world, 'attio', person)) ?? ''
    const fresh = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@byron-poems.com' })
    return { person, survivor: mergeInHubSpot(there, fresh) }
  }

  test('of a linked contact and a new one moves the pair', async () => {
    const { person, survivor } = await mergeWithNewContact()
    await world.sync()
    expect(ids(world, 'attio', 'people')).toEqual([person])
    expect(await counterpart(world, 'hubspot', survivor)).toBe(person)
    expect(held(world, 'attio', 'people')).toMatchObject({
      job_title: ['Engineer'],
      email_addresses: ['ada@king-family.com', 'ada@byron-poems.com'],
    })
  })

  test.each([
    ['what somebody cleared in the survivor before we looked is cleared', true, []],
    ['what was never filled in the survivor is filled', false, ['Engineer']],
  ])('of a linked contact and a new one: %s', async (_, clears, expected) => {
    const { person, survivor } = await mergeWithNewContact()
    if (clears) edit(world, 'hubspot', 'contacts', survivor, { jobtitle: '' })
    await world.sync()
    expect(held(world, 'attio', 'people', person)['job_title'] ?? []).toEqual(expected)
    expect(held(world, 'hubspot', 'contacts', survivor)['jobtitle'] ?? '').toBe(expected[0] ?? '')
  })

  test('of two contacts in review is one contact again', async () => {
    attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
    const first = hubspotPerson(world, { first: 'Ada', last: 'King', phone: '+14155550100' })
    const second = hubspotPerson(world, { first: 'Ada', last: 'King', job: 'Engineer' })
    await world.sync()
    expect(await world.store.reviews(10)).not.toEqual([])
    const survivor = mergeInHubSpot(first, second)
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
    expect(ids(world, 'attio', 'people')).toHaveLength(1)
  })
})

test('the same two people merged in both CRMs are one pair, and nobody is asked', async () => {
  const { first, second, firstThere, secondThere } = await twoPairs()
  const here = mergeInAttio(first, second)
  const there = mergeInHubSpot(firstThere, secondThere)
  await world.sync()
  expect(await counterpart(world, 'attio', here)).toBe(there)
  expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(1)
  expect(await world.store.reviews(10)).toEqual([])
})

test('the same two companies merged in both CRMs are one pair, although nothing but a stamp tells', async () => {
  await world.close()
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('companies')] })
  calm(world)
  const first = attioCompany(world, 'Acme')
  const second = hubspotCompany(world, 'ACME Ltd')
  await world.sync()
  const firstThere = (await counterpart(world, 'attio', first)) ?? ''
  const secondThere = (await counterpart(world, 'hubspot', second)) ?? ''
  await world.advance(60_000)
  const merge = (vendor: 'attio' | 'hubspot', id: string, other: string) =>
    world[vendor].edit({
      action: 'merge',
      object: 'companies',
      id,
      other: { object: 'companies', id: other },
    })
  merge('hubspot', second, firstThere)
  // Its stamp names the company that was merged away over there.
  const survivor = merge('attio', first, secondThere).id
  await world.sync()
  expect(ids(world, 'hubspot', 'companies')).toHaveLength(1)
  expect(ids(world, 'attio', 'companies')).toEqual([survivor])
  expect(await counterpart(world, 'attio', survivor)).toBe(ids(world, 'hubspot', 'companies')[0])
  expect(await world.store.reviews(10)).toEqual([])
})

test('the same two people merged in Attio long after in HubSpot are one pair, whatever was edited meanwhile', async () => {
  const cleo = hubspotPerson(world, { first: 'Cleo', last: 'Byron', email: 'cleo@byron-poems.com' })
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@byron-poems.com' })
  await world.sync()
  const cleoHere = (await counterpart(world, 'hubspot', cleo)) ?? ''
  const there = mergeInHubSpot(cleo, (await counterpart(world, 'attio', bob)) ?? '')
  await world.sync()
  const paired = await counterpart(world, 'hubspot', there)
  const [alone, other] = paired === bob ? [cleoHere, bob] : [bob, cleoHere]
  edit(world, 'hubspot', 'contacts', there, { email: 'poet@byron-poems.com', hs_additional_emails: '' })
  await world.sync()
  // The one that was left alone wins, with the stamp of the contact that went into the other.
  Object.assign(world.attio.settings, { mergeMultiselect: 'primary' })
  const survivor = mergeInAttio(alone, other)
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([there])
  expect(await counterpart(world, 'hubspot', there)).toBe(survivor)
})

test('whoever lost a contact by a merge does not take the place of one that is merged with somebody else', async () => {
  const cleo = hubspotPerson(world, { first: 'Cleo', last: 'Byron', email: 'cleo@byron-poems.com' })
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-lands.com' })
  await world.sync()
  const cleoHere = (await counterpart(world, 'hubspot', cleo)) ?? ''
  const there = mergeInHubSpot(cleo, (await counterpart(world, 'attio', bob)) ?? '')
  await world.sync()
  const paired = (await counterpart(world, 'hubspot', there)) ?? ''
  const alone = paired === bob ? cleoHere : bob
  // Its stamp names a contact that went into the other's.
  edit(world, 'attio', 'people', alone, { hubspot_id: alone === bob ? there : cleo })
  await world.sync()
  const dan = attioPerson(world, { first: 'Dan', last: 'Hill', phone: '+14155550100' })
  const survivor = mergeInAttio(paired, dan)
  await world.sync()
  expect(await counterpart(world, 'attio', alone)).toBeNull()
  expect(await counterpart(world, 'hubspot', there)).toBe(survivor)
})

test('a contact that came back does not follow the stamp that a merge gave it: a person is asked', async () => {
  Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
  const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const alike = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const other = attioPerson(world, { first: 'Augusta', last: 'King', email: 'augusta@king-family.com' })
  await world.sync()
  const stamped = (await counterpart(world, 'attio', other)) ?? ''
  await world.advance(60_000)
  // Ada's pair was found equal and needed no stamp: the contact that is left carries the one of the other.
  const survivor = mergeInHubSpot(alike, stamped)
  expect(held(world, 'hubspot', 'contacts')['attio_record_id']).toBe(other)
  // It is gone before the engine's next write can correct that.
  world.onRequest = (vendor, request) => {
    if (vendor !== 'hubspot' || !request.url.includes('/contacts/batch/update')) return
    world.onRequest = () => undefined
    remove(world, 'hubspot', 'contacts', survivor)
  }
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([])
  world.hubspot.edit({ action: 'restore', object: 'contacts', id: survivor })
  await world.sync()
  expect(ids(world, 'hubspot', 'contacts')).toEqual([survivor])
  const questions = (await world.store.reviews(10)).toSorted((a, b) => b.kind.localeCompare(a.kind))
  expect(questions).toMatchObject([
    { kind: 'duplicate', record: { side: 'left', id: other }, candidates: [{ id: ada }] },
    { kind: 'ambiguous', record: { side: 'right', id: survivor } },
  ])
  expect(questions[1]?.candidates.map(({ id }) => id).toSorted()).toEqual([ada, other].toSorted())
})

test('whoever got the key of a deleted record, and has a counterpart of their own, does not take its place', async () => {
  const ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const there = hubspotPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  await world.sync()
  expect(await counterpart(world, 'attio', ada)).toBe(there)
  // All of this before anybody looks again: it could be a merge, and Bob is in HubSpot, too.
  remove(world, 'attio', 'people', ada)
  const bob = attioPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-family.com' })
  edit(world, 'attio', 'people', bob, { email_addresses: ['bob@moor-family.com', 'ada@king-family.com'] })
  const bobThere = hubspotPerson(world, { first: 'Bob', last: 'Moor', email: 'bob@moor-family.com' })
  await world.sync()
  expect(held(world, 'hubspot', 'contacts', there)['firstname']).toBe('Ada')
  expect(await counterpart(world, 'attio', bob)).toBe(bobThere)
  expect(await world.store.reviews(10)).toMatchObject([
    {
      record: { side: 'right', id: there },
      kind: 'delete-vs-update',
      because: 'deleted on one side, or merged into a record that has its key and may be somebody else',
    },
  ])
})

test('a merge closes the conflict of the pair that ends', async () => {
  await world.close()
  const mappings = [peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')]
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
  const { first, second, firstThere, secondThere } = await twoPairs()
  for (const [id, there] of [
    [first, firstThere],
    [second, secondThere],
  ] as const) {
    edit(world, 'attio', 'people', id, { job_title: `Countess ${id}` })
    edit(world, 'hubspot', 'contacts', there, { jobtitle: 'Poet' })
  }
  await world.sync()
  expect(await conflicts(world)).toHaveLength(2)
  mergeInAttio(first, second)
  await world.sync()
  expect((await conflicts(world)).length).toBeLessThanOrEqual(1)
})

test('a contact that was taken out of the bin and merged into keeps one person, and the other one is told of', async () => {
  Object.assign(world.hubspot.settings, { primaryIdPreservation: true })
  const { first, second, firstThere, secondThere } = await twoPairs()
  remove(world, 'hubspot', 'contacts', firstThere)
  await world.sync()
  world.hubspot.edit({ action: 'restore', object: 'contacts', id: firstThere })
  expect(mergeInHubSpot(firstThere, secondThere)).toBe(firstThere)
  await world.sync()
  const kept = await counterpart(world, 'hubspot', firstThere)
  expect([first, second]).toContain(kept)
  const other = kept === first ? second : first
  expect(await world.store.reviews(10)).toMatchObject([
    { kind: 'duplicate', record: { side: 'left', id: other }, candidates: [{ side: 'left', id: kept }] },
  ])
})

test('a survivor that nothing but HubSpot’s own word tells from a new contact gets no second person', async () => {
  const [first, second] = ['Ada', 'Augusta'].map((name) => hubspotPerson(world, { first: name }))
  await world.sync()
  const people = ids(world, 'attio', 'people')
  const survivor = mergeInHubSpot(first ?? '', second ?? '')
  const engine = await world.engine()
  // One at a time: the survivor is listed, and what went into it is missed only when the listing ends.
  const one = { ...engine, settings: { ...engine.settings, batchSize: 1 } }
  const [mapping] = engine.pairing.mappings
  if (!mapping) throw new Error('people have a mapping')
  await world.run(lookAtEverything(engine, { report: () => undefined }))
  await world.run(drain(one, mapping))
  await world.sync()
  expect(ids(world, 'attio', 'people')).toEqual(people)
  expect(people).toContain(await counterpart(world, 'hubspot', survivor))
})
