/** A machine whose clock is set back, on virtual time: a full allowance is free again as soon as it ever would have been. */
import { expect, test } from 'vitest'
import type { Runtime } from '../../../src/runtime.ts'
import { virtualTime } from '../virtual-time.ts'
import { ask, exactServer } from './exact-server.ts'
import { budgetOf } from './rig.ts'

const HOUR_MS = 3_600_000
const WINDOW = { limit: 3, windowMs: 10_000 }

/** Timers go on as they do; only what the clock shows is moved. */
function settable() {
  const time = virtualTime()
  let aheadMs = 0
  const runtime: Runtime = { ...time.runtime, now: () => time.runtime.now() + aheadMs }
  const set = (ms: number) => {
    aheadMs += ms
  }
  return { time, runtime, set }
}

test('waiting requests wait no longer than before', async () => {
  const { time, runtime, set } = settable()
  const trip = () => ({ thereMs: 10, backMs: 10 })
  const server = exactServer({ runtime: time.runtime, ...WINDOW, windows: 'sliding', trip })
  const budget = budgetOf(server.transport, runtime, WINDOW)
  const six = Promise.all([0, 0, 0, 0, 0, 0].map(() => budget.transport(ask())))
  await time.run(time.runtime.sleep(1_000))
  set(-HOUR_MS)
  const startMs = time.runtime.now()
  await time.run(six)
  expect(time.runtime.now() - startMs).toBeLessThanOrEqual(WINDOW.windowMs + 1_000)
  expect(server.rejected).toBe(0)
})

test('a pause after a refusal lasts as long as it was to, and a date of the vendor is read by our own clock', async () => {
  const { time, runtime, set } = settable()
  const untilDate = (ms: number) => new Date(runtime.now() + ms).toUTCString()
  let refusals = 0
  const budget = budgetOf(
    async () => {
      refusals += 1
      if (refusals > 2) return { status: 200, headers: {}, body: '' }
      return { status: 429, headers: { 'retry-after': untilDate(5_000) }, body: '' }
    },
    runtime,
    WINDOW,
  )
  const startMs = time.runtime.now()
  const answer = budget.transport(ask())
  await time.run(time.runtime.sleep(1_000))
  set(-HOUR_MS)
  expect((await time.run(answer)).status).toBe(200)
  const tookMs = time.runtime.now() - startMs
  expect(tookMs).toBeGreaterThanOrEqual(9_000)
  expect(tookMs).toBeLessThanOrEqual(25_000)
})
