/** Themes about what administrators and refusing vendors do. */
import { GUARD_LIMITS } from '../../../src/core/guard.ts'
import type { Random } from '../../../src/sandbox/random.ts'
import type { Scenario, Step } from '../scenario.ts'
import { couples, draftOf, entered, moment, names, step, times, updated, VENDORS } from './cast.ts'

const PEOPLE = names('person', 4)

/** HubSpot takes these, Attio does not (two dots in a row), so that records are refused for ever. */
const REFUSED = (n: number) => `some..body-${n}@alone-there.com`

export function refusals(random: Random, plain: Scenario): Partial<Scenario> {
  const steps: Step[] = [...couples('person', PEOPLE)]
  for (let i = random.integer(1, 3); i > 0; i -= 1) {
    const atMs = moment(random, plain)
    if (random.chance(0.5)) {
      steps.push(updated('hubspot', 'person', random.pick(PEOPLE), { email: REFUSED(i) }, atMs))
    } else {
      steps.push(
        entered(
          'hubspot',
          'person',
          `refused ${i}`,
          { ...draftOf('person', 60 + i), email: REFUSED(i) },
          atMs,
        ),
      )
    }
    // Others in the same batch.
    for (const name of PEOPLE) {
      if (random.chance(0.6)) {
        steps.push(
          updated('hubspot', 'person', name, { job: `Beside ${i}` }, atMs + random.integer(0, 2_000)),
        )
      }
    }
  }
  return {
    steps: steps.map((each) => ({ ...each, atMs: Math.min(each.atMs, plain.stormMs) })),
    batchSize: 50,
  }
}

/** The credential dies for a while, and people go on working. */
export function revocation(random: Random, plain: Scenario): Partial<Scenario> {
  const vendor = random.pick(VENDORS)
  const fromMs = random.integer(10_000, plain.stormMs / 2)
  const toMs = random.integer(fromMs + 15_000, plain.stormMs)
  const steps: Step[] = [
    ...couples('person', PEOPLE),
    step(vendor, fromMs, { do: 'revoke-token' }),
    step(vendor, toMs, { do: 'renew-token' }),
    ...times(random.integer(3, 8), (i) => {
      const atMs = Math.min(plain.stormMs, Math.max(1, fromMs + random.integer(-5_000, 20_000)))
      return updated(random.pick(VENDORS), 'person', random.pick(PEOPLE), { job: `Job ${i}` }, atMs)
    }),
  ]
  return { steps, mappings: random.pick(['shipped', 'delete-both']) }
}

/** Everything of a kind is deleted, or overwritten, at once: more than the guards let pass without a person. */
export function purges(random: Random, plain: Scenario): Partial<Scenario> {
  const crowd = names('person', 8)
  const atMs = moment(random, plain)
  const vendor = random.pick(VENDORS)
  const disaster: Step = random.chance(0.5)
    ? step(vendor, atMs, { do: 'purge', kind: 'person' })
    : step(vendor, atMs, { do: 'bulk', kind: 'person', draft: { job: 'Overwritten' } })
  // A number that Attio lacks, so that every pair is written to once and carries its stamp.
  const numbers = crowd.map((name, i) =>
    updated('hubspot', 'person', name, { phone: `+1415555${1_000 + i}` }, 1),
  )
  return {
    steps: [...couples('person', crowd), ...numbers, disaster],
    mappings: 'delete-both',
    guards: {
      ...GUARD_LIMITS,
      deletionsFree: 3,
      deletionShare: 0.1,
      smallWorld: 5,
      shrinkShare: 1,
      emptyWorld: 1_000,
    },
  }
}
