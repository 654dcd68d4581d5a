/** When a touched record is looked at: every cell of how it was touched before × what waits already. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueAfterTouch, type Touch, type Waiting } from '../../src/store/debounce.ts'
import type { Debounce } from '../../src/store/records.ts'

const DEBOUNCE: Debounce = {
  restMs: 300,
  flurryMs: 1_000,
  busyMs: 5_000,
  touchesMax: 5,
  withinMs: 60_000,
  waitMaxMs: 30_000,
  ownMs: 20_000,
}

const NOW = 1_000_000

/** Touches so many milliseconds ago. */
const ago = (...ms: readonly number[]) => ms.map((each) => NOW - each)

const BEFORE = {
  alone: [],
  'touched long ago': ago(20_000, 30_000),
  'in a flurry': ago(400),
  busy: ago(10_000, 20_000, 30_000, 40_000, 50_000),
} as const

const row = (more: Partial<Waiting>): Waiting => ({
  lane: 0,
  dueMs: NOW + 100,
  firstAtMs: NOW - 200,
  lastAtMs: NOW - 200,
  isAtWork: false,
  attempts: 0,
  ...more,
})

const WAITING = {
  nothing: null,
  'a first touch': row({}),
  'a row that is due': row({ dueMs: NOW - 50, firstAtMs: NOW - 9_000, lastAtMs: NOW - 5_050 }),
  'a row at work': row({ dueMs: NOW - 500, isAtWork: true }),
  'a failed try': row({ dueMs: NOW + 60_000, firstAtMs: NOW - 9_000, attempts: 2 }),
  'a wait for quiet': row({ dueMs: NOW + 600, firstAtMs: NOW - 4_000, lastAtMs: NOW - 400 }),
  'a wait that has lasted': row({ dueMs: NOW + 40, firstAtMs: NOW - 29_900, lastAtMs: NOW - 960 }),
  'a change of our own': row({ lane: 2, dueMs: NOW + 19_000, firstAtMs: NOW - 1_000, lastAtMs: NOW - 1_000 }),
} as const

/** Milliseconds from now. */
const EXPECTED: Record<keyof typeof WAITING, Record<keyof typeof BEFORE, number>> = {
  nothing: { alone: 300, 'touched long ago': 300, 'in a flurry': 1_000, busy: 5_000 },
  'a first touch': { alone: 100, 'touched long ago': 100, 'in a flurry': 100, busy: 100 },
  'a row that is due': { alone: -50, 'touched long ago': -50, 'in a flurry': -50, busy: -50 },
  'a row at work': { alone: 300, 'touched long ago': 300, 'in a flurry': 1_000, busy: 5_000 },
  'a failed try': { alone: 300, 'touched long ago': 300, 'in a flurry': 1_000, busy: 5_000 },
  'a wait for quiet': { alone: 600, 'touched long ago': 600, 'in a flurry': 1_000, busy: 5_000 },
  'a wait that has lasted': { alone: 100, 'touched long ago': 100, 'in a flurry': 100, busy: 100 },
  'a change of our own': { alone: 300, 'touched long ago': 300, 'in a flurry': 1_000, busy: 5_000 },
}

/** The same for what nobody waits for, however the record was touched before. */
const UNHURRIED: Record<keyof typeof WAITING, Record<Exclude<Touch, 'change'>, number>> = {
  nothing: { removal: 5_000, own: 20_000 },
  'a first touch': { removal: 100, own: 100 },
  'a row that is due': { removal: -50, own: -50 },
  'a row at work': { removal: 5_000, own: 20_000 },
  'a failed try': { removal: 5_000, own: 20_000 },
  'a wait for quiet': { removal: 5_000, own: 600 },
  'a wait that has lasted': { removal: 100, own: 40 },
  'a change of our own': { removal: 5_000, own: 19_000 },
}

const cells = Object.entries(EXPECTED).flatMap(([waiting, byBefore]) =>
  Object.entries(byBefore).map(([before, dueInMs]) => [before, waiting, dueInMs] as const),
) as [keyof typeof BEFORE, keyof typeof WAITING, number][]

const unhurried = Object.entries(UNHURRIED).flatMap(([waiting, byTouch]) =>
  Object.entries(byTouch).map(([touch, dueInMs]) => [touch, waiting, dueInMs] as const),
) as [Touch, keyof typeof WAITING, number][]

describe('a record that is touched', () => {
  test.each(cells)('while it was %s, meeting %s, is due in %i ms', (before, waiting, dueInMs) => {
    const dueMs = dueAfterTouch(DEBOUNCE, {
      touch: 'change',
      nowMs: NOW,
      earlier: BEFORE[before],
      waiting: WAITING[waiting],
    })
    expect(dueMs - NOW).toBe(dueInMs)
  })

  test.each(unhurried)('by a %s, meeting %s, is due in %i ms', (touch, waiting, dueInMs) => {
    for (const earlier of Object.values(BEFORE)) {
      const dueMs = dueAfterTouch(DEBOUNCE, { touch, nowMs: NOW, earlier, waiting: WAITING[waiting] })
      expect(dueMs - NOW).toBe(dueInMs)
    }
  })

  test('is looked at soon though our own change waits, and its followers do not put that off', () => {
    const own = WAITING['a change of our own']
    const dueMs = dueAfterTouch(DEBOUNCE, { touch: 'change', nowMs: NOW, earlier: [], waiting: own })
    const waiting = { ...own, lane: 0, dueMs, lastAtMs: NOW } as const
    const follower = { touch: 'change', nowMs: NOW + 200, earlier: [NOW], waiting } as const
    expect(dueAfterTouch(DEBOUNCE, follower)).toBe(NOW + 300)
  })

  test('is busy from the sixth touch of a minute on', () => {
    const due = (touches: number) =>
      dueAfterTouch(DEBOUNCE, {
        touch: 'change',
        nowMs: NOW,
        earlier: ago(...Array.from({ length: touches - 1 }, (_, i) => 5_000 * (i + 1))),
        waiting: null,
      }) - NOW
    expect([1, 5, 6].map(due)).toEqual([300, 300, 5_000])
  })

  test('is looked at, whatever the rhythm, and never later than the longest wait after its first touch', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 4_900 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(gaps, (rhythm) => {
        let nowMs = 0
        const touches: number[] = []
        let waiting: Waiting | null = null
        for (const gap of rhythm) {
          nowMs += gap
          // Looked at meanwhile.
          if (waiting && waiting.dueMs <= nowMs) waiting = null
          const earlier = touches
            .filter((at) => at > nowMs - DEBOUNCE.withinMs)
            .toReversed()
            .slice(0, DEBOUNCE.touchesMax)
          const dueMs: number = dueAfterTouch(DEBOUNCE, { touch: 'change', nowMs, earlier, waiting })
          touches.push(nowMs)
          const firstAtMs: number = waiting?.firstAtMs ?? nowMs
          waiting = { lane: 0, dueMs, firstAtMs, lastAtMs: nowMs, isAtWork: false, attempts: 0 }
          expect(dueMs).toBeGreaterThan(nowMs)
          expect(dueMs - firstAtMs).toBeLessThanOrEqual(DEBOUNCE.waitMaxMs)
        }
      }),
    )
  })
})
