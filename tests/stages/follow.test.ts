/** The daemon's loop on virtual time: bells carry edits over in seconds, with polls and sweeps switched off. */
import { beforeEach, describe, expect, test } from 'vitest'
import { altered, attioPerson, conflicts, edit, expectRest, held, hubspotPerson, ids, only } from './story.ts'
import {
  ada,
  bells,
  contact,
  following,
  hearEverything,
  jobInAttio,
  jobInHubSpot,
  open,
  pause,
  total,
  until,
  world,
} from './following.ts'

test('a round looks back, and tells of what its write overwrote unseen', async () => {
  await world.close()
  await open({ mappings: [altered('people', ['conflict: most-recent, otherwise: ask', 'conflict: ask'])] })
  world.onRequest = (vendor, { url }) => {
    if (vendor !== 'hubspot' || !url.endsWith('/batch/update')) return
    world.onRequest = () => undefined
    edit(world, 'hubspot', 'contacts', contact, { firstname: 'Augusta' })
  }
  const { tallies } = await following(async () => {
    edit(world, 'attio', 'people', ada, {
      name: { first_name: 'Ada', last_name: 'Byron', full_name: 'Ada Byron' },
    })
    await until(() => held(world, 'hubspot', 'contacts', contact)['lastname'] === 'Byron')
    await pause(3_000)
  })
  expect(total(tallies).updated).toEqual({ left: 0, right: 1 })
  expect(await conflicts(world)).toMatchObject([
    { kind: 'overwritten', right: { first: 'Augusta', last: 'King' }, left: { first: 'Ada', last: 'Byron' } },
  ])
  expect(tallies.at(-1)).toMatchObject({ conflictsOpened: 1 })
})

describe('an edit', () => {
  test('reaches the other side within seconds, either way, without a poll or a sweep', async () => {
    const tookMs: number[] = []
    const { tallies } = await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
      tookMs.push(await until(() => jobInHubSpot() === 'Chief Analyst'))
      await pause(10_000)
      edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
      tookMs.push(await until(() => jobInAttio() === 'Countess'))
      await pause(10_000)
    })
    // The vendors' own delay (1.2 and 3 s at most), a rest of 0.3 s, and a handful of round trips.
    expect(tookMs[0]).toBeLessThan(2_000)
    expect(tookMs[1]).toBeLessThan(4_000)
    expect(total(tallies).updated).toEqual({ left: 1, right: 1 })
    await expectRest(world)
  })

  test('of a new record creates it there', async () => {
    await following(async () => {
      hubspotPerson(world, { first: 'Grace', email: 'grace@hopper-navy.com' })
      await until(() => ids(world, 'attio', 'people').length === 2)
      attioPerson(world, { first: 'Mary', email: 'mary@somerville-math.com' })
      await until(() => ids(world, 'hubspot', 'contacts').length === 3)
      await pause(10_000)
    })
    await expectRest(world)
  })

  test('of one field on both sides is a conflict, as ever', async () => {
    await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Poet' })
      edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
      await pause(10_000)
    })
    expect(await conflicts(world)).toHaveLength(1)
    await expectRest(world)
  })

  test('that is one of fifty within ten seconds costs two writes at most', async () => {
    for (const vendor of ['attio', 'hubspot'] as const) {
      const before = world.writes()
      await following(async () => {
        for (let i = 1; i <= 50; i += 1) {
          if (vendor === 'attio') edit(world, 'attio', 'people', ada, { job_title: `Title ${i}` })
          else edit(world, 'hubspot', 'contacts', contact, { jobtitle: `Title ${-i}` })
          await pause(200)
        }
        await pause(30_000)
      })
      const far = vendor === 'attio' ? 'hubspot' : 'attio'
      expect(world.writes()[far] - before[far]).toBeLessThanOrEqual(2)
      expect(world.writes()[vendor]).toBe(before[vendor])
      expect(jobInHubSpot()).toBe(vendor === 'attio' ? 'Title 50' : 'Title -50')
      expect(jobInAttio()).toBe(jobInHubSpot())
      await world.advance(60_000)
    }
    await expectRest(world)
  })
})

describe('an edit that somebody waits for', () => {
  const others: string[] = []

  beforeEach(async () => {
    others.length = 0
    for (let i = 0; i < 120; i += 1) {
      others.push(hubspotPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` }))
    }
    await hearEverything()
    await world.advance(600_000)
    // Whatever rested after its bell is looked at: nothing but what the story brings is due.
    await world.sync()
  })

  test('overtakes hundreds of records that a poll found', async () => {
    world.faults.attio.replace([{ kind: 'delay', delayMs: 4_000, mutating: true }])
    const carried = () =>
      Object.values(world.attio.dump()['people'] ?? {}).filter(
        ({ values }) => only(values['job_title']) === 'Clerk',
      )
    let tookMs = 0
    let carriedThen = 0
    await following(
      async () => {
        for (const id of others) edit(world, 'hubspot', 'contacts', id, { jobtitle: 'Clerk' })
        await until(() => carried().length > 0, 60_000)
        edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
        tookMs = await until(() => jobInHubSpot() === 'Chief Analyst')
        carriedThen = carried().length
        await until(() => carried().length === others.length, 600_000)
      },
      { pollMs: 5_000, isDeaf: 'hubspot' },
    )
    expect(carriedThen).toBeLessThan(others.length / 2)
    // The vendor's own delay, a rest, and a handful of round trips: the same as on a quiet day.
    expect(tookMs).toBeLessThan(2_000)
    await expectRest(world)
  })

  test('is not kept waiting by a sweep that reads', async () => {
    const listing = () =>
      Object.entries(world.routes()).reduce(
        (sum, [route, count]) => sum + (/^attio .*records\/query$/.test(route) ? count : 0),
        0,
      )
    world.faults.attio.replace([{ kind: 'delay', delayMs: 30_000, path: '/people/records/query$', times: 1 }])
    let tookMs = 0
    await following(
      async () => {
        const before = listing()
        await until(() => listing() > before)
        edit(world, 'hubspot', 'contacts', contact, { jobtitle: 'Countess' })
        tookMs = await until(() => jobInAttio() === 'Countess')
        await pause(40_000)
      },
      { sweepMs: 10_000 },
    )
    expect(tookMs).toBeLessThan(5_000)
    await expectRest(world)
  })
})

describe('bells', () => {
  test('that come twice, late and in any order lead to the same end', async () => {
    Object.assign(world.attio.settings, { duplicateShare: 1, retryTimeScale: 0.01 })
    Object.assign(world.hubspot.settings, { webhookDuplicates: 0.5 })
    await following(async () => {
      for (let i = 1; i <= 6; i += 1) {
        edit(world, 'attio', 'people', ada, { job_title: `Title ${i}` })
        edit(world, 'hubspot', 'contacts', contact, { phone: `+1415555010${i}` })
        await pause(1_500)
      }
      await pause(40_000)
    })
    expect(bells.heard.reduce((sum, { repeated }) => sum + repeated, 0)).toBeGreaterThan(5)
    expect(jobInHubSpot()).toBe('Title 6')
    expect(held(world, 'attio', 'people', ada)['phone_numbers']).toEqual(['+14155550106'])
    await expectRest(world)
  })

  test('of our own writes are known as such where the vendor tells, and never answered with a write', async () => {
    const before = world.writes()
    await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Chief Analyst' })
      await pause(20_000)
    })
    expect(bells.heard.reduce((sum, { echoes }) => sum + echoes, 0)).toBe(1)
    expect(world.writes()).toEqual({ ...before, hubspot: before.hubspot + 1 })
  })

  test('that never stop do not keep polls from their turn', async () => {
    const asked = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
    const others = Array.from({ length: 30 }, (_, i) => {
      return attioPerson(world, { first: `P${i}`, email: `p${i}@king-family.com` })
    })
    await world.sync()
    await world.advance(60_000)
    // Slow answers, so that something is due again whenever a look is over.
    const slow = { kind: 'delay', delayMs: 1_000 } as const
    world.faults.attio.replace([slow])
    world.faults.hubspot.replace([slow])
    const before = asked()
    await following(
      async () => {
        for (const [i, other] of others.entries()) {
          edit(world, 'attio', 'people', other, { job_title: `Title ${i}` })
          await pause(1_000)
        }
      },
      { pollMs: 8_000 },
    )
    expect(asked() - before).toBeGreaterThanOrEqual(2)
  })
})

test('a stop ends the rest at once', async () => {
  const startedMs = world.runtime.now()
  await following(() => Promise.resolve())
  expect(world.runtime.now() - startedMs).toBeLessThan(100)
})
