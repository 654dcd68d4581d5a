/**
 * Makes a scenario that breaks a promise as small as it can be: takes things out and keeps what still breaks the same
 * promise (delta debugging), first the loudest parts, then one thing after the other.
 */
import { playScenario } from './run.ts'
import type { Scenario } from './scenario.ts'

export interface Shrunk {
  readonly scenario: Scenario
  readonly plays: number
}

/** Attempts that a person would wait for. */
const PLAYS_MAX = 600

export async function shrink(scenario: Scenario, invariant: string): Promise<Shrunk> {
  let smallest = scenario
  let plays = 0

  const stillBreaks = async (candidate: Scenario): Promise<boolean> => {
    if (plays >= PLAYS_MAX) return false
    plays += 1
    const { violations } = await playScenario(candidate)
    return violations.some((violation) => violation.invariant === invariant)
  }
  const attempt = async (change: (from: Scenario) => Scenario): Promise<void> => {
    const candidate = change(smallest)
    if (await stillBreaks(candidate)) smallest = candidate
  }

  for (const simplify of SIMPLER) await attempt(simplify)
  for (const part of ['weather', 'deaths', 'steps'] as const) {
    for (
      let size = Math.ceil(smallest[part].length / 2);
      size >= 1;
      size = size === 1 ? 0 : Math.ceil(size / 2)
    ) {
      for (let from = 0; from < smallest[part].length;) {
        const before = smallest[part].length
        await attempt((base) => ({ ...base, [part]: base[part].toSpliced(from, size) }))
        if (smallest[part].length === before) from += size
      }
    }
  }
  for (const vendor of Object.keys(smallest.settings)) {
    for (const key of Object.keys(smallest.settings[vendor] ?? {})) {
      await attempt((base) => {
        const { [key]: _, ...rest } = base.settings[vendor] ?? {}
        return { ...base, settings: { ...base.settings, [vendor]: rest } }
      })
    }
  }
  for (const simplify of SIMPLER) await attempt(simplify)
  return { scenario: smallest, plays }
}

/** Whatever is not needed is as plain as possible. */
const SIMPLER: readonly ((from: Scenario) => Scenario)[] = [
  (from) => ({ ...from, weather: [] }),
  (from) => ({ ...from, deaths: [] }),
  (from) => ({ ...from, workflows: {} }),
  (from) => ({ ...from, haste: 0 }),
  (from) => ({ ...from, clockMs: {} }),
  (from) => ({ ...from, bells: { ...from.bells, on: false } }),
  (from) => ({ ...from, limits: 'off' }),
  (from) => ({ ...from, mappings: 'shipped' }),
  (from) => ({ ...from, workers: 1 }),
  (from) => ({ ...from, batchSize: 50 }),
  (from) => ({ ...from, latencyMs: [20, 20] }),
  (from) => ({ ...from, settings: { ...from.settings, attio: CALM['attio'], hubspot: CALM['hubspot'] } }),
]

/** Vendors that do nothing by themselves. */
const CALM: Scenario['settings'] & Record<'attio' | 'hubspot', Readonly<Record<string, unknown>>> = {
  attio: { enrichment: false, createCompanies: false },
  hubspot: { searchShortPages: 0 },
}
