/** One minute of what `npm run chaos` does, always the same plan; a longer run is one flag away. */
import { expect, it } from 'vitest'
import { runChaos } from './chaos.ts'
import { summaryText } from './summary.ts'

const SEED = 4
/** With fewer deaths than this nothing was shown, however busy the machine. */
const KILLS_MIN = 2
/** A minute of storm, and as long as a busy machine needs to pack, to come to rest and to judge. */
const WITHIN_MS = 480_000

it(
  'breaks no promise in a minute of kill -9, faults and people at work',
  { timeout: WITHIN_MS + 20_000 },
  async () => {
    const summary = await runChaos({
      seed: SEED,
      minutes: 1,
      signal: AbortSignal.timeout(WITHIN_MS),
      say: () => undefined,
    })
    expect(summary.violations, summaryText(summary)).toEqual([])
    expect(summary.kills).toBeGreaterThanOrEqual(KILLS_MIN)
    expect(summary.edits).toBeGreaterThan(50)
    expect(Object.keys(summary.crms).toSorted()).toEqual(['attio', 'hubspot', 'salesforce'])
    for (const [crm, figures] of Object.entries(summary.crms)) {
      expect(Math.min(...Object.values(figures)), `edits, writes and faults at ${crm}`).toBeGreaterThan(0)
    }
    expect(summary.stormWrites).toBeGreaterThan(5)
    expect(summary.webhooks).toBeGreaterThan(20)
    expect(Object.keys(summary.faults).length, 'kinds of faults that hit something').toBeGreaterThan(0)
  },
)
