/** Mass changes that are told one by one stop the daemon's loop as a listing would (I11). */
import { beforeEach, describe, expect, test } from 'vitest'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { GuardTripped } from '../../src/errors.ts'
import { altered, attioPerson, edit, held, ids, PEOPLE_ONLY, remove } from './story.ts'
import { bells, following, hearEverything, open, pause, world } from './following.ts'
const LIMITS = { ...GUARD_LIMITS, deletionsFree: 5, smallWorld: 10 }

describe('a mass deletion', () => {
  beforeEach(async () => {
    await world.close()
    await open({
      mappings: [altered('people', ['right-to-left: unlink', 'right-to-left: delete'])],
      settings: { guards: LIMITS },
    })
    for (let i = 0; i < 30; i += 1) {
      attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` })
    }
    await hearEverything()
  })

  const contacts = () => ids(world, 'hubspot', 'contacts')
  const people = () => ids(world, 'attio', 'people')

  test('told at once stops the loop before anything is deleted', async () => {
    const gone = contacts().slice(0, 12)
    const run = following(async () => {
      for (const id of gone) remove(world, 'hubspot', 'contacts', id)
      await pause(60_000)
    })
    await expect(run).rejects.toThrow(GuardTripped)
    expect(people()).toHaveLength(31)
  })

  test('told one by one stops it as soon as it is too many', async () => {
    const gone = contacts().slice(0, 12)
    const run = following(async () => {
      for (const id of gone) {
        remove(world, 'hubspot', 'contacts', id)
        await pause(4_000)
      }
      await pause(60_000)
    })
    await expect(run).rejects.toThrow(GuardTripped)
    expect(people().length).toBeGreaterThanOrEqual(31 - LIMITS.deletionsFree)
  })

  test('is none when it takes its time', async () => {
    const gone = contacts().slice(0, 8)
    await following(async () => {
      for (const id of gone) {
        remove(world, 'hubspot', 'contacts', id)
        await pause(20_000)
      }
    })
    expect(people()).toHaveLength(31 - 8)
  })
})

describe('an import', () => {
  beforeEach(async () => {
    await world.close()
    await open({ mappings: PEOPLE_ONLY, settings: { guards: LIMITS } })
    for (let i = 0; i < 30; i += 1) {
      attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com`, job: 'Clerk' })
    }
    await world.sync()
    await world.advance(60_000)
    while ((await bells.ring('attio')) + (await bells.ring('hubspot')) > 0) await world.advance(1_000)
    await world.sync()
  })

  const people = () => ids(world, 'attio', 'people').slice(0, 15)
  const overwritten = () =>
    ids(world, 'hubspot', 'contacts').filter(
      (id) => held(world, 'hubspot', 'contacts', id)['jobtitle'] === 'TRUNCATED',
    )

  test('told one by one stops the loop as soon as it changed one field in too many records', async () => {
    const run = following(async () => {
      for (const id of people()) {
        edit(world, 'attio', 'people', id, { job_title: 'TRUNCATED' })
        await pause(2_000)
      }
      await pause(60_000)
    })
    await expect(run).rejects.toThrow('job_title')
    expect(overwritten()).toHaveLength(Math.floor(31 * LIMITS.fieldShare))
  })

  test('is none when the same few records change again and again', async () => {
    await following(async () => {
      for (let i = 0; i < 15; i += 1) {
        for (const id of people().slice(0, 3)) edit(world, 'attio', 'people', id, { job_title: `Title ${i}` })
        await pause(2_000)
      }
    })
    expect(overwritten()).toEqual([])
  })
})
