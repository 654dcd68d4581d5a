/**
 * A pass that dies after any of its effects and is started again ends where an undisturbed one ends: no
 * duplicate, no lost edit, nothing unsettled (I1, I4, I7, I14, I23). The same for every lost or doubtful answer
 * of every write.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/store.ts'
import { openBusyWorld, pictureOf, type BusyWorld } from './busy-world.ts'
import { passUntilDeath } from './process.ts'
import { hitEachWrite, MISHAPS } from './one-bad-write.ts'
import { expectOneCounterpartEach } from './story.ts'
import type { TestWorld } from './world.ts'

let busy: BusyWorld
let world: TestWorld

beforeAll(async () => {
  busy = await openBusyWorld()
  world = busy.world
})

afterAll(() => busy.close())

async function rewind(): Promise<Store> {
  return (await busy.rewind()).store
}

/** A new process on the same database, until it finds nothing to do. */
async function finish(store: Store): Promise<void> {
  await store.releaseClaims()
  for (let pass = 1; ; pass += 1) {
    const before = world.writes()
    await world.sync({ store })
    const after = world.writes()
    if (after.attio === before.attio && after.hubspot === before.hubspot) break
    expect(pass, 'passes until nothing is written').toBeLessThan(4)
  }
  const status = await store.status(world.runtime.now())
  expect(status).toMatchObject({ openIntents: 0, dirty: 0, openConflicts: 0, quarantined: 0 })
  expectOneCounterpartEach(world)
}

let undisturbed: unknown
let effects = 0

describe('a pass with something of everything', () => {
  beforeAll(async () => {
    const store = await rewind()
    effects = await passUntilDeath(world, store, Number.POSITIVE_INFINITY)
    undisturbed = pictureOf(world)
    await finish(store)
    await store.close()
  })

  test('does all of it when nothing disturbs it', () => {
    expect(effects).toBeGreaterThan(30)
    expect(pictureOf(world)).toEqual(undisturbed)
    expect(undisturbed).toMatchSnapshot()
  })

  test('ends the same wherever it is killed', { timeout: 120_000 }, async () => {
    for (let diesAfter = 1; diesAfter <= effects; diesAfter += 1) {
      const store = await rewind()
      try {
        await passUntilDeath(world, store, diesAfter)
        await finish(store)
        expect(pictureOf(world), `killed after effect ${diesAfter}`).toEqual(undisturbed)
      } catch (error) {
        throw new Error(`killed after effect ${diesAfter} of ${effects}`, { cause: error })
      } finally {
        await store.close()
      }
    }
  })

  test.each(MISHAPS)(
    'ends the same when any one write ends in %s',
    { timeout: 60_000 },
    async (_name, rule) => {
      await hitEachWrite(world, rule, async (calm, which) => {
        const store = await rewind()
        try {
          await world.sync({ store })
          await calm()
          await finish(store)
          expect(pictureOf(world), which).toEqual(undisturbed)
        } finally {
          await store.close()
        }
      })
    },
  )
})
