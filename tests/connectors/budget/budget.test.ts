import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import type { BudgetOptions } from '../../../src/connectors/budget/budget.ts'
import type { Bucket, Traffic } from '../../../src/connectors/traffic.ts'
import { TransportError } from '../../../src/connectors/transport.ts'
import type { HttpRequest, HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'
import { virtualTime } from '../virtual-time.ts'

const OK: HttpResponse = { status: 200, headers: {}, body: '' }

/** Buckets by path: `/search` is charged to both. */
function traffic(buckets: readonly Bucket[], more: Partial<Traffic> = {}): Traffic {
  return {
    buckets,
    classify: (request) =>
      request.url.endsWith('/search')
        ? { mutating: false, bucket: 'search', alsoIn: ['all'] }
        : { mutating: request.method !== 'GET', bucket: 'all' },
    ...more,
  }
}

const ALL: Bucket = { name: 'all', limit: 2, windowMs: 1000 }
const SEARCH: Bucket = { name: 'search', limit: 1, windowMs: 1000 }

const get = (path = '/'): HttpRequest => ({
  method: 'GET',
  url: `https://vendor.invalid${path}`,
  headers: {},
  body: null,
})

function budget(transport: Transport, runtime: Runtime, options: Partial<BudgetOptions> = {}): Transport {
  return createBudget(transport, {
    traffic: traffic([ALL, SEARCH]),
    runtime,
    inFlightMax: 100,
    attemptsMax: 4,
    ...options,
  }).transport
}

/** Answers with the given responses in turn, then with 200, and notes when it was asked. */
function scripted(runtime: Runtime, answers: readonly HttpResponse[], latencyMs = 0) {
  const asked: number[] = []
  const transport: Transport = async () => {
    const answer = answers[asked.length] ?? OK
    asked.push(runtime.now())
    await runtime.sleep(latencyMs)
    return answer
  }
  return { transport, asked }
}

const since = (times: readonly number[]) => times.map((time) => time - times[0]!)

describe('the ack-window limiter', () => {
  test('no window of length W at the vendor ever holds more than N requests', async () => {
    const call = fc.record({
      startsAfterMs: fc.nat({ max: 800 }),
      outboundMs: fc.nat({ max: 1500 }),
      inboundMs: fc.nat({ max: 1500 }),
      lost: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 50, max: 1000 }),
        fc.integer({ min: 1, max: 8 }),
        fc.array(call, { minLength: 1, maxLength: 40 }),
        async (limit, windowMs, inFlightMax, calls) => {
          const { runtime, run } = virtualTime()
          const countedAt: number[] = []
          const vendor: Transport = async (request) => {
            const { outboundMs, inboundMs, lost } = calls[Number(request.body)]!
            await runtime.sleep(outboundMs)
            countedAt.push(runtime.now())
            await runtime.sleep(inboundMs)
            if (lost) throw new TransportError('lost', { sent: true })
            return OK
          }
          const buckets = [{ name: 'all', limit, windowMs }]
          const send = budget(vendor, runtime, { traffic: traffic(buckets), inFlightMax })
          const work = calls.map(async ({ startsAfterMs }, index) => {
            await runtime.sleep(startsAfterMs)
            await send({ ...get(), body: String(index) }).catch(() => {})
          })
          await run(Promise.all(work))

          expect(countedAt).toHaveLength(calls.length)
          const sorted = countedAt.toSorted((a, b) => a - b)
          for (const [index, at] of sorted.entries()) {
            const later = sorted[index + limit]
            if (later !== undefined) expect(later - at).toBeGreaterThanOrEqual(windowMs)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a slot is free again exactly one window after the answer', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [], 200)
    const send = budget(transport, runtime)
    await run(Promise.all([send(get()), send(get()), send(get())]))
    expect(since(asked)).toEqual([0, 0, 1200])
  })

  test('a request in two buckets waits for both, and each counts it', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const send = budget(transport, runtime)
    await run(Promise.all([send(get('/search')), send(get('/search'))]))
    expect(since(asked)).toEqual([0, 1000])

    const narrow = scripted(runtime, [])
    const single = budget(narrow.transport, runtime, { traffic: traffic([{ ...ALL, limit: 1 }, SEARCH]) })
    await run(Promise.all([single(get('/search')), single(get())]))
    expect(since(narrow.asked)).toEqual([0, 1000])
  })

  test('the limit that answers state replaces the configured one', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [{ ...OK, headers: { 'x-max': '3' } }])
    const limitFrom = (response: HttpResponse) => Number(response.headers['x-max'] ?? 'NaN')
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, limit: 1 }], { limitFrom }) })
    await run(send(get()))
    await run(Promise.all([send(get()), send(get()), send(get())]))
    expect(since(asked)).toEqual([0, 0, 0, 1000])
  })

  test('no more than inFlightMax requests are unanswered at once', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [], 100)
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, limit: 9 }]), inFlightMax: 1 })
    await run(Promise.all([send(get()), send(get()), send(get())]))
    expect(since(asked)).toEqual([0, 100, 200])
  })
})

test('the pressure is that of the fullest allowance that lasts longer than a second', async () => {
  const time = virtualTime()
  const { transport } = scripted(time.runtime, [])
  const pressureOf = (buckets: readonly Bucket[]) =>
    createBudget(transport, {
      traffic: traffic(buckets),
      runtime: time.runtime,
      inFlightMax: 100,
      attemptsMax: 4,
    })
  const long = pressureOf([
    { name: 'all', limit: 10, windowMs: 10_000 },
    { name: 'search', limit: 4, windowMs: 10_000 },
  ])
  expect(long.pressure()).toBe(0)
  await time.run(Promise.all([long.transport(get()), long.transport(get()), long.transport(get('/search'))]))
  expect(long.pressure()).toBe(0.3)
  await time.run(Promise.all([long.transport(get('/search')), long.transport(get('/search'))]))
  expect(long.pressure()).toBe(0.75)
  await time.run(time.runtime.sleep(10_000))
  expect(long.pressure()).toBe(0)

  const brief = pressureOf([ALL, SEARCH])
  await time.run(brief.transport(get()))
  expect(brief.pressure()).toBe(0)
})

test('whoever is in a hurry does not wait for the turn of others who are paced, as long as slots are free', async () => {
  const time = virtualTime()
  const { transport } = scripted(time.runtime, [])
  const send = budget(transport, time.runtime, {
    traffic: traffic([{ name: 'all', limit: 100, windowMs: 10_000 }]),
  })
  const backlog = Array.from({ length: 60 }, () => send({ ...get(), lane: 2 }))
  await time.run(time.runtime.sleep(100))
  const startMs = time.runtime.now()
  const tookMs: number[] = []
  const inAHurry = async () => {
    for (let i = 0; i < 30; i += 1) {
      const sentMs = time.runtime.now()
      await send({ ...get(), lane: 0 })
      tookMs.push(time.runtime.now() - sentMs)
    }
  }
  await time.run(inAHurry())
  expect(Math.max(...tookMs)).toBe(0)
  expect(time.runtime.now()).toBe(startMs)
  await time.run(Promise.all(backlog))
})

describe('a 429', () => {
  const refusal = (retryAfter?: string): HttpResponse => ({
    status: 429,
    headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    body: '',
  })

  test('is waited out as told and sent again, before what was waiting', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [refusal('3')])
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, limit: 1 }]) })
    const order: string[] = []
    const first = send(get()).then(() => order.push('first'))
    const second = send(get()).then(() => order.push('second'))
    await run(Promise.all([first, second]))
    expect(since(asked)).toEqual([0, 3000, 4000])
    expect(order).toEqual(['first', 'second'])
  })

  test('pauses its whole bucket, and only that', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [refusal('5')])
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, limit: 9 }, SEARCH]) })
    const search = send(get('/search'))
    const others = runtime.sleep(10).then(() => Promise.all([send(get()), send(get('/search'))]))
    await run(Promise.all([search, others]))
    expect(since(asked)).toEqual([0, 10, 5000, 6000])
  })

  test('is reported, with what follows from it', async () => {
    const { runtime, run } = virtualTime()
    const { transport } = scripted(runtime, [refusal('3')])
    const told: unknown[] = []
    await run(budget(transport, runtime, { onRefusal: (each) => told.push(each) })(get('/search')))
    expect(told).toEqual([{ bucket: 'search', waitMs: 3_000 }])
  })

  test('is given back when it comes attemptsMax times', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, Array<HttpResponse>(9).fill(refusal('1')))
    const response = await run(budget(transport, runtime, { attemptsMax: 3 })(get()))
    expect(response.status).toBe(429)
    expect(asked).toHaveLength(3)
  })

  test('without a hint backs off with growing, jittered delays', async () => {
    const { runtime, run } = virtualTime({ random: () => 0 })
    const { transport, asked } = scripted(runtime, [refusal(), refusal(), refusal()])
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, windowMs: 1 }]) })
    await run(send(get()))
    expect(since(asked)).toEqual([0, 500, 1500, 3500])
  })

  test('without a hint waits as long as the vendor is known to need', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [refusal()])
    const send = budget(transport, runtime, {
      traffic: traffic([ALL], { pauseAfter: () => ({ kind: 'wait', ms: 10_000 }) }),
    })
    await run(send(get()))
    expect(since(asked)).toEqual([0, 10_000])
  })

  test('that outlasts patience is given back at once and pauses nobody', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [refusal()])
    const send = budget(transport, runtime, {
      traffic: traffic([ALL], { pauseAfter: () => ({ kind: 'give-up' }) }),
    })
    expect((await run(send(get()))).status).toBe(429)
    await run(send(get()))
    expect(since(asked)).toEqual([0, 0])
  })
})

describe('a change in a hurry', () => {
  const change = (patienceMs: number): HttpRequest => ({ ...get(), method: 'PATCH', patienceMs })
  const one = traffic([{ ...ALL, limit: 1 }])

  test('that would leave too late is refused unsent, and its place is the next one’s', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const send = budget(transport, runtime, { traffic: one })
    const first = send(get())
    const late = send(change(900))
    const after = send(get())
    await expect(run(late)).rejects.toMatchObject({ kind: 'stale', status: null })
    await run(Promise.all([first, after]))
    expect(since(asked)).toEqual([0, 1000])
  })

  test('that can leave in time does', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const send = budget(transport, runtime, { traffic: one })
    await run(Promise.all([send(get()), send(change(1_000))]))
    expect(since(asked)).toEqual([0, 1000])
  })

  test('that was refused is not held back for a pause that is longer than its patience', async () => {
    const { runtime, run } = virtualTime()
    const refusal = { status: 429, headers: { 'retry-after': '3' }, body: '' }
    const { transport, asked } = scripted(runtime, [refusal])
    const send = budget(transport, runtime)
    const startedMs = runtime.now()
    await expect(run(send(change(2_000)))).rejects.toMatchObject({ kind: 'stale' })
    expect(runtime.now()).toBe(startedMs)
    // The allowance rests all the same.
    await run(send(get()))
    expect(since(asked)).toEqual([0, 3000])
  })

  test('hurries no read that shares its patience', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const send = budget(transport, runtime, { traffic: one })
    await run(Promise.all([send(get()), send({ ...get(), patienceMs: 1 })]))
    expect(since(asked)).toEqual([0, 1000])
  })
})

describe('aborting', () => {
  test('a waiting request leaves at once and takes no slot', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const send = budget(transport, runtime, { traffic: traffic([{ ...ALL, limit: 1 }]) })
    const gone = new AbortController()
    const first = send(get())
    const second = send(get(), gone.signal)
    const third = send(get())
    gone.abort(new Error('not needed'))
    await expect(run(second)).rejects.toThrow('not needed')
    await run(Promise.all([first, third]))
    expect(since(asked)).toEqual([0, 1000])
  })

  test('a request that was sent keeps its slot: the vendor may have counted it', async () => {
    const { runtime, run } = virtualTime()
    const asked: number[] = []
    const vendor: Transport = async (_request, signal) => {
      asked.push(runtime.now())
      await runtime.sleep(100, signal)
      return OK
    }
    const send = budget(vendor, runtime, { traffic: traffic([{ ...ALL, limit: 1 }]) })
    const gone = new AbortController()
    const first = send(get(), gone.signal).catch(() => {})
    const second = send(get())
    const abort = runtime.sleep(40).then(() => gone.abort(new Error('too late')))
    await run(Promise.all([first, second, abort]))
    expect(since(asked)).toEqual([0, 1040])
  })

  test('closing lets the slots go, so that nothing keeps the process alive', async () => {
    const { runtime, run } = virtualTime()
    const { transport, asked } = scripted(runtime, [])
    const closing = new AbortController()
    const send = budget(transport, runtime, {
      traffic: traffic([{ ...ALL, limit: 1 }]),
      closing: closing.signal,
    })
    await run(send(get()))
    closing.abort(new Error('closing'))
    await run(send(get()))
    expect(since(asked)).toEqual([0, 0])
  })
})

test('the pace is what makes every day last: once half of it is gone, what is left, evenly', async () => {
  const time = virtualTime()
  const day = { kind: 'day', name: 'day', of: ['all'], limit: 15_000, share: 0.5, floor: 500 } as const
  const budget = createBudget(async () => ({ status: 200, headers: {}, body: '' }), {
    traffic: traffic([ALL, SEARCH, day]),
    runtime: time.runtime,
    inFlightMax: 100,
    attemptsMax: 4,
  })
  expect(budget.paceMs()).toBe(0)
  await time.run(Promise.all(Array.from({ length: 3_750 }, () => budget.transport(get()))))
  expect(budget.paceMs()).toBe(0)
  await time.run(Promise.all(Array.from({ length: 1_250 }, () => budget.transport(get()))))
  expect(budget.paceMs()).toBeCloseTo(86_400_000 / 2_500)
  const unlimited = createBudget(async () => ({ status: 200, headers: {}, body: '' }), {
    traffic: traffic([ALL, SEARCH, { ...day, limit: null }]),
    runtime: time.runtime,
    inFlightMax: 100,
    attemptsMax: 4,
  })
  expect(unlimited.paceMs()).toBe(0)
})
