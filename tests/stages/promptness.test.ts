/**
 * What an edit waits for: the rest after its bell and the vendors' round trips for itself. What the engine does about
 * other records, and what it did about this one before, costs it no time. On virtual time, where our own work takes none.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { follow } from '../../src/stages/follow.ts'
import { DEBOUNCE, observe } from '../../src/stages/observe.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { NO_LOOKS } from './looks.ts'
import {
  attioCompany,
  attioPerson,
  calm,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
} from './story.ts'
import { LATENCY_MS, openTestWorld, shippedMapping, type Pushing, type TestWorld } from './world.ts'

/** How exactly the stories look at the clock. */
const STEP_MS = 5
/** For what a write waits at least: the rest, one reading of both sides, and half of the way there and back. */
const PROMPT_MS = DEBOUNCE.restMs + 1.5 * LATENCY_MS + STEP_MS
/** An association is read beside the record that was announced. */
const EDGES_MS = LATENCY_MS
const SLOW_MS = 5_000
const STOPPED = new Error('stopped')

interface Person {
  readonly attio: string
  readonly hubspot: string
}

let world: TestWorld
let engine: Engine
let ada: Person
let bob: Person
let bells = 0

beforeEach(async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [shippedMapping('companies'), shippedMapping('people')],
    // Nobody is to take the many edits of these stories for a bad import.
    settings: { batchesInFlight: 4, guards: { ...GUARD_LIMITS, smallWorld: 1_000 } },
  })
  calm(world)
  ada = await person('Ada')
  bob = await person('Bob')
  engine = await world.engine()
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** Somebody whom both CRMs know, and whom nobody has touched for a while. */
async function person(first: string): Promise<Person> {
  const attio = attioPerson(world, { first, last: 'King', email: `${first}@king-family.com`, job: 'Clerk' })
  await world.sync()
  await world.advance(600_000)
  return { attio, hubspot: (await counterpart(world, 'attio', attio)) ?? '' }
}

const OBJECTS = { attio: 'people', hubspot: 'contacts' } as const
const FIELDS = { attio: 'job_title', hubspot: 'jobtitle' } as const

/** Edited, and told of at once. */
async function editJob(vendor: Pushing, who: Person, job: string): Promise<void> {
  edit(world, vendor, OBJECTS[vendor], who[vendor], { [FIELDS[vendor]]: job })
  await ring(vendor, OBJECTS[vendor], who[vendor])
}

async function ring(connection: Pushing, object: string, record: string): Promise<void> {
  bells += 1
  const claim = { object, record, kind: 'changed', into: null, at: null, version: null, fields: [] } as const
  await observe(engine, {
    connection,
    bells: [{ ...claim, actor: { kind: 'unknown', id: null }, key: `${bells}` }],
  })
}

function jobIn(vendor: Pushing, who: Person): unknown {
  return only(held(world, vendor, OBJECTS[vendor], who[vendor])[FIELDS[vendor]])
}

/** Virtual milliseconds until `isSo`. */
async function until(isSo: () => boolean): Promise<number> {
  const startedMs = world.runtime.now()
  while (!isSo()) {
    if (world.runtime.now() - startedMs > 60_000) throw new Error('it never happened')
    await world.runtime.sleep(STEP_MS)
  }
  return world.runtime.now() - startedMs
}

/** The daemon's loops beside the story, and for as long as the vendors are slow. */
async function following(story: () => Promise<void>): Promise<void> {
  const stopping = new AbortController()
  const loop = follow(
    { ...engine, signal: stopping.signal },
    {
      looks: NO_LOOKS,
      onRound: () => undefined,
      onTrouble: (error) => stopping.abort(error),
    },
  ).catch((error: unknown) => {
    if (error !== STOPPED) throw error
  })
  const told = story()
    .then(() => world.runtime.sleep(2 * SLOW_MS))
    .finally(() => stopping.abort(STOPPED))
  await world.run(Promise.all([loop, told]))
}

test.each([
  ['read', { path: '/contacts/batch/read' }],
  ['written', { mutating: true }],
] as const)('an edit does not wait for another one that is %s slowly', async (_what, request) => {
  let tookMs = 0
  await following(async () => {
    world.faults.hubspot.replace([{ kind: 'delay', delayMs: SLOW_MS, times: 1, ...request }])
    await editJob('attio', bob, 'Poet')
    await world.runtime.sleep(DEBOUNCE.restMs + 3 * LATENCY_MS)
    await editJob('attio', ada, 'Countess')
    tookMs = await until(() => jobIn('hubspot', ada) === 'Countess')
    expect(jobIn('hubspot', bob)).toBe('Clerk')
    await until(() => jobIn('hubspot', bob) === 'Poet')
  })
  expect(tookMs).toBeLessThanOrEqual(PROMPT_MS)
})

test('an edit that comes while another one is being read is read at once', async () => {
  let tookMs = 0
  await following(async () => {
    await editJob('hubspot', bob, 'Poet')
    await world.runtime.sleep(LATENCY_MS / 2)
    await editJob('hubspot', ada, 'Countess')
    tookMs = await until(() => jobIn('attio', ada) === 'Countess')
  })
  expect(tookMs).toBeLessThanOrEqual(PROMPT_MS + EDGES_MS)
})

test('an edit that becomes due while the engine looks for work is not left until the next look', async () => {
  const { store } = engine
  const slowly: typeof store = Object.create(store, {
    backlog: {
      value: async (...args: Parameters<typeof store.backlog>) => {
        const answer = await store.backlog(...args)
        await world.runtime.sleep(1)
        return answer
      },
    },
  })
  engine = { ...engine, store: slowly }
  let tookMs = 0
  await following(async () => {
    const startMs = world.runtime.now()
    await editJob('attio', ada, 'Countess')
    // Somebody calls for a look a moment before.
    await world.runtime.sleep(DEBOUNCE.restMs - 2)
    engine.wake.call()
    await until(() => jobIn('hubspot', ada) === 'Countess')
    tookMs = world.runtime.now() - startMs
  })
  expect(tookMs).toBeLessThanOrEqual(PROMPT_MS + 20)
})

test('an edit does not wait for a record of another object', async () => {
  const company = attioCompany(world, 'King & Co', 'king-family.com')
  await world.sync()
  await world.advance(600_000)
  let tookMs = 0
  await following(async () => {
    world.faults.hubspot.replace([{ kind: 'delay', delayMs: SLOW_MS, times: 1, path: '/companies/batch/' }])
    edit(world, 'attio', 'companies', company, { description: 'Rockets' })
    await ring('attio', 'companies', company)
    await world.runtime.sleep(DEBOUNCE.restMs + LATENCY_MS)
    await editJob('attio', ada, 'Countess')
    tookMs = await until(() => jobIn('hubspot', ada) === 'Countess')
  })
  expect(tookMs).toBeLessThanOrEqual(PROMPT_MS)
})

test('a person is created after the company that they belong to, and refers to it at once', async () => {
  const before = world.writes()
  await following(async () => {
    const company = hubspotCompany(world, 'Byron Poems', 'byron-poems.com')
    const who = hubspotPerson(world, { first: 'George', last: 'Byron', email: 'george@byron-poems.com' })
    const other = { object: 'companies', id: company } as const
    world.hubspot.edit({ action: 'associate', object: 'contacts', id: who, other })
    await ring('hubspot', 'contacts', who)
    await ring('hubspot', 'companies', company)
    await until(() => ids(world, 'attio', 'people').length === 3)
  })
  expect(world.writes().attio - before.attio).toBe(2)
})

test.each([
  ['the same record', 'attio'],
  ['the other half of the pair', 'hubspot'],
] as const)('an edit of %s is taken up when the write under way ends', async (_what, vendor) => {
  const field = { attio: 'job_title', hubspot: 'phone' }[vendor]
  const claims: number[] = []
  const { store } = engine
  engine = {
    ...engine,
    store: Object.create(store, {
      claimDirty: {
        value: async (...args: Parameters<typeof store.claimDirty>) => {
          const claimed = await store.claimDirty(...args)
          if (claimed.length > 0) claims.push(claimed.length)
          return claimed
        },
      },
    }) as typeof store,
  }
  let tookMs = 0
  await following(async () => {
    world.faults.hubspot.replace([{ kind: 'delay', delayMs: SLOW_MS, times: 1, mutating: true }])
    await editJob('attio', ada, 'Poet')
    await world.runtime.sleep(DEBOUNCE.restMs + 3 * LATENCY_MS)
    const value = vendor === 'attio' ? 'Countess' : '+14155550100'
    edit(world, vendor, OBJECTS[vendor], ada[vendor], { [field]: value })
    await ring(vendor, OBJECTS[vendor], ada[vendor])
    await until(() => jobIn('hubspot', ada) === 'Poet')
    tookMs = await until(() =>
      vendor === 'attio'
        ? jobIn('hubspot', ada) === 'Countess'
        : only(held(world, 'attio', 'people', ada.attio)['phone_numbers']) === '+14155550100',
    )
  })
  // The rest of the way back, one reading of both sides, and the way there.
  expect(tookMs).toBeLessThanOrEqual(2 * LATENCY_MS + (vendor === 'attio' ? 0 : EDGES_MS) + STEP_MS)
  // The first write, what was held up, and nothing that asks again and again.
  expect(claims.length).toBeLessThanOrEqual(3)
})

describe('of many edits', () => {
  const PEOPLE = 150
  /** Faster than HubSpot's allowance lets every one of them be read and written by itself. */
  const EVERY_MS = 40
  /** For what is due while the allowances are used up waits at most. */
  const GATHERED_MS = 1_000
  const others: Person[] = []

  beforeEach(async () => {
    others.length = 0
    const contacts = Array.from({ length: PEOPLE }, (_, i) =>
      hubspotPerson(world, { first: `P${i}`, email: `p${i}@king-family.com`, job: 'Clerk' }),
    )
    await world.sync()
    await world.advance(600_000)
    await world.sync()
    for (const hubspot of contacts) {
      others.push({ hubspot, attio: (await counterpart(world, 'hubspot', hubspot)) ?? '' })
    }
    await world.advance(600_000)
  })

  test.each([
    ['at 100 a minute wait for nothing', 600, 0],
    ['at 1,500 a minute share requests before the allowance is used up', EVERY_MS, GATHERED_MS],
  ])('those %s', { timeout: 20_000 }, async (_what, everyMs, gatheredMs) => {
    const saidAtMs = new Map<string, number>()
    const tookMs: number[] = []
    world.onAnswer = (vendor, { method, url }) => {
      const id = url.split('/').at(-1) ?? ''
      const atMs = saidAtMs.get(id)
      if (vendor === 'attio' && method !== 'GET' && atMs !== undefined)
        tookMs.push(world.runtime.now() - atMs)
    }
    await following(async () => {
      for (const who of others) {
        await editJob('hubspot', who, 'Poet')
        saidAtMs.set(who.attio, world.runtime.now())
        await world.runtime.sleep(everyMs)
      }
    })
    expect(tookMs).toHaveLength(PEOPLE)
    expect(Math.max(...tookMs)).toBeLessThanOrEqual(PROMPT_MS + EDGES_MS + gatheredMs)
  })

  test('those that nobody waits for are looked at together', async () => {
    const readings = () =>
      Object.entries(world.routes()).reduce(
        (sum, [route, count]) => sum + (/^hubspot .*\/batch\/read$/.test(route) ? count : 0),
        0,
      )
    const { mapping } = engine.pairing.mappings.at(-1)?.rules ?? { mapping: '' }
    const before = readings()
    const startMs = world.runtime.now()
    for (const [i, { hubspot }] of others.entries()) {
      const record = { side: 'right', id: hubspot } as const
      const dueMs = startMs + i * EVERY_MS
      await world.store.commitPlans([
        { kind: 'mark', mapping, record, reason: 'polled', lane: 2, dueMs, atMs: startMs },
      ])
    }
    await following(() => world.runtime.sleep(PEOPLE * EVERY_MS))
    expect(readings() - before).toBeGreaterThan(0)
    expect(readings() - before).toBeLessThanOrEqual(2 * Math.ceil((PEOPLE * EVERY_MS) / 2_000 + 1))
  })
})
