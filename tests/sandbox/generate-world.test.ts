/** What the real models hold after their world was generated: the ground truth, not the generator's intention. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { beforeAll, describe, expect, it } from 'vitest'
import { generateWorld } from '../../src/sandbox/generate/generate.ts'
import type { DumpedRecord, VendorModel } from '../../src/sandbox/model.ts'
import { createWorld } from '../../src/sandbox/world.ts'
import type { World, WorldOptions } from '../../src/sandbox/world.ts'

const NOW = Date.UTC(2026, 10, 22)
const runtime = { now: () => NOW }

function make(options: Partial<WorldOptions> = {}): World {
  return createWorld({
    runtime,
    crms: ['attio', 'hubspot'],
    people: 400,
    seed: 5,
    limits: 'vendor',
    ...options,
  })
}

function modelOf(world: World, vendor: string): VendorModel {
  const model = world.models.get(vendor)
  if (!model) throw new Error(`no ${vendor}`)
  return model
}

function records(world: World, vendor: string, object: string): [string, DumpedRecord][] {
  return Object.entries(modelOf(world, vendor).dump()[object] ?? {})
}

const dumps = (world: World): string =>
  JSON.stringify([...world.models.values()].map((model) => model.dump()))

const first = (values: unknown): unknown => (Array.isArray(values) ? values[0] : values)

/** What is left of a text when spelling does not count; blank in every form is null. */
function plain(text: unknown): string | null {
  const trimmed = typeof text === 'string' ? text.trim().normalize('NFC').replaceAll('\r\n', '\n') : ''
  return trimmed === '' ? null : trimmed
}

function e164(phone: unknown): string | undefined {
  return typeof phone === 'string' ? parsePhoneNumberFromString(phone, 'US')?.number : undefined
}

function amountOf(value: unknown): number | null {
  const amount = (value as { currency_value?: number } | undefined)?.currency_value ?? value
  return amount === undefined ? null : Number(amount)
}

function phaseOf(stage: string): string {
  if (/won/i.test(stage)) return 'won'
  if (/lost/i.test(stage)) return 'lost'
  return /lead|intro|open|appointment|qualified/i.test(stage) ? 'lead' : 'progress'
}

/** How many of `there` are `here` too, and how many of those say something else. */
function compare(
  here: ReadonlyMap<unknown, readonly unknown[]>,
  there: readonly [string, unknown[]][],
): { both: number; differing: number } {
  const both = there.filter(([key]) => here.has(key))
  const differing = both.filter(([key, facts]) => JSON.stringify(here.get(key)) !== JSON.stringify(facts))
  return { both: both.length, differing: differing.length }
}

function expected(count: { shared: number; contradicting: number } | undefined): unknown {
  return { both: count?.shared, differing: count?.contradicting }
}

let world: World
beforeAll(() => {
  world = make()
})

describe('a world in the real models', () => {
  it('is the same for the same seed', () => {
    expect(dumps(make())).toBe(dumps(world))
    expect(dumps(make({ seed: 6 }))).not.toBe(dumps(world))
  })

  it('holds what the census says, and nothing that the vendors added', () => {
    const { census } = world
    if (census === null) throw new Error('nothing was generated')
    for (const [attio, hubspot] of [
      ['people', 'contacts'],
      ['companies', 'companies'],
      ['deals', 'deals'],
    ] as const) {
      const { total, shared, duplicates } = census[attio]
      const held = records(world, 'attio', attio).length + records(world, 'hubspot', hubspot).length
      expect(held).toBe(total + shared + duplicates)
    }
  })

  it('is as empty as asked', () => {
    const empty = make({ empty: true })
    expect(empty.census).toBeNull()
    expect(records(empty, 'hubspot', 'contacts')).toEqual([])
    expect(records(empty, 'attio', 'people')).toEqual([])
  })

  it('ends in the present, with nothing left to deliver and the settings as they were', () => {
    expect(world.clock.now()).toBe(NOW)
    for (const model of world.models.values()) expect(model.nextDeliveryAt()).toBeNull()
    expect(modelOf(world, 'attio').settings).toEqual(modelOf(make({ empty: true }), 'attio').settings)
  })

  it('was made over the past year, not at once', () => {
    const created = records(world, 'hubspot', 'contacts').map(([, { values }]) =>
      Date.parse(String(values['createdate'])),
    )
    expect(Math.min(...created)).toBeLessThan(NOW - 200 * 86_400_000)
    expect(Math.max(...created)).toBeLessThan(NOW)
  })

  it('agrees on shared people, found by e-mail address, up to spelling and the contradictions', () => {
    const people = new Map(
      records(world, 'attio', 'people').flatMap(([, { values }]) =>
        ((values['email_addresses'] ?? []) as string[]).map((email) => {
          const [name] = (values['name'] ?? []) as { first_name: string | null; last_name: string | null }[]
          const facts = [name?.first_name, name?.last_name, first(values['job_title'])].map(plain)
          return [email, [...facts, first(values['phone_numbers'])]] as const
        }),
      ),
    )
    const contacts = records(world, 'hubspot', 'contacts').map(([, { values }]): [string, unknown[]] => {
      const facts = [values['firstname'], values['lastname'], values['jobtitle']].map(plain)
      return [String(values['email']), [...facts, e164(values['phone'])]]
    })
    expect(compare(people, contacts)).toEqual(expected(world.census?.people))
  })

  it('agrees on shared companies, found by domain', () => {
    const companies = new Map(
      records(world, 'attio', 'companies').map(([, { values }]) => [
        String(first(values['domains'])),
        [plain(first(values['name'])), plain(first(values['description']))],
      ]),
    )
    const others = records(world, 'hubspot', 'companies')
      .filter(([, { values }]) => values['domain'])
      .map(([, { values }]): [string, unknown[]] => {
        const domain = String(values['domain'])
          .toLowerCase()
          .replace(/^https?:\/\//, '')
          .replace(/^www\./, '')
          .replace(/\/.*$/, '')
        return [domain, [plain(values['name']), plain(values['description'])]]
      })
    expect(compare(companies, others)).toEqual(expected(world.census?.companies))
  })

  it('agrees on shared deals, recognised by name', () => {
    const deals = new Map(
      records(world, 'attio', 'deals').map(([, { values }]) => {
        const amount = amountOf(first(values['value']))
        return [plain(first(values['name'])), [amount, phaseOf(String(first(values['stage'])))]]
      }),
    )
    const others = records(world, 'hubspot', 'deals').map(([, { values }]): [string, unknown[]] => {
      const amount = values['amount'] === undefined ? null : Number(values['amount'])
      return [String(plain(values['dealname'])), [amount, phaseOf(String(values['dealstage']))]]
    })
    const found = compare(deals, others)
    expect(found.differing).toBe(world.census?.deals.contradicting)
    expect(found.both).toBe(world.census?.deals.shared)
  })

  it('stores phone numbers in Attio that the numbering plans accept', () => {
    const phones = records(world, 'attio', 'people').flatMap(
      ([, { values }]) => (values['phone_numbers'] ?? []) as string[],
    )
    expect(phones.length).toBeGreaterThan(100)
    for (const phone of phones) expect(parsePhoneNumberFromString(phone)?.number).toBe(phone)
  })

  it('uses three deal pipelines, closed stages included', () => {
    const deals = records(world, 'hubspot', 'deals').map(([, { values }]) => values)
    expect(new Set(deals.map((values) => values['pipeline']))).toEqual(
      new Set(['default', 'partner', 'renewal']),
    )
    expect(deals.some((values) => values['dealstage'] === 'closedwon')).toBe(true)
  })

  it('links contacts and deals', () => {
    const linked = (object: string, to: string): number =>
      records(world, 'hubspot', object).filter(([, { associations }]) =>
        associations.some((association) => association.object === to),
      ).length
    expect(linked('contacts', 'companies')).toBeGreaterThan(50)
    expect(linked('deals', 'companies')).toBeGreaterThan(20)
    expect(linked('deals', 'contacts')).toBeGreaterThan(20)
    const employed = records(world, 'attio', 'people').filter(([, { values }]) =>
      Array.isArray(values['company']) ? values['company'].length > 0 : values['company'],
    )
    expect(employed.length).toBeGreaterThan(50)
  })

  it('leaves records with people who have left', () => {
    const hubspot = modelOf(world, 'hubspot')
    const answer = hubspot.handle({
      method: 'GET',
      url: 'http://hubspot.invalid/crm/v3/owners/?archived=true&limit=100',
      headers: { authorization: `Bearer ${hubspot.token}` },
      body: null,
    })
    const former = new Set(
      (JSON.parse(answer.body) as { results: { id: string }[] }).results.map(({ id }) => id),
    )
    const owners = records(world, 'hubspot', 'contacts').map(([, { values }]) => values['hubspot_owner_id'])
    expect(owners.some((owner) => former.has(owner as string))).toBe(true)
  })

  it('survives a snapshot', () => {
    const before = dumps(world)
    for (const model of world.models.values()) model.restore(model.snapshot())
    expect(dumps(world)).toBe(before)
  })
})

it('generates five times as many people in not much more than five times the work', () => {
  const leastWork = (people: number) =>
    Math.min(
      ...[1, 2, 3].map(() => {
        const before = process.cpuUsage()
        make({ people })
        return process.cpuUsage(before).user
      }),
    )
  // Whoever compares each with all others takes twenty-five times as much.
  expect(leastWork(750) / leastWork(150)).toBeLessThan(15)
})

it('can be written by one CRM only: the others are set up for the same deals and hold none', () => {
  const empty = createWorld({ runtime, crms: ['attio', 'salesforce'], empty: true })
  const types = (world: World) => Object.keys(modelOf(world, 'salesforce').dump()['RecordType'] ?? {}).length
  generateWorld(empty.models, { people: 40, overlap: 1, seed: 5, only: 'attio' })
  const filled = make({ crms: ['attio', 'salesforce'], people: 40 })
  expect(types(empty)).toBe(types(filled))
  expect(types(empty)).toBeGreaterThan(1)
  expect(records(empty, 'salesforce', 'Opportunity')).toEqual([])
  expect(records(empty, 'attio', 'deals').length).toBeGreaterThan(5)
})
