/** Draws a run from its seed. Every seed switches some of the faults off and draws how strong the others are. */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { drawSettings } from '../sim/draw.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import { drawSteps } from './draw-steps.ts'
import { drawFronts } from './draw-weather.ts'
import type { ChaosScenario, Life } from './scenario.ts'

export const VENDORS: readonly VendorName[] = ['attio', 'hubspot']

export function drawChaos(seed: number, stormMs: number): ChaosScenario {
  const of = (purpose: string): Random => seededRandom(seed, `chaos/${purpose}`)
  const shape = of('shape')
  return {
    seed,
    stormMs,
    world: {
      people: shape.integer(20, 60),
      overlap: shape.pick([0.4, 0.6, 0.8]),
      limits: shape.chance(0.5) ? 'vendor' : 'off',
      latency: shape.pick([0, 5, 20]),
    },
    steps: drawSteps(of('steps'), stormMs),
    fronts: VENDORS.flatMap((vendor) => drawFronts(of(`fronts/${vendor}`), vendor, stormMs)),
    climate: drawClimate(of('climate')),
    lives: drawLives(of('lives'), stormMs),
    isInstalled: shape.chance(0.7),
    engine: { batchSize: shape.pick([3, 20, 200]), batchesInFlight: shape.integer(1, 4) },
  }
}

/** What vendors do by themselves. New records of their own are left out, since nobody could tell whose they are. */
function drawClimate(random: Random): ChaosScenario['climate'] {
  const { attio = {}, hubspot = {} } = drawSettings(random)
  return {
    attio: { ...attio, createCompanies: false, duplicateShare: random.pick([0, 0.3]) },
    hubspot: {
      ...hubspot,
      companiesFromEmailDomains: false,
      webhookDuplicates: random.pick([0, 0.3]),
      webhookLosses: random.pick([0, 0.1, 0.5]),
    },
  }
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
