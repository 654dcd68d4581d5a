/**
 * Draws worlds of other casts out of those of Attio and HubSpot: the same people, weather and deaths, with Salesforce in
 * HubSpot's place or beside it. So no seed of the first cast has another history because there are others.
 */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import type { CastName } from './cast.ts'
import { drawScenario } from './draw.ts'
import { grown } from './draw-grown.ts'
import type { Scenario, Step, Weather } from './scenario.ts'

const REPLACED = 'hubspot'
const NEW = 'salesforce'

export function drawWorld(seed: number, cast: CastName): Scenario {
  return recast(drawScenario(seed), cast)
}

/** The same with another cast; where there is Salesforce, often in an org that has leads and record types. */
export function recast(drawn: Scenario, cast: CastName): Scenario {
  if (cast === 'attio-hubspot') return drawn
  // The same people in the same weather, whichever pairing is the first.
  if (cast === 'hub-reversed') return { ...recast(drawn, 'hub'), cast }
  return grown(withSalesforce(drawn, cast), NEW, `sim/${cast}`)
}

function withSalesforce(drawn: Scenario, cast: CastName): Scenario {
  const of = (purpose: string): Random => seededRandom(drawn.seed, `sim/${cast}/${purpose}`)
  const settings = { ...drawn.settings, [NEW]: drawSalesforce(of('settings')) }
  if (cast === 'attio-salesforce') {
    return {
      ...drawn,
      cast,
      steps: drawn.steps.map(moved),
      weather: drawn.weather.map(moved),
      workflows: renamed(drawn.workflows),
      clockMs: renamed(drawn.clockMs),
      settings: renamed({ ...settings, [REPLACED]: settings[NEW] }),
    }
  }
  return {
    ...drawn,
    cast,
    steps: dealt(of('steps'), drawn.steps),
    weather: spread(of('weather'), drawn.weather),
    workflows: drawn.workflows,
    clockMs: {
      ...drawn.clockMs,
      ...('attio' in drawn.clockMs ? { [NEW]: of('clock').integer(-1_500, 1_500) } : {}),
    },
    settings,
  }
}

function moved<T extends { readonly vendor: string }>(item: T): T {
  return item.vendor === REPLACED ? { ...item, vendor: NEW } : item
}

function renamed<T>(table: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(table).map(([vendor, value]) => [vendor === REPLACED ? NEW : vendor, value]),
  )
}

/** What people did in HubSpot happens in one of the two; some of whom they knew from the start is in both. */
function dealt(random: Random, steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step): readonly Step[] => {
    if (step.vendor !== REPLACED) return [step]
    const { action } = step
    // An administrator takes back what he did where he did it.
    if (action.do.endsWith('-schema') || action.do.endsWith('-token')) return [step]
    const there = random.chance(0.5) ? moved(step) : step
    const isFounder = step.atMs === 0 && action.do === 'create'
    return isFounder && random.chance(0.4) ? [step, moved(step)] : [there]
  })
}

function spread(random: Random, weather: readonly Weather[]): readonly Weather[] {
  return weather.flatMap((each) =>
    each.vendor === REPLACED ? random.pick([[each], [moved(each)], [each, moved(each)]] as const) : [each],
  )
}

/** What an org does by itself. */
export function drawSalesforce(random: Random): Scenario['settings'][string] {
  const isCalm = random.chance(0.5)
  return {
    shortQueryPages: isCalm ? 0 : 0.3,
    lockRate: isCalm ? 0 : random.pick([0, 0.05, 0.3]),
    gapEvents: random.pick([0, 0, 0.2]),
    eventDuplicates: random.pick([0, 0.3]),
    deleteLogLosses: random.pick([0, 0, 0.3]),
    ...(random.chance(0.5) ? { duplicateRules: [] } : {}),
  }
}
