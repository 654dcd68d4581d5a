/** A day's requests: ours, the others', and where each lane stops. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import { DayPlan } from '../../../src/connectors/budget/day-plan.ts'
import type { DayBucket, DayLeft } from '../../../src/connectors/traffic.ts'
import type { Lane } from '../../../src/core/lane.ts'
import { ConnectorError } from '../../../src/errors.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask } from './exact-server.ts'

const HOUR = 3_600_000
const QUARTER = HOUR / 4
const START = Date.UTC(2026, 10, 22)
const DAY: DayBucket = { kind: 'day', name: 'day', of: ['all'], limit: 10_000, share: 0.5, floor: 100 }

const mayGo = (plan: DayPlan, nowMs: number, lane: Lane) => plan.opensAt(nowMs, lane) <= nowMs

/** Sends in this lane until it is stopped, at most `most`; each answer tells what is left, if the vendor does. */
function spend(
  plan: DayPlan,
  nowMs: number,
  lane: Lane,
  most: number,
  told?: (sent: number) => DayLeft | null,
): number {
  let sent = 0
  while (sent < most && mayGo(plan, nowMs, lane)) {
    plan.charge(nowMs, lane)
    sent += 1
    plan.answered(nowMs, told?.(sent) ?? null)
  }
  return sent
}

describe('the stop line', () => {
  test('backfill stops at a tenth of our part, catch-up at a twentieth, the others at the floor', () => {
    const plan = new DayPlan(DAY)
    expect(spend(plan, START, 2, 4_600)).toBe(4_600)
    expect(mayGo(plan, START, 3)).toBe(false)
    expect(spend(plan, START, 2, 10_000)).toBe(150)
    expect(mayGo(plan, START, 2)).toBe(false)
    expect(spend(plan, START, 1, 100)).toBe(100)
    expect(spend(plan, START, 0, 20_000)).toBe(10_000 - 100 - 4_850)
    expect(mayGo(plan, START, 0)).toBe(false)
    expect(mayGo(plan, START, 1)).toBe(false)
  })

  test('our use of the last 24 hours counts, older does not', () => {
    const plan = new DayPlan(DAY)
    spend(plan, START, 2, 10_000)
    expect(mayGo(plan, START + 23 * HOUR, 2)).toBe(false)
    expect(mayGo(plan, START + 26 * HOUR, 2)).toBe(true)
  })

  test('backfill flows evenly, with a tenth of our part in advance', () => {
    const plan = new DayPlan({ ...DAY, limit: 100_000, floor: 0 })
    expect(spend(plan, START, 3, 100_000)).toBe(5_000)
    const again = plan.opensAt(START, 3) - START
    // 45,000 are left for 24 hours.
    expect(again).toBeGreaterThan(1_000)
    expect(again).toBeLessThan(2_500)
    const anHour = START + HOUR
    const inAnHour = spend(plan, anHour, 3, 100_000)
    expect(inAnHour).toBeGreaterThan(1_700)
    expect(inAnHour).toBeLessThan(2_100)
    expect(mayGo(plan, anHour, 2)).toBe(true)
  })

  test('what others use until the day ends is left to them', () => {
    const plan = new DayPlan({ ...DAY, share: 1, floor: 0 })
    let remaining = 10_000
    let now = START
    const told = () => ({ limit: 10_000, remaining })
    // Others take 400 an hour, we nearly nothing.
    for (let minute = 0; minute < 12 * 60; minute += 1) {
      now += 60_000
      remaining -= minute % 3 === 0 ? 20 : 0
      if (minute % 10 === 0) {
        remaining -= 1
        spend(plan, now, 2, 1, told)
      }
    }
    // About 5,130 are left, and 24 hours at 400 would take 9,600: nothing of it is ours.
    expect(mayGo(plan, now, 3)).toBe(false)
    expect(mayGo(plan, now, 2)).toBe(false)
    expect(mayGo(plan, now, 0)).toBe(true)
  })

  test('a new day shows by what is left, and gives everything back', () => {
    const plan = new DayPlan(DAY)
    spend(plan, START, 2, 10_000, (sent) => ({ limit: 10_000, remaining: 10_000 - sent }))
    expect(mayGo(plan, START, 2)).toBe(false)
    const midnight = START + 7 * HOUR
    plan.charge(midnight, 0)
    plan.answered(midnight, { limit: 10_000, remaining: 9_999 })
    expect(mayGo(plan, midnight, 2)).toBe(true)
    expect(mayGo(plan, midnight, 3)).toBe(true)
    expect(plan.use(midnight)).toEqual({ used: 1, limit: 10_000 })
  })

  test('a limit that nobody states limits nothing; one that an answer states counts from there on', () => {
    const plan = new DayPlan({ ...DAY, limit: null })
    expect(spend(plan, START, 3, 50_000)).toBe(50_000)
    expect(plan.use(START)).toEqual({ used: 50_000, limit: null })
    plan.charge(START, 0)
    plan.answered(START, { limit: 60_000, remaining: 9_999 })
    expect(mayGo(plan, START, 3)).toBe(false)
    expect(mayGo(plan, START, 0)).toBe(true)
  })

  test('a refusal for the day closes it for everybody, and is tried again a quarter of an hour later', () => {
    const plan = new DayPlan(DAY)
    plan.refused(START)
    for (const lane of [0, 1, 2, 3] as const) expect(plan.opensAt(START, lane)).toBe(START + QUARTER)
    expect(mayGo(plan, START + QUARTER, 0)).toBe(true)
  })

  test('a line drawn by an old answer is asked about now and then, by one request', () => {
    const plan = new DayPlan(DAY)
    plan.charge(START, 0)
    plan.answered(START, { limit: 10_000, remaining: 100 })
    for (const lane of [0, 3] as const) expect(plan.opensAt(START + 1, lane)).toBe(START + QUARTER)
    const asking = START + QUARTER
    expect(mayGo(plan, asking, 3)).toBe(true)
    plan.charge(asking, 3)
    expect(mayGo(plan, asking, 0)).toBe(false)
    plan.answered(asking, { limit: 10_000, remaining: 9_999 })
    expect(mayGo(plan, asking, 3)).toBe(true)
  })

  test('survives a restart', () => {
    const plan = new DayPlan(DAY)
    spend(plan, START, 2, 10_000)
    const next = new DayPlan(DAY)
    next.recall(plan.remember())
    expect(mayGo(next, START, 2)).toBe(false)
    expect(mayGo(next, START, 0)).toBe(true)
  })

  test('is never crossed: whatever happens, the floor is left', () => {
    const step = fc.record({
      lane: fc.constantFrom<Lane>(0, 1, 2, 3),
      count: fc.nat({ max: 300 }),
      waitMs: fc.nat({ max: 2 * HOUR }),
      others: fc.nat({ max: 50 }),
      tells: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const limit = 2_000
        const plan = new DayPlan({ ...DAY, limit, floor: 200 })
        let now = START
        let remaining = limit
        for (const { lane, count, waitMs, others, tells } of steps) {
          now += waitMs
          remaining -= Math.min(others, Math.max(0, remaining - 300))
          for (let sent = 0; sent < count && mayGo(plan, now, lane); sent += 1) {
            plan.charge(now, lane)
            remaining -= 1
            plan.answered(now, tells || sent === 0 ? { limit, remaining } : null)
          }
          // But for others, and for who asks whether there is more: 40 steps of two hours.
          expect(remaining).toBeGreaterThanOrEqual(200 - 50 - 40)
        }
      }),
    )
  })
})

describe('in the budget', () => {
  function budget(day: Partial<DayBucket>) {
    const time = virtualTime()
    const sent: number[] = []
    const { transport, use } = createBudget(
      async () => {
        sent.push(time.runtime.now())
        return { status: 200, headers: {}, body: '' }
      },
      {
        connection: 'crm',
        traffic: {
          buckets: [
            { name: 'all', limit: 1_000_000, windowMs: 1 },
            { ...DAY, ...day },
          ],
          classify: () => ({ mutating: false, bucket: 'all' }),
        },
        runtime: time.runtime,
        inFlightMax: 1_000,
        attemptsMax: 1,
      },
    )
    return { time, transport, use, sent }
  }

  test('a request that would have to wait for hours is refused with the time, and nothing is sent', async () => {
    const { time, transport, sent, use } = budget({ limit: 100, floor: 98 })
    await time.run(Promise.all([transport(ask()), transport(ask())]))
    const error = await time.run(transport(ask()).catch((thrown: unknown) => thrown))
    expect(error).toBeInstanceOf(ConnectorError)
    expect(error).toMatchObject({ kind: 'rate-limited', connection: 'crm', retryAfterMs: QUARTER })
    expect(sent).toHaveLength(2)
    expect(use()).toMatchObject([
      { name: 'all', charged: 2 },
      { name: 'day', busy: 2, capacity: 100, charged: 2 },
    ])
  })

  test('backfill waits for its flow where that takes seconds, and can be aborted meanwhile', async () => {
    const { time, transport, sent } = budget({ limit: 100_000, floor: 0 })
    await time.run(Promise.all(Array.from({ length: 5_000 }, () => transport(ask(3)))))
    const start = time.runtime.now()
    await time.run(transport(ask(3)))
    expect(sent.at(-1)! - start).toBeGreaterThan(1_000)
    const gone = new AbortController()
    const waiting = transport(ask(3), gone.signal)
    gone.abort(new Error('not needed'))
    await expect(time.run(waiting)).rejects.toThrow('not needed')
    await time.run(transport(ask(0)))
  })
})
