/** Allowances that are shared with strangers, that count requests under way, or that weigh them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import { Strangers } from '../../../src/connectors/budget/strangers.ts'
import type { Bucket, Traffic } from '../../../src/connectors/traffic.ts'
import type { HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer } from './exact-server.ts'

function traffic(bucket: Bucket, more: Partial<Traffic> = {}): Traffic {
  return { buckets: [bucket], classify: () => ({ mutating: false, bucket: bucket.name }), ...more }
}

const budget = (transport: Transport, runtime: Runtime, own: Traffic) =>
  createBudget(transport, { traffic: own, runtime, inFlightMax: 200, attemptsMax: 20 })

describe('strangers', () => {
  test('take 30 % with a refusal, once per window, and give 2 % back with every clean one', () => {
    const strangers = new Strangers(1_000)
    strangers.refused(10_000)
    strangers.refused(10_400)
    expect(strangers.share(10_500)).toBeCloseTo(0.7)
    expect(strangers.share(15_000)).toBeCloseTo(0.8)
    strangers.refused(15_000)
    expect(strangers.share(15_000)).toBeCloseTo(0.56)
    expect(strangers.share(60_000)).toBe(1)
  })

  test('never take more than 70 %', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 3_000 })), (gaps) => {
        const strangers = new Strangers(1_000)
        let now = 0
        for (const gap of gaps) {
          strangers.refused((now += gap))
          expect(strangers.share(now)).toBeGreaterThanOrEqual(0.3)
          expect(strangers.share(now)).toBeLessThanOrEqual(1)
        }
      }),
    )
  })

  test('who take half of an allowance are made room for, and what they give back is used again', async () => {
    const time = virtualTime()
    const limits = { limit: 20, windowMs: 1_000 }
    const server = exactServer({
      runtime: time.runtime,
      ...limits,
      windows: 'sliding',
      trip: (n) => ({ thereMs: 30 + (n % 11), backMs: 40 }),
      headers: () => ({ 'retry-after': '1' }),
    })
    const { transport } = budget(
      server.transport,
      time.runtime,
      traffic({ name: 'search', shared: true, ...limits }),
    )
    let [isOver, strangersAreHere] = [false, true]
    for (let count = 0; count < 40; count += 1) {
      void (async () => {
        while (!isOver) await transport(ask(3))
      })()
    }
    void (async () => {
      while (!isOver) {
        await time.runtime.sleep(100)
        if (strangersAreHere) server.intrude()
      }
    })()
    await time.run(time.runtime.sleep(60_000))
    const refusedWithThem = server.rejected
    const before = server.counted.length
    await time.run(time.runtime.sleep(60_000))
    // Some refusals are how they are noticed; most requests get through.
    expect(server.rejected - refusedWithThem).toBeLessThan((server.counted.length - before) * 0.2)
    strangersAreHere = false
    await time.run(time.runtime.sleep(30_000))
    const alone = server.counted.length
    const refused = server.rejected
    await time.run(time.runtime.sleep(60_000))
    expect(server.counted.length - alone).toBeGreaterThan(60 * 20 * 0.85)
    expect(server.rejected).toBe(refused)
    isOver = true
  })

  test('are nobody’s excuse in an allowance that is ours alone', async () => {
    const time = virtualTime()
    const answers: HttpResponse[] = [{ status: 429, headers: { 'retry-after': '1' }, body: '' }]
    const { transport, use } = budget(
      async () => answers.shift() ?? { status: 200, headers: {}, body: '' },
      time.runtime,
      traffic({ name: 'own', limit: 10, windowMs: 1_000 }),
    )
    await time.run(transport(ask()))
    expect(use()).toMatchObject([{ capacity: 10 }])
  })
})

describe('requests under way', () => {
  const slowVendor = (runtime: Runtime, latencyMs: () => number) => {
    const state = { under: 0, most: 0 }
    const transport: Transport = async () => {
      state.under += 1
      state.most = Math.max(state.most, state.under)
      await runtime.sleep(latencyMs())
      state.under -= 1
      return { status: 200, headers: {}, body: '' }
    }
    return { transport, state }
  }

  test('are at most so many, and fewer as long as answers are slow', async () => {
    const time = virtualTime()
    let latencyMs = 300
    const { transport, state } = slowVendor(time.runtime, () => latencyMs)
    const bucket = { kind: 'in-flight' as const, name: 'at once', limit: 10, slowMs: 10_000 }
    const { transport: send, use } = budget(transport, time.runtime, traffic(bucket))
    const many = (count: number) => time.run(Promise.all(Array.from({ length: count }, () => send(ask(3)))))
    await many(60)
    expect(state.most).toBe(10)
    expect(use()).toMatchObject([{ capacity: 10, busy: 0, kind: 'in-flight' }])
    latencyMs = 15_000
    await many(60)
    expect(use()[0]?.capacity).toBe(4)
    latencyMs = 300
    state.most = 0
    await many(200)
    expect(use()).toMatchObject([{ capacity: 10 }])
  })

  test('one slow answer in twenty is nothing yet', async () => {
    const time = virtualTime()
    let asked = 0
    const { transport } = slowVendor(time.runtime, () => ((asked += 1) % 20 === 0 ? 30_000 : 100))
    const bucket = { kind: 'in-flight' as const, name: 'at once', limit: 8, slowMs: 10_000 }
    const { transport: send, use } = budget(transport, time.runtime, traffic(bucket))
    for (let batch = 0; batch < 5; batch += 1) {
      await time.run(Promise.all(Array.from({ length: 20 }, () => send(ask()))))
    }
    expect(use()).toMatchObject([{ capacity: 8 }])
  })
})

describe('a refusal that is no 429', () => {
  test('is repeated, and fewer requests are under way for it', async () => {
    const time = virtualTime()
    let under = 0
    const mayBeUnder = 3
    const vendor: Transport = async () => {
      under += 1
      const isTooMuch = under > mayBeUnder
      await time.runtime.sleep(200)
      under -= 1
      return isTooMuch
        ? { status: 403, headers: {}, body: 'too many at once' }
        : { status: 200, headers: {}, body: '' }
    }
    const bucket = { kind: 'in-flight' as const, name: 'at once', limit: 10, slowMs: 10_000 }
    const { transport: send, use } = budget(
      vendor,
      time.runtime,
      traffic(bucket, {
        isRefusal: ({ status }) => status === 403,
        pauseAfter: () => ({ kind: 'wait', ms: 1_000 }),
      }),
    )
    const answers = await time.run(Promise.all(Array.from({ length: 20 }, () => send(ask()))))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(use()[0]?.capacity).toBeLessThan(10)
  })

  test('is an answer like any other where nobody calls it a refusal', async () => {
    const time = virtualTime()
    const bucket = { kind: 'in-flight' as const, name: 'at once', limit: 10, slowMs: 10_000 }
    const { transport: send, use } = budget(
      async () => ({ status: 403, headers: {}, body: '' }),
      time.runtime,
      traffic(bucket),
    )
    expect((await time.run(send(ask()))).status).toBe(403)
    expect(use()).toMatchObject([{ capacity: 10 }])
  })
})

describe('what requests weigh', () => {
  const WINDOW_MS = 10_000

  /** Refuses what would bring the sum of the last ten seconds above its limit. */
  function weighingVendor(runtime: Runtime, limit: number, weight: number) {
    const state = { refused: 0, answered: 0 }
    let weighed: number[] = []
    const transport: Transport = async () => {
      await runtime.sleep(20)
      const now = runtime.now()
      weighed = weighed.filter((at) => at > now - WINDOW_MS)
      const isTooMuch = (weighed.length + 1) * weight > limit
      if (isTooMuch) state.refused += 1
      else {
        weighed.push(now)
        state.answered += 1
      }
      await runtime.sleep(20)
      return isTooMuch
        ? { status: 429, headers: { 'retry-after': '2' }, body: '' }
        : { status: 200, headers: { 'x-score': String(weight) }, body: '' }
    }
    return { transport, state }
  }

  test('is found out by one refusal, kept to, and tried a little higher over time', async () => {
    const time = virtualTime()
    const { transport, state } = weighingVendor(time.runtime, 500, 10)
    const send = createBudget(transport, {
      traffic: traffic(
        { kind: 'score', name: 'score', windowMs: WINDOW_MS },
        { scoreFrom: (response) => Number(response.headers['x-score'] ?? 'NaN') },
      ),
      runtime: time.runtime,
      inFlightMax: 4,
      attemptsMax: 20,
    }).transport
    let isOver = false
    for (let count = 0; count < 4; count += 1) {
      void (async () => {
        while (!isOver) await send(ask(3))
      })()
    }
    await time.run(time.runtime.sleep(600_000))
    isOver = true
    // 50 fit into each window; the limit is met again every few minutes.
    expect(state.refused).toBeLessThan(40)
    expect(state.answered).toBeGreaterThan(60 * 50 * 0.7)
  })

  test('a limit below a single request does not stop everything for good', async () => {
    const time = virtualTime()
    const { transport, state } = weighingVendor(time.runtime, 10, 10)
    const { transport: send } = budget(
      transport,
      time.runtime,
      traffic(
        { kind: 'score', name: 'score', windowMs: WINDOW_MS },
        { scoreFrom: (response) => Number(response.headers['x-score'] ?? 'NaN') },
      ),
    )
    await time.run(Promise.all(Array.from({ length: 6 }, () => send(ask(3)))))
    expect(state.answered).toBe(6)
  })
})
