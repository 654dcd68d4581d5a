/** Forgetting on virtual time: by age, in steps with a rest, and never what somebody has still to read. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore } from '../../src/compose.ts'
import { createLogger } from '../../src/logging.ts'
import {
  forget,
  journalCursorKey,
  journalSince,
  keepForgetting,
  type Forgetting,
  type Forgotten,
} from '../../src/stages/retention.ts'
import type { Store } from '../../src/store/store.ts'
import { virtualTime, type VirtualTime } from '../connectors/virtual-time.ts'
import { journalEntry, observed, putLink } from '../store/contract/samples.ts'
import { RETENTION } from './looks.ts'

const DAY_MS = 86_400_000
const START_MS = Date.UTC(2026, 10, 2)

let time: VirtualTime
let store: Store
let stopping: AbortController

beforeEach(async () => {
  time = virtualTime({ startMs: START_MS })
  store = await openStore({ file: ':memory:' })
  stopping = new AbortController()
  await store.commitPlans([putLink('x', { left: 'a', right: 'b' })])
})

afterEach(() => store.close())

const forgetting = (): Forgetting => ({
  store,
  runtime: time.runtime,
  log: createLogger({ level: 'silent' }),
  signal: stopping.signal,
  retention: RETENTION,
  pairings: ['pair'],
})

const history = () => store.history({ link: 'x', limit: 10_000 })

/** So many of each, this old. */
async function add(count: number, ageDays: number): Promise<void> {
  const atMs = time.runtime.now() - ageDays * DAY_MS
  for (let i = 0; i < count; i += 1) {
    await store.commitPlans([
      { kind: 'log', change: observed(`${ageDays}/${i}`, { atMs }) },
      journalEntry('x', { atMs }),
    ])
  }
}

test('each is kept for its own time, in steps that let others in between', async () => {
  await add(1_200, 200)
  await add(3, 100)
  await add(2, 1)
  const startMs = time.runtime.now()
  expect(await time.run(forget(forgetting()))).toEqual({ changes: 1_203, journal: 1_200, conflicts: 0 })
  expect(time.runtime.now() - startMs).toBeGreaterThan(0)
  const { changes, journal } = await history()
  expect([changes.length, journal.length]).toEqual([2, 5])
  expect(await journalSince(store)).toBe(startMs - RETENTION.journalMs)
})

test('the journal is kept from where a reader of it stands', async () => {
  await add(10, 200)
  const { journal } = await history()
  const ids = journal.map(({ id }) => id).toSorted((a, b) => a - b)
  await store.setMeta(journalCursorKey('pair'), String(ids[3]))
  expect((await time.run(forget(forgetting()))).journal).toBe(4)
  await store.setMeta(journalCursorKey('pair'), String(ids.at(-1)))
  expect((await time.run(forget(forgetting()))).journal).toBe(6)
})

test('it goes on by itself, every hour, until stopped', async () => {
  const seen: Forgotten[] = []
  const ended = keepForgetting(forgetting(), (forgotten) => seen.push(forgotten)).catch(
    (error: unknown) => error,
  )
  await time.run(time.runtime.sleep(1_000))
  await add(2, 200)
  await time.run(time.runtime.sleep(2 * 3_600_000))
  expect(seen.map(({ journal }) => journal)).toEqual([0, 2])
  const reason = new Error('stopped')
  stopping.abort(reason)
  expect(await time.run(ended)).toBe(reason)
})
