/** Several workers of one process over one dirty set: each change is written once, each pair linked once (I7, I14). */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { drain } from '../../src/stages/drain.ts'
import { Hands } from '../../src/stages/hands.ts'
import { sweep } from '../../src/stages/sweep.ts'
import {
  altered,
  attioCompany,
  attioPerson,
  calm,
  edit,
  expectOneCounterpartEach,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
  PEOPLE_ONLY,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld } from './world.ts'

const PEOPLE = 6

let world: TestWorld
let engine: Engine
let people: MappingRuntime

beforeEach(async () => {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY, settings: { batchSize: 1 } })
  calm(world)
  engine = await world.engine()
  const [first] = engine.pairing.mappings
  if (!first) throw new Error('no mapping')
  people = first
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** Looks at both sides, then lets as many drains at it as given. */
async function work(drains: number): Promise<void> {
  await world.run(sweep(engine, people, 'left', 3))
  await world.run(sweep(engine, people, 'right', 3))
  await world.run(Promise.all(Array.from({ length: drains }, () => drain(engine, people))))
  await world.sync()
}

test('the two halves of a match, due in batches of their own, are linked once', async () => {
  for (let i = 0; i < PEOPLE; i += 1) {
    const person = { first: `P${i}`, last: 'King', email: `p${i}@king-family.com` }
    attioPerson(world, person)
    hubspotPerson(world, person)
  }
  // So many that both halves of a pair are in hand at once.
  await work(2 * PEOPLE)
  expect(ids(world, 'attio', 'people')).toHaveLength(PEOPLE)
  expect(await world.store.countLinks(people.rules.mapping)).toBe(PEOPLE)
  expectOneCounterpartEach(world)
})

test('whoever finds that somebody else linked a record first looks again, however long it had waited', async () => {
  const person = { first: 'Ada', last: 'King', email: 'ada@king-family.com' }
  attioPerson(world, person)
  hubspotPerson(world, person)
  await world.run(sweep(engine, people, 'left', 3))
  await world.run(sweep(engine, people, 'right', 3))
  const { mapping } = people.rules
  const { store } = engine
  for (let i = 0; i < 50; i += 1) {
    const nowMs = engine.runtime.now()
    const dirty = await store.claimDirty({ mapping, limit: 100, nowMs, leaseMs: 1_000 })
    expect(dirty).toHaveLength(2)
    const postponed = dirty.map((record) => ({ kind: 'postpone', mapping, record, dueMs: nowMs }) as const)
    await store.commitPlans(postponed)
  }
  let others = 0
  const overtaken: typeof store = Object.create(store, {
    commitPlans: {
      // Between the decision and its commit, another process does the other half of the pair.
      value: async (...plans: Parameters<typeof store.commitPlans>) => {
        others += 1
        if (others === 1) await drain({ ...engine, inHand: new Hands() }, people)
        return store.commitPlans(...plans)
      },
    },
  })
  await world.run(drain({ ...engine, store: overtaken }, people))
  expect(others).toBeGreaterThan(1)
  expect(await store.countLinks(mapping)).toBe(1)
  expectOneCounterpartEach(world)
})

test.each([
  ['its match was found', 'components'],
  ['its match was decided', 'commitPlans'],
] as const)('a record that is created for after %s is not linked with another one', async (_when, step) => {
  await world.close()
  world = await openTestWorld({ empty: true, mappings: [shippedMapping('companies')] })
  calm(world)
  engine = await world.engine()
  const [companies] = engine.pairing.mappings
  if (!companies) throw new Error('no mapping')
  const { store } = engine
  attioCompany(world, 'King', 'king-family.com')
  await world.run(sweep(engine, companies, 'left', 3))

  // Decided to create, and not begun: somebody enters the same company in the other CRM, and it is listed.
  const decided = Promise.withResolvers<void>()
  const considered = Promise.withResolvers<void>()
  const created = Promise.withResolvers<void>()
  const creating: typeof store = Object.create(store, {
    beginWrites: {
      value: async (...args: Parameters<typeof store.beginWrites>) => {
        decided.resolve()
        await considered.promise
        return store.beginWrites(...args)
      },
    },
  })
  // Considered while the link is half, and committed when it is whole.
  const waitFor = async () => {
    considered.resolve()
    await created.promise
  }
  const linking: typeof store = Object.create(store, {
    [step]: {
      value: async (...args: never) => {
        if (step === 'commitPlans') await waitFor()
        const answer: unknown = await (store[step] as (...same: never) => Promise<unknown>)(...args)
        if (step === 'components') await waitFor()
        return answer
      },
    },
  })
  const creator = async () => {
    await drain({ ...engine, store: creating }, companies)
    created.resolve()
  }
  const linker = async () => {
    await decided.promise
    hubspotCompany(world, 'King & Co', 'king-family.com')
    await sweep(engine, companies, 'right', 3)
    await drain({ ...engine, store: linking }, companies)
  }
  await world.run(Promise.all([creator(), linker()]))
  await world.sync()
  expect(await store.countLinks(companies.rules.mapping)).toBe(1)
  expect(await store.quarantined(10)).toEqual([])
  // Two of one kind, which a person has to put right.
  expect(await store.reviews(10)).toMatchObject([{ kind: 'duplicate' }])
})

test('what was found alone and has become half of a pair meanwhile is not settled as a record without one', async () => {
  const { store } = engine
  attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.run(sweep(engine, people, 'left', 3))
  const created = Promise.withResolvers<void>()
  const found = Promise.withResolvers<void>()
  const known = Promise.withResolvers<void>()
  const creating: typeof store = Object.create(store, {
    ackWrites: {
      value: async (...args: Parameters<typeof store.ackWrites>) => {
        created.resolve()
        await found.promise
        return store.ackWrites(...args)
      },
    },
  })
  const finding: typeof store = Object.create(store, {
    load: {
      value: async (...args: Parameters<typeof store.load>) => {
        const subjects = await store.load(...args)
        found.resolve()
        await known.promise
        return subjects
      },
    },
  })
  const creator = async () => {
    await drain({ ...engine, store: creating }, people)
    known.resolve()
  }
  // What is typed into the new record before anybody knows of it is listed as of a record without a pair.
  const finder = async () => {
    await created.promise
    edit(world, 'hubspot', 'contacts', ids(world, 'hubspot', 'contacts')[0] ?? '', { jobtitle: 'Countess' })
    await sweep(engine, people, 'right', 3)
    await drain({ ...engine, store: finding, inHand: new Hands() }, people)
  }
  await world.run(Promise.all([creator(), finder()]))
  await world.sync()
  expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
  expect(await store.reviews(10)).toEqual([])
})

test('what became half of a pair between the decision and its commit is not settled as a record without one', async () => {
  await world.close()
  const mappings = [
    altered('people', ['create: { left: yes, right: yes }', 'create: { left: no, right: yes }']),
  ]
  world = await openTestWorld({ empty: true, mappings, settings: { batchSize: 1 } })
  calm(world)
  const own = await world.engine()
  const [mapping] = own.pairing.mappings
  if (!mapping) throw new Error('no mapping')
  const { store } = own
  attioPerson(world, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
  await world.run(sweep(own, mapping, 'left', 3))
  const created = Promise.withResolvers<void>()
  const decided = Promise.withResolvers<void>()
  const known = Promise.withResolvers<void>()
  const creating: typeof store = Object.create(store, {
    ackWrites: {
      value: async (...args: Parameters<typeof store.ackWrites>) => {
        created.resolve()
        await decided.promise
        return store.ackWrites(...args)
      },
    },
  })
  const finding: typeof store = Object.create(store, {
    commitPlans: {
      value: async (...args: Parameters<typeof store.commitPlans>) => {
        decided.resolve()
        await known.promise
        return store.commitPlans(...args)
      },
    },
  })
  const creator = async () => {
    await drain({ ...own, store: creating }, mapping)
    known.resolve()
  }
  // Nothing that the contact shows now tells whose it is, and nobody would be created for it.
  const finder = async () => {
    await created.promise
    const [contact = ''] = ids(world, 'hubspot', 'contacts')
    edit(world, 'hubspot', 'contacts', contact, { email: '', attio_record_id: '', jobtitle: 'Countess' })
    await sweep(own, mapping, 'right', 3)
    await drain({ ...own, store: finding, inHand: new Hands() }, mapping)
  }
  await world.run(Promise.all([creator(), finder()]))
  await world.sync()
  expect(only(held(world, 'attio', 'people')['job_title'])).toBe('Countess')
})

test('both halves of a pair, changed in different fields, are written once each', async () => {
  for (let i = 0; i < PEOPLE; i += 1) {
    attioPerson(world, { first: `P${i}`, last: 'King', email: `p${i}@king-family.com`, job: 'Clerk' })
  }
  await work(1)
  await world.advance(600_000)
  for (const id of ids(world, 'attio', 'people'))
    edit(world, 'attio', 'people', id, { job_title: 'Countess' })
  const contacts = ids(world, 'hubspot', 'contacts')
  for (const id of contacts) edit(world, 'hubspot', 'contacts', id, { phone: '+14155550100' })
  const before = world.writes()
  await work(4)
  expect(world.writes().attio - before.attio).toBe(PEOPLE)
  for (const id of contacts) {
    expect(held(world, 'hubspot', 'contacts', id)).toMatchObject({
      jobtitle: 'Countess',
      phone: '+14155550100',
    })
  }
})
