/** Themes about who is whose counterpart. */
import type { Random } from '../../../src/sandbox/random.ts'
import type { Kind } from '../hands/hands.ts'
import type { Scenario, Step } from '../scenario.ts'
import {
  couples,
  draftOf,
  entered,
  lostAnswers,
  moment,
  names,
  other,
  step,
  times,
  updated,
  VENDORS,
} from './cast.ts'

const PEOPLE = names('person', 4)
const COMPANIES = names('company', 3)

function someone(random: Random): readonly ['person' | 'company', string] {
  return random.chance(0.6) ? ['person', random.pick(PEOPLE)] : ['company', random.pick(COMPANIES)]
}

/** Pairs that nobody ever wrote to lose a record; some are edited at that moment, some come back, some are replaced. */
export function deletions(random: Random, plain: Scenario): Partial<Scenario> {
  const steps: Step[] = [...couples('person', PEOPLE), ...couples('company', COMPANIES)]
  for (let i = random.integer(2, 5); i > 0; i -= 1) {
    const [kind, name] = someone(random)
    const vendor = random.pick(VENDORS)
    const atMs = moment(random, plain)
    const aroundMs = () => Math.min(plain.stormMs, Math.max(1, atMs + random.integer(-8_000, 20_000)))
    const change = kind === 'person' ? { job: `Kept ${i}` } : { name: `Kept ${i}` }
    if (random.chance(0.5)) steps.push(updated(other(vendor), kind, name, change, aroundMs()))
    steps.push(step(vendor, atMs, { do: 'delete', kind, who: 0, named: name }))
    if (random.chance(0.3)) {
      steps.push(step(vendor, aroundMs() + 10_000, { do: 'restore', kind, who: 0, named: name }))
    }
    if (random.chance(0.3)) {
      // Somebody enters it again.
      const number = 1 + (kind === 'person' ? PEOPLE : COMPANIES).indexOf(name)
      steps.push(entered(vendor, kind, `${name} again`, draftOf(kind, number), aroundMs() + 15_000))
    }
  }
  return { steps, mappings: random.pick(['shipped', 'delete-both', 'delete-both']) }
}

/** Pairs become one on one side, often while something else happens to them. */
export function merges(random: Random, plain: Scenario): Partial<Scenario> {
  const steps: Step[] = [...couples('person', PEOPLE), ...couples('company', COMPANIES)]
  // Some without a key, so that only links and stamps tell who they are.
  for (const name of names('nobody', 2)) {
    steps.push(
      entered(random.pick(VENDORS), 'person', name, { first: name.replace(' ', ''), last: 'Keyless' }),
    )
  }
  const everybody = [...PEOPLE, ...names('nobody', 2)]
  for (let i = random.integer(1, 4); i > 0; i -= 1) {
    const kind: Kind = random.chance(0.7) ? 'person' : 'company'
    const cast = kind === 'person' ? everybody : COMPANIES
    const vendor = random.pick(VENDORS)
    const atMs = moment(random, plain)
    const [named, whomNamed] = [random.pick(cast), random.pick(cast)]
    steps.push(step(vendor, atMs, { do: 'merge', kind, who: 0, named, whom: 0, whomNamed }))
    if (random.chance(0.5)) {
      const change = kind === 'person' ? { job: `Merged ${i}` } : { name: `Merged ${i}` }
      const laterMs = Math.min(plain.stormMs, atMs + random.integer(0, 20_000))
      steps.push(updated(other(vendor), kind, whomNamed, change, laterMs))
    }
  }
  return { steps }
}

/** Records without a key are created while answers get lost: only the stamp can tell whether they were. */
export function keyless(random: Random, plain: Scenario): Partial<Scenario> {
  const steps = times(random.integer(4, 9), (i): Step => {
    const kind = random.pick(['person', 'company', 'person', 'deal'] as const)
    const draft = draftOf(kind, i + 1)
    const { email: _email, domain: _domain, ...rest } = draft
    return entered(random.pick(VENDORS), kind, `nobody ${i}`, rest, random.integer(0, plain.stormMs))
  })
  return {
    steps,
    weather: lostAnswers(random, plain.stormMs, VENDORS),
    reflexes: { share: 0.4, withinMs: 8_000, does: ['delete', 'retype'], most: random.integer(1, 4) },
  }
}

/** One thing is entered on both sides, or twice on one, within moments. */
export function duplicates(random: Random, plain: Scenario): Partial<Scenario> {
  const steps = times(random.integer(3, 6), (i): readonly Step[] => {
    const kind = random.pick(['company', 'company', 'person'] as const)
    const atMs = random.integer(1, plain.stormMs)
    const entries = random.integer(2, 3)
    return times(entries, (n) => {
      const laterMs = Math.min(plain.stormMs, atMs + n * Math.round(random.next() ** 2 * 40_000))
      // Not quite the same, so that whoever is paired is written to.
      const own = kind === 'company' ? { name: `Company ${i} as of ${n}` } : { job: `Job as of ${n}` }
      const draft = { ...draftOf(kind, i + 1), ...own }
      return entered(random.pick(VENDORS), kind, `${kind} ${i} ${n}`, draft, laterMs)
    })
  })
  return { steps: steps.flat() }
}

/** Somebody takes over another one's key. */
export function strangers(random: Random, plain: Scenario): Partial<Scenario> {
  const steps: Step[] = [...couples('person', PEOPLE), ...couples('company', COMPANIES)]
  for (let i = random.integer(3, 6); i > 0; i -= 1) {
    const [kind, name] = someone(random)
    const vendor = random.pick(VENDORS)
    const atMs = moment(random, plain)
    const cast = kind === 'person' ? PEOPLE : COMPANIES
    const { email = '', domain = '' } = draftOf(kind, 1 + cast.indexOf(name))
    const moved = kind === 'person' ? { email: `moved-${i}@alone-there.com` } : { domain: `moved-${i}.com` }
    steps.push(updated(vendor, kind, name, moved, atMs))
    const laterMs = Math.min(plain.stormMs, atMs + Math.round(random.next() ** 2 * 30_000))
    const draft = { ...draftOf(kind, 50 + i), ...(kind === 'person' ? { email } : { domain }) }
    steps.push(entered(random.pick(VENDORS), kind, `stranger ${i}`, draft, laterMs))
  }
  return { steps }
}
