/** A large import ends equal whether Salesforce is loaded in bulk or in collections. */
import { expect, test } from 'vitest'
import { attioPerson, calm, expectRest, live } from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

const PEOPLE = 5_000
const BAD = 7

interface Ended {
  readonly world: TestWorld
  /** What everybody can see of the contacts, without ids and times. */
  readonly contacts: readonly string[]
  readonly refused: readonly string[]
  readonly writes: number
}

async function imported(bulkFrom: number | null): Promise<Ended> {
  const writes = { strict: false, allowDuplicates: false, bulkFrom }
  const world = await openTestWorld({ empty: true, crms: ['salesforce'], writes })
  calm(world)
  const rule = { object: 'Contact', when: "Title LIKE 'Intern%'", message: 'Interns are no contacts.' }
  world.salesforce.settings.validationRules = [rule]
  for (let n = 0; n < PEOPLE; n += 1) {
    const job = n > 0 && n % 700 === 0 ? `Intern ${n}` : `"No" ${n}, or so`
    attioPerson(world, { first: `Ada ${n}`, last: 'King', email: `ada${n}@king-family.com`, job })
  }
  const before = world.writes().salesforce
  await world.sync()
  const contacts = Object.values(live(world, 'salesforce', 'Contact')).map(({ values }) => {
    const { FirstName, LastName, Email, Title, Phone } = values
    return JSON.stringify({ FirstName, LastName, Email, Title, Phone })
  })
  const refused = (await world.store.quarantined(100)).map(({ reason }) => reason)
  return {
    world,
    contacts: contacts.toSorted(),
    refused: refused.toSorted(),
    writes: world.writes().salesforce - before,
  }
}

test('of 5,000 people, 7 of whom are refused', { timeout: 300_000 }, async () => {
  const bulk = await imported(2_000)
  const collections = await imported(null)
  expect(bulk.contacts).toHaveLength(PEOPLE - BAD)
  expect(bulk.contacts).toEqual(collections.contacts)
  expect(bulk.refused).toHaveLength(BAD)
  expect(collections.refused).toHaveLength(BAD)
  for (const reason of [...bulk.refused, ...collections.refused]) expect(reason).toContain('Interns')
  expect(bulk.writes).toBeLessThan(collections.writes / 2)
  for (const { world } of [bulk, collections]) {
    await expectRest(world)
    await world.close()
  }
})
