/** `apply` performs exactly the plan, or a part of it, and never anything else (I20). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/compose.ts'
import { applyPlan, type Applied } from '../../src/stages/apply.ts'
import type { Rehearsal } from '../../src/stages/dry-run.ts'
import { runPass } from '../../src/stages/pass.ts'
import type { OperationOutcome, PlannedWrite } from '../../src/stages/planned.ts'
import type { Store } from '../../src/store/store.ts'
import { openBusyWorld, pictureOf, type BusyWorld } from './busy-world.ts'
import { deedsOf, inOrder, makePlan, plannedDeeds, type Deed } from './plans.ts'
import { workUntilDeath } from './process.ts'
import {
  attioPerson,
  calm,
  edit,
  expectOneCounterpartEach,
  hubspotPerson,
  ids,
  live,
  peopleMapping,
  remove,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let busy: BusyWorld
let world: TestWorld

beforeAll(async () => {
  busy = await openBusyWorld((prepared) => {
    hubspotPerson(prepared, { first: 'Robert', last: 'Byron', email: 'bob@byron-poems.com', job: 'Poet' })
  })
  world = busy.world
})

afterAll(() => busy.close())

interface Moment {
  readonly store: Store
  readonly plan: Rehearsal
}

async function planAtTheMoment(): Promise<Moment> {
  const { store, file } = await busy.rewind()
  return { store, plan: await makePlan(world, { from: file, copy: busy.freshFile() }) }
}

async function apply(
  { store, plan }: Moment,
  options: { guardsAccepted?: boolean; earlier?: readonly string[] } = {},
): Promise<Applied & { readonly deeds: readonly Deed[]; readonly run: string }> {
  const engine = await world.engine({ store, guardsAccepted: options.guardsAccepted ?? false })
  const applied = await world.run(
    applyPlan(engine, plan, {
      progress: { report: () => undefined },
      earlier: options.earlier ?? [],
      madeMs: world.runtime.now(),
    }),
  )
  return { ...applied, deeds: await deedsOf(store, engine.run), run: engine.run }
}

const outcomes = ({ operations }: Applied): Record<string, number> =>
  Object.fromEntries(
    [...Map.groupBy(operations, ({ outcome }) => outcome)].map(([outcome, all]) => [outcome, all.length]),
  )

function isWrite(outcome: OperationOutcome): outcome is OperationOutcome & { operation: PlannedWrite } {
  return 'kind' in outcome.operation
}

describe('on an unchanged world', () => {
  test('exactly the plan is performed, with the requests of a pass, and nothing is left to do', async () => {
    const passing = await busy.rewind()
    const before = world.writes()
    const engine = await world.engine({ store: passing.store })
    await world.run(runPass(engine, { report: () => undefined }))
    const ofPass = difference(before, world.writes())
    await passing.store.close()

    const moment = await planAtTheMoment()
    const start = world.writes()
    const applied = await apply(moment)
    expect(difference(start, world.writes()), 'mutating requests, as of a pass').toEqual(ofPass)
    expect(outcomes(applied)).toEqual({ applied: moment.plan.writes.length + moment.plan.links.length })
    expect(applied.unplanned).toBe(0)
    expect(inOrder(applied.deeds)).toEqual(inOrder(plannedDeeds(moment.plan.writes)))
    const links = await linksMadeIn(moment.store, applied.run)
    expect(links).toEqual(moment.plan.links.map(({ left, right }) => ({ left, right, state: 'live' })))

    const after = world.writes()
    await world.sync({ store: moment.store })
    expect(world.writes(), 'a pass afterwards').toEqual(after)
    expectOneCounterpartEach(world)
    await moment.store.close()
  })

  test('operations that were taken out of the plan are not executed, and a pass does them later', async () => {
    const moment = await planAtTheMoment()
    const { writes } = moment.plan
    const isTakenOut = ({ kind, fields }: PlannedWrite) =>
      kind === 'remove' || kind === 'associate' || fields.some(({ field }) => field === 'phone_numbers')
    const rest = writes.filter((write) => !isTakenOut(write))
    expect(rest.length).toBeLessThan(writes.length)
    const applied = await apply({ ...moment, plan: { ...moment.plan, writes: rest } })
    expect(inOrder(applied.deeds)).toEqual(inOrder(plannedDeeds(rest)))
    expect(outcomes(applied)).toEqual({ applied: rest.length + moment.plan.links.length })
    expect(applied.unplanned).toBeGreaterThan(0)

    const engine = await world.engine({ store: moment.store })
    await world.run(runPass(engine, { report: () => undefined }))
    const later = await deedsOf(moment.store, engine.run)
    expect(inOrder(later)).toEqual(inOrder(plannedDeeds(writes.filter(isTakenOut))))
    await moment.store.close()
  })

  test('a second time everything is stale, and nothing is written twice', async () => {
    const moment = await planAtTheMoment()
    await apply(moment)
    const before = world.writes()
    const again = await apply(moment)
    expect(world.writes()).toEqual(before)
    expect(outcomes(again)).toEqual({ stale: moment.plan.writes.length + moment.plan.links.length })
    expect(again.operations.every(({ because }) => because !== '')).toBe(true)
    await moment.store.close()
  })
})

test.each([1, 2, 3])(
  'on an untidy generated world (seed %i): all of the plan, and exactly that',
  async (seed) => {
    const generated = await openTestWorld({ people: 40, contradictions: 0.1, seed })
    const files = { from: busy.freshFile(), copy: busy.freshFile() }
    const store = await openStore({ file: files.from })
    const plan = await makePlan(generated, files)
    expect(plan.writes.some(({ mapping, kind }) => mapping.includes('deals') && kind === 'create')).toBe(true)
    const engine = await generated.engine({ store })
    const progress = { report: () => undefined }
    const applied = await generated.run(
      applyPlan(engine, plan, { progress, earlier: [], madeMs: generated.runtime.now() }),
    )
    expect(applied.operations.filter(({ outcome }) => outcome !== 'applied')).toEqual([])
    expect(inOrder(await deedsOf(store, engine.run))).toEqual(inOrder(plannedDeeds(plan.writes)))
    await store.close()
    await generated.close()
  },
)

describe('on a world that changed since', () => {
  const changes: readonly (readonly [string, () => void, RegExp])[] = [
    [
      'the value that was to be carried over',
      () => edit(world, 'attio', 'people', personNamed('Ada'), { job_title: ['Poet'] }),
      /another value would be written to job_title now/,
    ],
    [
      'the value that was to be overwritten',
      () => edit(world, 'hubspot', 'contacts', contactNamed('Ada'), { jobtitle: 'Enchantress' }),
      /conflict|job_title/,
    ],
    [
      'a value that a record was to be created with',
      () => edit(world, 'hubspot', 'contacts', contactNamed('Carol'), { jobtitle: 'Scout' }),
      /another value would be written to job_title now/,
    ],
    [
      'another value of a record that was to be written',
      () => edit(world, 'attio', 'people', personNamed('Ada'), { linkedin: 'https://linkedin.com/in/ada' }),
      /linkedin would be written as well now/,
    ],
    [
      'the company that a contact was to be associated with',
      () => edit(world, 'attio', 'people', personNamed('Ada'), { company: [] }),
      /company/,
    ],
    [
      'a record that is gone',
      () => remove(world, 'hubspot', 'contacts', contactNamed('Carol')),
      /gone|changed/,
    ],
    [
      'a counterpart that somebody made by hand',
      () => {
        const values = { name: [{ first_name: 'Carol', last_name: 'Wise', full_name: 'Carol Wise' }] }
        const email_addresses = ['carol@wise-guides.com']
        world.attio.edit({ action: 'create', object: 'people', values: { ...values, email_addresses } })
      },
      /linked with another|counterpart/,
    ],
    [
      'a record that was to be removed',
      () => edit(world, 'hubspot', 'contacts', contactNamed('Dan'), { jobtitle: 'Pilot' }),
      /gone|changed/,
    ],
  ]

  test.each(changes)('%s makes its operation stale, and the others go on', async (_what, change, because) => {
    const moment = await planAtTheMoment()
    await world.advance(60_000)
    change()
    const applied = await apply(moment)
    const stale = applied.operations.filter(({ outcome }) => outcome === 'stale')
    expect(stale.length).toBeGreaterThan(0)
    expect(stale.length, 'what is stale beside it follows from it').toBeLessThanOrEqual(3)
    expect(stale.map((each) => each.because).join()).toMatch(because)
    const planned = inOrder(plannedDeeds(moment.plan.writes)).map((deed) => JSON.stringify(deed))
    for (const deed of applied.deeds) expect(planned, 'nothing is improvised').toContain(JSON.stringify(deed))
    const written = applied.operations.filter(isWrite).filter(({ outcome }) => outcome === 'applied')
    expect(inOrder(applied.deeds)).toEqual(inOrder(plannedDeeds(written.map(({ operation }) => operation))))
    await moment.store.close()
  })

  test('what the plan does not say is not done either: a pair that lost a record is left as it is', async () => {
    const moment = await planAtTheMoment()
    const ada = contactNamed('Ada')
    remove(world, 'hubspot', 'contacts', ada)
    const applied = await apply(moment)
    expect(outcomes(applied)['applied']).toBeGreaterThan(3)
    expect(await moment.store.findLinks(ada)).toMatchObject([{ right: ada, state: 'live' }])
    await world.sync({ store: moment.store })
    expect(await moment.store.findLinks(ada)).toMatchObject([{ right: ada, state: 'unlinked' }])
    await moment.store.close()
  })

  test(
    'whichever record is touched: what is executed is a part of the plan',
    { timeout: 60_000 },
    async () => {
      const { plan, store } = await planAtTheMoment()
      await store.close()
      const sources = new Map(plan.writes.map((write) => [`${write.side}/${write.source}`, write]))
      expect(sources.size).toBeGreaterThan(3)
      for (const { side, source, mapping } of sources.values()) {
        const moment = await planAtTheMoment()
        touch(side === 'right' ? 'attio' : 'hubspot', mapping, source)
        const { deeds, operations } = await apply(moment)
        const planned = new Set(plannedDeeds(moment.plan.writes).map((deed) => JSON.stringify(deed)))
        expect(deeds.every((deed) => planned.has(JSON.stringify(deed)))).toBe(true)
        expect(operations.length).toBe(moment.plan.writes.length + moment.plan.links.length)
        await moment.store.close()
      }
    },
  )
})

describe('with a mapping of its own', () => {
  let own: TestWorld
  let store: Store
  let file: string

  async function open(field: string): Promise<void> {
    own = await openTestWorld({ empty: true, mappings: [peopleMapping(field)] })
    calm(own)
    file = busy.freshFile()
    store = await openStore({ file })
  }

  afterEach(async () => {
    await store.close()
    await own.close()
  })

  async function applyOwn(plan: Rehearsal): Promise<Applied> {
    const engine = await own.engine({ store })
    return own.run(
      applyPlan(engine, plan, {
        progress: { report: () => undefined },
        earlier: [],
        madeMs: own.runtime.now(),
      }),
    )
  }

  test('an operation that comes out the same on other grounds is stale', async () => {
    await open('{ left: job_title, right: jobtitle, conflict: prefer-left }')
    const ada = attioPerson(own, { first: 'Ada', email: 'ada@king-family.com', job: 'Engineer' })
    await own.sync({ store })
    const [contact = ''] = ids(own, 'hubspot', 'contacts')
    edit(own, 'attio', 'people', ada, { job_title: ['Countess'] })
    const plan = await makePlan(own, { from: file, copy: busy.freshFile() })
    expect(plan.writes).toMatchObject([{ fields: [{ before: 'Engineer', after: 'Countess' }] }])
    edit(own, 'attio', 'people', ada, { job_title: ['Sage'] })
    await own.sync({ store })
    // As the plan saw it, but now two people disagree and a rule decides.
    edit(own, 'attio', 'people', ada, { job_title: ['Countess'] })
    edit(own, 'hubspot', 'contacts', contact, { jobtitle: 'Engineer' })
    const applied = await applyOwn(plan)
    expect(applied.operations).toMatchObject([
      { outcome: 'stale', because: 'what the decision rests on changed since the plan was made' },
    ])
    expect(live(own, 'hubspot', 'contacts')[contact]?.values['jobtitle']).toBe('Engineer')
  })

  test('a pair is made with the question that it raises, and neither without being in the plan', async () => {
    await open('{ left: job_title, right: jobtitle, conflict: ask, seed: ask }')
    attioPerson(own, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Engineer' })
    hubspotPerson(own, { first: 'Ada', last: 'King', email: 'ada@king-family.com', job: 'Poet' })
    const plan = await makePlan(own, { from: file, copy: busy.freshFile() })
    expect(plan).toMatchObject({ writes: [], links: [{}], conflicts: [{ field: 'job_title' }] })
    expect((await applyOwn({ ...plan, links: [] })).operations).toEqual([])
    expect(await store.status(own.runtime.now())).toMatchObject({ links: 0, openConflicts: 0 })
    expect(outcomes(await applyOwn(plan))).toEqual({ applied: 1 })
    expect(await store.status(own.runtime.now())).toMatchObject({ links: 1, openConflicts: 1 })
  })
})

test('a plan that deletes too much stops before the first call, and goes on when that is accepted', async () => {
  const moment = await planAtTheMoment()
  const removal = moment.plan.writes.find(({ kind }) => kind === 'remove')
  if (!removal) throw new Error('nothing is removed')
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...removal,
    record: `${9_000 + i}`,
    source: `gone-${i}`,
  }))
  const plan = { ...moment.plan, writes: [...moment.plan.writes, ...many] }
  const before = world.writes()
  await expect(apply({ ...moment, plan })).rejects.toMatchObject({ guard: 'mass-deletion' })
  expect(world.writes()).toEqual(before)
  expect(outcomes(await apply({ ...moment, plan }, { guardsAccepted: true }))).toMatchObject({ stale: 40 })
  await moment.store.close()
})

test('what a CRM refuses has failed, with its words, and the rest is applied', async () => {
  const moment = await planAtTheMoment()
  const title = moment.plan.writes.find(
    ({ kind, fields }) => kind === 'update' && fields.some(({ after }) => after === 'Countess'),
  )
  world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'rate-limit', path: '/batch/update', times: 200 }])
  const applied = await apply(moment)
  world.faults.hubspot.replace([])
  const failed = applied.operations.filter(({ outcome }) => outcome === 'failed')
  expect(failed.map(({ operation }) => operation)).toContain(title)
  expect(failed.every(({ because }) => because.startsWith('hubspot: '))).toBe(true)
  expect(outcomes(applied)['applied']).toBeGreaterThan(3)
  // Carried out again, it goes on where it stopped.
  await world.advance(600_000)
  const rest = await apply(moment, { earlier: [applied.run] })
  expect(outcomes(rest)).toEqual({ applied: applied.operations.length })
  await moment.store.close()
})

test.each([1, 4])('a write that is told %i times to wait is decided again, and sent', async (times) => {
  const moment = await planAtTheMoment()
  const writes = moment.plan.writes.filter(
    ({ kind, fields }) => kind === 'update' && fields.some(({ after }) => after === 'Countess'),
  )
  expect(writes).toHaveLength(1)
  world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'rate-limit', path: '/batch/update', times }])
  const applied = await apply({ ...moment, plan: { ...moment.plan, writes, links: [] } })
  expect(outcomes(applied)).toEqual({ applied: 1 })
  await moment.store.close()
})

describe('killed after any effect and started again', () => {
  const run = 'the-run-of-this-plan'

  async function applyWith(store: Store, plan: Rehearsal): Promise<Applied> {
    const engine = { ...(await world.engine({ store })), run }
    return world.run(
      applyPlan(engine, plan, {
        progress: { report: () => undefined },
        earlier: [],
        madeMs: world.runtime.now(),
      }),
    )
  }

  test('it performs the rest of the plan, nothing twice', { timeout: 120_000 }, async () => {
    const first = await planAtTheMoment()
    const effects = await workUntilDeath(world, first.store, Number.POSITIVE_INFINITY, (store) =>
      applyWith(store, first.plan),
    )
    const undisturbed = pictureOf(world)
    await first.store.close()
    expect(effects).toBeGreaterThan(30)
    for (let diesAfter = 1; diesAfter <= effects; diesAfter += 1) {
      const { store, plan } = await planAtTheMoment()
      try {
        await workUntilDeath(world, store, diesAfter, (mortal) => applyWith(mortal, plan))
        await store.releaseClaims()
        const { operations } = await applyWith(store, plan)
        expect(operations.filter(({ outcome }) => outcome !== 'applied')).toEqual([])
        expect(pictureOf(world)).toEqual(undisturbed)
        expect(inOrder(await deedsOf(store, run))).toEqual(inOrder(plannedDeeds(plan.writes)))
        expectOneCounterpartEach(world)
      } catch (error) {
        throw new Error(`killed after effect ${diesAfter} of ${effects}`, { cause: error })
      } finally {
        await store.close()
      }
    }
  })
})

function difference(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(after).map(([key, count]) => [key, count - (before[key] ?? 0)]))
}

async function linksMadeIn(store: Store, run: string): Promise<unknown[]> {
  const journal = await store.runJournal({ run, olderThan: null, limit: 1_000 })
  return journal.filter(({ kind }) => kind === 'link').map(({ after }) => after)
}

function personNamed(first: string): string {
  const people = Object.entries(live(world, 'attio', 'people'))
  const named = people.find(([, { values }]) => JSON.stringify(values['name'] ?? '').includes(first))
  if (!named) throw new Error(`nobody is called ${first}`)
  return named[0]
}

function contactNamed(first: string): string {
  const contacts = Object.entries(live(world, 'hubspot', 'contacts'))
  const named = contacts.find(([, { values }]) => values['firstname'] === first)
  if (!named) throw new Error(`no contact is called ${first}`)
  return named[0]
}

/** Some edit of a record, or its removal where it is gone already. */
function touch(vendor: 'attio' | 'hubspot', mapping: string, id: string): void {
  const isPerson = mapping.endsWith('people-contacts')
  const object =
    vendor === 'attio' ? (isPerson ? 'people' : 'companies') : isPerson ? 'contacts' : 'companies'
  if (!ids(world, vendor, object).includes(id)) return
  const values: Record<string, unknown> =
    vendor === 'attio'
      ? isPerson
        ? { job_title: ['Touched'] }
        : { description: 'Touched' }
      : isPerson
        ? { jobtitle: 'Touched' }
        : { description: 'Touched' }
  edit(world, vendor, object, id, values)
}
