/** The comparer that looks over the engine's shoulder: finds what nobody explains, and nothing else. */
import { afterEach, expect, test } from 'vitest'
import { compareNext, lastDrift } from '../../src/stages/drift.ts'
import { attioPerson, calm, edit, ids, PEOPLE_ONLY, peopleMapping } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const LATER_MS = 600_000
const DAY_MS = 86_400_000

let world: TestWorld
afterEach(() => world.close())

async function pairOfAda(
  mappings: readonly string[] = PEOPLE_ONLY,
): Promise<{ attio: string; hubspot: string }> {
  world = await openTestWorld({ empty: true, mappings })
  calm(world)
  const attio = attioPerson(world, {
    first: 'Ada',
    last: 'King',
    email: 'ada@king-family.com',
    job: 'Engineer',
  })
  await world.sync()
  return { attio, hubspot: ids(world, 'hubspot', 'contacts')[0] ?? '' }
}

const compare = async () => {
  const drift = await world.run(world.engine().then(compareNext))
  await world.advance(LATER_MS)
  return drift
}

test('a whole world in agreement has no drift, and all of it was compared', async () => {
  world = await openTestWorld({ people: 60 })
  await world.sync()
  let drift = await compare()
  for (let run = 0; run < 5 && drift.coverage < 1; run += 1) drift = await compare()
  expect(drift).toMatchObject({ unexplained: 0, coverage: 1, examples: [] })
})

test('is remembered as it was found, whatever other pairings keep in the same database', async () => {
  await pairOfAda()
  const found = await compare()
  expect(found.coverage).toBe(1)
  const link = { id: 'k1', mapping: 'other/a-b', left: 'l1', right: 'r1', state: 'live' } as const
  await world.store.commitPlans([
    { kind: 'put-link', link: { ...link, rules: 'v1', versions: { left: null, right: null } } },
  ])
  const { pairing } = await world.pairing()
  expect(await lastDrift(world.store, pairing.name, world.runtime.now())).toEqual(found)
})

test('a note of a version that did not count pairs is none', async () => {
  await pairOfAda()
  const { pairing } = await world.pairing()
  const round = { startedMs: 0, compared: 1, known: 0, unexplained: 0, examples: [] }
  const old = { mapping: 0, after: null, round, last: null, suspects: [] }
  await world.store.setMeta(`drift/${pairing.name}`, JSON.stringify(old))
  expect(await lastDrift(world.store, pairing.name, world.runtime.now())).toBeNull()
  expect((await compare()).coverage).toBe(1)
})

test('what differs is counted when it still does at the second look, and until a round finds nothing', async () => {
  const ada = await pairOfAda()
  // Nobody hears of it here, so it stands for a write that the engine believes in and that is not there.
  edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Countess' })
  expect((await compare()).unexplained).toBe(0)
  const drift = await compare()
  expect(drift.unexplained).toBe(1)
  expect(drift.examples).toMatchObject([{ field: 'job_title' }])
  expect(world.attio.dump()['people']?.[ada.attio]?.values['job_title']).toEqual(['Engineer'])
  await world.sync()
  for (let run = 0; run < 4; run += 1) await compare()
  await world.advance(DAY_MS)
  expect((await compare()).unexplained).toBe(0)
})

test('an edit on its way is none, once it has arrived', async () => {
  const ada = await pairOfAda()
  edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
  await compare()
  await world.sync()
  expect((await compare()).unexplained).toBe(0)
})

test('a field that a person was asked about is left out', async () => {
  const ada = await pairOfAda([peopleMapping('{ left: job_title, right: jobtitle, conflict: ask }')])
  edit(world, 'attio', 'people', ada.attio, { job_title: 'Countess' })
  edit(world, 'hubspot', 'contacts', ada.hubspot, { jobtitle: 'Poet' })
  await world.sync()
  expect((await world.store.status(0)).openConflicts).toBe(1)
  await compare()
  expect((await compare()).unexplained).toBe(0)
})

test('so is a record that is waiting to be looked at', async () => {
  const ada = await pairOfAda()
  edit(world, 'attio', 'people', ada.attio, { job_title: 'Queen' })
  const [mapping] = (await world.pairing()).pairing.mappings
  await world.store.claimRecords({
    mapping: mapping?.rules.mapping ?? '',
    records: [{ side: 'left', id: ada.attio }],
    nowMs: world.runtime.now(),
    leaseMs: 1_000,
  })
  await compare()
  expect((await compare()).unexplained).toBe(0)
})

test('a record that is not there any more and that nobody told of is found', async () => {
  const ada = await pairOfAda()
  world.hubspot.edit({ action: 'delete', object: 'contacts', id: ada.hubspot })
  await compare()
  const drift = await compare()
  expect(drift).toMatchObject({ unexplained: 1, examples: [{ field: null }] })
})
