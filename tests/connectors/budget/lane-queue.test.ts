/** Who goes first where requests have to wait, and that nobody waits for ever (I25). */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBudget } from '../../../src/connectors/budget/budget.ts'
import { AGAIN, LaneQueue } from '../../../src/connectors/budget/lane-queue.ts'
import { Line } from '../../../src/connectors/budget/line.ts'
import { LANES, type Lane } from '../../../src/core/lane.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer } from './exact-server.ts'

const WEIGHTS: Readonly<Record<Lane, number>> = { 0: 8, 1: 4, 2: 3, 3: 1 }

/** A queue that reports the lane of what it lets go. */
function queueOf(...lanes: readonly number[]) {
  const queue = new LaneQueue()
  let left: number | null = null
  let id = 0
  const add = (lane: number) => {
    queue.enqueue(
      async () => {
        left = lane
      },
      { priority: lane, id: String((id += 1)) },
    )
  }
  for (const lane of lanes) add(lane)
  const next = (): number | null => {
    left = null
    void queue.dequeue()?.()
    return left
  }
  return { queue, add, next }
}

describe('the order', () => {
  test('is: refused ones, then interactive ones, then 4 of recovery, 3 of catch-up and 1 of backfill in turn', () => {
    const { next } = queueOf(3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 1, 0, AGAIN)
    const order = Array.from({ length: 13 }, next)
    expect(order).toEqual([AGAIN, 0, 1, 1, 1, 1, 2, 2, 2, 3, 1, 2, 3])
    expect(next()).toBeNull()
  })

  test('of backlogged lanes gives each at least 80 % of its weight, in any stretch', () => {
    const { add, next } = queueOf()
    for (const lane of LANES) for (let count = 0; count < 1_000; count += 1) add(lane)
    const order = Array.from({ length: 1_000 }, next)
    const stretch = 160
    for (let from = 0; from + stretch <= order.length; from += 17) {
      const part = order.slice(from, from + stretch)
      for (const lane of LANES) {
        const got = part.filter((each) => each === lane).length
        // 80 % of its sixteenths of 160.
        expect(got).toBeGreaterThanOrEqual(8 * WEIGHTS[lane])
      }
    }
  })

  test('wastes nothing and loses nobody, whoever comes and leaves', () => {
    const step = fc.oneof(
      {
        weight: 3,
        arbitrary: fc.record({ kind: fc.constant('add' as const), lane: fc.constantFrom(AGAIN, 0, 1, 2, 3) }),
      },
      { weight: 2, arbitrary: fc.constant({ kind: 'next' as const }) },
      {
        weight: 1,
        arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat({ max: 20 }) }),
      },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const queue = new LaneQueue()
        const waiting: { id: string; lane: number }[] = []
        let gone: string | null = null
        let serial = 0
        for (const each of steps) {
          if (each.kind === 'add') {
            const id = String((serial += 1))
            waiting.push({ id, lane: each.lane })
            queue.enqueue(
              async () => {
                gone = id
              },
              { priority: each.lane, id },
            )
          } else if (each.kind === 'leave') {
            const leaving = waiting[each.which]
            if (!leaving) continue
            queue.remove(leaving.id)
            waiting.splice(each.which, 1)
          } else {
            const announced = queue.first()
            gone = null
            void queue.dequeue()?.()
            expect(gone === null).toBe(waiting.length === 0)
            if (gone === null) continue
            const place = waiting.findIndex(({ id }) => id === gone)
            const [left] = waiting.splice(place, 1)
            expect(left?.lane).toBe(announced)
            // First come, first served within a lane.
            expect(waiting.slice(0, place).some(({ lane }) => lane === left?.lane)).toBe(false)
          }
          expect(queue.size).toBe(waiting.length)
        }
      }),
    )
  })

  test('lets an interactive request overtake, but no more often than the others leave room for', () => {
    const { queue, next } = queueOf(3, 3, 3, 3)
    let overtaken = 0
    while (queue.overtakes(0)) overtaken += 1
    expect(overtaken).toBe(12)
    expect(queue.overtakes(3)).toBe(false)
    expect([next(), next()]).toEqual([3, 3])
    expect([queue.overtakes(0), queue.overtakes(0), queue.overtakes(0)]).toEqual([true, true, false])
  })
})

test('a line lets through exactly one at a time, and whoever aborts is gone', async () => {
  const line = new Line()
  const passed: string[] = []
  const gone = new AbortController()
  const join = (name: string, signal?: AbortSignal) =>
    line
      .join({ lane: 3, again: false, signal }, () => passed.push(name))
      .catch(() => passed.push(`${name} left`))
  const all = [join('a'), join('b', gone.signal), join('c')]
  expect(line.length).toBe(3)
  line.letThrough()
  expect(passed).toEqual(['a'])
  gone.abort(new Error('gone'))
  expect(line.length).toBe(1)
  line.letThrough()
  line.letThrough()
  await Promise.all(all)
  expect(passed.toSorted()).toEqual(['a', 'b left', 'c'])
})

describe('over a minute at the limit', () => {
  const LIMIT = { limit: 25, windowMs: 1_000 }

  async function minuteWith(callers: Readonly<Partial<Record<Lane, number>>>): Promise<Record<Lane, number>> {
    const time = virtualTime()
    const done: Record<Lane, number> = { 0: 0, 1: 0, 2: 0, 3: 0 }
    const server = exactServer({
      runtime: time.runtime,
      ...LIMIT,
      windows: 'sliding',
      trip: (n) => ({ thereMs: 30 + (n % 20), backMs: 30 + (n % 30) }),
    })
    const send = createBudget(server.transport, {
      traffic: { buckets: [{ name: 'all', ...LIMIT }], classify: () => ({ mutating: false, bucket: 'all' }) },
      runtime: time.runtime,
      inFlightMax: 100,
      attemptsMax: 1,
    }).transport
    let isOver = false
    for (const lane of LANES) {
      for (let count = 0; count < (callers[lane] ?? 0); count += 1) {
        void (async () => {
          for (;;) {
            await send(ask(lane))
            if (isOver) return
            done[lane] += 1
          }
        })()
      }
    }
    await time.run(time.runtime.sleep(60_000))
    isOver = true
    expect(server.rejected).toBe(0)
    return done
  }

  const total = (done: Record<Lane, number>) => LANES.reduce<number>((sum, lane) => sum + done[lane], 0)

  test('every backlogged lane gets at least 80 % of its weight', async () => {
    const done = await minuteWith({ 0: 60, 1: 60, 2: 60, 3: 60 })
    for (const lane of LANES) {
      expect(done[lane] / total(done)).toBeGreaterThanOrEqual((0.8 * WEIGHTS[lane]) / 16)
    }
    expect(total(done)).toBeGreaterThan(60 * LIMIT.limit * 0.88)
  })

  test('what no other lane wants goes to backfill', async () => {
    const alone = await minuteWith({ 3: 60 })
    expect(alone[3]).toBeGreaterThan(60 * LIMIT.limit * 0.88)
    const beside = await minuteWith({ 0: 1, 3: 60 })
    // One caller at a time, and still hardly slower than with an empty account: about ten a second.
    expect(beside[0]).toBeGreaterThan(60 * 6)
    expect(total(beside)).toBeGreaterThan(60 * LIMIT.limit * 0.85)
  })
})
