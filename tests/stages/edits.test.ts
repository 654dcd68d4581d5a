/** Edits of people travel, meet, and never get lost unreported (I2, I3, I4, I6). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  conflicts,
  edit,
  expectRest,
  held,
  ids,
  live,
  only,
  onlyConflict,
  PEOPLE_ONLY,
  peopleMapping,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

async function pairOfAda(mappings: readonly string[] = PEOPLE_ONLY): Promise<void> {
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
  const id = attioPerson(world, {
    first: 'Ada',
    last: 'Lovelace',
    email: 'ada@lovelace-analytical.com',
    job: 'Engineer',
    phone: '+14155550100',
  })
  await world.sync()
  ada = { attio: id, hubspot: ids(world, 'hubspot', 'contacts')[0] ?? '' }
}

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('an edit on one side', () => {
  beforeEach(() => pairOfAda())

  test('in Attio reaches HubSpot, and only the changed field is written', async () => {
    let written: unknown = null
    world.onRequest = (vendor, request) => {
      if (vendor === 'hubspot' && request.url.includes('/batch/update'))
        written = JSON.parse(request.body ?? '')
    }
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    const tally = await world.sync()
    expect(tally.updated).toEqual({ left: 0, right: 1 })
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Countess' })
    expect(written).toMatchObject({ inputs: [{ id: ada.hubspot, properties: { jobtitle: 'Countess' } }] })
    expect(
      Object.keys((written as { inputs: { properties: object }[] }).inputs[0]?.properties ?? {}),
    ).toEqual(['jobtitle'])
  })

  test('in HubSpot reaches Attio', async () => {
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Mathematician' })
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Mathematician')
  })

  test('that clears a field clears it on the other side', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: [] })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle'] ?? '').toBe('')
  })

  test('that is taken back before anybody looked writes nothing', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Engineer' })
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
  })

  test('of spelling that means the same writes nothing', async () => {
    const before = world.writes()
    edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '(415) 555-0100', jobtitle: ' Engineer ' })
    await world.sync()
    expect(world.writes()).toEqual(before)
  })

  test('and another on the other side, in different fields, both survive', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550199' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Countess', phone: '+14155550199' })
    expect(held(world, 'attio', 'people')).toMatchObject({
      job_title: ['Countess'],
      phone_numbers: ['+14155550199'],
    })
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('made to the target between the read and the write is not overwritten', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    let edited = false
    world.onRequest = (vendor, request) => {
      if (edited || vendor !== 'hubspot' || !request.url.includes('/batch/update')) return
      edited = true
      edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550177' })
    }
    await world.sync()
    expect(edited).toBe(true)
    world.onRequest = () => undefined
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({ jobtitle: 'Countess', phone: '+14155550177' })
    expect(held(world, 'attio', 'people')['phone_numbers']).toEqual(['+14155550177'])
  })

  test('made to the source while its write travels follows by itself', async () => {
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    world.onRequest = (vendor, request) => {
      if (vendor !== 'hubspot' || !request.url.includes('/batch/update')) return
      world.onRequest = () => undefined
      edit(world, 'attio', 'people', ada.attio, { job_title: 'Pioneer' })
    }
    await world.sync()
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Pioneer')
  })

  test('made in Attio while Attio is being written to travels to HubSpot', async () => {
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Mathematician' })
    world.onRequest = (vendor, request) => {
      if (vendor !== 'attio' || (request.method !== 'PUT' && request.method !== 'PATCH')) return
      world.onRequest = () => undefined
      edit(world, 'attio', 'people', ada.attio, { phone_numbers: ['+14155550111'] })
    }
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({
      jobtitle: 'Mathematician',
      phone: '+14155550111',
    })
  })
})

describe('edits of one field on both sides', () => {
  const ask = peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')

  beforeEach(async () => {
    await pairOfAda([ask])
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
    await world.advance(60_000)
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Mathematician' })
  })

  test('open one conflict that says who wanted what, and nothing is written', async () => {
    const before = world.writes()
    const tally = await world.sync()
    expect(tally.conflictsOpened).toBe(1)
    expect(world.writes()).toEqual(before)
    expect(await onlyConflict(world)).toMatchObject({
      field: 'job_title',
      kind: 'both-changed',
      left: 'Countess',
      right: 'Mathematician',
      base: { left: 'Engineer', right: 'Engineer' },
      records: { left: ada.attio, right: ada.hubspot },
      rule: 'ask',
      loser: null,
      state: 'open',
      evidence: {
        left: { at: expect.any(String), actor: { kind: 'human', id: expect.any(String) } },
        right: { at: expect.any(String), actor: { kind: 'human', id: expect.any(String) } },
      },
    })
  })

  test('leave the other fields to travel', async () => {
    edit(world, 'attio', 'people', ada.attio, {
      name: { first_name: 'Augusta', last_name: 'King', full_name: 'Augusta King' },
    })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')).toMatchObject({
      firstname: 'Augusta',
      lastname: 'King',
      jobtitle: 'Mathematician',
    })
  })

  test.each([
    ['left', 'Countess'],
    ['right', 'Mathematician'],
  ] as const)('decided for the %s side write %s through', async (choice, winner) => {
    await world.sync()
    const { id, left, right } = await onlyConflict(world)
    const decided = await world.store.decideConflict({
      id,
      choice,
      expect: { left, right },
      atMs: world.runtime.now(),
    })
    expect(decided).toBe('decided')
    await world.sync()
    expect(only(held(world, 'attio', 'people')['job_title'])).toBe(winner)
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe(winner)
    expect(await onlyConflict(world, 'all')).toMatchObject({
      state: 'resolved',
      loser: choice === 'left' ? 'right' : 'left',
    })
  })

  test('are not decided on values that nobody sees any more', async () => {
    await world.sync()
    const { id, left } = await onlyConflict(world)
    const stale = await world.store.decideConflict({
      id,
      choice: 'left',
      expect: { left, right: 'Engineer' },
      atMs: world.runtime.now(),
    })
    expect(stale).toBe('stale')
    expect(await onlyConflict(world)).toMatchObject({ state: 'open' })
  })

  test('decided, but changed again before the decision was carried out, are asked again', async () => {
    await world.sync()
    const { id, left, right } = await onlyConflict(world)
    await world.store.decideConflict({
      id,
      choice: 'left',
      expect: { left, right },
      atMs: world.runtime.now(),
    })
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
    expect(await onlyConflict(world)).toMatchObject({ left: 'Countess', right: 'Poet', state: 'open' })
  })

  test('end by themselves when both become equal', async () => {
    await world.sync()
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
    await world.sync()
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
    edit(world, 'attio', 'people', ada.attio, { job_title: 'Poet' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Poet')
  })

  test('end by themselves when one side goes back, and the other then travels', async () => {
    await world.sync()
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Engineer' })
    await world.sync()
    expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
    expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'superseded' })
  })

  test('are reported once, however often they are looked at', async () => {
    await world.sync()
    edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550123' })
    await world.sync()
    await world.sync()
    await onlyConflict(world, 'all')
  })
})

test('a sync of two untidy worlds settles, and every overlapping person has one counterpart', async () => {
  world = await openTestWorld({ people: 60, contradictions: 0.1 })
  await world.sync()
  await world.sync()
  const people = Object.values(live(world, 'attio', 'people')).length
  const contacts = Object.values(live(world, 'hubspot', 'contacts')).length
  expect(people).toBeGreaterThan(50)
  expect(contacts).toBeGreaterThan(50)
})
