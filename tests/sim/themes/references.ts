/** A theme about records that point at records. */
import type { Random } from '../../../src/sandbox/random.ts'
import type { Kind, Relation } from '../hands/hands.ts'
import type { Scenario, Step } from '../scenario.ts'
import {
  couple,
  couples,
  draftOf,
  entered,
  moment,
  names,
  other,
  step,
  times,
  VENDORS,
  type VendorName,
} from './cast.ts'

const PEOPLE = names('person', 3)
const COMPANIES = names('company', 2)
const DEALS = names('deal', 2)

/**
 * Relations come and go on both sides; some lead to records that are new, some to records that no pair is made for,
 * because nobody can say which of two they are.
 */
export function references(random: Random, plain: Scenario): Partial<Scenario> {
  const steps: Step[] = [
    ...couples('company', COMPANIES),
    ...couples('person', PEOPLE),
    ...couples('deal', DEALS),
    ...ambiguous(),
  ]
  const relate = (
    vendor: VendorName,
    atMs: number,
    kind: Kind,
    named: string,
    relation: Relation,
    to: string,
  ) =>
    step(vendor, atMs, {
      do: 'relate',
      kind,
      who: 0,
      named,
      relation,
      whom: 0,
      whomNamed: to,
      remove: random.chance(0.25),
    })
  for (let i = random.integer(5, 10); i > 0; i -= 1) {
    const vendor = random.pick(VENDORS)
    const atMs = random.chance(0.3) ? random.integer(1, 10_000) : moment(random, plain)
    const kind = random.pick(['person', 'deal', 'deal'] as const)
    const relation: Relation = kind === 'deal' && random.chance(0.6) ? 'people' : 'company'
    const cast = relation === 'company' ? COMPANIES : PEOPLE
    const named = random.pick(kind === 'person' ? PEOPLE : DEALS)
    const how = random.next()
    if (how < 0.3) {
      // Both sides add somebody to one deal before either hears of the other.
      const deal = random.pick(DEALS)
      const [one, another] = random.pick([
        ['person 1', 'person 2'],
        ['person 2', 'person 3'],
        ['person 3', 'person 1'],
      ] as const)
      const add = (at: VendorName, when: number, to: string) =>
        step(at, when, {
          do: 'relate',
          kind: 'deal',
          who: 0,
          named: deal,
          relation: 'people',
          whom: 0,
          whomNamed: to,
          remove: false,
        })
      steps.push(add(vendor, atMs, one), add(other(vendor), atMs + random.integer(0, 4_000), another))
    } else if (how < 0.5) {
      // Made for the purpose, and pointed at before it can have a pair.
      const target = relation === 'company' ? 'company' : 'person'
      const name = `new ${target} ${i}`
      steps.push(entered(vendor, target, name, draftOf(target, 20 + i), atMs))
      steps.push(relate(vendor, atMs + random.integer(0, 500), kind, named, relation, name))
    } else if (how < 0.65) {
      steps.push(relate(vendor, atMs, kind, named, relation, relation === 'company' ? 'twin 1' : 'namesake'))
    } else {
      steps.push(relate(vendor, atMs, kind, named, relation, random.pick(cast)))
      if (random.chance(0.4)) {
        const laterMs = atMs + random.integer(0, 5_000)
        steps.push(relate(other(vendor), laterMs, kind, named, relation, random.pick(cast)))
      }
    }
  }
  if (random.chance(0.6)) {
    // Somebody goes on one side; on the other, where the record may stay, people go on pointing at it.
    const vendor = random.pick(VENDORS)
    const [target, relation, cast] = random.pick([
      ['person', 'people', PEOPLE],
      ['company', 'company', COMPANIES],
    ] as const)
    const gone = random.pick(cast)
    const atMs = moment(random, plain)
    steps.push(step(vendor, atMs, { do: 'delete', kind: target, who: 0, named: gone }))
    for (const deal of DEALS) {
      const laterMs = atMs + random.integer(1_000, 60_000)
      steps.push(relate(other(vendor), laterMs, 'deal', deal, relation, gone))
    }
  }
  return { steps: steps.map((each) => ({ ...each, atMs: Math.min(each.atMs, plain.stormMs) })) }
}

/** Two of one domain, which HubSpot allows, and one where it does not: a person has to say which. */
function ambiguous(): readonly Step[] {
  const draft = draftOf('company', 90)
  return [
    ...times(2, (i) => entered('hubspot', 'company', `twin ${i + 1}`, { ...draft, name: `Twin ${i + 1}` })),
    entered('attio', 'company', 'twin 1', { ...draft, name: 'Which' }),
    // Two of one name that know no address of each other: only a proposal.
    ...couple('person', 'namesake', { first: 'Same', last: 'Name' }),
  ]
}
