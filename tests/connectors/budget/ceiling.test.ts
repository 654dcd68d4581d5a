/** The goals of `npm run bench:ceiling`, for some minutes and several seeds. */
import { expect, test } from 'vitest'
import { measureCeiling } from '../../bench/ceiling-runs.ts'

test.each([2, 3, 4])(
  'our share of the permitted rate, without a 429 (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const share: Record<string, number> = {}
    for await (const run of measureCeiling({ seed, durationMs: 180_000, limiters: ['ours'] })) {
      expect(run.throttled, run.bucket).toBe(0)
      share[run.bucket] = run.share
    }
    expect(share['hubspot-10s']).toBeGreaterThanOrEqual(0.98)
    expect(share['attio-sliding-second']).toBeGreaterThanOrEqual(0.88)
    // With the seconds in which the clock's phase is being found out.
    expect(share['attio-clock-second']).toBeGreaterThanOrEqual(0.985)
  },
)
