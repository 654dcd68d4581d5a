/** What looking back costs, and when a pass does it by itself. */
import { describe, expect, test } from 'vitest'
import { lookBack } from '../../src/stages/look-back.ts'
import { runPass } from '../../src/stages/pass.ts'
import { attioPerson, conflicts, edit, onlyConflict } from './story.ts'
import {
  FIELDS,
  inAttio,
  inHubSpot,
  inTheWindow,
  lookBackNow,
  open,
  syncAndLookBack,
  world,
} from './unseen.ts'
describe('what it costs', () => {
  const READ = 'hubspot POST /crm/v3/objects/{objectType}/batch/read'

  async function readsOf(work: () => Promise<unknown>): Promise<number> {
    const before = world.routes()[READ] ?? 0
    await work()
    return (world.routes()[READ] ?? 0) - before
  }

  /** Three people who are known by their addresses, and whose jobs HubSpot does not know yet. */
  async function adopted(): Promise<void> {
    for (const first of ['Grace', 'Mary', 'Emmy']) {
      const email = `${first.toLowerCase()}@king-family.com`
      attioPerson(world, { first, email, job: 'Engineer' })
      world.hubspot.edit({ action: 'create', object: 'contacts', values: { firstname: first, email } })
    }
    await world.advance(60_000)
  }

  test('one read of fifty contacts and their histories', async () => {
    inAttio({ job_title: 'Countess' })
    await world.sync()
    expect(await readsOf(lookBackNow)).toBe(1)
    expect(await readsOf(lookBackNow)).toBe(0)
  })

  test('nothing for a first load', async () => {
    await adopted()
    const engine = await world.engine()
    await world.store.startRun({ id: engine.run, kind: 'sync', pairing: null, atMs: world.runtime.now() })
    await world.run(runPass(engine, { report: () => undefined }))
    expect(engine.tally.updated.right).toBe(3)
    expect(await readsOf(lookBackNow)).toBe(0)
  })

  test('the usual for pairs that are made while following', async () => {
    await adopted()
    const engine = await world.engine()
    await world.store.startRun({ id: engine.run, kind: 'start', pairing: null, atMs: world.runtime.now() })
    await world.run(runPass(engine, { report: () => undefined }))
    expect(await readsOf(lookBackNow)).toBe(1)
  })

  test('never more at once than a round has time for', async () => {
    for (let i = 0; i < 60; i += 1) attioPerson(world, { first: `Ada${i}`, email: `ada${i}@king-family.com` })
    await syncAndLookBack()
    await world.advance(60_000)
    for (const id of Object.keys(world.attio.dump()['people'] ?? {})) {
      edit(world, 'attio', 'people', id, { job_title: 'Countess' })
    }
    await world.sync()
    const engine = await world.engine()
    expect(await world.run(lookBack(engine))).toBe(true)
    expect(await world.run(lookBack(engine))).toBe(false)
  })
})

test('a pass looks back by itself only where the settings say so', async () => {
  inAttio({ job_title: 'Countess' })
  inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
  await world.sync()
  expect(await conflicts(world, 'all')).toEqual([])
  await world.close()
  await open(FIELDS, { settings: { lookBack: 'always' } })
  inAttio({ job_title: 'Countess' })
  inTheWindow('hubspot', () => inHubSpot({ jobtitle: 'Poet' }))
  await world.sync()
  expect(await onlyConflict(world)).toMatchObject({ right: 'Poet' })
})
