/**
 * An undo that dies after any of its effects and is started again ends where an undisturbed one ends, with the same
 * journal, so that undoing it does the whole run once more (I22, I23). The same for every lost answer.
 */
import { copyFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/compose.ts'
import type { Store } from '../../src/store/store.ts'
import { openBusyWorld, pictureOf, type BusyWorld } from './busy-world.ts'
import { deedsOf, inOrder } from './plans.ts'
import { workUntilDeath } from './process.ts'
import { hitEachWrite, MISHAPS } from './one-bad-write.ts'
import { expectOneCounterpartEach, hubspotPerson, ids } from './story.ts'
import { recordedPass, undo, type Undone } from './undoing.ts'
import type { TestWorld } from './world.ts'

let busy: BusyWorld
let world: TestWorld
let run: string

/** The world after a pass with something of everything, and after that was undone: what undo and redo start from. */
interface Moment {
  readonly attio: string
  readonly hubspot: string
  readonly file: string
}
let passed: Moment
let undone: Moment
let undoing: string

beforeAll(async () => {
  busy = await openBusyWorld((prepared) => {
    hubspotPerson(prepared, { first: 'Robert', last: 'Byron', email: 'bob@byron-poems.com', job: 'Poet' })
  })
  world = busy.world
  const { store, file } = await busy.rewind()
  run = await recordedPass(world, store)
  await world.advance(600_000)
  await store.close()
  passed = { attio: world.attio.snapshot(), hubspot: world.hubspot.snapshot(), file }
  const after = await at(passed)
  undoing = (await undo(world, run, { store: after.store })).run
  await after.store.close()
  undone = { attio: world.attio.snapshot(), hubspot: world.hubspot.snapshot(), file: after.file }
})

afterAll(() => busy.close())

async function at(moment: Moment): Promise<{ store: Store; file: string }> {
  world.attio.restore(moment.attio)
  world.hubspot.restore(moment.hubspot)
  const file = busy.freshFile()
  copyFileSync(moment.file, file)
  return { store: await openStore({ file }), file }
}

interface End {
  readonly picture: unknown
  readonly words: readonly string[]
  readonly deeds: unknown
  readonly leftovers: unknown
}

/** What is left when it is over: both CRMs, what the undo says that it wrote, and what it could not take back. */
async function endOf(store: Store, { run: undo, leftovers }: Undone): Promise<End> {
  const status = await store.status(world.runtime.now())
  expect(status).toMatchObject({ openIntents: 0, openConflicts: 0, quarantined: 0 })
  expectOneCounterpartEach(world)
  const deeds = inOrder(await deedsOf(store, undo))
  const journal = await store.runJournal({ run: undo, olderThan: null, limit: 1_000 })
  const steps = journal.filter(({ kind }) => kind === 'link' || kind === 'unlink').length
  return {
    picture: pictureOf(world),
    words: deeds.map(({ kind, side, before, after }) => {
      const fields = Object.keys(kind === 'remove' ? before : after)
      return `${kind} ${side}: ${fields.join(', ')}`
    }),
    // Records made anew have other ids in every history.
    deeds: [...deeds.map(({ source: _id, ...deed }) => deed), { steps }],
    leftovers: leftovers.map(({ record: _id, link: _link, ...leftover }) => leftover),
  }
}

const WORKS = [
  ['undo', () => passed, () => run],
  ['redo', () => undone, () => undoing],
] as const

describe.each(WORKS)('%s of something of everything', (_what, start, target) => {
  let undisturbed: End
  let effects = 0

  beforeAll(async () => {
    const { store } = await at(start())
    let done: Undone | null = null
    effects = await workUntilDeath(world, store, Number.POSITIVE_INFINITY, async (mortal) => {
      done = await undo(world, target(), { store: mortal })
    })
    if (!done) throw new Error('it did not end')
    undisturbed = await endOf(store, done)
    const before = world.writes()
    await world.sync({ store })
    expect(world.writes(), 'a pass afterwards writes nothing').toEqual(before)
    await store.close()
  })

  test('does all of it when nothing disturbs it', () => {
    expect(effects).toBeGreaterThan(20)
    expect(undisturbed.words).toMatchSnapshot()
    expect(undisturbed.leftovers).toMatchSnapshot()
  })

  test('ends the same wherever it is killed', { timeout: 120_000 }, async () => {
    // The last effect is the end of the run: what comes after that is another one.
    for (let diesAfter = 1; diesAfter < effects; diesAfter += 1) {
      const { store } = await at(start())
      const [earlier] = await store.runs(1)
      try {
        await workUntilDeath(world, store, diesAfter, (mortal) => undo(world, target(), { store: mortal }))
        // How often a replica that is behind is asked again may differ, so the end may come sooner.
        const [last] = await store.runs(1)
        if (last?.id !== earlier?.id && (last?.endedMs ?? null) !== null) continue
        const done = await undo(world, target(), { store })
        expect(await endOf(store, done)).toEqual(undisturbed)
        const before = world.writes()
        await world.sync({ store })
        expect(world.writes(), 'a pass afterwards writes nothing').toEqual(before)
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
        const { store } = await at(start())
        try {
          const done = await undo(world, target(), { store })
          // A request that nobody waits for any more may still be on its way.
          await calm(30_000)
          expect(await endOf(store, done), which).toEqual(undisturbed)
        } finally {
          await store.close()
        }
      })
    },
  )
})

test('undoing the redo is the undo once more', async () => {
  const { store } = await at(undone)
  const before = pictureOf(world)
  const redone = await undo(world, undoing, { store })
  expect(pictureOf(world)).not.toEqual(before)
  await undo(world, redone.run, { store })
  expect(pictureOf(world)).toEqual(before)
  expect(ids(world, 'attio', 'people').length).toBeGreaterThan(3)
  await store.close()
})
