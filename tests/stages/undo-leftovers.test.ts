/** What an undo leaves as it is, and why; and that it stops where it would change too much at once (I11, I22). */
import { afterEach, describe, expect, test } from 'vitest'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { runPass } from '../../src/stages/pass.ts'
import { attioPerson, expectRest, hubspotPerson, ids, live, peopleMapping, remove } from './story.ts'
import { ADA, because, jobOf, openUndoWorld, pairOfAda, setJob } from './undo-story.ts'
import { recordedPass, undo } from './undoing.ts'
import { type TestWorld } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

describe('what cannot be taken back is named with its reason:', () => {
  test('a pair that ended because a person deleted one of its records', async () => {
    world = await openUndoWorld()
    const ada = await pairOfAda(world)
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    const run = await recordedPass(world)
    const { leftovers, plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(leftovers).toMatchObject([{ side: 'right', record: ada.hubspot, field: null }])
    expect(because(leftovers)[0]).toMatch(/deleted in the CRM, not by Attune/)
  })

  test('a pair that ended is one again where the record was restored, as both hold it now', async () => {
    world = await openUndoWorld()
    const ada = await pairOfAda(world)
    remove(world, 'hubspot', 'contacts', ada.hubspot)
    const run = await recordedPass(world)
    world.hubspot.edit({ action: 'restore', object: 'contacts', id: ada.hubspot })
    setJob(world, 'attio', ada.attio, 'Poet')
    const { leftovers, plan } = await undo(world, run)
    expect(leftovers).toEqual([])
    expect(plan.pairs).toMatchObject([{ kind: 'link', left: ada.attio, right: ada.hubspot }])
    await expectRest(world)
    expect([jobOf(world, 'attio', ada.attio), jobOf(world, 'hubspot', ada.hubspot)]).toEqual([
      'Poet',
      'Engineer',
    ])
  })

  test('a merge that the pair followed', async () => {
    world = await openUndoWorld()
    const ada = await pairOfAda(world)
    const twin = hubspotPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
    world.hubspot.edit({
      action: 'merge',
      object: 'contacts',
      id: ada.hubspot,
      other: { object: 'contacts', id: twin },
    })
    const run = await recordedPass(world)
    const { leftovers } = await undo(world, run)
    expect(because(leftovers).join()).toMatch(/a merge cannot be taken back/)
    await world.sync()
  })

  test('a created record that was merged since', async () => {
    world = await openUndoWorld()
    attioPerson(world, ADA)
    const run = await recordedPass(world)
    const [made = ''] = ids(world, 'hubspot', 'contacts')
    const twin = hubspotPerson(world, { first: 'Augusta', email: 'augusta@king-family.com' })
    await world.advance(60_000)
    const { id } = world.hubspot.edit({
      action: 'merge',
      object: 'contacts',
      id: twin,
      other: { object: 'contacts', id: made },
    })
    const { leftovers, plan } = await undo(world, run)
    expect(plan.writes).toEqual([])
    expect(because(leftovers)).toEqual([`it was merged into ${id}; a merge cannot be taken back`])
    await world.sync()
  })

  test('a value that the CRM refuses to take back, in its own words, and without a quarantine', async () => {
    world = await openUndoWorld({ mappings: [peopleMapping('{ left: job_title, right: jobtitle }')] })
    const ada = await pairOfAda(world)
    setJob(world, 'attio', ada.attio, 'Countess')
    const run = await recordedPass(world)
    world.faults.hubspot.replace([{ kind: 'status', status: 400, mutating: true }])
    const { leftovers } = await undo(world, run)
    world.faults.hubspot.replace([])
    expect(leftovers).toMatchObject([{ field: 'job_title', record: ada.hubspot }])
    expect(because(leftovers)[0]).toMatch(/^hubspot: /)
    expect((await world.store.status(world.runtime.now())).quarantined).toBe(0)
    // Asked again later, it goes.
    expect((await undo(world, run)).leftovers).toEqual([])
    expect(jobOf(world, 'hubspot', ada.hubspot)).toBe('Engineer')
  })

  test('a field that the mapping does not have any more', async () => {
    const mapping = peopleMapping('{ left: job_title, right: jobtitle }')
    world = await openUndoWorld({ mappings: [mapping] })
    const ada = await pairOfAda(world)
    setJob(world, 'attio', ada.attio, 'Countess')
    const run = await recordedPass(world)
    await world.pairing({
      mappings: [peopleMapping('{ left: phone_numbers, right: phone, as: phones, region: US }')],
    })
    expect(because((await undo(world, run)).leftovers)).toEqual([
      'the mapping does not have this field any more',
    ])
  })
})

describe('mass changes', () => {
  const LIMITS = { ...GUARD_LIMITS, deletionsFree: 2, smallWorld: 10 }

  async function imported(): Promise<string> {
    world = await openUndoWorld({ settings: { guards: LIMITS, batchSize: 5 } })
    for (let i = 0; i < 12; i += 1) {
      attioPerson(world, { first: `Ada${i}`, email: `ada${i}@king-family.com`, job: 'Engineer' })
    }
    const run = await recordedPass(world)
    await world.advance(600_000)
    return run
  }

  test('an undo that deletes too much stops before the first call, and goes on when accepted', async () => {
    const run = await imported()
    const before = world.writes()
    await expect(undo(world, run)).rejects.toMatchObject({ guard: 'mass-deletion' })
    expect(world.writes()).toEqual(before)
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(12)
    const { leftovers } = await undo(world, run, { guardsAccepted: true })
    expect(leftovers).toEqual([])
    expect(ids(world, 'hubspot', 'contacts')).toEqual([])
    expect(ids(world, 'attio', 'people')).toHaveLength(12)
  })

  test('an undo that overwrites one field nearly everywhere stops, too', async () => {
    await imported()
    for (const id of ids(world, 'attio', 'people')) setJob(world, 'attio', id, 'Poet')
    const engine = await world.engine({ guardsAccepted: true })
    await world.run(runPass(engine, { report: () => undefined }))
    const before = world.writes()
    await expect(undo(world, engine.run)).rejects.toMatchObject({ guard: 'mass-change' })
    expect(world.writes()).toEqual(before)
    expect((await undo(world, engine.run, { guardsAccepted: true })).leftovers).toEqual([])
    const jobs = Object.values(live(world, 'hubspot', 'contacts')).map(({ values }) => values['jobtitle'])
    expect(new Set(jobs)).toEqual(new Set(['Engineer']))
  })
})
