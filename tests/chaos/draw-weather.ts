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

/** Least and most of what a rule hits. Writes carry the danger. */
interface Strength {
  readonly writes: readonly [number, number]
  readonly reads: readonly [number, number]
}

/** A start reads twenty times before it can do anything: seldom hit, it gets there. */
const BY_RECORD: Strength = { writes: [0.03, 0.4], reads: [0.005, 0.05] }
/** Where hundreds of records are one request, there are few of them to hit. */
const BY_COLLECTION: Strength = { writes: [0.2, 0.7], reads: [0.02, 0.1] }

export function drawFronts(random: Random, vendor: VendorName, stormMs: number): readonly Front[] {
  const known = FAULTS.filter(() => random.chance(0.6))
  const fronts: Front[] = []
  for (let fromMs = 0; fromMs < stormMs; fromMs += random.integer(2_000, 7_000)) {
    const isClear = random.chance(0.2)
    const strength = vendor === 'salesforce' ? BY_COLLECTION : BY_RECORD
    const rules = isClear ? [] : drawRules(random, known, strength, `${vendor}-${fronts.length}`)
    fronts.push({ vendor, fromMs, rules, settings: drawLag(random, vendor) })
  }
  return fronts
}

/** A name of its own for every rule: it also seeds the dice. */
function drawRules(
  random: Random,
  known: readonly FaultRule[],
  { writes, reads }: Strength,
  name: string,
): readonly FaultRule[] {
  return known
    .filter(() => random.chance(0.5))
    .map((fault, index) => {
      const mutating = !random.chance(0.25)
      const probability = logUniform(random, ...(mutating ? writes : reads))
      return { ...fault, mutating, id: `${name}-${index}`, probability }
    })
}

function logUniform(random: Random, least: number, most: number): number {
  return least * (most / least) ** random.next()
}

/** How far the search index runs behind; where there is none, how often a row is locked by somebody else. */
function drawLag(random: Random, vendor: VendorName): Settings {
  if (vendor === 'salesforce') return { lockRate: random.pick([0, 0, 0.1, 0.3]) }
  const lagMs = random.pick([0, 500, 2_000, 5_000])
  return { searchLagMs: vendor === 'hubspot' ? [lagMs, lagMs * 2] : lagMs }
}
