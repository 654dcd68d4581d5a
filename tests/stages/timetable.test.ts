/** Recurring work on virtual time: on time, never twice at once, caught up with once. */
import { expect, test } from 'vitest'
import type { Runtime } from '../../src/runtime.ts'
import { every, parseSchedule, type Schedule } from '../../src/schedule.ts'
import { keepTimetable } from '../../src/stages/timetable.ts'
import { virtualTime } from '../connectors/virtual-time.ts'

const HOUR_MS = 3_600_000
const START_MS = Date.UTC(2026, 10, 1, 9)

interface Told {
  readonly atMs: number
  readonly why: string
}

/** Keeps a timetable for so long, with runs of the given length, on a machine that may fall asleep. */
async function kept(options: {
  readonly schedule: Schedule
  readonly forMs: number
  readonly runMs?: number
  readonly random?: number
  /** When its lid is closed, after the start, and for how long. */
  readonly asleep?: { readonly afterMs: number; readonly forMs: number }
}): Promise<readonly Told[]> {
  const { schedule, forMs, runMs = 0, random = 0, asleep } = options
  const time = virtualTime({ startMs: START_MS, random: () => random })
  // The clock goes on while the timers stand still.
  const lostMs = () => (asleep && time.runtime.now() >= START_MS + asleep.afterMs ? asleep.forMs : 0)
  const runtime: Runtime = { ...time.runtime, now: () => time.runtime.now() + lostMs() }
  const stopping = new AbortController()
  const runs: Told[] = []
  let isRunning = false
  const keeping = keepTimetable({
    schedule,
    runtime,
    signal: stopping.signal,
    run: async (why) => {
      expect(isRunning).toBe(false)
      isRunning = true
      runs.push({ atMs: runtime.now() - START_MS, why })
      await time.runtime.sleep(runMs)
      isRunning = false
    },
  }).catch(() => undefined)
  await time.run(time.runtime.sleep(forMs))
  stopping.abort(new Error('stopped'))
  await time.run(keeping)
  return runs
}

test('runs when it is due, as often as its time comes', async () => {
  const runs = await kept({ schedule: every(HOUR_MS), forMs: 3.5 * HOUR_MS })
  expect(runs).toEqual([1, 2, 3].map((hour) => ({ atMs: hour * HOUR_MS, why: 'due' })))
})

test('is late by a tenth of the time between two runs at most, and by half a minute', async () => {
  expect(await kept({ schedule: every(10_000), forMs: 12_000, random: 1 })).toEqual([
    { atMs: 11_000, why: 'due' },
  ])
  const daily = parseSchedule('0 12 * * *', 'UTC') as Schedule
  expect(await kept({ schedule: daily, forMs: 4 * HOUR_MS, random: 1 })).toEqual([
    { atMs: 3 * HOUR_MS + 30_000, why: 'due' },
  ])
})

test('a run that takes longer than its turn is followed by one, and never met by one', async () => {
  const hourly = parseSchedule('0 * * * *', 'UTC') as Schedule
  const runs = await kept({ schedule: hourly, forMs: 9.5 * HOUR_MS, runMs: 2.5 * HOUR_MS })
  expect(runs.map(({ atMs }) => atMs / HOUR_MS)).toEqual([1, 4, 7])
})

test('a machine that slept catches up at once, and once', async () => {
  const runs = await kept({
    schedule: every(HOUR_MS),
    forMs: 1.9 * HOUR_MS,
    asleep: { afterMs: 0.5 * HOUR_MS, forMs: 30 * HOUR_MS },
  })
  expect(runs).toEqual([
    { atMs: 30.5 * HOUR_MS, why: 'woke-up' },
    { atMs: 31.5 * HOUR_MS, why: 'due' },
  ])
})

test('a clock that is set back puts nothing off', async () => {
  const runs = await kept({
    schedule: every(HOUR_MS),
    forMs: 2 * HOUR_MS,
    // Two days too fast, until it is put right.
    asleep: { afterMs: 0.5 * HOUR_MS, forMs: -48 * HOUR_MS },
  })
  expect(runs).toEqual([
    { atMs: -47.5 * HOUR_MS, why: 'woke-up' },
    { atMs: -46.5 * HOUR_MS, why: 'due' },
  ])
})

test('ends with what a run rejects with', async () => {
  const time = virtualTime()
  const broken = new Error('broken')
  const keeping = keepTimetable({
    schedule: every(1_000),
    runtime: time.runtime,
    signal: new AbortController().signal,
    run: () => Promise.reject(broken),
  })
  await expect(time.run(keeping)).rejects.toBe(broken)
})
