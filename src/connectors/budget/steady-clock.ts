/** Time for those who wait for a moment. */
import type { Runtime } from '../../runtime.ts'

/** Timers and clocks agree to the millisecond or so; beyond this, somebody set the clock. */
const SET_BACK_MS = 1_000

/**
 * The same time, except that it never goes back. Slots are free again at a time, and by a clock that is set back an
 * hour, as happens when a machine finds out how late it is, a full allowance would stay full for that hour. Who slept for
 * so long is so much later, whatever the clock says.
 */
export function steady(runtime: Runtime): Runtime {
  let aheadMs = 0
  let latestMs = -Infinity
  const now = (): number => {
    const nowMs = runtime.now() + aheadMs
    if (nowMs < latestMs) aheadMs += latestMs - nowMs
    latestMs = Math.max(latestMs, nowMs)
    return latestMs
  }
  return {
    ...runtime,
    now,
    async sleep(ms, signal) {
      const untilMs = now() + ms
      await runtime.sleep(ms, signal)
      const lateMs = untilMs - now()
      if (lateMs > SET_BACK_MS) aheadMs += lateMs
    },
  }
}
