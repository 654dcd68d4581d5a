/** Themes about the values of linked pairs. */
import type { Random } from '../../../src/sandbox/random.ts'
import { PHASES, type Draft, type Kind } from '../hands/hands.ts'
import type { Reflexes, Scenario, Step } from '../scenario.ts'
import { couples, lostAnswers, moment, names, other, times, updated, VENDORS } from './cast.ts'

const PEOPLE = names('person', 3)
const COMPANIES = names('company', 2)
const DEALS = names('deal', 2)

function cast(): readonly Step[] {
  return [...couples('company', COMPANIES), ...couples('person', PEOPLE), ...couples('deal', DEALS)]
}

function someone(random: Random): readonly [Kind, string] {
  const kind = random.pick(['person', 'person', 'company', 'deal'] as const)
  return [kind, random.pick({ person: PEOPLE, company: COMPANIES, deal: DEALS }[kind])]
}

function edit(random: Random, kind: Kind): Draft {
  const n = random.integer(1, 99)
  switch (kind) {
    case 'company':
      return random.pick<Draft>([{ name: `Company ${n}` }, { domain: `new-domain-${n}.com` }])
    case 'person':
      return random.pick<Draft>([
        { job: `Job ${n}` },
        { job: '' },
        { phone: `+1415555${1_000 + n}` },
        { first: `First${n}`, last: 'Changed' },
        { email: `changed-${n}@alone-there.com` },
      ])
    case 'deal':
      return random.pick<Draft>([
        { amount: String(n) },
        { stage: random.pick(PHASES) },
        { name: `Deal ${n}` },
      ])
  }
}

/** Single edits, and at times the same field on the other side a moment later. */
function editing(random: Random, plain: Scenario, count: number): readonly Step[] {
  return times(count, () => {
    const [kind, name] = someone(random)
    const vendor = random.pick(VENDORS)
    const atMs = moment(random, plain)
    const draft = edit(random, kind)
    const first = updated(vendor, kind, name, draft, atMs)
    if (!random.chance(0.4)) return [first]
    const [word] = Object.keys(draft) as (keyof Draft)[]
    const rival = times(20, () => edit(random, kind)).find((each) => Object.keys(each)[0] === word) ?? draft
    const laterMs = Math.min(plain.stormMs, atMs + Math.round(random.next() ** 3 * 30_000))
    return [first, updated(other(vendor), kind, name, rival, laterMs)]
  }).flat()
}

function haste(random: Random, does: Reflexes['does']): Reflexes {
  return {
    share: random.pick([0.3, 0.7]),
    withinMs: random.pick([100, 600, 3_000, 20_000]),
    does,
    most: random.integer(3, 10),
  }
}

/** People answer what the engine writes, at once. */
export function reflexes(random: Random, plain: Scenario): Partial<Scenario> {
  return {
    steps: [...cast(), ...editing(random, plain, random.integer(6, 14))],
    reflexes: haste(random, ['retype', 'put-back']),
    // A window to hit.
    latencyMs: random.pick([
      [50, 400],
      [200, 1_000],
    ] as const),
  }
}

/** Answers get lost while people go on editing. */
export function losses(random: Random, plain: Scenario): Partial<Scenario> {
  return {
    steps: [...cast(), ...editing(random, plain, random.integer(6, 14))],
    weather: lostAnswers(random, plain.stormMs, VENDORS),
    ...(random.chance(0.5) ? { reflexes: haste(random, ['put-back', 'retype']) } : {}),
  }
}

/** Values are cleared, and filled in where there were none. */
export function gains(random: Random, plain: Scenario): Partial<Scenario> {
  const words: readonly (keyof Draft)[] = ['job', 'phone', 'linkedin', 'email']
  const filled: Draft = {
    job: 'Filled in',
    phone: '+14155550199',
    linkedin: 'https://linkedin.com/in/ada',
    email: 'filled@alone-there.com',
  }
  return {
    steps: [
      ...couples('person', PEOPLE),
      ...times(random.integer(5, 10), () => {
        const word = random.pick(words)
        const draft = { [word]: random.chance(0.6) ? '' : filled[word] }
        return updated(random.pick(VENDORS), 'person', random.pick(PEOPLE), draft, moment(random, plain))
      }),
    ],
  }
}

/** Fields that are carried one way only are edited on both sides. */
export function oneWay(random: Random, plain: Scenario): Partial<Scenario> {
  return { steps: [...cast(), ...editing(random, plain, random.integer(6, 12))], mappings: 'one-way' }
}

/** Records leave the scope and come back, and are edited meanwhile. */
export function scoped(random: Random, plain: Scenario): Partial<Scenario> {
  const jobs = ['Outsider', 'Insider', 'Clerk']
  return {
    steps: [
      ...couples('person', PEOPLE),
      ...times(random.integer(4, 8), () => {
        const draft = { job: random.pick(jobs) }
        return updated(random.pick(VENDORS), 'person', random.pick(PEOPLE), draft, moment(random, plain))
      }),
      ...times(random.integer(4, 8), () => {
        const draft = edit(random, 'person')
        return updated(random.pick(VENDORS), 'person', random.pick(PEOPLE), draft, moment(random, plain))
      }),
    ],
    mappings: 'scoped',
  }
}

/** Two accounts want job titles written in different ways. */
export function fights(random: Random, plain: Scenario): Partial<Scenario> {
  return {
    steps: [...couples('person', PEOPLE), ...editing(random, plain, random.integer(2, 5))],
    workflows: { attio: 'upper-case', hubspot: 'lower-case' },
    pollMs: 5_000,
    stormMs: 360_000,
  }
}
