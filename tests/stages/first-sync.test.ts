import { afterEach, describe, expect, test } from 'vitest'
import { altered, attioCompany, calm, held, only } from './story.ts'
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
})
