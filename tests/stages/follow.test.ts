/** The daemon's loop on virtual time: bells carry edits over in seconds, with polls and sweeps switched off. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { GuardTripped } from '../../src/errors.ts'
import { every, NEVER } from '../../src/schedule.ts'
import { newTally, type Engine, type Tally } from '../../src/stages/engine.ts'
import { follow } from '../../src/stages/follow.ts'
import { createHearing, type Hearing } from '../../src/stages/hearing.ts'
import { openBells, type Bells } from './bells.ts'
import {
  altered,
  attioPerson,
  calm,
  conflicts,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotPerson,
  ids,
  only,
  PEOPLE_ONLY,
  remove,
} from './story.ts'
import { openTestWorld, type TestWorld, type TestWorldOptions, type Pushing as Vendor } from './world.ts'

const FAR = Number.MAX_SAFE_INTEGER
const LIMITS = { ...GUARD_LIMITS, deletionsFree: 5, smallWorld: 10 }

let world: TestWorld
let bells: Bells
let engine: Engine
let ada: string
let contact: string

/** A world in agreement about Ada, with webhooks installed. */
async function open(options: TestWorldOptions = { mappings: PEOPLE_ONLY }): Promise<void> {
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

/** Runs the loop and the vendors' deliveries while `story` goes on, and for as long as it says afterwards. */
async function following(
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
async function hearEverything(): Promise<void> {
  await world.sync()
  await world.advance(60_000)
  while ((await bells.ring('attio')) + (await bells.ring('hubspot')) > 0) await world.advance(1_000)
  await world.sync()
}

/** Virtual milliseconds until `isSo`, looked at every ten. */
async function until(isSo: () => boolean, patienceMs = 30_000): Promise<number> {
  const startedMs = world.runtime.now()
  while (!isSo()) {
    if (world.runtime.now() - startedMs > patienceMs) throw new Error('it never happened')
    await world.runtime.sleep(10)
  }
  return world.runtime.now() - startedMs
}

const pause = (ms: number) => world.runtime.sleep(ms)
const jobInHubSpot = () => held(world, 'hubspot', 'contacts', contact)['jobtitle']
const jobInAttio = () => only(held(world, 'attio', 'people', ada)['job_title'])

test('a round looks back, and tells of what its write overwrote unseen', async () => {
  await world.close()
  await open({ mappings: [altered('people', ['conflict: most-recent, otherwise: ask', 'conflict: ask'])] })
  world.onRequest = (vendor, { url }) => {
    if (vendor !== 'hubspot' || !url.endsWith('/batch/update')) return
    world.onRequest = () => undefined
    edit(world, 'hubspot', 'contacts', contact, { firstname: 'Augusta' })
  }
  const { tallies } = await following(async () => {
    edit(world, 'attio', 'people', ada, {
      name: { first_name: 'Ada', last_name: 'Byron', full_name: 'Ada Byron' },
    })
    await until(() => held(world, 'hubspot', 'contacts', contact)['lastname'] === 'Byron')
    await pause(3_000)
  })
  expect(total(tallies).updated).toEqual({ left: 0, right: 1 })
  expect(await conflicts(world)).toMatchObject([
    { kind: 'overwritten', right: { first: 'Augusta', last: 'King' }, left: { first: 'Ada', last: 'Byron' } },
  ])
  expect(tallies.at(-1)).toMatchObject({ conflictsOpened: 1 })
})

function total(tallies: readonly Tally[]): Tally {
  const sum = newTally()
  for (const tally of tallies) {
    for (const kind of ['created', 'updated', 'deleted'] as const) {
      sum[kind].left += tally[kind].left
      sum[kind].right += tally[kind].right
    }
  }
  return sum
}

describe('an edit', () => {
  test('reaches the other side within seconds, either way, without a poll or a sweep', async () => {
    const tookMs: number[] = []
    const { tallies } = await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
      tookMs.push(await until(() => jobInHubSpot() === 'Chief Analyst'))
      await pause(10_000)
      edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
      tookMs.push(await until(() => jobInAttio() === 'Countess'))
      await pause(10_000)
    })
    // The vendors' own delay (1.2 and 3 s at most), a rest of 0.3 s, and a handful of round trips.
    expect(tookMs[0]).toBeLessThan(2_000)
    expect(tookMs[1]).toBeLessThan(4_000)
    expect(total(tallies).updated).toEqual({ left: 1, right: 1 })
    await expectRest(world)
  })

  test('of a new record creates it there', async () => {
    await following(async () => {
      hubspotPerson(world, { first: 'Grace', email: 'grace@hopper-navy.com' })
      await until(() => ids(world, 'attio', 'people').length === 2)
      attioPerson(world, { first: 'Mary', email: 'mary@somerville-math.com' })
      await until(() => ids(world, 'hubspot', 'contacts').length === 3)
      await pause(10_000)
    })
    await expectRest(world)
  })

  test('of one field on both sides is a conflict, as ever', async () => {
    await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Poet' })
      edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
      await pause(10_000)
    })
    expect(await conflicts(world)).toHaveLength(1)
    await expectRest(world)
  })

  test('that is one of fifty within ten seconds costs two writes at most', async () => {
    for (const vendor of ['attio', 'hubspot'] as const) {
      const before = world.writes()
      await following(async () => {
        for (let i = 1; i <= 50; i += 1) {
          if (vendor === 'attio') edit(world, 'attio', 'people', ada, { job_title: `Title ${i}` })
          else edit(world, 'hubspot', 'contacts', contact, { jobtitle: `Title ${-i}` })
          await pause(200)
        }
        await pause(30_000)
      })
      const far = vendor === 'attio' ? 'hubspot' : 'attio'
      expect(world.writes()[far] - before[far]).toBeLessThanOrEqual(2)
      expect(world.writes()[vendor]).toBe(before[vendor])
      expect(jobInHubSpot()).toBe(vendor === 'attio' ? 'Title 50' : 'Title -50')
      expect(jobInAttio()).toBe(jobInHubSpot())
      await world.advance(60_000)
    }
    await expectRest(world)
  })
})

describe('an edit that somebody waits for', () => {
  const others: string[] = []

  beforeEach(async () => {
    others.length = 0
    for (let i = 0; i < 120; i += 1) {
      others.push(hubspotPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` }))
    }
    await hearEverything()
    await world.advance(600_000)
    // Whatever rested after its bell is looked at: nothing but what the story brings is due.
    await world.sync()
  })

  test('overtakes hundreds of records that a poll found', async () => {
    world.faults.attio.replace([{ kind: 'delay', delayMs: 4_000, mutating: true }])
    const carried = () =>
      Object.values(world.attio.dump()['people'] ?? {}).filter(
        ({ values }) => only(values['job_title']) === 'Clerk',
      )
    let tookMs = 0
    let carriedThen = 0
    await following(
      async () => {
        for (const id of others) edit(world, 'hubspot', 'contacts', id, { jobtitle: 'Clerk' })
        await until(() => carried().length > 0, 60_000)
        edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
        tookMs = await until(() => jobInHubSpot() === 'Chief Analyst')
        carriedThen = carried().length
        await until(() => carried().length === others.length, 600_000)
      },
      { pollMs: 5_000, isDeaf: 'hubspot' },
    )
    expect(carriedThen).toBeLessThan(others.length / 2)
    // The vendor's own delay, a rest, and a handful of round trips: the same as on a quiet day.
    expect(tookMs).toBeLessThan(2_000)
    await expectRest(world)
  })

  test('is not kept waiting by a sweep that reads', async () => {
    const listing = () =>
      Object.entries(world.routes()).reduce(
        (sum, [route, count]) => sum + (/^attio .*records\/query$/.test(route) ? count : 0),
        0,
      )
    world.faults.attio.replace([{ kind: 'delay', delayMs: 30_000, path: '/people/records/query$', times: 1 }])
    let tookMs = 0
    await following(
      async () => {
        const before = listing()
        await until(() => listing() > before)
        edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
        tookMs = await until(() => jobInAttio() === 'Countess')
        await pause(40_000)
      },
      { sweepMs: 10_000 },
    )
    expect(tookMs).toBeLessThan(5_000)
    await expectRest(world)
  })
})

describe('an edit during an outage arrives soon after it', () => {
  test.each([
    ['its own side cannot be read', 'attio'],
    ['the other side cannot be read', 'hubspot'],
  ] as const)('when %s', async (_what, vendor) => {
    world.faults[vendor].replace([{ kind: 'status', status: 503 }])
    let tookMs = 0
    const { troubles } = await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      await pause(40_000)
      world.faults[vendor].replace([])
      tookMs = await until(() => jobInHubSpot() === 'Countess', 400_000)
    })
    expect(troubles.length).toBeGreaterThan(1)
    expect(tookMs).toBeLessThan(61_000)
  })
})

test('a tunnel that died is noticed by the next sweep, and made up for by listings', async () => {
  const { connection } = engine.pairing.connectors.left
  // Attio is said to tell of everything, and nothing of it arrives.
  const hearing = createHearing((name) => (name === connection ? 0 : null))
  await following(
    async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      await pause(30_000)
      expect(jobInHubSpot()).toBe('Analyst')
      await until(() => jobInHubSpot() === 'Countess', 180_000)
      expect(hearing.isHeard(connection)).toBe(false)
      edit(world, 'attio', 'people', ada, { job_title: 'Author' })
      await until(() => jobInHubSpot() === 'Author', 20_000)
      expect(hearing.silent()).toEqual([connection])
    },
    { pollMs: 10_000, sweepMs: 120_000, isDeaf: 'attio', hearing },
  )
})

/** Half of what is left of HubSpot's day is polled for. */
function withPace(paceMs: number): void {
  const { left, right } = engine.pairing.connectors
  const short = { ...right, paceMs: () => paceMs }
  engine = { ...engine, pairing: { ...engine.pairing, connectors: { left, right: short } } }
}

test('where a day is short of requests, polls become rarer, and not impossible', async () => {
  // One request in ten seconds.
  withPace(5_000)
  const polls = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
  const before = polls()
  await following(() => pause(65_000), { pollMs: 1_000 })
  expect(polls() - before).toBeGreaterThanOrEqual(4)
  expect(polls() - before).toBeLessThanOrEqual(7)
})

test(
  'a day that looks used up is polled every quarter of an hour all the same',
  { timeout: 30_000 },
  async () => {
    withPace(86_400_000)
    const polls = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
    const before = polls()
    await following(() => pause(950_000), { pollMs: 1_000 })
    expect(polls() - before).toBe(1)
  },
)

test('a clock that is set back keeps nobody waiting', async () => {
  let aheadMs = 0
  const { runtime } = engine
  engine = { ...engine, runtime: { ...runtime, now: () => runtime.now() + aheadMs } }
  bells = await openBells(world, engine)
  await following(async () => {
    edit(world, 'attio', 'people', ada, { job_title: 'Analyst of old' })
    await until(() => jobInHubSpot() === 'Analyst of old')
    await pause(10_000)
    aheadMs = -8 * 3_600_000
    edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
    expect(await until(() => jobInHubSpot() === 'Countess')).toBeLessThan(5_000)
  })
})

test('a machine that slept looks at everything as soon as it wakes up', async () => {
  let asleepMs = 0
  const { runtime } = engine
  engine = { ...engine, runtime: { ...runtime, now: () => runtime.now() + asleepMs } }
  await following(
    async () => {
      await pause(60_000)
      // Nobody was told of this one, and the next sweep is hours away.
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      bells.forget()
      asleepMs = 8 * 3_600_000
      await until(() => jobInHubSpot() === 'Countess', 60_000)
    },
    { sweepMs: 6 * 3_600_000 },
  )
})

describe('bells', () => {
  test('that come twice, late and in any order lead to the same end', async () => {
    Object.assign(world.attio.settings, { duplicateShare: 1, retryTimeScale: 0.01 })
    Object.assign(world.hubspot.settings, { webhookDuplicates: 0.5 })
    await following(async () => {
      for (let i = 1; i <= 6; i += 1) {
        edit(world, 'attio', 'people', ada, { job_title: `Title ${i}` })
        edit(world, 'hubspot', 'contacts', contact, { phone: `+1415555010${i}` })
        await pause(1_500)
      }
      await pause(40_000)
    })
    expect(bells.heard.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(5)
    expect(jobInHubSpot()).toBe('Title 6')
    expect(held(world, 'attio', 'people', ada)['phone_numbers']).toEqual(['+14155550106'])
    await expectRest(world)
  })

  test('of our own writes are known as such where the vendor tells, and never answered with a write', async () => {
    const before = world.writes()
    await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
      await pause(20_000)
    })
    expect(bells.heard.reduce((sum, { echoes }) => sum + echoes, 0)).toBe(1)
    expect(world.writes()).toEqual({ ...before, hubspot: before.hubspot + 1 })
  })

  test('that never stop do not keep polls from their turn', async () => {
    const asked = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
    const others = Array.from({ length: 30 }, (_, i) => {
      return attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` })
    })
    await world.sync()
    await world.advance(60_000)
    // Slow answers, so that something is due again whenever a look is over.
    const slow = { kind: 'delay', delayMs: 1_000 } as const
    world.faults.attio.replace([slow])
    world.faults.hubspot.replace([slow])
    const before = asked()
    await following(
      async () => {
        for (const [i, other] of others.entries()) {
          edit(world, 'attio', 'people', other, { job_title: `Title ${i}` })
          await pause(1_000)
        }
      },
      { pollMs: 8_000 },
    )
    expect(asked() - before).toBeGreaterThanOrEqual(2)
  })
})

describe('a mass deletion', () => {
  beforeEach(async () => {
    await world.close()
    await open({
      mappings: [altered('people', ['right-to-left: unlink', 'right-to-left: delete'])],
      settings: { guards: LIMITS },
    })
    for (let i = 0; i < 30; i += 1) {
      attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` })
    }
    await hearEverything()
  })

  const contacts = () => ids(world, 'hubspot', 'contacts')
  const people = () => ids(world, 'attio', 'people')

  test('told at once stops the loop before anything is deleted', async () => {
    const gone = contacts().slice(0, 12)
    const run = following(async () => {
      for (const id of gone) remove(world, 'hubspot', 'contacts', id)
      await pause(60_000)
    })
    await expect(run).rejects.toThrow(GuardTripped)
    expect(people()).toHaveLength(31)
  })

  test('told one by one stops it as soon as it is too many', async () => {
    const gone = contacts().slice(0, 12)
    const run = following(async () => {
      for (const id of gone) {
        remove(world, 'hubspot', 'contacts', id)
        await pause(4_000)
      }
      await pause(60_000)
    })
    await expect(run).rejects.toThrow(GuardTripped)
    expect(people().length).toBeGreaterThanOrEqual(31 - LIMITS.deletionsFree)
  })

  test('is none when it takes its time', async () => {
    const gone = contacts().slice(0, 8)
    await following(async () => {
      for (const id of gone) {
        remove(world, 'hubspot', 'contacts', id)
        await pause(20_000)
      }
    })
    expect(people()).toHaveLength(31 - 8)
  })
})

describe('an import', () => {
  beforeEach(async () => {
    await world.close()
    await open({ mappings: PEOPLE_ONLY, settings: { guards: LIMITS } })
    for (let i = 0; i < 30; i += 1) {
      attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com`, job: 'Clerk' })
    }
    await world.sync()
    await world.advance(60_000)
    while ((await bells.ring('attio')) + (await bells.ring('hubspot')) > 0) await world.advance(1_000)
    await world.sync()
  })

  const people = () => ids(world, 'attio', 'people').slice(0, 15)
  const overwritten = () =>
    ids(world, 'hubspot', 'contacts').filter(
      (id) => held(world, 'hubspot', 'contacts', id)['jobtitle'] === 'TRUNCATED',
    )

  test('told one by one stops the loop as soon as it changed one field in too many records', async () => {
    const run = following(async () => {
      for (const id of people()) {
        edit(world, 'attio', 'people', id, { job_title: 'TRUNCATED' })
        await pause(2_000)
      }
      await pause(60_000)
    })
    await expect(run).rejects.toThrow('job_title')
    expect(overwritten()).toHaveLength(Math.floor(31 * LIMITS.fieldShare))
  })

  test('is none when the same few records change again and again', async () => {
    await following(async () => {
      for (let i = 0; i < 15; i += 1) {
        for (const id of people().slice(0, 3)) edit(world, 'attio', 'people', id, { job_title: `Title ${i}` })
        await pause(2_000)
      }
    })
    expect(overwritten()).toEqual([])
  })
})

test('a stop ends the rest at once', async () => {
  const startedMs = world.runtime.now()
  await following(() => Promise.resolve())
  expect(world.runtime.now() - startedMs).toBeLessThan(100)
})
