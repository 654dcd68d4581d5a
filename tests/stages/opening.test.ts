/** What happens before the first record is read: how long it takes, and what is told when it fails. */
import { afterEach, expect, test } from 'vitest'
import { loadMappings } from '../../src/compose/pairings.ts'
import { othersOf } from '../../src/stages/hub.ts'
import { outlinePairing } from '../../src/stages/pairing.ts'
import { calm } from './story.ts'
import { LATENCY_MS, MAPPINGS, openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld

afterEach(() => world.close())

async function openingMs(): Promise<number> {
  const startMs = world.runtime.now()
  await world.pairing({ fresh: true })
  return world.runtime.now() - startMs
}

test('opening takes two round trips: what is there, and what its fields may hold', async () => {
  world = await openTestWorld({ empty: true })
  calm(world)
  expect(await openingMs()).toBe(2 * LATENCY_MS)
})

test('the same with Salesforce', async () => {
  world = await openTestWorld({ empty: true, crms: ['salesforce'] })
  calm(world)
  expect(await openingMs()).toBe(2 * LATENCY_MS)
})

test('a dead token is told as such, whatever else it keeps from being read, and nothing is left under way', async () => {
  world = await openTestWorld({ empty: true })
  calm(world)
  let underWay = 0
  world.onRequest = () => {
    underWay += 1
  }
  world.onAnswer = () => {
    underWay -= 1
  }
  world.faults.attio.replace([
    { kind: 'refuse', refusal: 'unauthorized', path: '^/v2/self$' },
    { kind: 'status', status: 404, path: '/attributes$' },
  ])
  await expect(world.pairing({ fresh: true })).rejects.toMatchObject({ kind: 'unauthorized' })
  expect(underWay).toBe(0)
})

test('what the others have to know of a pairing is known although one of its accounts refuses', async () => {
  world = await openTestWorld({ empty: true, crms: ['hubspot', 'salesforce'] })
  calm(world)
  const [shut, other] = (await world.engines()).map(({ pairing }) => pairing)
  if (!shut || !other) throw new Error('there are two pairings')
  world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'unauthorized' }])
  const { name, connectors } = shut
  const outline = await world.run(
    outlinePairing(
      {
        name,
        connectors,
        documents: loadMappings({ name, mappings: MAPPINGS.hubspot }),
        stamps: { left: 'hubspot_id', right: 'attio_record_id' },
      },
      (connection) => connection === 'attio',
    ),
  )
  const known = othersOf(other, [outline, other])
  expect(known).toEqual(othersOf(other, [shut, other]))
  expect(known.left.map(({ stamp }) => stamp)).toContain('hubspot_id')
})
