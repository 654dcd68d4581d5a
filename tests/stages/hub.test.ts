/**
 * Attio between HubSpot and Salesforce: a change in one reaches the other by way of Attio and comes to rest, and who made
 * it, when and where is still known when it meets another one there.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { canonicalText, type Canonical } from '../../src/core/value.ts'
import { drain } from '../../src/stages/drain.ts'
import type { Engine, MappingRuntime } from '../../src/stages/engine.ts'
import { sweep } from '../../src/stages/sweep.ts'
import type { Conflict } from '../../src/store/waiting.ts'
import {
  altered,
  attioCompany,
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
  remove,
  salesforcePerson,
} from './story.ts'
import { openTestWorld, shippedMapping, type TestWorld, type Vendor } from './world.ts'

const ADA = { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' }

/** Longer than what clocks and stamps leave open. */
const APART_MS = 10_000

let world: TestWorld

beforeEach(async () => {
  world = await openTestWorld({ empty: true, crms: ['hubspot', 'salesforce'] })
  calm(world)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

/** One person in all three CRMs, at rest for a while. */
async function everywhere(): Promise<Record<Vendor, string>> {
  const attio = attioPerson(world, ADA)
  await world.sync()
  await world.advance(60_000)
  const [hubspot = ''] = ids(world, 'hubspot', 'contacts')
  const [salesforce = ''] = ids(world, 'salesforce', 'Contact')
  return { attio, hubspot, salesforce }
}

const WHERE = {
  attio: { object: 'people', field: 'job_title' },
  hubspot: { object: 'contacts', field: 'jobtitle' },
  salesforce: { object: 'Contact', field: 'Title' },
} as const

function retitle(who: Record<Vendor, string>, vendor: Vendor, title: string): void {
  const { object, field } = WHERE[vendor]
  edit(world, vendor, object, who[vendor], { [field]: title })
}

function titles(): Record<Vendor, unknown> {
  return {
    attio: only(held(world, 'attio', 'people')['job_title']),
    hubspot: held(world, 'hubspot', 'contacts')['jobtitle'],
    salesforce: held(world, 'salesforce', 'Contact')['Title'],
  }
}

function all(title: string): Record<Vendor, unknown> {
  return { attio: title, hubspot: title, salesforce: title }
}

function text(value: Canonical): string {
  return typeof value === 'string' ? value : canonicalText(value)
}

/** Values that gave way, with the pairing in which they did. */
function losers(found: readonly Conflict[]): readonly string[] {
  return found
    .flatMap(({ mapping, loser, left, right }) =>
      loser === null ? [] : [`${mapping.split('/')[0]}: ${text(loser === 'left' ? left : right)}`],
    )
    .toSorted()
}

function peopleOf({ pairing }: Engine, object: string): MappingRuntime {
  const mapping = pairing.mappings.find(({ rules }) => rules.object.right === object)
  if (!mapping) throw new Error(`${object} are mapped`)
  return mapping
}

const ORDERS = [
  ['hubspot', 'salesforce'],
  ['salesforce', 'hubspot'],
] as const

describe('a change', () => {
  test.each([
    ['salesforce', 'hubspot'],
    ['hubspot', 'salesforce'],
  ] as const)('in %s reaches %s in one pass, with one write each', async (from, to) => {
    const who = await everywhere()
    const before = world.writes()
    retitle(who, from, 'Countess')
    await world.sync()
    expect(titles()).toEqual(all('Countess'))
    expect(world.writes()).toEqual({ ...before, attio: before.attio + 1, [to]: before[to] + 1 })
    expect(await conflicts(world, 'all')).toEqual([])
  })

  test('in Attio reaches both', async () => {
    const who = await everywhere()
    retitle(who, 'attio', 'Countess')
    await world.sync()
    expect(titles()).toEqual(all('Countess'))
  })

  test.each(ORDERS)('that makes a record makes it everywhere (%s first)', async (...order) => {
    salesforcePerson(world, 'Contact', ADA)
    hubspotPerson(world, { first: 'Charles', last: 'Babbage', email: 'charles@babbage-works.com' })
    await world.sync({ order })
    expect(ids(world, 'attio', 'people')).toHaveLength(2)
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(2)
    expect(ids(world, 'salesforce', 'Contact')).toHaveLength(2)
  })

  test.each([
    ['listed', () => Promise.resolve(0)],
    ['listed and read', drain],
  ])(
    'that makes a record unanswered, which the other pairing had %s when somebody deleted it, makes it once',
    async (_, goOn) => {
      salesforcePerson(world, 'Contact', ADA)
      const [hubspot, salesforce] = await world.engines({ order: ['hubspot', 'salesforce'] })
      if (!hubspot || !salesforce) throw new Error('two pairings')
      const [here, there] = [peopleOf(hubspot, 'contacts'), peopleOf(salesforce, 'Contact')]
      world.faults.attio.replace([{ kind: 'reset-after', mutating: true, times: 1 }])
      await world.run(sweep(salesforce, there, 'right', 3))
      await world.run(drain(salesforce, there))
      await world.run(sweep(hubspot, here, 'left', 3))
      await world.run(Promise.resolve(goOn(hubspot, here)))
      const [created = ''] = ids(world, 'attio', 'people')
      remove(world, 'attio', 'people', created)
      await world.advance(60_000)
      await world.sync()
      await world.sync()
      expect(ids(world, 'attio', 'people')).toEqual([])
      // As the mapping carries deletions.
      expect(ids(world, 'salesforce', 'Contact')).toEqual([])
    },
  )

  test.each(ORDERS)('by somebody known to all three makes nobody twice (%s first)', async (...order) => {
    attioPerson(world, ADA)
    salesforcePerson(world, 'Contact', ADA)
    hubspotPerson(world, ADA)
    await world.sync({ order })
    const [person = ''] = ids(world, 'attio', 'people')
    const [contact = ''] = ids(world, 'hubspot', 'contacts')
    const [other = ''] = ids(world, 'salesforce', 'Contact')
    for (const [vendor, object] of [
      ['attio', 'people'],
      ['hubspot', 'contacts'],
      ['salesforce', 'Contact'],
    ] as const) {
      expect(ids(world, vendor, object), vendor).toHaveLength(1)
    }
    expect(await counterpart(world, 'hubspot', contact)).toBe(person)
    expect(await counterpart(world, 'salesforce', other)).toBe(person)
  })

  test('that removes a person in Attio removes them from both', async () => {
    const who = await everywhere()
    world.attio.edit({ action: 'delete', object: 'people', id: who.attio })
    await world.sync()
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'salesforce', 'Contact')).toEqual([])
  })
})

test('a person whom a mapping deletes in Attio is gone from the other CRM in the same pass', async () => {
  await world.close()
  const mappings = ['companies', 'people', 'deals'].map((name) =>
    name === 'people'
      ? altered(name, ['right-to-left: unlink', 'right-to-left: delete'])
      : shippedMapping(name),
  )
  world = await openTestWorld({ empty: true, crms: ['hubspot', 'salesforce'], mappings })
  calm(world)
  const who = await everywhere()
  world.hubspot.edit({ action: 'delete', object: 'contacts', id: who.hubspot })
  await world.sync({ order: ['salesforce', 'hubspot'] })
  expect(ids(world, 'attio', 'people')).toEqual([])
  expect(ids(world, 'salesforce', 'Contact')).toEqual([])
})

test.each(ORDERS)(
  'what a company that a mapping deletes in Attio leaves behind there is seen in the same pass (%s first)',
  async (...order) => {
    await world.close()
    const mappings = ['companies', 'people', 'deals'].map((name) =>
      name === 'companies'
        ? altered(name, ['right-to-left: unlink', 'right-to-left: delete'])
        : shippedMapping(name),
    )
    world = await openTestWorld({ empty: true, crms: ['hubspot', 'salesforce'], mappings })
    calm(world)
    // Attio lists the person with the company for as long after it is gone.
    Object.assign(world.attio.settings, { replicaLagMs: 500 })
    const company = attioCompany(world, 'Engines', 'engines.example')
    const person = attioPerson(world, ADA)
    edit(world, 'attio', 'people', person, {
      company: [{ target_object: 'companies', target_record_id: company }],
    })
    await world.advance(60_000)
    await world.sync()
    await world.advance(60_000)
    await world.sync()
    const [account = ''] = ids(world, 'salesforce', 'Account')
    expect(held(world, 'salesforce', 'Contact')['AccountId']).toBe(account)
    remove(world, 'hubspot', 'companies', only(ids(world, 'hubspot', 'companies')) as string)
    await world.sync({ order })
    expect(ids(world, 'attio', 'companies')).toEqual([])
    // Salesforce keeps an account that has contacts, so that the reference has to go first.
    expect(held(world, 'salesforce', 'Contact')['AccountId'] ?? null).toBeNull()
    await world.advance(60_000)
    await world.sync({ order })
    expect(ids(world, 'salesforce', 'Account')).toEqual([])
  },
)

describe('a change that came through Attio', () => {
  test('is as old as it was where it was made: a later edit in the other CRM wins', async () => {
    const who = await everywhere()
    retitle(who, 'salesforce', 'Early')
    await world.advance(APART_MS)
    retitle(who, 'hubspot', 'Late')
    await world.advance(APART_MS)
    // Our write of the early one into Attio is the last thing that happens.
    await world.sync({ order: ['salesforce', 'hubspot'] })
    expect(titles()).toEqual(all('Late'))
    expect(losers(await conflicts(world, 'all'))).toEqual(['attio-hubspot: Early'])
  })

  test('is shown as the change of the person who made it, in the CRM where it was made', async () => {
    const who = await everywhere()
    retitle(who, 'hubspot', 'Early')
    const at = world.runtime.now()
    await world.advance(APART_MS)
    retitle(who, 'salesforce', 'Late')
    await world.advance(APART_MS)
    await world.sync({ order: ['hubspot', 'salesforce'] })
    // Salesforce says when a record was edited, and not which of its fields, so that a person has to decide.
    const [conflict] = await conflicts(world)
    expect(conflict).toMatchObject({
      mapping: 'attio-salesforce/people-Contact',
      left: 'Early',
      right: 'Late',
      evidence: { left: { actor: { kind: 'human' }, via: 'hubspot' } },
    })
    expect(Math.abs(Date.parse(conflict?.evidence.left?.at ?? '') - at)).toBeLessThan(1_000)
  })

  test('counts from the decision where a person decided', async () => {
    const who = await everywhere()
    retitle(who, 'attio', 'Left')
    retitle(who, 'hubspot', 'Right')
    await world.sync({ order: ['hubspot', 'salesforce'] })
    await world.advance(APART_MS)
    retitle(who, 'salesforce', 'Third')
    await world.advance(APART_MS)
    const [open] = await conflicts(world)
    if (!open) throw new Error('no conflict')
    const { id, left, right } = open
    await world.store.decideConflict({
      id,
      choice: 'right',
      expect: { left, right },
      atMs: world.runtime.now(),
    })
    await world.sync({ order: ['hubspot', 'salesforce'] })
    expect(titles()).toEqual(all('Right'))
  })
})

test('a write of one pairing that may still arrive is waited for by the other', async () => {
  const who = await everywhere()
  // Which token is ours shows when Attio has answered a write of ours.
  retitle(who, 'hubspot', 'Programmer')
  await world.sync()
  await world.advance(60_000)
  retitle(who, 'hubspot', 'Early')
  await world.advance(APART_MS)
  retitle(who, 'salesforce', 'Late')
  world.faults.attio.replace([{ kind: 'late', mutating: true, times: 1, delayMs: 10_000 }])
  for (const engine of await world.engines({ order: ['hubspot', 'salesforce'] })) {
    const people = engine.pairing.mappings.find(({ rules }) => /^contact/i.test(rules.object.right))
    if (!people) throw new Error('no mapping of people')
    await world.run(sweep(engine, people, 'right', 2))
    // The one sends it and gets no answer; the other has its turn before it arrives.
    await world.run(drain(engine, people))
  }
  await world.advance(60_000)
  await world.sync({ order: ['hubspot', 'salesforce'] })
  const met = await conflicts(world, 'all')
  expect(met.map(({ left, right }) => [left, right])).toEqual([['Early', 'Late']])
  // Salesforce cannot tell when a field was edited: a person decides, and until then the edit stays.
  expect(titles()).toEqual({ ...all('Early'), salesforce: 'Late' })
})

describe('edits of one field in all three CRMs', () => {
  const TIMES = [
    ['attio', 'hubspot', 'salesforce'],
    ['attio', 'salesforce', 'hubspot'],
    ['hubspot', 'attio', 'salesforce'],
    ['hubspot', 'salesforce', 'attio'],
    ['salesforce', 'attio', 'hubspot'],
    ['salesforce', 'hubspot', 'attio'],
  ] as const

  test.each(
    TIMES.flatMap((times) =>
      ORDERS.map((order) => ({ times: times.join(', '), edited: times, first: order[0], order })),
    ),
  )(
    'in the order $times: the last one wins, where that is certain ($first first)',
    async ({ edited, order }) => {
      const who = await everywhere()
      for (const vendor of edited) {
        retitle(who, vendor, `by ${vendor}`)
        await world.advance(APART_MS)
      }
      await world.sync({ order })
      const [first, second, last] = edited
      const lost = losers(await conflicts(world, 'all')).map((line) => line.split(': ')[1])
      const open = (await conflicts(world)).map(({ left, right }) => [left, right])
      if (last === 'salesforce') {
        // Of that one nobody knows for sure that it was the last.
        expect(titles()).toEqual({ ...all(`by ${second}`), salesforce: 'by salesforce' })
        expect(new Set(lost)).toEqual(new Set([`by ${first}`]))
        expect(open).toEqual([[`by ${second}`, 'by salesforce']])
        return
      }
      expect(titles()).toEqual(all(`by ${last}`))
      expect(new Set(lost)).toEqual(new Set([`by ${first}`, `by ${second}`]))
      expect(open).toEqual([])
    },
  )

  test.each(ORDERS)(
    'at once: nothing is overwritten, and all three are on record (%s first)',
    async (...order) => {
      const who = await everywhere()
      for (const vendor of world.vendors) retitle(who, vendor, `by ${vendor}`)
      await world.sync({ order })
      expect(titles()).toEqual({ attio: 'by attio', hubspot: 'by hubspot', salesforce: 'by salesforce' })
      const open = await conflicts(world)
      expect(open.map(({ mapping }) => mapping).toSorted()).toEqual([
        'attio-hubspot/people-contacts',
        'attio-salesforce/people-Contact',
      ])
      expect(open.flatMap(({ left, right }) => [text(left), text(right)]).toSorted()).toEqual([
        'by attio',
        'by attio',
        'by hubspot',
        'by salesforce',
      ])
    },
  )

  test.each(ORDERS)(
    'where one side is preferred, every value that gave way is on record (%s first)',
    async (...order) => {
      const company = world.attio.edit({
        action: 'create',
        object: 'companies',
        values: { name: 'Engines', domains: ['engines.example'] },
      }).id
      await world.sync()
      await world.advance(60_000)
      const [there = ''] = ids(world, 'hubspot', 'companies')
      const [account = ''] = ids(world, 'salesforce', 'Account')
      edit(world, 'attio', 'companies', company, { description: 'by attio' })
      edit(world, 'hubspot', 'companies', there, { description: 'by hubspot' })
      edit(world, 'salesforce', 'Account', account, { Description: 'by salesforce' })
      await world.sync({ order })
      const winner = `by ${order[1]}`
      expect(only(held(world, 'attio', 'companies')['description'])).toBe(winner)
      expect(held(world, 'hubspot', 'companies')['description']).toBe(winner)
      expect(held(world, 'salesforce', 'Account')['Description']).toBe(winner)
      const lost = losers(await conflicts(world, 'all'))
      expect(lost).toEqual([`attio-${order[0]}: by attio`, `attio-${order[1]}: by ${order[0]}`].toSorted())
    },
  )
})
