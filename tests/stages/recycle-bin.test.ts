/** The recycle bin can only be read whole: a full one is looked at rarely, one request per poll in the mean. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { poll } from '../../src/stages/poll.ts'
import { calm, hubspotPerson, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

/** A page of HubSpot has a hundred of them. */
const THREE_PAGES = 250

let world: TestWorld
let engine: Engine
let people: MappingRuntime
let looks: number

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  engine = await world.engine()
  const [first] = engine.pairing.mappings
  if (!first) throw new Error('no mapping')
  people = first
  looks = 0
  world.onRequest = (_vendor, { url }) => {
    if (url.includes('/objects/contacts?') && url.includes('archived=true')) looks += 1
  }
})

afterEach(() => world.close())

async function pollAfter(ms: number): Promise<{ pages: number; marked: number }> {
  await world.advance(ms)
  looks = 0
  const { marked } = await world.run(poll(engine, people, 'right'))
  return { pages: looks, marked }
}

function archive(id: string): void {
  world.hubspot.edit({ action: 'delete', object: 'contacts', id })
}

test('one page is looked at with every poll', async () => {
  const ada = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  expect(await pollAfter(15_000)).toEqual({ pages: 1, marked: 0 })
  archive(ada)
  expect(await pollAfter(15_000)).toEqual({ pages: 1, marked: 1 })
  expect(await pollAfter(15_000)).toEqual({ pages: 1, marked: 0 })
})

test('of three pages, one look stands for three polls, and nothing that was archived stays unseen', async () => {
  const ada = hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  for (let place = 0; place < THREE_PAGES; place += 1) {
    archive(hubspotPerson(world, { first: 'Gone', email: `gone-${place}@king-family.com` }))
  }
  expect(await pollAfter(15_000)).toMatchObject({ pages: 3 })
  archive(ada)
  expect(await pollAfter(15_000)).toEqual({ pages: 0, marked: 0 })
  expect(await pollAfter(15_000)).toEqual({ pages: 0, marked: 0 })
  expect(await pollAfter(15_000)).toEqual({ pages: 3, marked: 1 })
})
