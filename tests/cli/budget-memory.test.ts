/** What one process knows of the vendors' counts reaches the next one through the database. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepBudgets, recallBudgets } from '../../src/cli/budget-memory.ts'
import { openStore } from '../../src/compose.ts'
import type { Store } from '../../src/store/store.ts'
import { virtualTime, type VirtualTime } from '../connectors/virtual-time.ts'
import { openConnectionsTo } from './connections.ts'

let time: VirtualTime
let store: Store
let sent: number[]

beforeEach(async () => {
  time = virtualTime()
  store = await openStore({ file: ':memory:' })
  sent = []
})

afterEach(async () => store.close())

function process() {
  const answer = () => {
    sent.push(time.runtime.now())
    return { status: 200, headers: {}, body: '{"active":true}' }
  }
  const { connections, send } = openConnectionsTo('attio', { runtime: time.runtime, answer })
  return {
    keep: () => keepBudgets(connections, store, time.runtime),
    recall: () => recallBudgets(connections, store),
    read: () => send('GET', '/v2/self'),
  }
}

test('the first process ever, and one after a rest, start at once', async () => {
  const first = process()
  const kept = await first.keep()
  const start = time.runtime.now()
  await time.run(first.read())
  await time.run(kept.end())
  await time.run(time.runtime.sleep(5_000))
  const next = process()
  await next.recall()
  await time.run(next.read())
  expect(sent.map((at) => at - start)).toEqual([0, 5_000])
})

test('one that follows at once starts with what is still counted', async () => {
  const first = process()
  const kept = await first.keep()
  await time.run(Promise.all(Array.from({ length: 99 }, () => first.read())))
  await time.run(kept.end())
  const next = process()
  await next.keep()
  const start = time.runtime.now()
  await time.run(Promise.all([next.read(), next.read()]))
  expect(sent.slice(99).map((at) => at - start)).toEqual([0, 1_000])
})

test('one that follows a crash waits one window', async () => {
  await process().keep()
  const next = process()
  await next.recall()
  const start = time.runtime.now()
  await time.run(next.read())
  expect(sent.map((at) => at - start)).toEqual([1_000])
})

test('a crash loses a minute of the memory at most', async () => {
  await process().keep()
  await store.setMeta('budget/crm', 'lost')
  await time.run(time.runtime.sleep(61_000))
  expect(JSON.parse((await store.meta('budget/crm')) ?? '')).toMatchObject({ state: 'running' })
})

test('a database that was locked once is written to again a minute later', async () => {
  let isLocked = false
  let saved = 0
  const setMeta: Store['setMeta'] = async (key, value) => {
    if (isLocked) throw new Error('database is locked')
    saved += 1
    return store.setMeta(key, value)
  }
  const { connections } = openConnectionsTo('attio', {
    runtime: time.runtime,
    answer: () => ({ status: 200, headers: {}, body: '' }),
  })
  const kept = await keepBudgets(connections, { ...store, setMeta }, time.runtime)
  isLocked = true
  await time.run(time.runtime.sleep(150_000))
  isLocked = false
  const before = saved
  await time.run(time.runtime.sleep(150_000))
  expect(saved).toBeGreaterThan(before)
  await time.run(kept.end())
})
