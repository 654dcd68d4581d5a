/**
 * What people do in accounts that have been worked with for years: leads who are entered, edited, deleted, taken out of
 * the bin and converted at any moment, and deals that go through different processes. Drawn from streams of their own,
 * so that whatever else happens in a world happens in it without this, too.
 */
import { seededRandom, type Random } from '../../src/sandbox/random.ts'
import { change, newcomer } from './draw-people.ts'
import { PHASES, PROCESSES, type Draft } from './hands/hands.ts'
import type { Action, Scenario, Step } from './scenario.ts'

/** Share of the worlds with Salesforce whose org is not a new one. */
const GROWN = 0.7

/** The world, or the same in grown accounts, with what happens only there. `vendor` is who has leads. */
export function grown(drawn: Scenario, vendor: string, purpose: string): Scenario {
  const of = (part: string): Random => seededRandom(drawn.seed, `${purpose}/${part}`)
  if (!of('accounts').chance(GROWN)) return drawn
  const { stormMs } = drawn
  const steps = [
    ...drawn.steps,
    ...drawLeads(of('leads'), vendor, stormMs),
    ...deals(of('processes'), vendor, stormMs),
  ]
  return { ...drawn, accounts: 'grown', steps: steps.toSorted((a, b) => a.atMs - b.atMs) }
}

// -- leads ----------------------------------------------------------------------------------------------

export function drawLeads(random: Random, vendor: string, stormMs: number): readonly Step[] {
  const founded = Array.from({ length: random.integer(0, 3) }, () => arrival(random, vendor, 0)).flat()
  const later = Array.from({ length: random.integer(0, 3) }, () => {
    const atMs = random.integer(0, stormMs)
    return random.chance(0.3) ? arrival(random, vendor, atMs) : [{ atMs, vendor, action: work(random) }]
  }).flat()
  const converted = Array.from({ length: random.integer(0, 3) }, () => conversion(random, vendor, stormMs))
  return [...founded, ...later, ...converted.flat()]
}

/** Somebody who may be in Attio already, or a contact, as much the same as people are who were entered twice. */
function arrival(random: Random, vendor: string, atMs: number): readonly Step[] {
  const draft = newcomer(random, 'person')
  const perturbed = (): Draft => (random.chance(0.5) ? { ...draft, ...change(random, 'person') } : draft)
  const again = (at: string, share: number): readonly Step[] =>
    random.chance(share)
      ? [{ atMs, vendor: at, action: { do: 'create', kind: 'person', draft: perturbed() } }]
      : []
  return [
    { atMs, vendor, action: { do: 'create', kind: 'person', draft, lead: true } },
    ...again('attio', 0.3),
    ...again(vendor, 0.2),
  ]
}

function work(random: Random): Action {
  const who = random.next()
  if (random.chance(0.5)) {
    return { do: 'update', kind: 'person', who, lead: true, draft: change(random, 'person') }
  }
  return { do: random.pick(['delete', 'restore'] as const), kind: 'person', who, lead: true }
}

/** Often something was typed just before, or is typed right after: what a conversion must not lose. */
function conversion(random: Random, vendor: string, stormMs: number): readonly Step[] {
  const atMs = random.integer(0, stormMs)
  const who = random.next()
  const action: Action = {
    do: 'convert',
    kind: 'person',
    who,
    contact: random.chance(0.4) ? random.next() : null,
    account: random.chance(0.3) ? random.next() : null,
    opensDeal: random.chance(0.4),
  }
  const near = (): number => random.pick([0, 200, 3_000])
  const edit = (): Action => ({ do: 'update', kind: 'person', who, draft: change(random, 'person') })
  const before: Step[] = random.chance(0.4)
    ? [
        {
          atMs: Math.max(1, atMs - near()),
          vendor,
          action: { do: 'update', kind: 'person', who, lead: true, draft: change(random, 'person') },
        },
      ]
    : []
  const after: Step[] = random.chance(0.4)
    ? [{ atMs: atMs + near(), vendor: random.pick([vendor, 'attio']), action: edit() }]
    : []
  return [...before, { atMs, vendor, action }, ...after]
}

// -- deals ----------------------------------------------------------------------------------------------

function deals(random: Random, vendor: string, stormMs: number): readonly Step[] {
  const founded = Array.from({ length: random.integer(0, 2) }, (): Step => {
    const draft = { ...newcomer(random, 'deal'), process: random.pick(PROCESSES) }
    return { atMs: 0, vendor, action: { do: 'create', kind: 'deal', draft } }
  })
  const moved = Array.from({ length: random.integer(0, 5) }, (): Step => {
    const stage = random.pick(PHASES)
    const isThere = random.chance(0.5)
    // Who puts a deal into another process is asked for its stage there; in Attio there is only the stage.
    const draft = isThere ? { process: random.pick(PROCESSES), stage } : { stage }
    const action: Action = { do: 'update', kind: 'deal', who: random.next(), draft }
    return { atMs: random.integer(0, stormMs), vendor: isThere ? vendor : 'attio', action }
  })
  return [...founded, ...moved]
}
