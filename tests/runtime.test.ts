import { expect, test, vi } from 'vitest'
import { systemRuntime } from '../src/runtime.ts'

test('ids are UUIDs that sort by the time they were made at, and those of one moment differ', () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const made = [0, 0, 1, 86_400_000, 4_102_444_800_000].map((nowMs) => {
      vi.setSystemTime(nowMs)
      return systemRuntime.id()
    })
    for (const id of made) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    }
    expect(made.slice(1).toSorted()).toEqual(made.slice(1))
    expect(new Set(made).size).toBe(made.length)
    expect(made[4]?.slice(0, 13)).toBe('03bb2cc3-d800')
  } finally {
    vi.useRealTimers()
  }
})
