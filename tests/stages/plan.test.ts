/** A plan says what the next pass writes, all of it and nothing else, and writes nothing itself (I21). */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Rehearsal } from '../../src/stages/dry-run.ts'
import { runPass } from '../../src/stages/pass.ts'
import { openBusyWorld, type BusyWorld } from './busy-world.ts'
import { deedsOf, inOrder, makePlan, plannedDeeds } from './plans.ts'
import { attioCompany, attioPerson, edit, hubspotPerson } from './story.ts'

let busy: BusyWorld

beforeAll(async () => {
  // One more, who will be matched by e-mail address: a contact with Bob's address.
  busy = await openBusyWorld((world) => {
    hubspotPerson(world, { first: 'Robert', last: 'Byron', email: 'bob@byron-poems.com', job: 'Poet' })
  })
})

afterAll(() => busy.close())

test('a plan is what the next pass writes, to the associations of records that do not exist yet', async () => {
  const { world } = busy
  const { store, file } = await busy.rewind()
  const plan = await makePlan(world, { from: file, copy: busy.freshFile() })
  const engine = await world.engine({ store })
  await world.run(runPass(engine, { report: () => undefined }))
  const deeds = await deedsOf(store, engine.run)
  expect(deeds.length).toBeGreaterThan(8)
  expect(inOrder(plannedDeeds(plan.writes))).toEqual(inOrder(deeds))
  expect(kindsIn(plan)).toEqual(new Set(['create', 'update', 'associate', 'remove']))
  expect(plan.links).toHaveLength(1)
  await store.close()
})

test('two plans of one world are equal but for the ids of what is not there yet', async () => {
  const { world } = busy
  const plans: unknown[] = []
  for (let i = 0; i < 2; i += 1) {
    const { store, file } = await busy.rewind()
    const plan = await makePlan(world, { from: file, copy: busy.freshFile() })
    plans.push({ writes: plannedDeeds(plan.writes), conflicts: plan.conflicts.length })
    await store.close()
  }
  expect(plans[0]).toEqual(plans[1])
})

test('records to be created have a name, by which others point at them', async () => {
  const { world } = busy
  const { store, file } = await busy.rewind()
  const umbra = attioCompany(world, 'Newton', 'newton-apples.com')
  const isaac = attioPerson(world, { first: 'Isaac', last: 'Newton', email: 'isaac@newton-apples.com' })
  edit(world, 'attio', 'people', isaac, {
    company: [{ target_object: 'companies', target_record_id: umbra }],
  })
  const { writes } = await makePlan(world, { from: file, copy: busy.freshFile() })
  const createdFrom = (source: string) =>
    writes.find((each) => each.kind === 'create' && each.source === source)
  const [company, contact] = [createdFrom(umbra), createdFrom(isaac)]
  expect(company?.record).toBe(`$${company?.link}.right`)
  expect(contact?.record).toBe(`$${contact?.link}.right`)
  expect(writes.filter(({ kind, source }) => kind === 'associate' && source === isaac)).toMatchObject([
    {
      side: 'right',
      record: contact?.record,
      fields: [{ field: 'company', before: [], after: [{ object: 'companies', id: company?.record }] }],
    },
  ])
  await store.close()
})

function kindsIn(plan: Rehearsal): ReadonlySet<string> {
  return new Set(plan.writes.map(({ kind }) => kind))
}
