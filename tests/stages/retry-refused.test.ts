/** A daemon tries again what was refused, between complete looks: soon after the cause is gone, and not in a hurry before. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { NEVER } from '../../src/schedule.ts'
import { follow } from '../../src/stages/follow.ts'
import { refuseWrites, type Refusals } from './refusing.ts'
import { attioPerson, calm, counterpart, edit, expectRest, held, peopleMapping } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const MINUTE_MS = 60_000
const STOPPED = new Error('stopped')
const LOOKS = { poll: NEVER, listing: NEVER, delayedPoll: NEVER, sweep: NEVER }

let world: TestWorld
let refusals: Refusals
let ada: string
let contact: string

beforeEach(async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [peopleMapping('{ left: job_title, right: jobtitle, as: text }')],
  })
  calm(world)
  ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Analyst' })
  await world.sync()
  contact = (await counterpart(world, 'attio', ada)) ?? ''
  await world.advance(MINUTE_MS)
  refusals = refuseWrites(world, 'hubspot', 'Countess')
  edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
  await world.sync()
  expect(refusals.times).toBe(1)
})

afterEach(() => world.close())

/** The daemon, which nobody tells of anything and which never looks. */
async function following(story: () => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const engine = { ...(await world.engine()), signal: stopping.signal }
  const loop = follow(engine, {
    looks: LOOKS,
    tickMs: 10_000,
    onRound: () => undefined,
    onTrouble: (error) => expect.unreachable(error.message),
  }).catch((error: unknown) => {
    if (error !== STOPPED) throw error
  })
  const told = story().finally(() => stopping.abort(STOPPED))
  await world.run(Promise.all([loop, told]))
}

const pause = (ms: number) => world.runtime.sleep(ms)
const job = () => held(world, 'hubspot', 'contacts', contact)['jobtitle']
const quarantined = () => world.store.quarantined(10)

test('a refusal heals by itself within minutes of the end of its cause', async () => {
  await following(async () => {
    await pause(5 * MINUTE_MS)
    expect(job()).toBe('Analyst')
    refusals.stop()
    await pause(7 * MINUTE_MS)
    expect(job()).toBe('Countess')
    expect(await quarantined()).toEqual([])
  })
  await expectRest(world)
})

test('what stays refused is tried ever less often, every eighty minutes in the end', async () => {
  const tries: number[] = []
  await following(async () => {
    for (const hours of [1, 4, 4]) {
      const before = refusals.times
      await pause(hours * 60 * MINUTE_MS)
      tries.push(refusals.times - before)
    }
  })
  expect(tries).toEqual([2, 3, 3])
})

test('a try that leads to no answer is not repeated every minute', async () => {
  // Somebody sets her apart meanwhile: she is not written to any more, and so not refused either.
  refusals.stop()
  const bob = attioPerson(world, { first: 'Bob', email: 'bob@byron-poems.com' })
  const record = { side: 'left', id: bob } as const
  const mapping = 'attio-hubspot/people-contacts'
  const [entry] = await quarantined()
  if (!entry) throw new Error('nothing is quarantined')
  const atMs = world.runtime.now()
  await world.store.commitPlans([
    { kind: 'suppress', mapping, record, reason: 'apart', atMs },
    { kind: 'quarantine', entry: { ...entry, record, link: null, retryAtMs: atMs } },
  ])
  let tries = 0
  const retry = world.store.retryQuarantined.bind(world.store)
  Object.assign(world.store, {
    retryQuarantined: async (request: Parameters<typeof retry>[0]) => {
      const marked = await retry(request)
      tries += marked.filter((each) => each.record.id === bob).length
      return marked
    },
  })
  await following(() => pause(4 * 60 * MINUTE_MS))
  expect((await quarantined()).map((each) => each.record.id)).toEqual([bob])
  expect(tries).toBeGreaterThanOrEqual(5)
  expect(tries).toBeLessThanOrEqual(6)
})
