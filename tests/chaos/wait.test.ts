import { beforeEach, expect, test, vi } from 'vitest'
import { eventually, until } from './wait.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  return () => vi.useRealTimers()
})

test('a time is waited for, but for a signal that comes first', async () => {
  const stopping = new AbortController()
  const waits = [until(5_000, stopping.signal), until(60_000, stopping.signal)]
  let over = 0
  for (const wait of waits) void wait.then(() => (over += 1))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(over).toBe(1)
  stopping.abort()
  await Promise.all(waits)
  expect(vi.getTimerCount(), 'nothing keeps the process').toBe(0)
})

test('a condition is asked again until it holds', async () => {
  const answer = eventually(() => Date.now() >= 1_000, {
    everyMs: 300,
    withinMs: 10_000,
    signal: new AbortController().signal,
  })
  await vi.runAllTimersAsync()
  expect([await answer, Date.now()]).toEqual([true, 1_200])
})

test('a condition that never holds is given up in time', async () => {
  const { signal } = new AbortController()
  const answer = eventually(() => false, { everyMs: 300, withinMs: 1_000, signal })
  await vi.runAllTimersAsync()
  expect([await answer, Date.now()]).toEqual([false, 1_000])
})
