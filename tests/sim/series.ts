/** Plays many seeds, one after the other, and adds up what happened. */
import type { Violation } from './audit/audit.ts'
import type { CastName } from './cast.ts'
import { drawWorld } from './recast.ts'
import { playScenario, type Outcome } from './run.ts'

export interface Failure {
  readonly seed: number
  readonly violations: readonly Violation[]
}

/** The document of `npm run sim -- --json`; its first six names are an interface. */
export interface Report {
  readonly seeds: number
  /** Seeds in which any promise was broken. */
  readonly violations: number
  readonly seedsPerMinute: number
  /** Deaths of the engine's process. */
  readonly crashes: number
  readonly timeouts: number
  /** Name of a fault → how often it was met. */
  readonly faults: Readonly<Record<string, number>>
  readonly requests: number
  readonly writes: number
  readonly edits: number
  readonly webhooks: number
  /** Seeds that were played twice, to the same journal. */
  readonly repeated: number
  readonly failures: readonly Failure[]
}

export interface SeriesOptions {
  readonly from: number
  readonly cast: CastName
  readonly seeds: number
  readonly onFailure?: (failure: Failure) => void | Promise<void>
}

/** Every hundredth seed is played twice. */
const REPEATED_EVERY = 100

export async function playSeries({ from, cast, seeds, onFailure }: SeriesOptions): Promise<Report> {
  const startedMs = performance.now()
  const faults: Record<string, number> = {}
  const totals = { crashes: 0, timeouts: 0, requests: 0, writes: 0, edits: 0, webhooks: 0, repeated: 0 }
  const failures: Failure[] = []
  for (let seed = from; seed < from + seeds; seed += 1) {
    const outcome = await playScenario(drawWorld(seed, cast))
    const { figures } = outcome
    totals.crashes += figures.deaths
    totals.timeouts += figures.timeouts
    totals.requests += figures.requests
    totals.writes += figures.writes
    totals.edits += figures.edits
    totals.webhooks += figures.webhooks
    for (const [fault, hits] of Object.entries(figures.faults)) faults[fault] = (faults[fault] ?? 0) + hits
    const isRepeated = seed % REPEATED_EVERY === 0
    if (isRepeated) totals.repeated += 1
    const violations = [...outcome.violations, ...(isRepeated ? await repeat(seed, cast, outcome) : [])]
    if (violations.length === 0) continue
    const failure = { seed, violations }
    failures.push(failure)
    await onFailure?.(failure)
  }
  const minutes = (performance.now() - startedMs) / 60_000
  const { crashes, timeouts, ...rest } = totals
  return {
    seeds,
    violations: failures.length,
    seedsPerMinute: Math.round(seeds / minutes),
    crashes,
    timeouts,
    faults,
    ...rest,
    failures,
  }
}

/** One seed has one history: what cannot be played again cannot be found out. */
async function repeat(seed: number, cast: CastName, { journal }: Outcome): Promise<readonly Violation[]> {
  const [once, again] = [journal(), (await playScenario(drawWorld(seed, cast))).journal()]
  const at = once.findIndex((line, i) => line !== again[i])
  if (at < 0 && once.length === again.length) return []
  const place = at < 0 ? Math.min(once.length, again.length) : at
  const what = `played twice, entry ${place} of the journal was ${JSON.stringify(once[place])}, then ${JSON.stringify(again[place])}`
  return [{ invariant: 'determinism', what }]
}
