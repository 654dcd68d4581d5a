/** Windows of the vendor's clock: found, used nearly completely, never overdrawn, and let go of when they are none. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Transport } from '../../../src/connectors/transport.ts'
import type { Lane } from '../../../src/core/lane.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer } from './exact-server.ts'
import { budgetOf, saturate, wideArea } from './rig.ts'

describe('windows of the clock', () => {
  const SECOND = { limit: 25, windowMs: 1_000 }

  test('are locked onto, and used nearly completely', async () => {
    const time = virtualTime()
    const server = exactServer({
      runtime: time.runtime,
      ...SECOND,
      windows: 'fixed',
      countingAheadMs: 437,
      dateAheadMs: 437,
      trip: wideArea,
    })
    const budget = budgetOf(server.transport, time.runtime, { ...SECOND, clockAligned: true })
    await saturate(time, budget, server, 30_000)
    const inAMinute = await saturate(time, budget, server, 60_000)
    expect(server.rejected).toBe(0)
    expect(inAMinute / (60 * SECOND.limit)).toBeGreaterThan(0.985)

    const plain = exactServer({ runtime: time.runtime, ...SECOND, windows: 'fixed', trip: wideArea })
    const unlocked = await saturate(time, budgetOf(plain.transport, time.runtime, SECOND), plain, 60_000)
    expect(unlocked).toBeLessThan(inAMinute)
    expect(plain.rejected).toBe(0)
  })

  test(
    'are never overdrawn, for any latencies, clocks and bounded errors between the vendor’s clocks',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.record({
            limit: fc.integer({ min: 1, max: 30 }),
            aheadMs: fc.integer({ min: -100_000, max: 100_000 }),
            thereMs: fc.integer({ min: 0, max: 90 }),
            backMs: fc.integer({ min: 0, max: 90 }),
            /** As far as the lock is safe, wherever between counting and answering the `Date` is written. */
            errorMs: fc.integer({ min: -20, max: 20 }),
            seed: fc.nat(),
            callers: fc.integer({ min: 1, max: 60 }),
          }),
          async ({ limit, aheadMs, thereMs, backMs, errorMs, seed, callers }) => {
            const time = virtualTime()
            const { runtime } = time
            const chance = (n: number, salt: number) =>
              (Math.imul(n * 31 + salt + seed, 0x9e37_79b1) >>> 0) / 2 ** 32
            const late = (n: number, salt: number) => Math.floor(chance(n, salt) ** 6 * 1_200)
            const server = exactServer({
              runtime,
              limit,
              windowMs: 1_000,
              windows: 'fixed',
              countingAheadMs: aheadMs + errorMs,
              dateAheadMs: aheadMs,
              trip: (n) => ({
                thereMs: thereMs + late(n, 1),
                backMs: backMs + late(n, 2),
                dateAt: chance(n, 3),
              }),
            })
            const budget = budgetOf(server.transport, runtime, { limit, windowMs: 1_000, clockAligned: true })
            let isOver = false
            const caller = async (id: number) => {
              for (let n = 0; !isOver; n += 1) {
                await budget.transport(ask(((id + n) % 4) as Lane))
                await runtime.sleep(Math.floor(chance(n, id) * 300))
              }
            }
            for (let id = 0; id < callers; id += 1) void caller(id)
            await time.run(runtime.sleep(15_000))
            isOver = true
            expect(server.rejected).toBe(0)
          },
        ),
        { numRuns: 50 },
      )
    },
  )

  test('that turn out to slide cost one refusal; then nothing is refused, and the next process remembers', async () => {
    const time = virtualTime()
    const server = exactServer({
      runtime: time.runtime,
      ...SECOND,
      windows: 'sliding',
      trip: wideArea,
      // Shorter than what is still counted.
      headers: () => ({ 'retry-after': '0.1' }),
    })
    let firstRefusalMs = Infinity
    const refusedLater: number[] = []
    const watched: Transport = async (request, signal) => {
      const sentAtMs = time.runtime.now()
      const response = await server.transport(request, signal)
      if (response.status === 429 && sentAtMs >= firstRefusalMs) refusedLater.push(sentAtMs)
      if (response.status === 429) firstRefusalMs = Math.min(firstRefusalMs, time.runtime.now())
      return response
    }
    const bucket = { ...SECOND, clockAligned: true }
    const budget = budgetOf(watched, time.runtime, bucket)
    await saturate(time, budget, server, 60_000)
    const { rejected } = server
    expect(rejected).toBeGreaterThan(0)
    const later = await saturate(time, budget, server, 120_000)
    expect(refusedLater).toEqual([])
    expect(later / (120 * SECOND.limit)).toBeGreaterThan(0.85)

    const next = budgetOf(server.transport, time.runtime, bucket)
    next.recall(budget.memory('running'))
    await saturate(time, next, server, 60_000)
    expect(server.rejected).toBe(rejected)
  })

  test('are let go of when a clock is set', async () => {
    const time = virtualTime()
    let dateAheadMs = 437
    const server = exactServer({
      runtime: time.runtime,
      ...SECOND,
      windows: 'sliding',
      get dateAheadMs() {
        return dateAheadMs
      },
      trip: wideArea,
    })
    // Below what a sliding window notices, so that nothing but the clock ends the lock.
    const budget = budgetOf(server.transport, time.runtime, { ...SECOND, limit: 12, clockAligned: true })
    const locked = await saturate(time, budget, server, 20_000)
    dateAheadMs = -3_600_000
    const again = await saturate(time, budget, server, 20_000)
    expect(again).toBeGreaterThan(locked * 0.9)
  })
})
