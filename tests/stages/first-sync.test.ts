import { afterEach, describe, expect, test } from 'vitest'
import {
  altered,
  attioCompany,
  attioPerson,
  calm,
  edit,
  expectRest,
  held,
  hubspotPerson,
  only,
  onlyConflict,
} from './story.ts'
import { openTestWorld, type TestWorld } from './world.ts'

let world: TestWorld

afterEach(async () => {
  await world.close()
})

describe('a first sync', () => {
  test('of two empty CRMs does nothing', async () => {
    world = await openTestWorld({ empty: true })
    const tally = await world.sync()
    expect(tally).toMatchObject({ linked: 0, created: { left: 0, right: 0 }, updated: { left: 0, right: 0 } })
  })

  test('creates a lone company on the other side, with its stamp, and a second sync writes nothing', async () => {
    world = await openTestWorld({ empty: true })
    const { id } = world.attio.edit({
      action: 'create',
      object: 'companies',
      values: { name: 'Northwind', domains: ['northwind-trading-17.com'] },
    })
    await world.sync()
    const companies = Object.values(world.hubspot.dump()['companies'] ?? {})
    expect(companies.map((company) => company.values)).toEqual([
      expect.objectContaining({ name: 'Northwind', domain: 'northwind-trading-17.com', attio_record_id: id }),
    ])
    const before = world.writes()
    await world.sync()
    expect(world.writes()).toEqual(before)
  })

  test('carries back what HubSpot fills in by itself, in the same pass', async () => {
    const mapping = altered('companies', [
      'left: description, right: description, conflict: prefer-right',
      'left: description, right: website, as: text, conflict: prefer-right',
    ])
    world = await openTestWorld({ empty: true, mappings: [mapping] })
    calm(world)
    const id = attioCompany(world, 'Northwind', 'northwind-trading-17.com')
    await world.sync()
    expect(held(world, 'hubspot', 'companies')['website']).toBe('northwind-trading-17.com')
    expect(only(held(world, 'attio', 'companies', id)['description'])).toBe('northwind-trading-17.com')
  })

  describe('of a person who is there in both, with further addresses in HubSpot', () => {
    const [main, second, third] = ['ada@king-family.com', 'ada@work-family.com', 'ada@byron-poems.com']
    const inHubSpot = (further: string) => ({ email: main, hs_additional_emails: further })

    const mapping = altered('people', ['as: emails }', 'as: emails, conflict: prefer-left }'])

    async function open(): Promise<{ readonly attio: string; readonly hubspot: string }> {
      world = await openTestWorld({ empty: true, mappings: [mapping] })
      calm(world)
      const attio = attioPerson(world, { first: 'Ada', last: 'King', email: main })
      const hubspot = hubspotPerson(world, { first: 'Ada', last: 'King', email: main })
      edit(world, 'hubspot', 'contacts', hubspot, inHubSpot(second))
      await world.sync()
      return { attio, hubspot }
    }

    const addresses = () => held(world, 'attio', 'people')['email_addresses']

    test('adds them to the list in Attio', async () => {
      await open()
      expect(addresses()).toEqual([main, second])
      await expectRest(world)
    })

    test('and adds what comes later to what was added there meanwhile', async () => {
      const { attio, hubspot } = await open()
      const own = 'ada@engines-family.com'
      edit(world, 'attio', 'people', attio, { email_addresses: [main, second, own] })
      edit(world, 'hubspot', 'contacts', hubspot, inHubSpot(`${second};${third}`))
      await world.sync()
      expect(new Set(addresses() as string[])).toEqual(new Set([main, second, own, third]))
      expect(held(world, 'hubspot', 'contacts')['email']).toBe(main)
      expect(await onlyConflict(world, 'all')).toMatchObject({ state: 'auto', rule: 'prefer-left' })
      await expectRest(world)
    })
  })
})
