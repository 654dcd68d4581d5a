/** A run as the judge gets to see it. */
import { api } from '../comparer/api.ts'
import { besideEachOther, reportsAbout, type Case, type Reports } from '../sim/audit/case.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import { FRESH_MS, LATE_MAX_MS, REQUEST_TIMEOUT_MS } from './engine-settings.ts'
import type { Observer } from './observer.ts'
import type { ChaosScenario } from './scenario.ts'
import type { Stage, StagePairing } from './stage.ts'
import type { Weather } from './weather.ts'

/** The commit of the intent, a line for requests, and a round trip. */
const ON_THE_WAY_MS = 1_000

interface Seen {
  readonly observer: Observer
  readonly weather: Weather
  readonly reports: Reports
}

/** One per pairing. */
export function casesOf(stage: Stage, scenario: ChaosScenario, seen: Seen): readonly Case[] {
  return besideEachOther(stage.pairings.map((own) => caseOf(stage, scenario, own, seen)))
}

function caseOf(
  stage: Stage,
  scenario: ChaosScenario,
  { pairing, documents, rules }: StagePairing,
  { observer, weather, reports }: Seen,
): Case {
  return {
    pairing,
    beside: [],
    witness: observer,
    documents,
    rules,
    api: (vendor) => {
      const { url, token } = stage.sandbox.endpoints[vendor as VendorName]
      return api(url, token)
    },
    reports: reportsAbout(pairing.name, reports),
    nowMs: Date.now(),
    // Looked for, sent, not answered, and looked for again: at most so long ago.
    seenUntilMs: (_vendor, atMs) => atMs - 2 * (REQUEST_TIMEOUT_MS + LATE_MAX_MS) - searchLagMs(scenario),
    // Nobody keeps the answers of many processes; nothing that a person deleted is excused for that.
    wasShown: () => true,
    wasListed: () => true,
    wasAnswered: () => true,
    guarded: null,
    lookedMs(vendor, atMs) {
      const lagMs = Number(scenario.climate[vendor as VendorName]?.['replicaLagMs'] ?? 0)
      const lateMs = weather.latenessMs(vendor, atMs)
      const gapMs = observer.gapMs(vendor, atMs)
      // Noticed a gap late, and decided as long before on a machine that leaves such gaps.
      return atMs - 2 * gapMs - FRESH_MS - ON_THE_WAY_MS - lateMs - lagMs
    },
  }
}

/** The longest that a new record can hide from a search. */
function searchLagMs({ climate }: ChaosScenario): number {
  const lags = Object.values(climate).flatMap(({ searchLagMs: lag }) => lag ?? [])
  return Math.max(0, ...lags.map(Number))
}
