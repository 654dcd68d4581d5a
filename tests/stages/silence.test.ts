import { describe, expect, test } from 'vitest'
import { heard, newSilence, silence, type SilenceLedger } from '../../src/stages/silence.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A Monday, midnight. */
const START_MS = Date.UTC(2026, 10, 2)

/** Something every half hour between nine and five, from Monday to Friday. */
function officeWeeks(weeks: number): SilenceLedger {
  let ledger = newSilence(START_MS)
  for (let day = 0; day < weeks * 7; day += 1) {
    if (day % 7 >= 5) continue
    for (let half = 18; half <= 34; half += 1) {
      ledger = heard(ledger, START_MS + day * DAY_MS + (half * HOUR_MS) / 2)
    }
  }
  return ledger
}

/** Hours of silence after the last writing until somebody is told. */
function hoursUntilTold(ledger: SilenceLedger): number {
  for (let hour = 1; hour < 1_000; hour += 1) {
    if (silence(ledger, ledger.lastMs + hour * HOUR_MS)) return hour
  }
  return Infinity
}

describe('a direction is silent', () => {
  test('when nothing came for twice its longest pause, weekends included', () => {
    // From Friday at five to Monday at nine: 64 hours.
    expect(hoursUntilTold(officeWeeks(2))).toBe(129)
  })

  test('sooner where it never rests', () => {
    let ledger = newSilence(START_MS)
    for (let hour = 0; hour <= 200; hour += 6) ledger = heard(ledger, START_MS + hour * HOUR_MS)
    expect(hoursUntilTold(ledger)).toBe(13)
    expect(silence(ledger, ledger.lastMs + 20 * HOUR_MS)).toEqual({
      silentMs: 20 * HOUR_MS,
      usualMs: 6 * HOUR_MS,
    })
  })

  test('never by a moment only, however busy it is', () => {
    let ledger = newSilence(START_MS)
    for (let minute = 0; minute <= 6 * 24 * 60; minute += 1)
      ledger = heard(ledger, START_MS + minute * 60_000)
    expect(hoursUntilTold(ledger)).toBe(3)
  })

  test('not before it is known for a few days what is usual', () => {
    let ledger = newSilence(START_MS)
    for (let hour = 1; hour <= 60; hour += 1) ledger = heard(ledger, START_MS + hour * HOUR_MS)
    expect(hoursUntilTold(ledger)).toBe(Infinity)
    expect(hoursUntilTold(newSilence(START_MS))).toBe(Infinity)
  })

  test('by what is usual lately: a long pause is forgotten after two weeks, and the ledger stays small', () => {
    let ledger = heard(newSilence(START_MS), START_MS + 10 * DAY_MS)
    for (let hour = 0; hour <= 40 * 24; hour += 6)
      ledger = heard(ledger, START_MS + 10 * DAY_MS + hour * HOUR_MS)
    expect(hoursUntilTold(ledger)).toBe(13)
    expect(Object.keys(ledger.gaps)).toHaveLength(14)
  })
})
