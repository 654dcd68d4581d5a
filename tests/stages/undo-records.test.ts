/** Records that a run made go away again, and records that it took away come back, unless somebody needs them as they are (I22). */
import { afterEach, describe, expect, test } from 'vitest'
import {
  altered,
  attioPerson,
  counterpart,
  edit,
  expectRest,
  held,
  hubspotCompany,
  hubspotPerson,
  ids,
  only,
  remove,
} from './story.ts'
import {
  ADA,
  because,
  DIRECTIONS,
  jobOf,
  openUndoWorld,
  pairOfAda,
  PEOPLE,
  setJob,
  SIDE,
  STAMP,
} from './undo-story.ts'
import { recordedPass, undo } from './undoing.ts'
import { shippedMapping, type TestWorld, type Pushing as Vendor } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe.each(DIRECTIONS)('a person made in %s and created in the other CRM', (_name, here, there) => {
  let ada: Record<Vendor, string>
  let run: string

  async function created(): Promise<void> {
    world = await openUndoWorld()
    const id = here === 'attio' ? attioPerson(world, ADA) : hubspotPerson(world, ADA)
    run = await recordedPass(world)
    const other = await counterpart(world, here, id)
    ada = here === 'attio' ? { attio: id, hubspot: other ?? '' } : { attio: other ?? '', hubspot: id }
    await world.advance(600_000)
  }

  test('is taken away again there, stays here, and is not created again', async () => {
    await created()
    const { leftovers, plan } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(plan.writes).toMatchObject([{ kind: 'remove', side: SIDE[there], record: ada[there] }])
    expect(ids(world, there, PEOPLE[there])).toEqual([])
    expect(ids(world, here, PEOPLE[here])).toEqual([ada[here]])
    setJob(world, here, ada[here], 'Poet')
    await world.sync()
    expect(ids(world, there, PEOPLE[there])).toEqual([])
  })

  test('comes back with everything mapped when that is undone, under another id and paired as before', async () => {
    await created()
    const undone = await undo(world, run)
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    const [again = ''] = ids(world, there, PEOPLE[there])
    expect(again).not.toBe(ada[there])
    expect(jobOf(world, there, again)).toBe('Engineer')
    expect(await counterpart(world, here, ada[here])).toBe(again)
    await expectRest(world)
    setJob(world, there, again, 'Poet')
    await world.sync()
    expect(jobOf(world, here, ada[here])).toBe('Poet')
    // The old id still leads to it.
    expect(await world.store.findLinks(ada[there])).toMatchObject([{ [SIDE[there]]: again, state: 'live' }])
    setJob(world, there, again, 'Engineer')
    await world.sync()
    await world.advance(600_000)
    // Carried back and forth by later runs since: not as the redo left it, so it is kept.
    const third = await undo(world, redone.run)
    expect(third.leftovers).toEqual([])
    expect(ids(world, there, PEOPLE[there])).toEqual([])
  })

  test.each([
    ['a field that is mapped', 'jobtitle', { job_title: ['Poet'] }, { jobtitle: 'Poet' }],
    ['a field that is not', 'twitter|city', { twitter: 'ada' }, { city: 'London' }],
  ])('is kept when somebody worked on it since: on %s', async (_what, field, attio, hubspot) => {
    await created()
    edit(world, there, PEOPLE[there], ada[there], there === 'attio' ? attio : hubspot)
    const { leftovers, plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(leftovers).toMatchObject([{ side: SIDE[there], record: ada[there], field: null }])
    expect(because(leftovers)[0]).toMatch(new RegExp(`changed since, and kept: (job_title|${field})`))
    await world.sync()
    expect(await counterpart(world, here, ada[here]), 'the pair goes on').toBe(ada[there])
  })

  test('that is gone there already needs nothing', async () => {
    await created()
    remove(world, there, PEOPLE[there], ada[there])
    const before = world.writes()
    expect(await undo(world, run)).toMatchObject({ leftovers: [], plan: { writes: [] } })
    expect(world.writes()).toEqual(before)
    await world.sync()
  })

  test('is taken away although a later run changed it, once that run is undone', async () => {
    await created()
    setJob(world, here, ada[here], 'Poet')
    const later = await recordedPass(world)
    await world.advance(600_000)
    expect(because((await undo(world, run)).leftovers)).toEqual([expect.stringMatching(/job_?title/)])
    await undo(world, later)
    expect((await undo(world, run)).leftovers).toEqual([])
    expect(ids(world, there, PEOPLE[there])).toEqual([])
  })

  test('is named by its counterpart at once when it comes back under another id', async () => {
    world = await openUndoWorld({ mappings: [altered('people', ['\nfields:', '\nstamp: eager\nfields:'])] })
    const id = here === 'attio' ? attioPerson(world, ADA) : hubspotPerson(world, ADA)
    run = await recordedPass(world)
    await world.advance(600_000)
    const undone = await undo(world, run)
    expect((await undo(world, undone.run)).leftovers).toEqual([])
    const [again = ''] = ids(world, there, PEOPLE[there])
    const stamp = only(held(world, here, PEOPLE[here], id)[STAMP[here]])
    expect(stamp, 'a stamp that names the dead record would lead astray').toBe(again)
  })

  test('is not made anew beside one that somebody made by hand', async () => {
    await created()
    const undone = await undo(world, run)
    const byHand = there === 'attio' ? attioPerson(world, ADA) : hubspotPerson(world, ADA)
    const { leftovers } = await undo(world, undone.run)
    expect(because(leftovers)).toEqual([expect.stringContaining(byHand)])
    expect(ids(world, there, PEOPLE[there])).toEqual([byHand])
    await world.sync()
    expect(await counterpart(world, here, ada[here])).toBe(byHand)
  })
})

test('a company that the CRM itself enriched since is taken away all the same', async () => {
  world = await openUndoWorld({ mappings: [shippedMapping('companies')] })
  const acme = hubspotCompany(world, 'Acme', 'acme-rockets.com')
  Object.assign(world.attio.settings, { enrichment: true })
  const run = await recordedPass(world)
  await world.advance(600_000)
  const [made = ''] = ids(world, 'attio', 'companies')
  const enriched = Object.keys(held(world, 'attio', 'companies', made))
  expect(enriched, 'the CRM filled something in').toContain('description')
  Object.assign(world.attio.settings, { enrichment: false })
  const { leftovers } = await undo(world, run)
  expect(because(leftovers)).toEqual([])
  expect(ids(world, 'attio', 'companies')).toEqual([])
  expect(ids(world, 'hubspot', 'companies')).toEqual([acme])
})

describe('a deletion that was carried over', () => {
  let ada: Record<Vendor, string>
  let run: string

  /** `here` is where a person deleted Ada; the engine then removed her `there`. */
  async function removed(here: Vendor): Promise<void> {
    const policy = 'delete: { left-to-right: archive, right-to-left: delete }'
    world = await openUndoWorld({
      mappings: [altered('people', ['delete: { left-to-right: archive, right-to-left: unlink }', policy])],
    })
    ada = await pairOfAda(world)
    remove(world, here, PEOPLE[here], ada[here])
    run = await recordedPass(world)
    expect(ids(world, 'attio', 'people')).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    await world.advance(600_000)
  }

  test.each(DIRECTIONS)(
    'from %s: the record is made anew, alone, and says that the other one stays deleted',
    async (_name, here, there) => {
      await removed(here)
      const { leftovers, plan } = await undo(world, run)
      expect(plan.writes).toMatchObject([{ kind: 'create', side: SIDE[there], record: ada[there] }])
      const [again = ''] = ids(world, there, PEOPLE[there])
      expect(again).not.toBe(ada[there])
      expect(jobOf(world, there, again)).toBe('Engineer')
      expect(leftovers).toMatchObject([{ side: SIDE[here], record: ada[here] }])
      expect(because(leftovers)[0]).toMatch(/deleted in the CRM, not by Attune/)
      await expectRest(world)
      expect(ids(world, here, PEOPLE[here]), 'what a person deleted does not come back (I9)').toEqual([])
    },
  )

  test('and taken back, then undone again, removes the new record', async () => {
    await removed('attio')
    const undone = await undo(world, run)
    const redone = await undo(world, undone.run)
    expect(redone.leftovers).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(await world.store.countLinks('attio-hubspot/people-contacts')).toBe(0)
  })

  test('meets the deleted record again when a person restores it', async () => {
    await removed('hubspot')
    await undo(world, run)
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    await world.sync()
    expect(await counterpart(world, 'hubspot', ada.hubspot)).toBe(ids(world, 'attio', 'people')[0])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
  })

  test('needs no new record where a person restored the old one', async () => {
    await removed('attio')
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    const { plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([ada.hubspot])
    // Restored by a person, it is a new person to the engine, as ever.
    await world.sync()
    expect(await counterpart(world, 'hubspot', ada.hubspot)).toBe(ids(world, 'attio', 'people')[0])
  })
})
