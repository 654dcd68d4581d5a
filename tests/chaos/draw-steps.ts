/**
 * Draws what people do. Half of the values that they type are like nobody else's, so that where each of them went can
 * be told; the others are those of the simulator, few enough to collide.
 */
import type { Random } from '../../src/sandbox/random.ts'
import type { Edit } from '../sim/acts.ts'
import { change, DOERS, newcomer } from '../sim/draw-people.ts'
import { PHASES, type Draft, type Kind } from '../sim/hands/hands.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import type { ChaosStep, Meeting } from './scenario.ts'

/** Steps that people make, over all CRMs. */
const STEP_MS = 250

export function drawSteps(
  random: Random,
  stormMs: number,
  crms: readonly VendorName[],
): readonly ChaosStep[] {
  const steps: ChaosStep[] = []
  const count = Math.round(stormMs / STEP_MS)
  for (let number = 1; number <= count; number += 1) {
    steps.push(...drawStep(random, number, { atMs: random.integer(0, stormMs), crms }))
  }
  if (random.chance(0.5)) {
    const action: Edit = { do: 'bulk', kind: 'person', draft: { job: `Wave of ${random.integer(1, 99)}` } }
    steps.push({ atMs: random.integer(0, stormMs), vendor: random.pick(crms), action })
  }
  return steps.toSorted((a, b) => a.atMs - b.atMs)
}

function drawStep(
  random: Random,
  number: number,
  { atMs, crms }: { readonly atMs: number; readonly crms: readonly VendorName[] },
): readonly ChaosStep[] {
  const vendor = random.pick(crms)
  const others = crms.filter((crm) => crm !== vendor)
  const dice = random.next()
  if (dice < 0.4) return [{ atMs, vendor, action: update(random, number) }]
  if (dice < 0.55) return [meeting(random, number, { atMs, vendor, others })]
  if (dice < 0.72) return arrival(random, number, { atMs, vendor, others })
  const doer = random.pick(['relate', 'relate', 'relate', 'delete', 'restore', 'merge', 'create'] as const)
  const draw = DOERS[doer]
  return draw ? [{ atMs, vendor, action: draw(random) }] : []
}

function update(random: Random, number: number): Edit & { readonly do: 'update' } {
  const kind = kindOf(random)
  const draft = random.chance(0.6) ? unlike(random, kind, number) : change(random, kind)
  return { do: 'update', kind, who: somebody(random), draft }
}

interface Occasion extends Pick<ChaosStep, 'atMs' | 'vendor'> {
  readonly others: readonly VendorName[]
}

/** People at one record within a moment, one in each CRM; often at the same field. */
function meeting(random: Random, number: number, { atMs, vendor, others }: Occasion): ChaosStep {
  const action = update(random, number)
  const words = Object.keys(action.draft)
  const meets = others.map((_, i): Meeting => {
    const draft = unlike(random, action.kind, number + (i + 1) * 5_000, random.chance(0.6) ? words : null)
    return { afterMs: random.integer(0, 2_500), draft }
  })
  return { atMs, vendor, action, meets }
}

/** Somebody new, in one CRM or in several; there not quite the same, and not quite at the same time. */
function arrival(random: Random, number: number, { atMs, vendor, others }: Occasion): readonly ChaosStep[] {
  const kind = kindOf(random)
  const draft = random.chance(0.7) ? stranger(kind, number, random) : newcomer(random, kind)
  const first: ChaosStep = { atMs, vendor, action: { do: 'create', kind, draft } }
  const again = others.filter(() => random.chance(0.4))
  return [
    first,
    ...again.map((other, i): ChaosStep => {
      const own = random.chance(0.5) ? draft : { ...draft, ...unlike(random, kind, number + (i + 1) * 5_000) }
      return {
        atMs: atMs + random.integer(0, 3_000),
        vendor: other,
        action: { do: 'create', kind, draft: own },
      }
    }),
  ]
}

/** Somebody whom nobody resembles. */
function stranger(kind: Kind, number: number, random: Random): Draft {
  switch (kind) {
    case 'company':
      return { name: `Works ${number}`, domain: `works-${number}-of-ours.com` }
    case 'person': {
      const email = random.chance(0.8) ? { email: `somebody-${number}@people-of-ours.com` } : {}
      return { first: 'New', last: `Comer ${number}`, job: `Job ${number}`, ...email }
    }
    case 'deal':
      return { name: `Deal ${number}`, stage: random.pick(PHASES), amount: String(number * 10) }
  }
}

/** One field with a value that nobody else types; of the given words, where a kind has one of them. */
function unlike(random: Random, kind: Kind, number: number, words: readonly string[] | null = null): Draft {
  const all = UNLIKE[kind](number)
  const wanted =
    words === null ? [] : all.filter((draft) => Object.keys(draft).some((word) => words.includes(word)))
  return random.pick(wanted.length > 0 ? wanted : all)
}

const UNLIKE: Readonly<Record<Kind, (number: number) => readonly Draft[]>> = {
  company: (number) => [
    { name: `Works ${number}` },
    { linkedin: `https://linkedin.com/company/works-${number}` },
  ],
  person: (number) => [
    { job: `Head of ${number}` },
    { first: `Given ${number}`, last: `Family ${number}` },
    { phone: `+1415555${String(1_000 + (number % 9_000))}` },
    { email: `moved-${number}@people-of-ours.com` },
  ],
  deal: (number) => [{ name: `Deal ${number}` }, { amount: String(number * 10 + 5) }],
}

/** Many hands are on few records, and the others are visited now and then. */
function somebody(random: Random): number {
  return random.chance(0.4) ? random.next() / 10 : random.next()
}

function kindOf(random: Random): Kind {
  return random.pick(['person', 'person', 'person', 'company', 'deal'] as const)
}
