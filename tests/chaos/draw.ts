/** Draws a run from its seed. Every seed switches some of the faults off and draws how strong the others are. */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { isEdit } from '../sim/acts.ts'
import type { CastName } from '../sim/cast.ts'
import { drawSettings } from '../sim/draw.ts'
import { drawLeads } from '../sim/draw-grown.ts'
import { drawSalesforce } from '../sim/recast.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import { drawSteps } from './draw-steps.ts'
import { drawFronts } from './draw-weather.ts'
import { crmsOf, type ChaosScenario, type ChaosStep, type Life, type Settings } from './scenario.ts'

export function drawChaos(seed: number, stormMs: number, cast: CastName = 'hub'): ChaosScenario {
  const crms = crmsOf({ cast })
  const of = (purpose: string): Random => seededRandom(seed, `chaos/${purpose}`)
  const shape = of('shape')
  const hasLeads = crms.includes('salesforce') && of('accounts').chance(0.7)
  return {
    seed,
    cast,
    stormMs,
    hasLeads,
    world: {
      people: shape.integer(20, 60),
      overlap: shape.pick([0.4, 0.6, 0.8]),
      limits: shape.chance(0.5) ? 'vendor' : 'off',
      latency: shape.pick([0, 5, 20]),
    },
    steps: [...drawSteps(of('steps'), stormMs, crms), ...(hasLeads ? withLeads(of, stormMs) : [])].toSorted(
      (a, b) => a.atMs - b.atMs,
    ),
    fronts: crms.flatMap((vendor) => drawFronts(of(`fronts/${vendor}`), vendor, stormMs)),
    climate: drawClimate(of('climate'), crms),
    lives: drawLives(of('lives'), stormMs),
    isInstalled: shape.chance(0.7),
    engine: { batchSize: shape.pick([3, 20, 200]), batchesInFlight: shape.integer(1, 4) },
  }
}

/** So much happens to leads in a world of the simulator; a longer storm is one of them after the other. */
const LEADS_EVERY_MS = 20_000

function withLeads(of: (purpose: string) => Random, stormMs: number): readonly ChaosStep[] {
  const spells = Array.from({ length: Math.ceil(stormMs / LEADS_EVERY_MS) }, (_, i) => i)
  return spells.flatMap((i) =>
    drawLeads(of(`leads/${i}`), 'salesforce', LEADS_EVERY_MS).flatMap(
      ({ vendor, action, atMs }): ChaosStep[] => {
        const own = { atMs: Math.min(stormMs, atMs + i * LEADS_EVERY_MS), vendor: vendor as VendorName }
        return isEdit(action) ? [{ ...own, action }] : []
      },
    ),
  )
}

/** What vendors do by themselves. New records of their own are left out, since nobody could tell whose they are. */
function drawClimate(random: Random, crms: readonly VendorName[]): ChaosScenario['climate'] {
  const { attio = {}, hubspot = {} } = drawSettings(random)
  const all: Readonly<Record<VendorName, Settings>> = {
    attio: { ...attio, createCompanies: false, duplicateShare: random.pick([0, 0.3]) },
    hubspot: {
      ...hubspot,
      companiesFromEmailDomains: false,
      webhookDuplicates: random.pick([0, 0.3]),
      webhookLosses: random.pick([0, 0.1, 0.5]),
    },
    salesforce: {
      ...drawSalesforce(random),
      // Rows that somebody else has locked come with the weather.
      lockRate: 0,
      // A life takes seconds here and every one of them looks at everything: a day's allowance would be gone in minutes.
      dailyApiRequests: 1_000_000,
      dailyEvents: 1_000_000,
    },
  }
  return Object.fromEntries(crms.map((crm) => [crm, all[crm]]))
}

/** A life shorter than this is all starting; more lives than these fit into no storm. */
const LIFE_LEAST_MS = 1_000

function drawLives(random: Random, stormMs: number): readonly Life[] {
  return Array.from({ length: Math.ceil(stormMs / LIFE_LEAST_MS) }, (): Life => {
    const command = random.chance(0.8) ? 'start' : 'sync'
    const end = drawEnd(random, command)
    const moment = random.chance(0.3)
      ? { afterMs: random.integer(100, 6_000) }
      : { writes: random.integer(1, 20) }
    return {
      command,
      end,
      moment,
      downMs: random.chance(0.6) ? 0 : random.integer(0, 1_500),
      intruder: command === 'start' && random.chance(0.25),
    }
  })
}

function drawEnd(random: Random, command: Life['command']): Life['end'] {
  if (command === 'sync' && random.chance(0.4)) return 'live'
  return random.chance(0.75) ? 'kill' : 'drain'
}
