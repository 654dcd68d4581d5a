/** How long a write waits that failed for a passing reason. */
import { expect, test } from 'vitest'
import { backoffMs } from '../../src/stages/dirty-rows.ts'

test.each([0, 0.5, 1])('ever longer, and never more than five minutes (jitter %f)', (random) => {
  const waits = Array.from({ length: 100 }, (_, attempt) => backoffMs(attempt, random))
  expect(waits).toEqual(waits.toSorted((a, b) => a - b))
  expect(waits[0]).toBeLessThanOrEqual(1_000)
  expect(waits[0]).toBeGreaterThanOrEqual(500)
  expect(waits.at(-1)).toBeLessThanOrEqual(300_000)
  expect(waits.at(-1)).toBeGreaterThanOrEqual(150_000)
})
