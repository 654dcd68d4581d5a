/** Trouble that lasts is told of now and then. */
import { expect, test } from 'vitest'
import { sparingly } from '../../src/cli/sparingly.ts'

test('at once, then every five minutes, each connection by itself, whatever becomes of the clock', () => {
  let nowMs = 1_000_000_000
  const isTime = sparingly({ now: () => nowMs })
  expect(isTime('attio')).toBe(true)
  expect(isTime('hubspot')).toBe(true)
  let told = 0
  for (let minute = 0; minute < 60; minute += 1) {
    nowMs += 60_000
    if (isTime('attio')) told += 1
  }
  expect(told).toBe(12)
  expect(isTime('hubspot')).toBe(true)
  nowMs -= 86_400_000
  expect(isTime('attio')).toBe(true)
})
