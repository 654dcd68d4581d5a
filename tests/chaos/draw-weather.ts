/** Draws the weather over one vendor: a front every few seconds, with some of the faults that a seed has. */
import type { FaultRule } from '../../src/sandbox/faults.ts'
import type { Random } from '../../src/sandbox/random.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import { LATE_MAX_MS, REQUEST_TIMEOUT_MS } from './engine-settings.ts'
import type { Front, Settings } from './scenario.ts'

const FAULTS: readonly FaultRule[] = [
  { kind: 'refuse', refusal: 'rate-limit' },
  { kind: 'refuse', refusal: 'server-error' },
  { kind: 'refuse', refusal: 'bad-gateway' },
  { kind: 'status', status: 503 },
  { kind: 'status-after', status: 502 },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  // Silence until the client gives up, and silence that somebody on the way ends.
  { kind: 'timeout-before' },
  { kind: 'timeout-after' },
  { kind: 'timeout-before', delayMs: REQUEST_TIMEOUT_MS / 2 },
  { kind: 'timeout-after', delayMs: REQUEST_TIMEOUT_MS / 2 },
  { kind: 'late', delayMs: 400 },
  { kind: 'late', delayMs: LATE_MAX_MS },
  { kind: 'cut-body' },
  { kind: 'delay', delayMs: 1_000 },
  { kind: 'delay', delayMs: LATE_MAX_MS },
]

export function drawFronts(random: Random, vendor: VendorName, stormMs: number): readonly Front[] {
  const known = FAULTS.filter(() => random.chance(0.6))
  const fronts: Front[] = []
  for (let fromMs = 0; fromMs < stormMs; fromMs += random.integer(2_000, 7_000)) {
    const isClear = random.chance(0.2)
    const rules = isClear ? [] : drawRules(random, known, `${vendor}-${fronts.length}`)
    fronts.push({ vendor, fromMs, rules, settings: drawLag(random, vendor) })
  }
  return fronts
}

/** A name of its own for every rule: it also seeds the dice. */
function drawRules(random: Random, known: readonly FaultRule[], name: string): readonly FaultRule[] {
  return known
    .filter(() => random.chance(0.5))
    .map((fault, index) => {
      // Writes carry the danger. A start reads twenty times before it can do anything: seldom hit, it gets there.
      const mutating = !random.chance(0.25)
      const probability = mutating ? logUniform(random, 0.03, 0.4) : logUniform(random, 0.005, 0.05)
      return { ...fault, mutating, id: `${name}-${index}`, probability }
    })
}

function logUniform(random: Random, least: number, most: number): number {
  return least * (most / least) ** random.next()
}

/** How far the search index runs behind. */
function drawLag(random: Random, vendor: VendorName): Settings {
  const lagMs = random.pick([0, 500, 2_000, 5_000])
  return { searchLagMs: vendor === 'hubspot' ? [lagMs, lagMs * 2] : lagMs }
}
