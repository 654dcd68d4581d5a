/** Makes the weather of a run, counts whom it hit, and remembers what it was like when. */
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { RunningSandbox, VendorName } from '../system/rig/sandbox.ts'
import { LATE_MAX_MS } from './engine-settings.ts'
import { crmsOf, type ChaosScenario, type Front, type Settings } from './scenario.ts'
import { until } from './wait.ts'

export interface Weather {
  /** Until the signal is aborted; where the storm takes longer than planned, its weather comes again. */
  blow(options: { readonly startMs: number; readonly signal: AbortSignal }): Promise<void>
  /** No more faults from now on, and vendors whose indexes and replicas keep up. */
  clear(): Promise<void>
  /** Kind of fault → requests that it hit, over all vendors. */
  readonly hits: Record<string, number>
  /** Vendor → requests that a fault hit. */
  readonly hitsAt: Readonly<Record<string, number>>
  /** By how much a write of this vendor that took effect at `atMs` can have been late because of the weather. */
  latenessMs(vendor: string, atMs: number): number
}

/** What a vendor does with a calm sky: everything at once. */
const CALM: Readonly<Record<VendorName, Settings>> = {
  attio: { searchLagMs: 0, replicaLagMs: 0, writeConflictWindowMs: 0, mergeSettleMs: 0 },
  hubspot: { searchLagMs: [0, 0], searchShortPages: 0 },
  salesforce: { lockRate: 0, shortQueryPages: 0, gapEvents: 0, deleteLogLosses: 0 },
}

export function createWeather(sandbox: RunningSandbox, scenario: ChaosScenario): Weather {
  const hits: Record<string, number> = {}
  const hitsAt: Record<string, number> = {}
  const past: { readonly vendor: VendorName; readonly fromMs: number; readonly front: Front }[] = []

  const change = async (front: Front): Promise<void> => {
    const { vendor, rules, settings } = front
    for (const { rule, hits: count } of await sandbox.hits(vendor)) {
      if (count === 0) continue
      hits[nameOf(rule)] = (hits[nameOf(rule)] ?? 0) + count
      hitsAt[vendor] = (hitsAt[vendor] ?? 0) + count
    }
    await sandbox.rules(vendor, rules)
    await sandbox.settings(vendor, settings)
    past.push({ vendor, fromMs: Date.now(), front })
  }

  return {
    hits,
    hitsAt,
    async blow({ startMs, signal }) {
      const fronts = scenario.fronts.toSorted((a, b) => a.fromMs - b.fromMs)
      for (let fromMs = startMs; fronts.length > 0; fromMs += scenario.stormMs) {
        for (const front of fronts) {
          await until(fromMs + front.fromMs, signal)
          if (signal.aborted) return
          await change(front)
        }
      }
    },
    async clear() {
      for (const vendor of crmsOf(scenario)) {
        await change({ vendor, fromMs: 0, rules: [], settings: CALM[vendor] })
      }
    },
    latenessMs(vendor, atMs) {
      const own = past.filter((each) => each.vendor === vendor)
      const over = own.filter(({ fromMs }, i) => {
        const untilMs = own[i + 1]?.fromMs ?? Number.POSITIVE_INFINITY
        return fromMs <= atMs && untilMs >= atMs - LATE_MAX_MS
      })
      return Math.max(0, ...over.flatMap(({ front }) => front.rules.map(delayOf)))
    },
  }
}

function delayOf({ kind, delayMs = 0 }: FaultRule): number {
  return kind === 'late' || kind === 'delay' ? delayMs : 0
}

function nameOf({ kind, refusal }: FaultRule): string {
  return refusal === undefined ? kind : `${kind} ${refusal}`
}
