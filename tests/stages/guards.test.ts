/** Mass changes stop before the first call, and go on when a person says so (I11). */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { GuardTripped } from '../../src/errors.ts'
import {
  altered,
  attioPerson,
  calm,
  edit,
  expectRest,
  held,
  hubspotPerson,
  ids,
  live,
  remove,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld

const LIMITS = { ...GUARD_LIMITS, deletionsFree: 2, smallWorld: 10 }

beforeEach(async () => {
  world = await openTestWorld({
    empty: true,
    mappings: [altered('people', ['right-to-left: unlink', 'right-to-left: delete'])],
    settings: { guards: LIMITS, batchSize: 5 },
  })
  calm(world)
  for (let i = 0; i < 12; i += 1) {
    attioPerson(world, { first: `Ada${i}`, email: `ada${i}@king-family.com`, job: 'Engineer' })
  }
  await world.sync()
  await world.advance(60_000)
})

afterEach(async () => {
  await expectRest(world)
  await world.close()
})

async function tripped(): Promise<GuardTripped> {
  const before = world.writes()
  const error: unknown = await world.sync().then(
    () => null,
    (reason: unknown) => reason,
  )
  expect(world.writes()).toEqual(before)
  if (!(error instanceof GuardTripped)) throw new Error('no guard tripped', { cause: error })
  return error
}

describe('deletions', () => {
  test('of a few go through', async () => {
    for (const id of ids(world, 'hubspot', 'contacts').slice(0, 2)) remove(world, 'hubspot', 'contacts', id)
    await world.sync()
    expect(ids(world, 'attio', 'people')).toHaveLength(10)
  })

  test('of many stop before anything is deleted, as often as it is tried, and go on when accepted', async () => {
    for (const id of ids(world, 'hubspot', 'contacts').slice(0, 4)) remove(world, 'hubspot', 'contacts', id)
    for (let tries = 0; tries < 2; tries += 1) {
      // Four of twelve is also more than a listing may shrink by; either guard is right to stop.
      expect(['mass-deletion', 'shrunk-side']).toContain((await tripped()).guard)
      expect(ids(world, 'attio', 'people')).toHaveLength(12)
    }
    const tally = await world.sync({ guardsAccepted: true })
    expect(tally.deleted).toEqual({ left: 4, right: 0 })
    expect(ids(world, 'attio', 'people')).toHaveLength(8)
  })

  test('are counted over both sides together', async () => {
    const [first = '', second = ''] = ids(world, 'hubspot', 'contacts').slice(0, 2)
    remove(world, 'hubspot', 'contacts', first)
    remove(world, 'hubspot', 'contacts', second)
    const gone = new Set([first, second])
    const others = Object.entries(live(world, 'attio', 'people')).filter(
      ([, record]) => !gone.has(String(record.values['hubspot_id'])),
    )
    remove(world, 'attio', 'people', others[10]?.[0] ?? '')
    remove(world, 'attio', 'people', others[11]?.[0] ?? '')
    expect((await tripped()).guard).toBe('mass-deletion')
    await world.sync({ guardsAccepted: true })
  })

  test('of everything look like an emptied side', async () => {
    for (const id of ids(world, 'attio', 'people')) remove(world, 'attio', 'people', id)
    expect((await tripped()).guard).toBe('empty-side')
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(12)
    await world.sync({ guardsAccepted: true })
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(0)
  })
})

describe('one field changed in many records of one side', () => {
  const change = (count: number, job: string) => {
    for (const id of ids(world, 'attio', 'people').slice(0, count)) {
      edit(world, 'attio', 'people', id, { job_title: job === '' ? [] : job })
    }
  }

  test('stops before anything is overwritten, and goes on when accepted', async () => {
    change(6, 'TRUNCATED')
    const error = await tripped()
    expect(error.guard).toBe('mass-change')
    expect(error.message).toContain('6 of 12')
    expect(error.message).toContain('job_title')
    expect(error.hint).toContain('--accept-guards')
    expect((await tripped()).guard).toBe('mass-change')
    await world.sync({ guardsAccepted: true })
    const jobs = Object.values(live(world, 'hubspot', 'contacts')).map(({ values }) => values['jobtitle'])
    expect(jobs.filter((job) => job === 'TRUNCATED')).toHaveLength(6)
  })

  test('stops also when values are cleared', async () => {
    change(6, '')
    expect((await tripped()).guard).toBe('mass-change')
    await world.sync({ guardsAccepted: true })
  })

  test('in a few records goes through', async () => {
    change(3, 'Countess')
    const tally = await world.sync()
    expect(tally.updated.right).toBe(3)
  })

  test('to fill blanks goes through', async () => {
    for (const id of ids(world, 'attio', 'people')) {
      edit(world, 'attio', 'people', id, { phone_numbers: ['+14155550100'] })
    }
    const tally = await world.sync()
    expect(tally.updated.right).toBe(12)
  })

  test('by new records is no change', async () => {
    for (let i = 0; i < 12; i += 1)
      hubspotPerson(world, { first: `Bob${i}`, email: `bob${i}@byron-poems.com` })
    const tally = await world.sync()
    expect(tally.created.left).toBe(12)
    expect(held(world, 'hubspot', 'contacts', ids(world, 'hubspot', 'contacts')[0])).toBeDefined()
  })
})

test('a replica that does not know yet what we have just made is no emptied side', async () => {
  Object.assign(world.attio.settings, { replicaLagMs: 3_000 })
  for (let i = 0; i < 12; i += 1) {
    hubspotPerson(world, { first: `Bob${i}`, email: `bob${i}@king-family.com` })
  }
  await world.sync()
  expect(ids(world, 'attio', 'people')).toHaveLength(24)
  Object.assign(world.attio.settings, { replicaLagMs: 0 })
})
