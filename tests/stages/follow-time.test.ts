/** The daemon's loop where bells, requests or time are short: silent tunnels, used-up days, clocks set back, sleep. */
import { describe, expect, test } from 'vitest'
import { createHearing } from '../../src/stages/hearing.ts'
import { edit } from './story.ts'
import {
  changeEngine,
  ada,
  bells,
  engine,
  following,
  jobInHubSpot,
  pause,
  until,
  world,
} from './following.ts'
describe('an edit during an outage arrives soon after it', () => {
  test.each([
    ['its own side cannot be read', 'attio'],
    ['the other side cannot be read', 'hubspot'],
  ] as const)('when %s', async (_what, vendor) => {
    world.faults[vendor].replace([{ kind: 'status', status: 503 }])
    let tookMs = 0
    const { troubles } = await following(async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      await pause(40_000)
      world.faults[vendor].replace([])
      tookMs = await until(() => jobInHubSpot() === 'Countess', 400_000)
    })
    expect(troubles.length).toBeGreaterThan(1)
    expect(tookMs).toBeLessThan(61_000)
  })
})

test('a tunnel that died is noticed by the next sweep, and made up for by listings', async () => {
  const { connection } = engine.pairing.connectors.left
  // Attio is said to tell of everything, and nothing of it arrives.
  const hearing = createHearing((name) => (name === connection ? 0 : null))
  await following(
    async () => {
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      await pause(30_000)
      expect(jobInHubSpot()).toBe('Analyst')
      await until(() => jobInHubSpot() === 'Countess', 180_000)
      expect(hearing.isHeard(connection)).toBe(false)
      edit(world, 'attio', 'people', ada, { job_title: 'Author' })
      await until(() => jobInHubSpot() === 'Author', 20_000)
      expect(hearing.silent()).toEqual([connection])
    },
    { pollMs: 10_000, sweepMs: 120_000, isDeaf: 'attio', hearing },
  )
})

/** Half of what is left of HubSpot's day is polled for. */
async function withPace(paceMs: number): Promise<void> {
  const { left, right } = engine.pairing.connectors
  const short = { ...right, paceMs: () => paceMs }
  await changeEngine((usual) => ({
    ...usual,
    pairing: { ...usual.pairing, connectors: { left, right: short } },
  }))
}

test('where a day is short of requests, polls become rarer, and not impossible', async () => {
  // One request in ten seconds.
  await withPace(5_000)
  const polls = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
  const before = polls()
  await following(() => pause(65_000), { pollMs: 1_000 })
  expect(polls() - before).toBeGreaterThanOrEqual(4)
  expect(polls() - before).toBeLessThanOrEqual(7)
})

test(
  'a day that looks used up is polled every quarter of an hour all the same',
  { timeout: 30_000 },
  async () => {
    await withPace(86_400_000)
    const polls = () => world.routes()['hubspot POST /crm/v3/objects/{objectType}/search'] ?? 0
    const before = polls()
    await following(() => pause(950_000), { pollMs: 1_000 })
    expect(polls() - before).toBe(1)
  },
)

test('a clock that is set back keeps nobody waiting', async () => {
  let aheadMs = 0
  const { runtime } = engine
  await changeEngine((usual) => ({ ...usual, runtime: { ...runtime, now: () => runtime.now() + aheadMs } }))
  await following(async () => {
    edit(world, 'attio', 'people', ada, { job_title: 'Analyst of old' })
    await until(() => jobInHubSpot() === 'Analyst of old')
    await pause(10_000)
    aheadMs = -8 * 3_600_000
    edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
    expect(await until(() => jobInHubSpot() === 'Countess')).toBeLessThan(5_000)
  })
})

test('a machine that slept looks at everything as soon as it wakes up', async () => {
  let asleepMs = 0
  const { runtime } = engine
  await changeEngine((usual) => ({ ...usual, runtime: { ...runtime, now: () => runtime.now() + asleepMs } }))
  await following(
    async () => {
      await pause(60_000)
      // Nobody was told of this one, and the next sweep is hours away.
      edit(world, 'attio', 'people', ada, { job_title: 'Countess' })
      bells.forget()
      asleepMs = 8 * 3_600_000
      await until(() => jobInHubSpot() === 'Countess', 60_000)
    },
    { sweepMs: 6 * 3_600_000 },
  )
})
