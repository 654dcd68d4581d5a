/** What the `Date` of answers proves about the vendor's clock. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ClockPhase } from '../../../src/connectors/budget/clock-phase.ts'

const START_MS = Date.UTC(2026, 10, 22)
const W = 1_000

/** When the window ends that the counting machine is in at `ms`, on our clock. */
function endOfWindow(ms: number, aheadMs: number): number {
  return (Math.floor((ms + aheadMs) / W) + 1) * W - aheadMs
}

function dateOf(ms: number): string {
  return new Date(ms).toUTCString()
}

const answer = fc.record({
  afterMs: fc.nat({ max: 5_000 }),
  thereMs: fc.oneof(fc.constant(0), fc.nat({ max: 150 })),
  backMs: fc.oneof(fc.constant(0), fc.nat({ max: 150 })),
})

test('a slot opens only when its window has ended, for any answers and clocks up to 20 ms apart', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -5_000, max: 5_000 }),
      fc.integer({ min: -20, max: 20 }),
      fc.array(answer, { minLength: 40, maxLength: 120 }),
      fc.array(fc.nat({ max: 20_000 }), { minLength: 20, maxLength: 20 }),
      (dateAheadMs, errorMs, answers, moments) => {
        const phase = new ClockPhase()
        let now = START_MS
        for (const { afterMs, thereMs, backMs } of answers) {
          const sent = now + afterMs
          now = sent + thereMs + backMs
          phase.saw(sent, now, dateOf(sent + thereMs + dateAheadMs))
        }
        if (!phase.tells(W)) return
        for (const moment of moments) {
          const ms = now + moment
          expect(phase.opensAfter(ms, W)).toBeGreaterThanOrEqual(endOfWindow(ms, dateAheadMs + errorMs))
          expect(phase.opensAfter(ms, W)).toBeLessThan(ms + W + W / 2)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test('a minute of answers pins the clock down to about one round trip', () => {
  const phase = new ClockPhase()
  for (let n = 0; n < 1_500; n += 1) {
    const sent = START_MS + n * 40 + ((n * 7) % 13)
    phase.saw(sent, sent + 130, dateOf(sent + 65 + 437))
    if (n < 20) expect(phase.tells(W)).toBe(false)
  }
  expect(phase.tells(W)).toBe(true)
  const opens = phase.opensAfter(START_MS + 60_000, W)
  const ends = endOfWindow(START_MS + 60_000, 437)
  expect(opens - ends).toBeLessThan(65 + 20 + 25)
  expect(ends - phase.mayEndAt(START_MS + 60_000, W)).toBeLessThan(65 + 20 + 25)
})

test('a round trip of more than a fifth of the window tells too little', () => {
  const phase = new ClockPhase()
  for (let n = 0; n < 1_500; n += 1) {
    const sent = START_MS + n * 41
    phase.saw(sent, sent + 260, dateOf(sent + 130))
  }
  expect(phase.tells(W)).toBe(false)
})

test('answers without a readable Date tell nothing', () => {
  const phase = new ClockPhase()
  for (let n = 0; n < 100; n += 1) {
    phase.saw(START_MS, START_MS, undefined)
    phase.saw(START_MS, START_MS, 'yesterday')
  }
  expect(phase.tells(W)).toBe(false)
})

test('certainty fades while nothing is heard, and a clock that was set voids it', () => {
  const phase = new ClockPhase()
  const hear = (fromMs: number, aheadMs: number) => {
    for (let n = 0; n < 200; n += 1) {
      const sent = fromMs + n * 97
      phase.saw(sent, sent + 100, dateOf(sent + 50 + aheadMs))
    }
  }
  hear(START_MS, 0)
  expect(phase.tells(W)).toBe(true)
  // One answer after three hours: the clocks may have drifted apart by then.
  const later = START_MS + 3 * 3_600_000
  phase.saw(later, later + 900, dateOf(later + 450))
  expect(phase.tells(W)).toBe(false)
  hear(later + 1_000, 0)
  expect(phase.tells(W)).toBe(true)
  phase.saw(later + 60_000, later + 60_100, dateOf(later + 60_050 - 7_200_000))
  expect(phase.tells(W)).toBe(false)
})
