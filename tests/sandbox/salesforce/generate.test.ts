/** The generated world with Salesforce in it: the same guarantees, checked on the ground truth of three CRMs. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { beforeAll, describe, expect, test } from 'vitest'
import type { DumpedRecord } from '../../../src/sandbox/model.ts'
import { createWorld, type World } from '../../../src/sandbox/world.ts'

const NOW = Date.UTC(2026, 10, 22)

const make = (crms?: readonly string[]): World =>
  createWorld({ runtime: { now: () => NOW }, people: 400, seed: 5, ...(crms && { crms }) })

let world: World
beforeAll(() => {
  world = make()
})

type Entry = readonly [string, DumpedRecord['values']]

function live(vendor: string, object: string): Entry[] {
  const records = Object.entries(world.models.get(vendor)?.dump()[object] ?? {})
  return records.filter(([, { state }]) => state === 'live').map(([id, { values }]) => [id, values])
}

/** What is left of a text when spelling does not count. */
function plain(text: unknown): string | null {
  const trimmed = typeof text === 'string' ? text.trim().normalize('NFC').replaceAll('\r\n', '\n') : ''
  return trimmed === '' ? null : trimmed
}

const e164 = (phone: unknown): string | undefined =>
  typeof phone === 'string' ? parsePhoneNumberFromString(phone, 'US')?.number : undefined

function hostOf(website: unknown): string | null {
  if (typeof website !== 'string') return null
  return website
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/^www\./, '')
    .replace(/\/.*$/, '')
}

/** How many keys are on both sides, and how many of those say something else. */
function compare(
  here: readonly (readonly [unknown, unknown])[],
  there: readonly (readonly [unknown, unknown])[],
): { both: number; differing: number } {
  const known = new Map(here)
  const both = there.filter(([key]) => key !== null && known.has(key))
  const differing = both.filter(([key, facts]) => JSON.stringify(known.get(key)) !== JSON.stringify(facts))
  return { both: both.length, differing: differing.length }
}

describe('a world of three CRMs', () => {
  test('holds what the census says in every one', () => {
    const { census } = world
    if (census === null) throw new Error('nothing was generated')
    // Converted leads are history: the contact stands for the person.
    const leads = live('salesforce', 'Lead').filter(([, values]) => values['IsConverted'] !== true)
    const counts = {
      people:
        live('attio', 'people').length +
        live('hubspot', 'contacts').length +
        live('salesforce', 'Contact').length +
        leads.length,
      companies:
        live('attio', 'companies').length +
        live('hubspot', 'companies').length +
        live('salesforce', 'Account').length,
      deals:
        live('attio', 'deals').length +
        live('hubspot', 'deals').length +
        live('salesforce', 'Opportunity').length,
    }
    for (const kind of ['people', 'companies', 'deals'] as const) {
      const { total, shared, duplicates } = census[kind]
      // A shared thing is in every CRM.
      expect([kind, counts[kind]]).toEqual([kind, total + 2 * shared + duplicates])
    }
    expect(leads.length).toBeGreaterThan(2)
  })

  test('agrees with HubSpot on people, companies and deals, except for the contradictions', () => {
    const people = (rows: readonly Entry[], names: readonly string[]) =>
      rows
        .filter(([, values]) => typeof values[names[0] ?? ''] === 'string')
        .map(([, values]) => {
          const [email, first, last, title, phone] = names.map((name) => values[name])
          return [email, [plain(first), plain(last), plain(title), e164(phone)]] as const
        })
    const found = compare(
      people(live('hubspot', 'contacts'), ['email', 'firstname', 'lastname', 'jobtitle', 'phone']),
      people(live('salesforce', 'Contact'), ['Email', 'FirstName', 'LastName', 'Title', 'Phone']),
    )
    expect(found.both).toBe(world.census?.people.shared)
    // A contradiction can also be between one of these and Attio.
    expect(found.differing).toBeLessThanOrEqual(world.census?.people.contradicting ?? 0)
    expect(found.differing).toBeGreaterThan(0)

    const companies = compare(
      live('hubspot', 'companies').map(([, values]) => [hostOf(values['domain']), plain(values['name'])]),
      live('salesforce', 'Account').map(([, values]) => [hostOf(values['Website']), plain(values['Name'])]),
    )
    expect(companies.both).toBe(world.census?.companies.shared)
    const deals = compare(
      live('hubspot', 'deals').map(([, values]) => [
        plain(values['dealname']),
        values['amount'] === undefined ? null : Number(values['amount']),
      ]),
      live('salesforce', 'Opportunity').map(([, values]) => [
        plain(values['Name']),
        values['Amount'] ?? null,
      ]),
    )
    expect(deals.both).toBe(world.census?.deals.shared)
  })

  test('has stages per record type, contact roles, and owners who have left', () => {
    const types = new Map(
      live('salesforce', 'RecordType').map(([id, values]) => [id, values['DeveloperName']]),
    )
    const stages = new Map<unknown, Set<unknown>>()
    for (const [, values] of live('salesforce', 'Opportunity')) {
      const type = types.get(String(values['RecordTypeId']))
      stages.set(type, (stages.get(type) ?? new Set()).add(values['StageName']))
    }
    expect(new Set(stages.keys())).toEqual(new Set(['New_Business', 'Partner', 'Renewal']))
    expect(stages.get('Renewal')?.has('Prospecting')).toBe(false)
    const roles = live('salesforce', 'OpportunityContactRole').map(([, values]) => values['Role'])
    expect(roles.length).toBeGreaterThan(20)
    expect(new Set(roles).size).toBeGreaterThan(2)
    const left = new Set(
      live('salesforce', 'User')
        .filter(([, values]) => values['IsActive'] !== true)
        .map(([id]) => id),
    )
    expect(left.size).toBe(2)
    expect(live('salesforce', 'Contact').some(([, values]) => left.has(String(values['OwnerId'])))).toBe(true)
    const converted = live('salesforce', 'Lead').filter(([, values]) => values['IsConverted'] === true)
    expect(converted.length).toBeGreaterThan(0)
  })

  test('is the same for the same seed, ends in the present, and leaves settings as they were', () => {
    const model = world.models.get('salesforce')
    expect(JSON.stringify(make().models.get('salesforce')?.dump())).toBe(JSON.stringify(model?.dump()))
    expect(model?.settings['changeEvents']).toContain('Contact')
    const created = live('salesforce', 'Contact').map(([, values]) =>
      Date.parse(String(values['CreatedDate'])),
    )
    expect(Math.min(...created)).toBeLessThan(NOW - 200 * 86_400_000)
    expect(Math.max(...created)).toBeLessThan(NOW)
  })

  test('can be made of some of them', () => {
    expect([...make(['salesforce', 'attio']).models.keys()]).toEqual(['attio', 'salesforce'])
    expect(() => make(['pipedrive'])).toThrow('pipedrive')
  })
})
