/** Use that is not this process's own: of others under the same allowance, and of the process before. */
import { describe, expect, test } from 'vitest'
import type { Traffic } from '../../../src/connectors/traffic.ts'
import type { Transport } from '../../../src/connectors/transport.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer } from './exact-server.ts'
import { budgetOf } from './rig.ts'

describe('what others use', () => {
  const TEN_SECONDS = { limit: 20, windowMs: 10_000 }
  const telling: Partial<Traffic> = {
    remainingFrom: (response) => Number(response.headers['x-remaining'] ?? 'NaN'),
  }

  function shared(time: ReturnType<typeof virtualTime>) {
    return exactServer({
      runtime: time.runtime,
      ...TEN_SECONDS,
      windows: 'sliding',
      trip: () => ({ thereMs: 40, backMs: 40 }),
      headers: (used) => ({ 'x-remaining': String(TEN_SECONDS.limit - used) }),
    })
  }

  test('an unknown history is asked about by one request at a time, and then respected exactly', async () => {
    const time = virtualTime()
    const server = shared(time)
    for (let count = 0; count < 15; count += 1) server.intrude()
    const budget = budgetOf(
      server.transport,
      time.runtime,
      { ...TEN_SECONDS, answersTell: 'exactly' },
      { traffic: telling },
    )
    budget.recall('an unreadable memory')
    const start = time.runtime.now()
    await time.run(Promise.all(Array.from({ length: 8 }, () => budget.transport(ask()))))
    expect(server.counted.slice(15).map((at) => at - start)).toEqual([
      40,
      120,
      120,
      120,
      120,
      ...Array(3).fill(10_120),
    ])
    expect(server.rejected).toBe(0)
  })

  test('without such answers an unknown history is waited out for one window, and only then', async () => {
    const time = virtualTime()
    const server = shared(time)
    const budget = budgetOf(server.transport, time.runtime, TEN_SECONDS)
    budget.recall('an unreadable memory')
    const start = time.runtime.now()
    await time.run(Promise.all([budget.transport(ask()), budget.transport(ask())]))
    expect(server.counted.map((at) => at - start)).toEqual([10_040, 10_040])
  })

  test('another client of the same allowance is made room for as soon as an answer shows it', async () => {
    const time = virtualTime()
    const server = shared(time)
    const budget = budgetOf(
      server.transport,
      time.runtime,
      { ...TEN_SECONDS, answersTell: 'exactly' },
      { traffic: telling },
    )
    await time.run(budget.transport(ask()))
    for (let count = 0; count < 10; count += 1) server.intrude()
    await time.run(budget.transport(ask()))
    await time.run(Promise.all(Array.from({ length: 15 }, () => budget.transport(ask()))))
    expect(server.rejected).toBe(0)
  })
})

test('what others used before a burst is counted once, however many of its answers tell of it', async () => {
  const time = virtualTime()
  const limits = { limit: 20, windowMs: 10_000 }
  const server = exactServer({
    runtime: time.runtime,
    ...limits,
    windows: 'sliding',
    trip: () => ({ thereMs: 40, backMs: 40 }),
    headers: (used) => ({ 'x-remaining': String(limits.limit - used) }),
  })
  const budget = budgetOf(
    server.transport,
    time.runtime,
    { ...limits, answersTell: 'exactly' },
    { traffic: { remainingFrom: (response) => Number(response.headers['x-remaining'] ?? 'NaN') } },
  )
  // A command of ours a moment ago, say, that knows nothing of this one.
  for (let count = 0; count < 6; count += 1) server.intrude()
  const start = time.runtime.now()
  const burst = (size: number) => Promise.all(Array.from({ length: size }, () => budget.transport(ask())))
  await time.run(burst(5))
  for (let count = 0; count < 2; count += 1) server.intrude()
  await time.run(burst(1))
  await time.run(burst(6))
  expect(time.runtime.now() - start, 'three bursts of one round trip each').toBe(3 * 80)
  await time.run(burst(1))
  expect(time.runtime.now() - start, 'the twenty-first of the window waits').toBeGreaterThan(9_000)
  expect(server.rejected).toBe(0)
})

describe('what a process leaves behind', () => {
  const SECOND = { limit: 3, windowMs: 1_000 }

  test('the next one starts with the slots taken that are still counted, and not a moment slower', async () => {
    const time = virtualTime()
    const server = exactServer({
      runtime: time.runtime,
      ...SECOND,
      windows: 'sliding',
      trip: () => ({ thereMs: 10, backMs: 10 }),
    })
    const first = budgetOf(server.transport, time.runtime, SECOND)
    await time.run(Promise.all([first.transport(ask()), first.transport(ask())]))
    const next = budgetOf(server.transport, time.runtime, SECOND)
    next.recall(first.memory('ended'))
    const start = time.runtime.now()
    await time.run(Promise.all([0, 0, 0].map(() => next.transport(ask()))))
    expect(server.counted.slice(2).map((at) => at - start)).toEqual([10, 1_010, 1_010])

    await time.run(time.runtime.sleep(2_000))
    const later = budgetOf(server.transport, time.runtime, SECOND)
    later.recall(next.memory('ended'))
    expect(later.use()).toMatchObject([{ busy: 0 }])
  })

  test('what answers said about the limit is not forgotten', async () => {
    const time = virtualTime()
    const traffic: Partial<Traffic> = { limitFrom: () => 5 }
    const answering: Transport = async () => ({ status: 200, headers: {}, body: '' })
    const first = budgetOf(answering, time.runtime, SECOND, { traffic })
    await time.run(first.transport(ask()))
    const next = budgetOf(answering, time.runtime, SECOND, { traffic })
    next.recall(first.memory('ended'))
    expect(next.use()).toMatchObject([{ busy: 1, capacity: 5 }])
    const capped = budgetOf(answering, time.runtime, { ...SECOND, ceiling: 4 }, { traffic })
    capped.recall(first.memory('running'))
    expect(capped.use()).toMatchObject([{ busy: 4, capacity: 4 }])
  })

  test('one that did not end leaves an unknown use', async () => {
    const time = virtualTime()
    const server = exactServer({
      runtime: time.runtime,
      ...SECOND,
      windows: 'sliding',
      trip: () => ({ thereMs: 10, backMs: 10 }),
    })
    const killed = budgetOf(server.transport, time.runtime, SECOND)
    const next = budgetOf(server.transport, time.runtime, SECOND)
    next.recall(killed.memory('running'))
    expect(next.use()).toMatchObject([{ busy: 3, capacity: 3 }])
  })

  test('times that no slot can have mean that a clock was set: the use is unknown', () => {
    const { runtime } = virtualTime()
    const budget = budgetOf(() => Promise.reject(new Error('unused')), runtime, SECOND)
    const releases = [runtime.now() + 86_400_000]
    const buckets = { all: { limit: 3, releases, unlocked: null } }
    budget.recall(JSON.stringify({ state: 'ended', buckets, days: {} }))
    expect(budget.use()).toMatchObject([{ busy: 3 }])
  })
})
