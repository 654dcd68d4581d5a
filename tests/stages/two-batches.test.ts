/** Both halves of a pair can be due in different batches: still only one batch at a time has the pair in hand. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  only,
  peopleMapping,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld
let ada: { attio: string; hubspot: string }

beforeEach(async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [
      peopleMapping(
        '{ left: job_title, right: jobtitle, conflict: ask }',
        '{ left: phone_numbers, right: phone, as: phones, region: US }',
      ),
    ],
    settings: { batchSize: 1, batchesInFlight: 2 },
  })
  calm(world)
  const attio = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.sync()
  ada = { attio, hubspot: (await counterpart(world, 'attio', attio)) ?? '' }
  await world.advance(600_000)
  edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
  edit(world, 'hubspot', 'contacts', ada.hubspot, { phone: '+14155550100' })
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

test('every change is written once', async () => {
  const before = world.writes()
  await world.sync()
  const after = world.writes()
  expect(after.hubspot - before.hubspot).toBe(1)
  expect(after.attio - before.attio).toBe(1)
})

test('a value that a person took back is not written again by a decision made before', async () => {
  world.onAnswer = (vendor, request) => {
    if (vendor !== 'hubspot' || !request.url.includes('/batch/update')) return
    world.onAnswer = () => undefined
    edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Engineer' })
    // Whoever reads the contact now, on the strength of what was known before the write, learns of it late.
    world.faults.hubspot.replace([{ kind: 'delay', delayMs: 300, times: 1 }])
  }
  await world.sync()
  world.faults.hubspot.replace([])
  await world.sync()
  expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Engineer')
  expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Engineer')
  expect(await conflicts(world, 'all')).toEqual([])
})
