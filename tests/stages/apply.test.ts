/** `apply` performs exactly the plan, or a part of it, and never anything else (I20). */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openStore } from '../../src/compose.ts'
import { applyPlan, type Applied } from '../../src/stages/apply.ts'
import type { Rehearsal } from '../../src/stages/dry-run.ts'
import { runPass } from '../../src/stages/pass.ts'
import type { PlannedWrite } from '../../src/stages/planned.ts'
import type { Store } from '../../src/store/store.ts'
import { pictureOf, type BusyWorld } from './busy-world.ts'
import { deedsOf, inOrder, makePlan, plannedDeeds } from './plans.ts'
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
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'
import { apply, openWorldOfPlans, outcomes, planAtTheMoment } from './applying.ts'

let busy: BusyWorld
let world: TestWorld

beforeAll(async () => {
  busy = await openWorldOfPlans()
  world = busy.world
})

afterAll(() => busy.close())

describe('on an unchanged world', () => {
  test('exactly the plan is performed, with the requests of a pass, and nothing is left to do', async () => {
    const passing = await busy.rewind()
    const before = world.writes()
    const engine = await world.engine({ store: passing.store })
    await world.run(runPass(engine, { report: () => undefined }))
    const ofPass = difference(before, world.writes())
    await passing.store.close()

    const moment = await planAtTheMoment(busy)
    const start = world.writes()
    const applied = await apply(world, moment)
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
    const moment = await planAtTheMoment(busy)
    const { writes } = moment.plan
    const isTakenOut = ({ kind, fields }: PlannedWrite) =>
      kind === 'remove' || kind === 'associate' || fields.some(({ field }) => field === 'phone_numbers')
    const rest = writes.filter((write) => !isTakenOut(write))
    expect(rest.length).toBeLessThan(writes.length)
    const applied = await apply(world, { ...moment, plan: { ...moment.plan, writes: rest } })
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
    const moment = await planAtTheMoment(busy)
    await apply(world, moment)
    const before = world.writes()
    const again = await apply(world, moment)
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
  const moment = await planAtTheMoment(busy)
  const removal = moment.plan.writes.find(({ kind }) => kind === 'remove')
  if (!removal) throw new Error('nothing is removed')
  const many = Array.from({ length: 40 }, (_, i) => ({
    ...removal,
    record: `${9_000 + i}`,
    source: `gone-${i}`,
  }))
  const plan = { ...moment.plan, writes: [...moment.plan.writes, ...many] }
  const before = world.writes()
  await expect(apply(world, { ...moment, plan })).rejects.toMatchObject({ guard: 'mass-deletion' })
  expect(world.writes()).toEqual(before)
  expect(outcomes(await apply(world, { ...moment, plan }, { guardsAccepted: true }))).toMatchObject({
    stale: 40,
  })
  await moment.store.close()
})

test('what a CRM refuses has failed, with its words, and the rest is applied', async () => {
  const moment = await planAtTheMoment(busy)
  const title = moment.plan.writes.find(
    ({ kind, fields }) => kind === 'update' && fields.some(({ after }) => after === 'Countess'),
  )
  world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'rate-limit', path: '/batch/update', times: 200 }])
  const applied = await apply(world, moment)
  world.faults.hubspot.replace([])
  const failed = applied.operations.filter(({ outcome }) => outcome === 'failed')
  expect(failed.map(({ operation }) => operation)).toContain(title)
  expect(failed.every(({ because }) => because.startsWith('hubspot: '))).toBe(true)
  expect(outcomes(applied)['applied']).toBeGreaterThan(3)
  // Carried out again, it goes on where it stopped.
  await world.advance(600_000)
  const rest = await apply(world, moment, { earlier: [applied.run] })
  expect(outcomes(rest)).toEqual({ applied: applied.operations.length })
  await moment.store.close()
})

test.each([1, 4])('a write that is told %i times to wait is decided again, and sent', async (times) => {
  const moment = await planAtTheMoment(busy)
  const writes = moment.plan.writes.filter(
    ({ kind, fields }) => kind === 'update' && fields.some(({ after }) => after === 'Countess'),
  )
  expect(writes).toHaveLength(1)
  world.faults.hubspot.replace([{ kind: 'refuse', refusal: 'rate-limit', path: '/batch/update', times }])
  const applied = await apply(world, { ...moment, plan: { ...moment.plan, writes, links: [] } })
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
    const first = await planAtTheMoment(busy)
    const effects = await workUntilDeath(world, first.store, Number.POSITIVE_INFINITY, (store) =>
      applyWith(store, first.plan),
    )
    const undisturbed = pictureOf(world)
    await first.store.close()
    expect(effects).toBeGreaterThan(30)
    for (let diesAfter = 1; diesAfter <= effects; diesAfter += 1) {
      const { store, plan } = await planAtTheMoment(busy)
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
