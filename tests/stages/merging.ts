/** People and contacts who are merged. Whoever imports this has a world of its own around each test, which ends at rest. */
import { afterEach, beforeEach } from 'vitest'
import { attioPerson, calm, counterpart, expectRest, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

export let world: TestWorld

/** Empty, of people only unless it is said otherwise. */
export async function open(mappings: TestWorldOptions['mappings'] = PEOPLE_ONLY): Promise<void> {
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
}

beforeEach(() => open())

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** Two pairs: Ada with a job, and the same Ada under another address with a phone number. */
export async function twoPairs() {
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

export function mergeInAttio(id: string, other: string): string {
  return world.attio.edit({ action: 'merge', object: 'people', id, other: { object: 'people', id: other } })
    .id
}

export function mergeInHubSpot(id: string, other: string): string {
  return world.hubspot.edit({
    action: 'merge',
    object: 'contacts',
    id,
    other: { object: 'contacts', id: other },
  }).id
}
