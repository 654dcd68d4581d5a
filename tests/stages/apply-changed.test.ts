/** What `apply` does of a plan on a world that has changed since: what still holds, and nothing else (I20). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OperationOutcome, PlannedWrite } from '../../src/stages/planned.ts'
import type { BusyWorld } from './busy-world.ts'
import { inOrder, plannedDeeds } from './plans.ts'
import { edit, ids, live, remove } from './story.ts'
import type { TestWorld } from './world.ts'
import { apply, openWorldOfPlans, outcomes, planAtTheMoment } from './applying.ts'
let busy: BusyWorld
let world: TestWorld

beforeAll(async () => {
  busy = await openWorldOfPlans()
  world = busy.world
})

afterAll(() => busy.close())

function isWrite(outcome: OperationOutcome): outcome is OperationOutcome & { operation: PlannedWrite } {
  return 'kind' in outcome.operation
}

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
    const moment = await planAtTheMoment(busy)
    await world.advance(60_000)
    change()
    const applied = await apply(world, moment)
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
    const moment = await planAtTheMoment(busy)
    const ada = contactNamed('Ada')
    remove(world, 'hubspot', 'contacts', ada)
    const applied = await apply(world, moment)
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
      const { plan, store } = await planAtTheMoment(busy)
      await store.close()
      const sources = new Map(plan.writes.map((write) => [`${write.side}/${write.source}`, write]))
      expect(sources.size).toBeGreaterThan(3)
      for (const { side, source, mapping } of sources.values()) {
        const moment = await planAtTheMoment(busy)
        touch(side === 'right' ? 'attio' : 'hubspot', mapping, source)
        const { deeds, operations } = await apply(world, moment)
        const planned = new Set(plannedDeeds(moment.plan.writes).map((deed) => JSON.stringify(deed)))
        expect(deeds.every((deed) => planned.has(JSON.stringify(deed)))).toBe(true)
        expect(operations.length).toBe(moment.plan.writes.length + moment.plan.links.length)
        await moment.store.close()
      }
    },
  )
})

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
