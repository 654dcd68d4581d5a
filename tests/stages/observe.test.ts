/** OBSERVE by bells: what a delivery leaves behind, before anybody has looked. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Bell } from '../../src/core/bell.ts'
import type { Engine } from '../../src/stages/engine.ts'
import { observe } from '../../src/stages/observe.ts'
import type { Store } from '../../src/store/store.ts'
import { attioPerson, calm, edit, held, hubspotPerson, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const MAPPING = 'attio-hubspot/people-contacts'

let world: TestWorld
let engine: Engine

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  engine = await world.engine()
})

afterEach(() => world.close())

function bell(record: string, more: Partial<Bell> = {}): Bell {
  return {
    object: 'people',
    record,
    kind: 'changed',
    into: null,
    at: null,
    version: null,
    actor: { kind: 'human', id: 'u1' },
    fields: [],
    key: `key-of-${record}`,
    ...more,
  }
}

const ring = (...bells: readonly Bell[]) => observe(engine, { connection: 'attio', bells })

async function dirty(store: Store = world.store, mapping = MAPPING) {
  const rows = await store.claimDirty({ mapping, limit: 100, nowMs: Number.MAX_SAFE_INTEGER, leaseMs: 0 })
  return rows.map(({ side, id, lane, reasons }) => `${side} ${id} ${lane} ${reasons.join('+')}`).toSorted()
}

describe('a delivery', () => {
  test('marks every record it names in the first lane, in one transaction', async () => {
    let transactions = 0
    const counting = new Proxy(world.store, {
      get(target, name: keyof Store) {
        if (name === 'appendChanges') transactions += 1
        return target[name].bind(target)
      },
    })
    const outcome = await observe(
      { ...engine, store: counting },
      { connection: 'attio', bells: [bell('a'), bell('b', { kind: 'removed' })] },
    )
    expect(outcome).toEqual({ unkept: 0, changes: 2, repeated: 0, echoes: 0, marked: 2 })
    expect(transactions).toBe(1)
    expect(await dirty()).toEqual(['left a 0 webhook', 'left b 0 archived'])
  })

  test('that comes again changes nothing', async () => {
    await ring(bell('a'))
    const before = await dirty()
    expect(await ring(bell('a'))).toMatchObject({ changes: 1, repeated: 1, marked: 0 })
    expect(await dirty()).toEqual(before)
  })

  test('is due after the rest that lets a whole save arrive', async () => {
    await ring(bell('a'))
    const nowMs = world.runtime.now()
    expect(await world.store.backlog({ mapping: MAPPING, nowMs })).toMatchObject({
      due: 0,
      nextDueMs: nowMs + 300,
    })
  })

  test('about objects that no mapping keeps, or of another connection, is dropped and counted', async () => {
    expect(await ring(bell('a', { object: 'deals' }), bell('b'))).toMatchObject({ unkept: 1, marked: 1 })
    const elsewhere = await observe(engine, { connection: 'salesforce', bells: [bell('c')] })
    expect(elsewhere).toEqual({ unkept: 1, changes: 0, repeated: 0, echoes: 0, marked: 0 })
    expect(await dirty()).toEqual(['left b 0 webhook'])
  })

  test('of nothing, or for nobody, is an answer too', async () => {
    const nothing = { unkept: 0, changes: 0, repeated: 0, echoes: 0, marked: 0 }
    expect(await ring()).toEqual(nothing)
    expect(await observe([], { connection: 'attio', bells: [bell('a')] })).toEqual({ ...nothing, unkept: 1 })
  })

  test('of a merge marks the record that is no more and the one that took over', async () => {
    expect(await ring(bell('old', { kind: 'merged', into: 'new' }))).toMatchObject({ changes: 2, marked: 2 })
    expect(await dirty()).toEqual(['left new 0 webhook', 'left old 0 webhook'])
  })

  test('marks the record in every mapping of every pairing that keeps it', async () => {
    const { pairing } = engine
    const [mapping] = pairing.mappings
    if (!mapping) throw new Error('no mapping')
    const rules = { ...mapping.rules, mapping: 'second/people-contacts' }
    const second: Engine = {
      ...engine,
      pairing: { ...pairing, name: 'second', mappings: [{ ...mapping, rules }] },
    }
    const outcome = await observe([engine, second], { connection: 'attio', bells: [bell('a')] })
    expect(outcome).toMatchObject({ changes: 2, marked: 2 })
    expect(await dirty()).toEqual(['left a 0 webhook'])
    expect(await dirty(world.store, 'second/people-contacts')).toEqual(['left a 0 webhook'])
  })

  test('that cannot be stored leaves nothing behind, and is told', async () => {
    const broken: Engine = {
      ...engine,
      store: { ...world.store, appendChanges: () => Promise.reject(new Error('disk full')) },
    }
    await expect(observe(broken, { connection: 'attio', bells: [bell('a')] })).rejects.toThrow('disk full')
    expect(await dirty()).toEqual([])
  })

  test('ends the rest of whoever waits for work, unless it says nothing new', async () => {
    const resting = engine.wake.rest(60_000, engine.signal)
    const startedMs = world.runtime.now()
    await ring(bell('a'))
    await world.run(resting)
    expect(world.runtime.now() - startedMs).toBe(0)
    await ring(bell('a'))
    await world.run(engine.wake.rest(60_000, engine.signal))
    expect(world.runtime.now() - startedMs).toBe(60_000)
  })
})

describe('an echo', () => {
  const VERSION = '2026-11-01T09:00:00.000Z'

  beforeEach(async () => {
    const agreed = { side: 'right', id: 'contact' } as const
    await world.store.commitPlans([
      { kind: 'agree-record', mapping: MAPPING, record: agreed, fingerprint: 'f', version: VERSION },
    ])
  })

  const about = (more: Partial<Bell>) =>
    observe(engine, {
      connection: 'hubspot',
      bells: [bell('contact', { object: 'contacts', version: VERSION, ...more })],
    })

  test('of our own write is logged and not looked at', async () => {
    expect(await about({ actor: { kind: 'us', id: 'app' } })).toMatchObject({ echoes: 1, marked: 0 })
    expect(await dirty()).toEqual([])
  })

  test.each<[string, Partial<Bell>]>([
    ['by somebody else at the same moment', { actor: { kind: 'human', id: 'u1' } }],
    ['by us at another version', { actor: { kind: 'us', id: 'app' }, version: '2026-11-01T09:00:00.001Z' }],
    ['by us without a version', { actor: { kind: 'us', id: 'app' }, version: null }],
    ['by us that removed the record', { actor: { kind: 'us', id: 'app' }, kind: 'removed' }],
  ])('is none %s', async (_, more) => {
    expect(await about(more)).toMatchObject({ echoes: 0, marked: 1 })
    expect(await dirty()).toHaveLength(1)
  })
})

test('a complete pass carries over an edit whose record rests, and waits for nothing that rests', async () => {
  const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  await world.advance(60_000)
  await ring(bell(ada, { actor: { kind: 'us', id: 'app' } }), bell('unheard of', { kind: 'removed' }))
  edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
  const startedMs = world.runtime.now()
  await world.sync()
  expect(held(world, 'hubspot', 'contacts')['jobtitle']).toBe('Countess')
  // A second of it is for what vendors do after a write.
  expect(world.runtime.now() - startedMs).toBeLessThan(4_000)
})

test('who rang is kept for explanations', async () => {
  const ada = attioPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  hubspotPerson(world, { first: 'Ada', email: 'ada@king-family.com' })
  await world.sync()
  await ring(bell(ada, { at: '2026-11-01T09:00:01.000Z' }))
  const [link] = await world.store.findLinks(ada)
  const { changes } = await world.store.history({ link: link?.id ?? '', limit: 10 })
  expect(changes[0]).toMatchObject({
    source: 'webhook',
    record: ada,
    actor: { kind: 'human', id: 'u1' },
    vendorAt: '2026-11-01T09:00:01.000Z',
    atMs: world.runtime.now(),
  })
})
