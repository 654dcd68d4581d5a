/** Merges in either CRM: no orphaned pair, no second creation, no value lost (algorithms 3.5). */
import { beforeEach, describe, expect, test } from 'vitest'
import { drain } from '../../src/stages/drain.ts'
import { lookAtEverything } from '../../src/stages/pass.ts'
import { attioPerson, counterpart, edit, held, hubspotPerson, ids, only } from './story.ts'
import { mergeInAttio, mergeInHubSpot, twoPairs, world } from './merging.ts'

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
