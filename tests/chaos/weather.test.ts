/** By how much a write can be late excuses the loss of what was entered meanwhile: not a moment more than the weather. */
import { beforeEach, expect, test, vi } from 'vitest'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { RunningSandbox } from '../system/rig/sandbox.ts'
import { drawChaos } from './draw.ts'
import { LATE_MAX_MS } from './engine-settings.ts'
import type { Front } from './scenario.ts'
import { createWeather } from './weather.ts'

const front = (fromMs: number, ...rules: readonly FaultRule[]): Front => ({
  vendor: 'attio',
  fromMs,
  rules,
  settings: {},
})

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  return () => vi.useRealTimers()
})

/** A sandbox of which every rule has been hit twice when it is replaced. */
function sandbox(): RunningSandbox {
  let rules: readonly FaultRule[] = []
  const changing: Pick<RunningSandbox, 'hits' | 'rules' | 'settings'> = {
    hits: () => Promise.resolve(rules.map((rule) => ({ rule, hits: 2 }))),
    rules: (_vendor, next) => {
      rules = next as readonly FaultRule[]
      return Promise.resolve()
    },
    settings: () => Promise.resolve(),
  }
  return changing as RunningSandbox
}

const STORM_MS = 100_000

async function blow(fronts: readonly Front[], forMs = STORM_MS - 1) {
  const weather = createWeather(sandbox(), { ...drawChaos(1, STORM_MS), fronts })
  const stopping = new AbortController()
  const over = weather.blow({ startMs: 0, signal: stopping.signal })
  await vi.advanceTimersByTimeAsync(forMs)
  stopping.abort()
  await over
  return weather
}

test('a late effect is expected as long as one can be under way, and no longer', async () => {
  const weather = await blow([front(10_000, { kind: 'late', delayMs: 2_000 }), front(20_000)])
  expect(weather.latenessMs('attio', 9_999)).toBe(0)
  expect(weather.latenessMs('attio', 10_000)).toBe(2_000)
  expect(weather.latenessMs('attio', 20_000 + LATE_MAX_MS)).toBe(2_000)
  expect(weather.latenessMs('attio', 20_001 + LATE_MAX_MS)).toBe(0)
  expect(weather.latenessMs('hubspot', 15_000)).toBe(0)
})

test('a fault that delays nothing makes nothing late', async () => {
  const weather = await blow([front(0, { kind: 'timeout-after', delayMs: 1_000 }, { kind: 'cut-body' })])
  expect(weather.latenessMs('attio', 100)).toBe(0)
})

test('hits are counted by kind before the rules that had them are gone', async () => {
  const refusal: FaultRule = { kind: 'refuse', refusal: 'rate-limit' }
  const weather = await blow([
    front(0, refusal, { kind: 'reset-after' }),
    front(1_000, refusal),
    front(2_000),
  ])
  expect(weather.hits).toEqual({ 'refuse rate-limit': 4, 'reset-after': 2 })
})

test('a storm that takes longer than planned has its weather once more', async () => {
  const weather = await blow(
    [front(10_000, { kind: 'late', delayMs: 2_000 }), front(20_000)],
    2 * STORM_MS - 1,
  )
  expect(weather.latenessMs('attio', STORM_MS + 9_999)).toBe(0)
  expect(weather.latenessMs('attio', STORM_MS + 15_000)).toBe(2_000)
})
