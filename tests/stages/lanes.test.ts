/** Requests wait in the lane of the work they are for, and the vendors' limits are kept over a whole pass (I24). */
import { afterEach, expect, test } from 'vitest'
import { LANES, type Lane } from '../../src/core/lane.ts'
import { drain } from '../../src/stages/drain.ts'
import { poll } from '../../src/stages/poll.ts'
import { sweep } from '../../src/stages/sweep.ts'
import { attioPerson, calm, edit, ids, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await world.close()
})

async function open(options: Partial<TestWorldOptions> = {}): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY, ...options })
  calm(world)
}

/** The lanes of the requests that `work` sends. */
async function lanesOf(work: () => Promise<unknown>): Promise<readonly Lane[]> {
  const lanes = new Set<Lane>()
  world.onRequest = (_vendor, request) => lanes.add(request.lane ?? 0)
  await work()
  world.onRequest = () => undefined
  return LANES.filter((lane) => lanes.has(lane))
}

test('complete listings are backfill, polls are catching up', async () => {
  await open()
  attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  const engine = await world.engine()
  const [people] = engine.pairing.mappings
  if (!people) throw new Error('no mapping')
  expect(await lanesOf(() => world.run(sweep(engine, people, 'left', 3)))).toEqual([3])
  expect(await lanesOf(() => world.run(sweep(engine, people, 'right', 2)))).toEqual([2])
  // The first one only takes the place from which the next ones go on.
  await world.run(poll(engine, people, 'right'))
  expect(await lanesOf(() => world.run(poll(engine, people, 'right')))).toEqual([2])
})

test('a listing that is asked to stop before it begins asks nobody, and leaves nothing behind that fails', async () => {
  await open()
  const engine = await world.engine()
  const [people] = engine.pairing.mappings
  if (!people) throw new Error('no mapping')
  const stopped = { ...engine, signal: AbortSignal.abort(new Error('asked to stop')) }
  const listing = async () => {
    await expect(world.run(sweep(stopped, people, 'left', 3))).rejects.toThrow('asked to stop')
    // Whatever it began would be sent by now.
    await world.advance(1_000)
  }
  expect(await lanesOf(listing)).toEqual([])
})

test('a batch reads and writes in the lane of its most urgent record', async () => {
  await open()
  attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com' })
  await world.sync()
  const [id] = ids(world, 'attio', 'people')
  edit(world, 'attio', 'people', id ?? '', { job_title: 'Countess' })
  const engine = await world.engine()
  const [people] = engine.pairing.mappings
  if (!people) throw new Error('no mapping')
  const atMs = world.runtime.now()
  const change = { key: 'bell', mapping: people.rules.mapping, side: 'left', record: id ?? '' } as const
  await engine.store.appendChanges({
    changes: [
      { ...change, source: 'webhook', kind: 'changed', actor: null, vendorAt: null, atMs, version: null },
    ],
    lane: 0,
    stream: null,
  })
  const before = world.writes().hubspot
  expect(await lanesOf(() => world.run(drain(engine, people)))).toEqual([0])
  expect(world.writes().hubspot).toBe(before + 1)
})

test(
  'a first sync of hundreds of records runs at the vendors’ limits and is never told to slow down',
  { timeout: 60_000 },
  async () => {
    world = await openTestWorld({ people: 120, seed: 3, limits: 'vendor' })
    const throttled: string[] = []
    for (const model of [world.attio, world.hubspot]) {
      const handle = model.handle.bind(model)
      model.handle = (request) => {
        const response = handle(request)
        if (response.status === 429) throttled.push(`${model.vendor} ${model.routeOf(request)}`)
        return response
      }
    }
    await world.sync()
    await world.sync()
    expect(world.writes().attio).toBeGreaterThan(40)
    expect(throttled).toEqual([])
  },
)
