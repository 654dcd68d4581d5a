/** What a lagging index hides from the poll, the delayed poll finds, and nothing that the poll has seen (algorithms 6.2). */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { poll } from '../../src/stages/poll.ts'
import { calm, edit, hubspotPerson, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const HOUR_MS = 3_600_000

let world: TestWorld
let engine: Engine
let people: MappingRuntime

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  engine = await world.engine()
  const [first] = engine.pairing.mappings
  if (!first) throw new Error('no mapping')
  people = first
})

afterEach(() => world.close())

const polled = async (settledMs = 0) => (await world.run(poll(engine, people, 'right', settledMs))).marked

/** Polls as a daemon does, for so long. */
async function pollFor(ms: number): Promise<{ first: number; delayed: number }> {
  const found = { first: 0, delayed: 0 }
  for (let waitedMs = 0; waitedMs < ms; waitedMs += 60_000) {
    await world.advance(60_000)
    found.first += await polled()
    found.delayed += await polled(HOUR_MS)
  }
  return found
}

test('a change that shows in the index after minutes is found an hour later, once', async () => {
  const ada = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  const bob = hubspotPerson(world, { first: 'Bob', email: 'bob@king-family.com' })
  await world.sync()
  await pollFor(10 * 60_000)

  Object.assign(world.hubspot.settings, { searchLagMs: [600_000, 600_000] })
  edit(world, 'hubspot', 'contacts', ada, { jobtitle: 'Countess' })
  Object.assign(world.hubspot.settings, { searchLagMs: [1_000, 1_000] })
  // Somebody else's change proves that the index is awake, and the cursor moves on past the hidden one.
  await world.advance(300_000)
  edit(world, 'hubspot', 'contacts', bob, { jobtitle: 'Poet' })

  expect(await pollFor(30 * 60_000)).toEqual({ first: 1, delayed: 0 })
  expect(await pollFor(60 * 60_000)).toEqual({ first: 0, delayed: 1 })
  expect(await pollFor(60 * 60_000)).toEqual({ first: 0, delayed: 0 })
})
