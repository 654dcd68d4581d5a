/** A rate window is never overdrawn and hardly left unused, whatever the latencies (I24). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import type { Lane } from '../../../src/core/lane.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer, type Trip } from './exact-server.ts'
import { budgetOf, saturate, wideArea } from './rig.ts'

const lane = fc.constantFrom<Lane>(0, 1, 2, 3)

/** Way there and back beyond the shortest; some requests are lost and travel on for long. */
const call = fc.record({
  afterMs: fc.nat({ max: 800 }),
  lane,
  thereMs: fc.nat({ max: 1_500 }),
  backMs: fc.nat({ max: 1_500 }),
  lost: fc.oneof({ weight: 5, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
})

describe('in any window of any phase there are at most N requests', () => {
  test(
    'for every schedule of arrivals, lanes, latencies and losses, with slack and pacing',
    { timeout: 60_000 },
    async () => {
      const lostMs = 2_000
      await fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 1, max: 8 }),
          fc.integer({ min: 200, max: 1_000 }),
          fc.record({ thereMs: fc.nat({ max: 80 }), backMs: fc.nat({ max: 80 }) }),
          fc.array(call, { minLength: 1, maxLength: 60 }),
          async (limit, windowMs, shortest, calls) => {
            const { runtime, run } = virtualTime()
            // The shortest way has been seen often enough for the budget to count on it.
            const rehearsed = 120
            const server = exactServer({
              runtime,
              limit,
              windowMs,
              windows: 'sliding',
              trip: (_n, { body }): Trip => {
                const each = calls[Number(body ?? 'NaN')]
                if (!each) return shortest
                return {
                  thereMs: shortest.thereMs + each.thereMs,
                  backMs: shortest.backMs + each.backMs,
                  lostAfterMs: each.lost ? 300 : null,
                }
              },
            })
            const { transport } = budgetOf(server.transport, runtime, { limit, windowMs }, { lostMs })
            await run(Promise.all(Array.from({ length: rehearsed }, () => transport(ask(3)))))
            const work = calls.map(async (each, index) => {
              await runtime.sleep(each.afterMs)
              await transport({ ...ask(each.lane), body: String(index) }).catch(() => undefined)
            })
            await run(Promise.all(work).then(() => runtime.sleep(lostMs)))

            expect(server.rejected).toBe(0)
            expect(server.counted).toHaveLength(rehearsed + calls.length)
            const sorted = server.counted.toSorted((a, b) => a - b)
            for (const [index, at] of sorted.entries()) {
              const later = sorted[index + limit]
              if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(windowMs)
            }
          },
        ),
        { numRuns: 120 },
      )
    },
  )

  test('a request that was never sent gives its place back at once', async () => {
    const { runtime, run } = virtualTime()
    const server = exactServer({
      runtime,
      limit: 1,
      windowMs: 1_000,
      windows: 'sliding',
      trip: () => ({ thereMs: 5, backMs: 5 }),
    })
    const gone = new AbortController()
    const budget = createBudget(server.transport, {
      traffic: {
        buckets: [
          { name: 'narrow', limit: 1, windowMs: 1_000 },
          { name: 'wide', limit: 1, windowMs: 1_000 },
        ],
        classify: ({ url }) =>
          url.endsWith('/wide')
            ? { mutating: false, bucket: 'wide' }
            : { mutating: false, bucket: 'narrow', alsoIn: ['wide'] },
      },
      runtime,
      inFlightMax: 5,
      attemptsMax: 1,
    })
    await run(budget.transport(ask(0, '/wide')))
    // Holds the narrow place and waits for the wide one.
    const waiting = budget.transport(ask(), gone.signal)
    gone.abort(new Error('not needed'))
    await expect(run(waiting)).rejects.toThrow('not needed')
    expect(budget.use()).toMatchObject([
      { name: 'narrow', busy: 0 },
      { name: 'wide', busy: 1 },
    ])
  })
})

describe('pacing', () => {
  const TEN_SECONDS = { limit: 20, windowMs: 10_000 }
  const quick = () => ({ thereMs: 10, backMs: 10 })

  test('lets half of an idle window go at once and spreads the rest over what remains', async () => {
    const time = virtualTime()
    const server = exactServer({ runtime: time.runtime, ...TEN_SECONDS, windows: 'sliding', trip: quick })
    const budget = budgetOf(server.transport, time.runtime, TEN_SECONDS)
    const start = time.runtime.now()
    await saturate(time, budget, server, 10_100)
    const times = server.counted.map((at) => at - start)
    expect(times.slice(0, 10)).toEqual(Array(10).fill(10))
    const gaps = times.slice(10, 20).map((at, i) => at - times[9 + i]!)
    for (const gap of gaps) expect(gap).toBeGreaterThan(900)
    for (const gap of gaps) expect(gap).toBeLessThan(1_100)
  })

  test('an interactive request waits about one slot while backfill has used the window up', async () => {
    const time = virtualTime()
    const limits = { limit: 190, windowMs: 10_000 }
    const server = exactServer({ runtime: time.runtime, ...limits, windows: 'sliding', trip: quick })
    const budget = budgetOf(server.transport, time.runtime, limits)
    await saturate(time, budget, server, 25_000)
    let isOver = false
    const backfill = async () => {
      while (!isOver) await budget.transport(ask(3))
    }
    for (let count = 0; count < 60; count += 1) void backfill()
    const waits: number[] = []
    const interactive = async () => {
      for (let n = 0; n < 100; n += 1) {
        await time.runtime.sleep(97)
        const askedAt = time.runtime.now()
        await budget.transport(ask(0))
        waits.push(time.runtime.now() - askedAt - 20)
      }
    }
    await time.run(interactive())
    isOver = true
    const sorted = waits.toSorted((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length * 0.95)]).toBeLessThanOrEqual(110)
    expect(server.rejected).toBe(0)
  })

  test('costs next to nothing: 10 seconds of 190 are used to 98 %', async () => {
    const time = virtualTime()
    const limits = { limit: 190, windowMs: 10_000 }
    const server = exactServer({ runtime: time.runtime, ...limits, windows: 'sliding', trip: wideArea })
    const budget = budgetOf(server.transport, time.runtime, limits)
    const used = await saturate(time, budget, server, 120_000)
    expect(used / (12 * limits.limit)).toBeGreaterThan(0.98)
    expect(server.rejected).toBe(0)
  })
})

describe('aborting', () => {
  test('at any moment leaks no place', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ afterMs: fc.nat({ max: 300 }), abortMs: fc.nat({ max: 1_500 }), lane }), {
          minLength: 1,
          maxLength: 25,
        }),
        async (calls) => {
          const { runtime, run } = virtualTime()
          const server = exactServer({
            runtime,
            limit: 3,
            windowMs: 400,
            windows: 'sliding',
            trip: (n) => ({ thereMs: 20 + (n % 7) * 9, backMs: 20 }),
          })
          const budget = budgetOf(server.transport, runtime, { limit: 3, windowMs: 400 })
          const work = calls.map(async ({ afterMs, abortMs, lane: own }) => {
            const gone = new AbortController()
            await runtime.sleep(afterMs)
            void runtime.sleep(abortMs).then(() => gone.abort(new Error('gone')))
            await budget.transport(ask(own), gone.signal).catch(() => undefined)
          })
          await run(Promise.all(work))
          await run(runtime.sleep(3_000))
          expect(budget.use()).toMatchObject([{ busy: 0, waiting: 0 }])
          expect(server.rejected).toBe(0)
          await run(Promise.all([0, 0, 0].map(() => budget.transport(ask()))))
        },
      ),
      { numRuns: 80 },
    )
  })
})
