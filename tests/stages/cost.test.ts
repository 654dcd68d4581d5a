/** What a pass costs in requests, since requests are what vendors ration (DESIGN section 6). */
import { afterEach, describe, expect, test } from 'vitest'
import { altered, attioPerson, calm, edit, ids, PEOPLE_ONLY } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await world.close()
})

async function openWithPeople(count: number): Promise<void> {
  world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
  calm(world)
  for (let i = 0; i < count; i += 1) {
    attioPerson(world, { first: `Ada${i}`, last: 'King', email: `ada${i}@king-family.com`, job: 'Engineer' })
  }
  // Accounts and schemas are asked before the counting begins.
  await world.pairing()
}

/** Requests per route that `work` caused; descriptions of objects and fields left out. */
async function counted(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = world.routes()
  await work()
  const after = Object.entries(world.routes()).map(
    ([route, count]) => [route, count - (before[route] ?? 0)] as const,
  )
  return Object.fromEntries(after.filter(([, count]) => count > 0))
}

function total(routes: Record<string, number>, prefix: string): number {
  return Object.entries(routes).reduce(
    (sum, [route, count]) => sum + (route.startsWith(prefix) ? count : 0),
    0,
  )
}

const LIST = 'hubspot GET /crm/v3/objects/{objectType}'

describe('a first sync', () => {
  test(
    'of 1,000 people into an empty HubSpot takes 10 batch creations and one listing',
    { timeout: 60_000 },
    async () => {
      await openWithPeople(1_000)
      const routes = await counted(() => world.sync())
      expect(ids(world, 'hubspot', 'contacts')).toHaveLength(1_000)
      expect(routes['hubspot POST /crm/v3/objects/{objectType}/batch/upsert']).toBe(10)
      expect(total(routes, 'hubspot'), JSON.stringify(routes)).toBeLessThanOrEqual(11)
      expect(total(routes, 'attio'), JSON.stringify(routes)).toBeLessThanOrEqual(20)
      const again = await counted(() => world.sync())
      expect(
        again['hubspot POST /crm/v3/objects/{objectType}/batch/read'] ?? 0,
        'nothing is looked at twice',
      ).toBe(0)
    },
  )
})

test('a deal that HubSpot puts into a pipeline by itself is not read again for that', async () => {
  // No stage is written for a status that the mapping does not list; HubSpot answers with its default pipeline.
  const unlisted = altered('deals', [
    `      Lead:
        - default/appointmentscheduled
        - default/qualifiedtobuy
        - partner/partner_intro
        - renewal/renewal_open
`,
    '',
  ])
  world = await openTestWorld({ empty: true, mappings: [unlisted] })
  calm(world)
  const member = (await world.pairing()).pairing.users.left[0]?.id ?? ''
  const owner = [{ referenced_actor_type: 'workspace-member', referenced_actor_id: member }]
  for (let i = 0; i < 20; i += 1) {
    const values = { name: `Deal ${i}`, stage: 'Lead', owner }
    world.attio.edit({ action: 'create', object: 'deals', values })
  }
  await world.sync()
  expect(ids(world, 'hubspot', 'deals')).toHaveLength(20)
  const again = await counted(() => world.sync())
  expect(total(again, 'hubspot POST'), JSON.stringify(again)).toBe(0)
})

test('namesakes on one side, of whom nothing is decided, are not read', { timeout: 60_000 }, async () => {
  const readsOf = async (names: number): Promise<number> => {
    world = await openTestWorld({ empty: true, mappings: PEOPLE_ONLY })
    calm(world)
    for (let i = 0; i < 600; i += 1) {
      const email = `ada${i}@king-family.com`
      attioPerson(world, { first: `Ada${i % names}`, last: 'King', email, job: 'Engineer' })
    }
    await world.pairing()
    const routes = await counted(() => world.sync())
    expect(ids(world, 'hubspot', 'contacts')).toHaveLength(600)
    return total(routes, 'attio')
  }
  const alone = await readsOf(600)
  await world.close()
  expect(await readsOf(60)).toBe(alone)
})

describe('after a first sync', () => {
  test('a pass without changes reads listings and nothing else', async () => {
    await openWithPeople(100)
    await world.sync()
    await world.sync()
    const routes = await counted(() => world.sync())
    const listings = new Set([
      'attio POST /v2/objects/{object}/records/query',
      LIST,
      'hubspot POST /crm/v3/objects/{objectType}/search',
    ])
    expect(Object.keys(routes).filter((route) => !listings.has(route))).toEqual([])
    expect((await world.store.status(world.runtime.now())).dirty).toBe(0)
  })

  test(
    '100 changed people in Attio cost one read and one write in HubSpot',
    { timeout: 60_000 },
    async () => {
      await openWithPeople(400)
      await world.sync()
      await world.sync()
      const quiet = await counted(() => world.sync())
      for (const id of ids(world, 'attio', 'people').slice(0, 100)) {
        edit(world, 'attio', 'people', id, { description: 'new', phone_numbers: ['+14155550100'] })
      }
      const routes = await counted(() => world.sync())
      expect(routes['hubspot POST /crm/v3/objects/{objectType}/batch/update']).toBe(1)
      expect(total(routes, 'hubspot') - total(quiet, 'hubspot'), JSON.stringify(routes)).toBeLessThanOrEqual(
        2,
      )
      const again = await counted(() => world.sync())
      expect(total(again, 'hubspot'), 'the next pass is quiet').toBe(total(quiet, 'hubspot'))
    },
  )

  test('30 changed contacts in HubSpot cost one Attio write each', async () => {
    await openWithPeople(120)
    await world.sync()
    await world.sync()
    for (const id of ids(world, 'hubspot', 'contacts').slice(0, 30)) {
      edit(world, 'hubspot', 'contacts', id, { jobtitle: 'Countess', phone: '+14155550100' })
    }
    const before = world.writes()
    const routes = await counted(() => world.sync())
    expect(world.writes().attio - before.attio).toBe(30)
    expect(world.writes().hubspot).toBe(before.hubspot)
    const again = await counted(() => world.sync())
    expect(again['attio PATCH /v2/objects/{object}/records/{record_id}'] ?? 0).toBe(0)
    expect(total(again, 'hubspot POST /crm/v3/objects/{objectType}/batch/read'), JSON.stringify(routes)).toBe(
      0,
    )
  })
})
