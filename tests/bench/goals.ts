/** What the figures are measured against. */
import type { Report } from './report.ts'

export interface Goal {
  readonly name: string
  readonly goal: string
  readonly measured: number
  readonly met: boolean
}

const RATIO_MIN = 0.8
/** Beside one batch write per 100 contacts: what opening the pairing, listing and stamps may take. */
const OTHER_CALLS_MAX = 15
const MEMORY_GROWTH_MAX_MB = 64

export function goalsOf({ ratios, requests, memory, noop }: Omit<Report, 'goals'>): readonly Goal[] {
  const goals: Goal[] = ratios.map(({ scenario, ratio, mismatches }) => ({
    name: `engine ÷ bare loop: ${scenario}`,
    goal: `at least ${RATIO_MIN}`,
    measured: ratio,
    met: ratio >= RATIO_MIN && mismatches === 0,
  }))
  if (requests) {
    const { firstLoad, changedInAttio, changedInHubSpot, createdInHubSpot } = requests
    const calls = firstLoad.hubspot.reads + firstLoad.hubspot.writes
    const callsMax = Math.ceil(firstLoad.created / 100) + OTHER_CALLS_MAX
    goals.push(
      atMost(`HubSpot calls for ${firstLoad.created} new contacts`, calls, callsMax),
      atMost(
        `HubSpot batch reads for ${changedInAttio.records} changed contacts`,
        changedInAttio.hubspotBatchReads,
        1,
      ),
      atMost(
        `HubSpot batch writes for ${changedInAttio.records} changed contacts`,
        changedInAttio.hubspotBatchWrites,
        2,
      ),
      atMost('Attio writes per changed record', changedInHubSpot.attio.writesPerRecord, 1),
      atMost('Attio writes per created record', createdInHubSpot.attio.writesPerRecord, 1),
    )
  }
  const [small, large] = [memory[0], memory.at(-1)]
  if (small && large && small !== large) {
    const growth = large.firstPassPeakMb - small.firstPassPeakMb
    const name = `MB more at ${large.people} people than at ${small.people}`
    goals.push({
      name,
      goal: `less than ${MEMORY_GROWTH_MAX_MB}`,
      measured: growth,
      met: growth < MEMORY_GROWTH_MAX_MB,
    })
  }
  if (noop) goals.push(atMost(`writes of a pass over ${noop.pairs} equal pairs`, noop.writes, 0))
  return goals
}

function atMost(name: string, measured: number, most: number): Goal {
  return { name, goal: `at most ${most}`, measured, met: measured <= most }
}
