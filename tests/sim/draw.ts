/**
 * Draws a scenario from its seed. Swarm testing: every seed switches a random part of what can happen off and draws
 * how strong the rest is on a logarithmic scale, since rare faults in long quiet runs find other errors than storms do.
 * The two sides start correlated: the same people, perturbed, because worlds that were drawn apart never meet.
 */
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { change, DOERS, newcomer, type Doer } from './draw-people.ts'
import type { Kind } from './hands/hands.ts'
import { MAPPING_SETS } from './mappings.ts'
import type { Action, Bells, Death, Scenario, Step, Weather, Workflow } from './scenario.ts'
import { drawTheme, withTheme } from './themes.ts'

const VENDORS = ['attio', 'hubspot'] as const

/**
 * Most storms are short: what happens close together goes wrong together, and a process with nothing to do costs as
 * much as one with a lot. Some last longer than what is slow here: a late webhook, a time limit, a restart.
 */
const STORM_MIN_MS = 15_000
const STORM_MAX_MS = 120_000
/**
 * Two accounts that want different things go on for ever. No world comes to rest before the engine has found that out,
 * and for that it has to meet their answers often enough.
 */
const FIGHT = { stormMinMs: 120_000, pollMs: 5_000 }

export function drawScenario(seed: number): Scenario {
  const theme = drawTheme(seed)
  return theme === null ? drawPlain(seed) : withTheme(drawPlain(seed), theme)
}

/** Without a theme. */
export function drawPlain(seed: number): Scenario {
  const of = (purpose: string): Random => seededRandom(seed, `sim/${purpose}`)
  const shape = of('shape')
  const workflows = drawWorkflows(of('workflows'))
  const isFight = Object.keys(workflows).length > 1
  const drawnMs = Math.round(logUniform(shape, STORM_MIN_MS, STORM_MAX_MS))
  const stormMs = isFight ? Math.max(drawnMs, FIGHT.stormMinMs) : drawnMs
  const isHarsh = shape.chance(0.2)
  const steps = [
    ...founders(of('founders')),
    ...edits(of('edits'), stormMs),
    ...troubles(of('troubles'), stormMs),
  ]
  return {
    seed,
    stormMs,
    steps: steps.toSorted((a, b) => a.atMs - b.atMs),
    weather: drawWeather(of('weather'), stormMs, isHarsh),
    deaths: drawDeaths(of('deaths'), isHarsh),
    bells: drawBells(of('bells')),
    workflows,
    haste: drawHaste(of('haste')),
    clockMs: drawClocks(of('clocks')),
    settings: drawSettings(of('settings')),
    mappings: of('mappings').pick(MAPPING_SETS),
    limits: shape.chance(0.3) ? 'vendor' : 'off',
    workers: shape.integer(2, 3),
    batchSize: shape.pick([1, 2, 3, 5, 50]),
    pollMs: Math.min(shape.pick([5_000, 15_000, 30_000]), isFight ? FIGHT.pollMs : Infinity),
    sweepMs: shape.pick([20_000, 45_000, 90_000]),
    latencyMs: shape.pick([
      [1, 5],
      [20, 80],
      [50, 400],
    ] as const),
  }
}

function drawHaste(random: Random): number {
  return random.chance(0.3) ? random.pick([0.1, 0.3, 0.8]) : 0
}

// -- people ---------------------------------------------------------------------------------------------

/** Who is there before anything happens: some on one side, some on both, not quite the same. */
function founders(random: Random): readonly Step[] {
  const steps: Step[] = []
  const counts: readonly (readonly [Kind, number])[] = [
    ['company', random.integer(0, 3)],
    ['person', random.integer(1, 5)],
    ['deal', random.integer(0, 2)],
  ]
  for (const [kind, count] of counts) {
    for (let i = 0; i < count; i += 1) {
      const draft = newcomer(random, kind)
      const first = random.pick(VENDORS)
      steps.push({ atMs: 0, vendor: first, action: { do: 'create', kind, draft } })
      if (!random.chance(0.5)) continue
      const vendor = first === 'attio' ? 'hubspot' : 'attio'
      const perturbed = random.chance(0.5) ? { ...draft, ...change(random, kind) } : draft
      steps.push({ atMs: 0, vendor, action: { do: 'create', kind, draft: perturbed } })
    }
  }
  return steps
}

function edits(random: Random, stormMs: number): readonly Step[] {
  const doers = Object.keys(DOERS).filter((name) => name === 'update' || random.chance(0.7))
  // Every fourth seed is one record that many hands are on.
  const isCrowd = random.chance(0.25)
  const count = isCrowd ? random.integer(4, 12) : random.integer(3, 18)
  return Array.from({ length: count }, (): Step => {
    const weighted = random.chance(0.5) ? 'update' : random.pick(doers)
    const action = (DOERS[weighted] ?? (DOERS['update'] as Doer))(random)
    const atMs = random.integer(0, isCrowd ? stormMs / 4 : stormMs)
    return { atMs, vendor: random.pick(VENDORS), action: isCrowd ? onOne(action) : action }
  })
}

function onOne(action: Action): Action {
  return 'who' in action ? { ...action, who: 0 } : action
}

/** What administrators do: they take a choice away that the mapping needs, or revoke the token, and take it back. */
function troubles(random: Random, stormMs: number): readonly Step[] {
  const steps: Step[] = []
  const both = (vendor: string, begin: Action['do'], end: Action['do']) => {
    const fromMs = random.integer(0, stormMs / 2)
    const toMs = random.integer(fromMs + 5_000, stormMs)
    steps.push({ atMs: fromMs, vendor, action: { do: begin } as Action })
    steps.push({ atMs: toMs, vendor, action: { do: end } as Action })
  }
  if (random.chance(0.1)) both(random.pick(VENDORS), 'revoke-token', 'renew-token')
  if (random.chance(0.15)) both(random.pick(VENDORS), 'break-schema', 'mend-schema')
  return steps
}

// -- weather --------------------------------------------------------------------------------------------

/** `late` stays below the zombie horizon: what arrives later still is the stated residual (algorithms 5.6). */
const FAULTS: readonly FaultRule[] = [
  { kind: 'refuse', refusal: 'rate-limit' },
  { kind: 'refuse', refusal: 'server-error' },
  { kind: 'status', status: 503 },
  { kind: 'status-after', status: 502 },
  { kind: 'reset-before' },
  { kind: 'reset-after' },
  { kind: 'timeout-before', delayMs: 30_000 },
  { kind: 'timeout-after', delayMs: 30_000 },
  { kind: 'late', delayMs: 2_000 },
  { kind: 'late', delayMs: 15_000 },
  { kind: 'cut-body' },
  { kind: 'delay', delayMs: 5_000 },
]

function drawWeather(random: Random, stormMs: number, isHarsh: boolean): readonly Weather[] {
  if (random.chance(0.2)) return []
  const kinds = FAULTS.filter(() => random.chance(0.4))
  return kinds.flatMap((fault, index): Weather[] => {
    const probability = logUniform(random, 0.005, isHarsh ? 0.4 : 0.1)
    const fromMs = random.chance(0.5) ? 0 : random.integer(0, stormMs)
    const toMs = random.chance(0.5) ? stormMs : random.integer(fromMs, stormMs)
    const mutating = random.pick([true, true, null])
    const rule = { ...fault, id: String(index), probability, ...(mutating === null ? {} : { mutating }) }
    const vendors = random.pick([['attio'], ['hubspot'], VENDORS] as const)
    return vendors.map((vendor) => ({ vendor, fromMs, toMs, rule }))
  })
}

function logUniform(random: Random, least: number, most: number): number {
  return least * (most / least) ** random.next()
}

function drawDeaths(random: Random, isHarsh: boolean): readonly Death[] {
  if (random.chance(0.3)) return []
  const count = isHarsh ? random.integer(2, 6) : random.integer(1, 3)
  return Array.from({ length: count }, () => ({
    door: Math.round(logUniform(random, 3, 400)),
    downMs: random.pick([100, 3_000, 12_000, 45_000]),
  }))
}

function drawBells(random: Random): Bells {
  return {
    on: random.chance(0.7),
    lost: random.pick([0, 0, 0.1, 0.5]),
    doubled: random.pick([0, 0.1, 0.5]),
    lateMs: random.pick([0, 2_000, 60_000]),
  }
}

function drawWorkflows(random: Random): Readonly<Record<string, Workflow>> {
  if (!random.chance(0.15)) return {}
  const one = random.pick(['upper-case', 'trailing-blank'] as const)
  if (random.chance(0.6)) return { [random.pick(VENDORS)]: one }
  return { attio: 'upper-case', hubspot: 'lower-case' }
}

function drawClocks(random: Random): Readonly<Record<string, number>> {
  if (random.chance(0.5)) return {}
  return { attio: random.integer(-1_500, 1_500), hubspot: random.integer(-1_500, 1_500) }
}

export function drawSettings(random: Random): Scenario['settings'] {
  const isCalm = random.chance(0.5)
  return {
    attio: {
      enrichment: !isCalm,
      createCompanies: !isCalm,
      replicaLagMs: random.pick([0, 0, 0, 500, 3_000]),
      writeConflictWindowMs: random.pick([0, 0, 100]),
      mergeSettleMs: random.pick([0, 0, 4_000]),
      mergeMultiselect: random.pick(['union', 'primary']),
      stripWww: random.chance(0.5),
      rewriteUnchanged: random.chance(0.5),
    },
    hubspot: {
      searchShortPages: random.pick([0, 0.3]),
      searchLagMs: random.pick([
        [0, 0],
        [2_000, 5_000],
        [10_000, 30_000],
      ]),
      primaryIdPreservation: random.chance(0.5),
      mergedLosersInArchive: random.chance(0.5),
      additionalEmails: random.pick(['ignored', 'accepted']),
      companiesFromEmailDomains: random.chance(0.1),
    },
  }
}
