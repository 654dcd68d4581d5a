/**
 * When the storm is over and nothing is left to do: nothing dirty, nothing unsettled, and for a while no write. What
 * merely rests after a bell does not count: CRMs deliver again for minutes what no process took in the storm, and each
 * such bell lets its record rest, while sweeps look at all of them anyway.
 */
import type { StatusCounts } from '../../src/store/operate.ts'
import { SWEEP_MS } from './engine-settings.ts'
import type { Stage } from './stage.ts'
import { eventually } from './wait.ts'

/** Two complete looks at both sides find nothing more to do. */
const QUIET_MS = 2 * SWEEP_MS + 2_000
/** Work that failed in the storm is tried again after a minute at most, and takes as long again to be done. */
const QUIET_WITHIN_MS = 180_000

export interface Quiet {
  readonly isQuiet: boolean
  readonly status: StatusCounts
}

export async function untilQuiet(stage: Stage, signal: AbortSignal): Promise<Quiet> {
  let status = await statusOf(stage)
  let writes = await writesOf(stage)
  let sinceMs = Date.now()
  const isQuiet = await eventually(
    async () => {
      status = await statusOf(stage)
      const now = await writesOf(stage)
      if (now !== writes || status.openIntents > 0) {
        writes = now
        sinceMs = Date.now()
      }
      return status.dirty === status.resting && Date.now() - sinceMs >= QUIET_MS
    },
    { everyMs: 1_000, withinMs: QUIET_WITHIN_MS, signal },
  )
  return { isQuiet, status }
}

export async function statusOf(stage: Stage): Promise<StatusCounts> {
  const exit = await stage.attune(['status', '--json']).exit
  if (exit.code !== 0) throw new Error(`attune status ended with ${exit.code ?? exit.signal}: ${exit.stderr}`)
  return JSON.parse(exit.stdout) as StatusCounts
}

/** Requests that changed something so far, as the vendors counted them. */
export async function writesOf({ sandbox }: Stage): Promise<number> {
  const counted = Object.values(await sandbox.stats())
  return counted.reduce((sum, { writes }) => sum + writes, 0)
}
