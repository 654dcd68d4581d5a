/**
 * Draws months of an office: people edit in both CRMs during the day, sometimes the same field of the same record, and
 * now and then create, delete, merge and relate. Each vendor is away for hours every few days, requests get lost or
 * arrive late, tokens are revoked, choices renamed, webhooks lost, and the process dies several times a day.
 */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { PHASES, type Draft, type Kind } from '../sim/hands/hands.ts'
import type { Action, Death, Scenario, Step, Weather } from '../sim/scenario.ts'

export const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const VENDORS = ['attio', 'hubspot'] as const

const EDITS_A_DAY = 80
const DEATHS = 500

export interface SoakOptions {
  readonly seed: number
  readonly days: number
}

export function drawSoak({ seed, days }: SoakOptions): Scenario {
  const of = (purpose: string): Random => seededRandom(seed, `soak/${purpose}`)
  const people = newcomers()
  const steps = [
    ...founders(of('founders'), people),
    ...Array.from({ length: days }, (_, day) => workday(of(`day/${day}`), day, people)).flat(),
    ...administrators(of('administrators'), days),
  ]
  return {
    seed,
    stormMs: days * DAY_MS,
    steps: steps.toSorted((a, b) => a.atMs - b.atMs),
    weather: weather(of('weather'), days),
    deaths: deaths(of('deaths')),
    bells: { on: true, lost: 0.1, doubled: 0.05, lateMs: 5_000 },
    workflows: {},
    haste: 0.02,
    clockMs: { attio: 400, hubspot: -700 },
    settings: {
      attio: { enrichment: true, createCompanies: true, rewriteUnchanged: true, replicaLagMs: 500 },
      hubspot: { searchLagMs: [2_000, 5_000], searchShortPages: 0.1 },
    },
    mappings: 'shipped',
    limits: 'vendor',
    workers: 1,
    batchSize: 50,
    pollMs: 15 * MINUTE_MS,
    sweepMs: 6 * HOUR_MS,
    latencyMs: [20, 80],
  }
}

type Newcomer = (random: Random, kind: Kind) => Draft

/** No two of them share an address or a domain: who belongs to whom is not what months are about. */
function newcomers(): Newcomer {
  let count = 0
  return (random, kind) => {
    count += 1
    switch (kind) {
      case 'company':
        return { name: `Company ${count}`, domain: `company-${count}-of-ours.com` }
      case 'person':
        return {
          first: random.pick(['Ada', 'Bob', 'Cleo', 'Dan', 'Eve']),
          last: `King ${count}`,
          email: `person-${count}@king-family.com`,
          job: random.pick(['Engineer', 'Countess', 'Poet', 'Clerk']),
          remark: `note ${count}`,
        }
      case 'deal':
        return {
          name: `Deal ${count}`,
          stage: random.pick(PHASES),
          amount: String(random.integer(1, 50) * 100),
        }
    }
  }
}

function founders(random: Random, newcomer: Newcomer): readonly Step[] {
  const counts: readonly (readonly [Kind, number])[] = [
    ['company', 12],
    ['person', 40],
    ['deal', 10],
  ]
  return counts.flatMap(([kind, count]) =>
    Array.from({ length: count }, (): readonly Step[] => {
      const action: Action = { do: 'create', kind, draft: newcomer(random, kind) }
      const [first, second] = random.chance(0.5) ? VENDORS : VENDORS.toReversed()
      const one: Step = { atMs: 0, vendor: first ?? 'attio', action }
      // Deals have no key by which two of them are known to be one.
      const both = kind !== 'deal' && random.chance(0.6)
      return both ? [one, { atMs: 0, vendor: second ?? 'hubspot', action }] : [one]
    }).flat(),
  )
}

function workday(random: Random, day: number, newcomer: Newcomer): readonly Step[] {
  const count = Math.round(EDITS_A_DAY * (0.6 + 0.8 * random.next()))
  return Array.from({ length: count }, (): readonly Step[] => {
    // Most of it while the office is open.
    const hour = random.chance(0.85) ? 8 + 10 * random.next() : 24 * random.next()
    const atMs = day * DAY_MS + Math.round(hour * HOUR_MS) + 1
    const vendor = random.pick(VENDORS)
    const action = drawAction(random, newcomer)
    const step: Step = { atMs, vendor, action }
    if (action.do !== 'update' || !random.chance(0.08)) return [step]
    // Somebody else at the same record, in the other CRM, before the first edit has come across; or after.
    const other = vendor === 'attio' ? 'hubspot' : 'attio'
    const draft = change(random, action.kind)
    const laterMs = random.pick([200, 2_000, 90_000])
    return [step, { atMs: atMs + laterMs, vendor: other, action: { ...action, draft } }]
  }).flat()
}

function drawAction(random: Random, newcomer: Newcomer): Action {
  const dice = random.next()
  if (dice < 0.8) {
    const kind = random.pick(['person', 'person', 'person', 'company', 'deal'] as const)
    return { do: 'update', kind, who: random.next(), draft: change(random, kind) }
  }
  if (dice < 0.86) {
    const kind = random.pick(['person', 'person', 'company', 'deal'] as const)
    return { do: 'create', kind, draft: newcomer(random, kind) }
  }
  if (dice < 0.9)
    return {
      do: 'delete',
      kind: random.pick(['person', 'person', 'company', 'deal'] as const),
      who: random.next(),
    }
  if (dice < 0.905) return { do: 'merge', kind: 'person', who: random.next(), whom: random.next() }
  const kind = random.pick(['person', 'deal'] as const)
  const relation = kind === 'deal' && random.chance(0.6) ? 'people' : 'company'
  return {
    do: 'relate',
    kind,
    who: random.next(),
    relation,
    whom: random.next(),
    remove: random.chance(0.25),
  }
}

function change(random: Random, kind: Kind): Draft {
  const number = random.integer(1, 999)
  switch (kind) {
    case 'company':
      return random.pick<Draft>([
        { name: `Company ${number}` },
        { linkedin: `https://linkedin.com/company/c${number}` },
        { remark: `remark ${number}` },
      ])
    case 'person':
      return random.pick<Draft>([
        { job: `Head of ${number}` },
        { job: '' },
        { first: random.pick(['Ada', 'Bob', 'Cleo']), last: `Moor ${number}` },
        { phone: `+1415555${String(100 + (number % 100)).padStart(4, '0')}` },
        { linkedin: `https://linkedin.com/in/p${number}` },
        { remark: `remark ${number}` },
      ])
    case 'deal':
      return random.pick<Draft>([
        { amount: String(number * 50) },
        { stage: random.pick(PHASES) },
        { name: `Deal ${number}` },
      ])
  }
}

/** A token is revoked for hours, a choice is renamed for a while. */
function administrators(random: Random, days: number): readonly Step[] {
  const spell = (
    vendor: string,
    day: number,
    begin: Action['do'],
    end: Action['do'],
    hours: number,
  ): Step[] => {
    const fromMs = day * DAY_MS + random.integer(8 * HOUR_MS, 14 * HOUR_MS)
    return [
      { atMs: fromMs, vendor, action: { do: begin } as Action },
      { atMs: fromMs + hours * HOUR_MS, vendor, action: { do: end } as Action },
    ]
  }
  return VENDORS.flatMap((vendor, index) =>
    Array.from({ length: days }, (_, day) => [
      ...(day % 10 === 1 + 4 * index ? spell(vendor, day, 'revoke-token', 'renew-token', 2) : []),
      ...(day % 15 === 2 + 7 * index ? spell(vendor, day, 'break-schema', 'mend-schema', 3) : []),
    ]).flat(),
  )
}

function weather(random: Random, days: number): readonly Weather[] {
  const always = { fromMs: 0, toMs: days * DAY_MS }
  const usual: readonly Weather['rule'][] = [
    { kind: 'reset-after', mutating: true, probability: 0.01 },
    { kind: 'timeout-after', delayMs: 30_000, mutating: true, probability: 0.005 },
    { kind: 'late', delayMs: 15_000, mutating: true, probability: 0.005 },
    { kind: 'reset-before', probability: 0.003 },
    { kind: 'refuse', refusal: 'rate-limit', probability: 0.002 },
  ]
  return VENDORS.flatMap((vendor, index): readonly Weather[] => [
    // First: while a vendor is away nothing else can happen there.
    ...Array.from({ length: days }, (_, day) => day)
      .filter((day) => day % 4 === 2 * index)
      .map((day): Weather => {
        const fromMs = day * DAY_MS + random.integer(7 * HOUR_MS, 16 * HOUR_MS)
        const toMs = fromMs + random.integer(20 * MINUTE_MS, 4 * HOUR_MS)
        const rule: Weather['rule'] = random.chance(0.5)
          ? { kind: 'status', status: 503 }
          : { kind: 'reset-before' }
        return { vendor, fromMs, toMs, rule: { ...rule, id: `away/${day}` } }
      }),
    ...usual.map((rule, i): Weather => ({ vendor, ...always, rule: { ...rule, id: String(i) } })),
  ])
}

/** By doors that a life passes: a busy day has tens of thousands. */
function deaths(random: Random): readonly Death[] {
  return Array.from({ length: DEATHS }, () => ({
    door: Math.round(500 * 100 ** random.next()),
    downMs: random.pick([5_000, 60_000, 30 * MINUTE_MS]),
  }))
}

/** How long each vendor was away, in hours. */
export function hoursAway({ weather: all }: Scenario): Readonly<Record<string, number>> {
  const away = all.filter(({ rule }) => rule.id?.startsWith('away/'))
  return Object.fromEntries(
    VENDORS.map((vendor) => {
      const ms = away
        .filter((each) => each.vendor === vendor)
        .reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
      return [vendor, Math.round((10 * ms) / HOUR_MS) / 10]
    }),
  )
}
