import { expect, test } from 'vitest'
import { longestGapMs } from './gaps.ts'

test('a change is at most as old as the look before it', () => {
  expect(longestGapMs([1_000, 1_200, 1_900], 1_900)).toBe(700)
})

test('a pause shortly before counts, for the engine waited then', () => {
  expect(longestGapMs([1_000, 4_000, 4_200, 4_400], 4_400)).toBe(3_000)
})

test('neither pauses long ago nor later ones count', () => {
  expect(longestGapMs([1_000, 4_000, 4_200, 9_100, 9_300, 20_000], 9_300)).toBe(4_900)
  expect(longestGapMs([1_000, 4_000, 9_000, 9_100, 9_200], 9_200)).toBe(5_000)
  expect(longestGapMs([1_000, 4_000, 4_200, 4_300], 20_000)).toBe(0)
  expect(longestGapMs([1_000], 1_000)).toBe(0)
})
