/**
 * The daemon's loop around Ada on virtual time, with webhooks installed. Whoever imports this has a world of its own
 * around each test.
 */
import { afterEach, beforeEach } from 'vitest'
import { every, NEVER } from '../../src/schedule.ts'
import { newTally, type Engine, type Tally } from '../../src/stages/engine.ts'
import { follow } from '../../src/stages/follow.ts'
import type { Hearing } from '../../src/stages/hearing.ts'
import { openBells, type Bells } from './bells.ts'
import { attioPerson, calm, counterpart, held, only, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions, type Pushing as Vendor } from './world.ts'

const FAR = Number.MAX_SAFE_INTEGER

export let world: TestWorld
export let bells: Bells
export let engine: Engine
export let ada: string
export let contact: string

/** A world in agreement about Ada, with webhooks installed. */
export async function open(options: TestWorldOptions = { mappings: PEOPLE_ONLY }): Promise<void> {
  world = await openTestWorld({ empty: true, ...options })
  calm(world)
  ada = attioPerson(world, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Analyst' })
  await world.sync()
  contact = (await counterpart(world, 'attio', ada)) ?? ''
  engine = await world.engine()
  bells = await openBells(world, engine)
  await world.advance(60_000)
}

beforeEach(() => open())

afterEach(() => world.close())

interface Rounds {
  readonly tallies: Tally[]
  readonly troubles: string[]
}

const STOPPED = new Error('stopped')

/** From here on the loop is run by another engine than the usual one. */
export async function changeEngine(change: (engine: Engine) => Engine): Promise<void> {
  engine = change(engine)
  bells = await openBells(world, engine)
}

/** Runs the loop and the vendors' deliveries while `story` goes on, and for as long as it says afterwards. */
export async function following(
  story: () => Promise<void>,
  options: {
    readonly pollMs?: number
    readonly sweepMs?: number
    /** Nobody hears its bells. */
    readonly isDeaf?: Vendor
    /** Whether webhooks come is judged by this; there are none when absent. */
    readonly hearing?: Hearing
  } = {},
): Promise<Rounds> {
  const { pollMs = FAR, sweepMs = FAR, hearing } = options
  const stopping = new AbortController()
  const rounds: Rounds = { tallies: [], troubles: [] }
  const loop = follow(
    { ...engine, signal: stopping.signal },
    {
      looks: { poll: every(pollMs), listing: every(pollMs), delayedPoll: NEVER, sweep: every(sweepMs) },
      isTold: (side) => hearing?.isHeard(engine.pairing.connectors[side].connection) ?? false,
      onFound: ({ side }) => hearing?.missed(engine.pairing.connectors[side].connection),
      onRound: (tally) => rounds.tallies.push(tally),
      onTrouble: (error) => rounds.troubles.push(error.message),
    },
  ).catch((error: unknown) => {
    if (error === STOPPED) return
    stopping.abort(error)
    throw error
  })
  const ringing = bells.ringing(stopping.signal, options.isDeaf)
  const told = story().finally(() => stopping.abort(STOPPED))
  await world.run(Promise.allSettled([loop, ringing, told]))
  await told
  await loop
  await ringing
  return rounds
}

/** Brings everything over and hears whatever the vendors tell of it. */
export async function hearEverything(): Promise<void> {
  await world.sync()
  await world.advance(60_000)
  while ((await bells.ring('attio')) + (await bells.ring('hubspot')) > 0) await world.advance(1_000)
  await world.sync()
}

/** Virtual milliseconds until `isSo`, looked at every ten. */
export async function until(isSo: () => boolean, patienceMs = 30_000): Promise<number> {
  const startedMs = world.runtime.now()
  while (!isSo()) {
    if (world.runtime.now() - startedMs > patienceMs) throw new Error('it never happened')
    await world.runtime.sleep(10)
  }
  return world.runtime.now() - startedMs
}

export const pause = (ms: number) => world.runtime.sleep(ms)

export const jobInHubSpot = () => held(world, 'hubspot', 'contacts', contact)['jobtitle']

export const jobInAttio = () => only(held(world, 'attio', 'people', ada)['job_title'])

export function total(tallies: readonly Tally[]): Tally {
  const sum = newTally()
  for (const tally of tallies) {
    for (const kind of ['created', 'updated', 'deleted'] as const) {
      sum[kind].left += tally[kind].left
      sum[kind].right += tally[kind].right
    }
  }
  return sum
}
