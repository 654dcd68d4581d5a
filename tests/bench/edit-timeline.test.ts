/** The arithmetic behind `npm run bench:latency`. */
import { expect, test } from 'vitest'
import { percentile, timelineOf } from './edit-timeline.ts'
import type { Passage } from './gateway.ts'

const passage = (body: string, startMs: number, endMs: number): Passage => ({
  method: 'POST',
  path: '/x',
  body,
  startMs,
  endMs,
})

const EDIT = { ids: ['left-1', 'right-1'] as const, editedMs: 1_000 }

test('round trips for the record count once, those for others and what came before do not', () => {
  const traffic = {
    deliveries: [
      passage('left-1', 900, 905),
      passage('left-2', 1_050, 1_055),
      passage('left-1', 1_100, 1_105),
    ],
    requests: [
      passage('left-1', 1_000, 1_090),
      passage('left-1 left-2', 1_410, 1_460),
      passage('right-1', 1_440, 1_470),
      passage('right-2', 1_400, 1_900),
      passage('right-1', 1_475, 1_525),
      passage('right-1', 1_600, 1_650),
    ],
  }
  expect(timelineOf(EDIT, 1_530, traffic, 300)).toEqual({
    totalMs: 530,
    webhookMs: 100,
    restMs: 300,
    vendorMs: 60 + 50,
    engineMs: 430 - 110 - 300,
  })
})

test('an edit that nobody told of before it was confirmed has no timeline', () => {
  const late = { deliveries: [passage('left-1', 2_000, 2_001)], requests: [] }
  expect(timelineOf(EDIT, 1_900, late, 300)).toBeNull()
})

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 200 }, (_, i) => 200 - i)
  expect([percentile(values, 0.5), percentile(values, 0.99)]).toEqual([100, 198])
  expect([percentile([7], 0.99), percentile([], 0.5)]).toEqual([7, Number.NaN])
})
