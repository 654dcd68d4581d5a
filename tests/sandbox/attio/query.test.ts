/** Filters, sorts, pages and search. Attio fact sheet 6, 9, 10.7 and 12. */
import { beforeAll, describe, expect, test } from 'vitest'
import { addThings, newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const nowhere = {
  line_1: null,
  line_2: null,
  line_3: null,
  line_4: null,
  region: null,
  postcode: null,
  latitude: null,
  longitude: null,
}

let world: World
let grace: string
let ada: Body
const sorted = (texts: string[]): string[] => texts.toSorted((a, b) => (a < b ? -1 : 1))

const names = (records: Body[]): string[] => sorted(records.map((each) => each.values.text[0].value))

beforeAll(() => {
  world = newWorld()
  addThings(world)
  grace = world.call('GET', '/v2/self').body.authorized_by_workspace_member_id
  world.create('companies', { domains: ['acme.com'], name: 'Acme' })
  ada = world.create('people', {
    email_addresses: ['ada@acme.com', 'ada@home.example'],
    name: 'Lovelace, Ada',
    company: 'acme.com',
  })
  world.create('things', {
    text: 'alpha',
    external_id: '1',
    number: 1,
    checkbox: true,
    currency: 10,
    date: '2024-01-01',
    timestamp: '2024-01-01T10:00:00Z',
    rating: 1,
    select: 'Red',
    tags: ['Red', 'Blue'],
    status: 'Red',
    domain: 'shop.example.co.uk',
    email_address: 'Ann@Shop.example.com',
    phone_number: '+84901234567',
    location: { ...nowhere, locality: 'Paris', country_code: 'FR' },
    actor_reference: 'ada.okafor@example.com',
    record_reference: { target_object: 'people', target_record_id: ada.id.record_id },
    friends: ['ada@acme.com'],
  })
  world.advance(1_000)
  world.create('things', {
    text: 'beta',
    external_id: '2',
    number: 2,
    checkbox: false,
    currency: 20,
    select: 'Green',
    status: 'Green',
  })
  world.advance(1_000)
  world.create('things', { text: 'Gamma', external_id: '3', number: 3, tags: ['Green'] })
})

const found: [filter: Record<string, unknown>, names: string[]][] = [
  [{}, ['Gamma', 'alpha', 'beta']],
  [{ text: 'alpha' }, ['alpha']],
  [{ text: { value: 'alpha' } }, ['alpha']],
  [{ text: { $eq: 'gamma' } }, []],
  [{ text: { $contains: 'A' } }, ['Gamma', 'alpha', 'beta']],
  [{ text: { $starts_with: 'al', $ends_with: 'ha' } }, ['alpha']],
  [{ external_id: { $in: ['1', '3', '9'] } }, ['Gamma', 'alpha']],
  [{ text: { $starts_with: 'ALP' } }, ['alpha']],
  [{ text: { $ends_with: 'MMA' } }, ['Gamma']],
  [{ text: 'alpha', number: 2 }, []],
  [{ number: { $gt: 1, $lte: 3 } }, ['Gamma', 'beta']],
  [{ checkbox: false }, ['beta']],
  [{ currency: '20' }, ['beta']],
  [{ currency: { currency_value: { $lt: 15 } } }, ['alpha']],
  [{ date: { $gte: '2023' } }, ['alpha']],
  [{ timestamp: { $lt: '2024-01-01T12:00:00+01:00' } }, ['alpha']],
  [{ rating: { $gte: 1 } }, ['alpha']],
  [{ select: 'Green' }, ['beta']],
  [{ tags: { option: 'Green' } }, ['Gamma']],
  [{ status: { active_from: { $gte: '2026-05-09T21:43:09Z' } } }, ['beta']],
  [{ $or: [{ status: 'Red' }, { status: { $eq: 'Green' } }] }, ['alpha', 'beta']],
  [{ domain: 'SHOP.example.co.uk' }, ['alpha']],
  [{ domain: { root_domain: 'example.co.uk' } }, ['alpha']],
  [{ domain: { $not_empty: true } }, ['alpha']],
  [{ email_address: 'ANN@shop.example.com' }, ['alpha']],
  [{ email_address: { email_root_domain: 'example.com' } }, ['alpha']],
  [{ phone_number: '+84901234567' }, ['alpha']],
  [{ phone_number: '84901234567' }, ['alpha']],
  [{ phone_number: '0901234567' }, []],
  [{ phone_number: { $ends_with: '4567' } }, ['alpha']],
  [{ phone_number: { country_code: 'VN' } }, ['alpha']],
  [{ location: { locality: { $contains: 'par' }, country_code: 'FR' } }, ['alpha']],
  [{ $not: { text: 'alpha' } }, ['Gamma', 'beta']],
  [{ $and: [{ $not: { text: 'alpha' } }, { $not: { text: 'beta' } }] }, ['Gamma']],
  [{ created_at: { $gte: '2026-05-09T21:43:09.480000000Z' } }, ['Gamma', 'beta']],
]

describe('filters', () => {
  test.each(found)('%j', (filter, expected) => {
    expect(names(world.query('things', { filter }))).toEqual(expected)
  })

  test('references: by both properties, by $in, by actor, along a path', () => {
    const id = ada.id.record_id
    const filters = [
      { record_reference: { target_object: 'people', target_record_id: id } },
      { friends: { target_record_id: { $in: [id] } } },
      { actor_reference: { referenced_actor_type: 'workspace-member', referenced_actor_id: grace } },
      {
        path: [
          ['things', 'friends'],
          ['people', 'email_addresses'],
        ],
        constraints: { $eq: 'ada@home.example' },
      },
      {
        path: [
          ['things', 'friends'],
          ['people', 'company'],
          ['companies', 'name'],
        ],
        constraints: { value: { $starts_with: 'Ac' } },
      },
      { $and: [{ friends: { target_record_id: id } }, { status: 'Red' }] },
    ]
    for (const filter of filters) expect(names(world.query('things', { filter }))).toEqual(['alpha'])
    const company = {
      path: [
        ['people', 'company'],
        ['companies', 'domains'],
      ],
      constraints: { domain: 'acme.com' },
    }
    expect(world.query('people', { filter: { $or: [company] } })).toHaveLength(1)
  })

  test('a record is found by its id and by any of its values', () => {
    const id = ada.id.record_id
    expect(world.query('people', { filter: { record_id: { $in: [id] } } })).toHaveLength(1)
    expect(world.query('people', { filter: { email_addresses: 'ADA@home.example' } })).toHaveLength(1)
    expect(world.query('companies', { filter: { record_id: id } })).toEqual([])
  })

  const refused: [object: string, filter: Record<string, unknown>, code: string][] = [
    ['things', { nope: 1 }, 'unknown_filter_attribute_slug'],
    ['things', { $nor: [] }, 'unknown_filter_attribute_slug'],
    ['things', { $not: { $or: [{ text: 'a' }] } }, 'unknown_filter_attribute_slug'],
    ['things', { status: { $in: ['Red'] } }, 'invalid_filter_operator'],
    ['things', { number: { $contains: '1' } }, 'invalid_filter_operator'],
    ['things', { number: { $in: [1] } }, 'invalid_filter_operator'],
    ['things', { domain: { $in: ['a.com'] } }, 'invalid_filter_operator'],
    ['things', { email_address: { $in: ['a@b.com'] } }, 'invalid_filter_operator'],
    ['things', { text: { $not_empty: true } }, 'invalid_filter_operator'],
    ['things', { text: { $neq: 'a' } }, 'invalid_filter_operator'],
    ['things', { location: { $eq: 'Paris' } }, 'invalid_filter_operator'],
    ['things', { phone_number: { original_phone_number: '+84901234567' } }, 'invalid_filter_field'],
    ['things', { location: { latitude: '1' } }, 'invalid_filter_field'],
    ['things', { email_address: { original_email_address: 'a' } }, 'invalid_filter_field'],
    ['things', { number: '1' }, 'filter_error'],
    ['things', { text: null }, 'filter_error'],
    ['things', { text: ['a'] }, 'filter_error'],
    ['things', { timestamp: { $gt: '2024-01-01' } }, 'filter_error'],
    ['things', { actor_reference: { referenced_actor_type: 'workspace-member' } }, 'filter_error'],
    ['things', { select: 'Purple' }, 'value_not_found'],
    ['things', { path: [['people', 'name']], constraints: { $eq: 'x' } }, 'filter_error'],
    [
      'things',
      {
        path: [
          ['things', 'text'],
          ['people', 'name'],
        ],
        constraints: { $eq: 'x' },
      },
      'filter_error',
    ],
    ['people', { updated_at: { $gte: '2024-01-01T00:00:00Z' } }, 'unknown_filter_attribute_slug'],
  ]
  test.each(refused)('on %s %j answers %s', (object, filter, code) => {
    const reply = world.call('POST', `/v2/objects/${object}/records/query`, { filter })
    expect(reply).toMatchObject({ status: 400, body: { code, type: 'invalid_request_error' } })
  })

  test('the index and the scan agree', () => {
    const emails = Array.from({ length: 100 }, (_, i) => ({ email_addresses: `p${i}@x.com` }))
    const other = newWorld()
    for (let i = 0; i < 300; i++) other.create('people', { email_addresses: [`p${i}@x.com`] })
    expect(other.query('people', { filter: { $or: emails } })).toHaveLength(100)
    const scanned = {
      $or: emails.map(({ email_addresses: each }) => ({
        $and: [{ $not: { $not: { email_addresses: each } } }],
      })),
    }
    expect(other.query('people', { filter: scanned })).toHaveLength(100)
  })
})

describe('sorts and pages', () => {
  const order = (sorts: unknown[]): string[] =>
    world.query('things', { sorts }).map((each) => each.values.text[0].value)

  test('by attribute, field and path, in both directions', () => {
    expect(order([{ attribute: 'created_at', direction: 'asc' }])).toEqual(['alpha', 'beta', 'Gamma'])
    expect(order([{ attribute: 'created_at', direction: 'desc' }])).toEqual(['Gamma', 'beta', 'alpha'])
    expect(order([{ attribute: 'number', direction: 'desc' }])).toEqual(['Gamma', 'beta', 'alpha'])
    expect(order([{ attribute: 'status', direction: 'desc' }])).toEqual(['beta', 'alpha', 'Gamma'])
    expect(order([{ attribute: 'location', direction: 'asc', field: 'locality' }])[0]).toBe('alpha')
    const path = [
      ['things', 'friends'],
      ['people', 'name'],
    ]
    expect(order([{ path, direction: 'asc', field: 'last_name' }])[0]).toBe('alpha')
  })

  test('without sorts records come by id, whenever they were made', () => {
    const many = newWorld()
    for (let n = 0; n < 9; n++) {
      many.advance(1_000)
      many.create('people', { job_title: String(n) })
    }
    const found = many.query('people')
    const ids: string[] = found.map((each) => each.id.record_id)
    const rising = (a: string, b: string) => (a < b ? -1 : 1)
    expect(ids).toEqual(ids.toSorted(rising))
    const made: string[] = found.map((each) => each.created_at)
    const inTime = made.toSorted(rising)
    expect([inTime, inTime.toReversed()]).not.toContainEqual(made)
    expect(many.query('people', { limit: 2, offset: 3 }).map((each) => each.id.record_id)).toEqual(
      ids.slice(3, 5),
    )
  })

  test('limit and offset cut pages; a page above the maximum is cut silently or refused', () => {
    expect(world.query('things', { limit: 2 })).toHaveLength(2)
    expect(world.query('things', { limit: 2, offset: 2 })).toHaveLength(1)
    expect(world.query('things', { offset: 3 })).toEqual([])
    const many = newWorld()
    for (let i = 0; i < 501; i++) many.create('people', {})
    expect(many.query('people')).toHaveLength(500)
    expect(many.query('people', { limit: 1000 })).toHaveLength(500)
    expect(many.query('people', { offset: 500 })).toHaveLength(1)
    many.model.settings.abovePageMax = 'refuse'
    expect(many.call('POST', '/v2/objects/people/records/query', { limit: 501 }).body.code).toBe(
      'validation_type',
    )
  })

  test.each([
    { limit: 0 },
    { limit: '5' },
    { offset: -1 },
    { sorts: [{ attribute: 'number' }] },
    { filter: [] },
  ])('%j is a validation error', (body) => {
    const reply = world.call('POST', '/v2/objects/things/records/query', body)
    expect(reply).toMatchObject({ status: 400, body: { code: 'validation_type' } })
  })
})

describe('search', () => {
  const search = (body: Record<string, unknown>) => world.call('POST', '/v2/objects/records/search', body)
  const asWorkspace = { request_as: { type: 'workspace' }, objects: ['people', 'companies'] }

  test('without request_as answers what was recorded', () => {
    expect(search({ query: 'a', objects: ['people', 'companies'], limit: 5 }).body).toEqual({
      status_code: 400,
      type: 'invalid_request_error',
      code: 'validation_type',
      message: 'Body payload validation error.',
      validation_errors: [{ code: 'invalid', path: ['request_as'], message: 'Invalid input' }],
    })
  })

  test('finds people and companies by what the index saw some time ago', () => {
    const reply = search({ ...asWorkspace, query: 'acme' })
    expect(reply.body.data.map((each: Body) => each.object_slug)).toEqual(['people', 'companies'])
    expect(reply.body.data[0]).toMatchObject({ record_text: 'Ada Lovelace', phone_numbers: [] })
    expect(reply.headers).not.toHaveProperty('x-accurate-at')
    world.create('companies', { name: 'Freshly made' })
    expect(search({ ...asWorkspace, query: 'freshly' }).body.data).toEqual([])
    world.advance(2_000)
    expect(search({ ...asWorkspace, query: 'freshly' }).body.data).toHaveLength(1)
  })

  test.each(['0901234567', '84901234567', '+84 901', '901234'])('finds a phone number by %j', (query) => {
    const phones = newWorld({ settings: { searchLagMs: 0 } })
    phones.create('people', { name: 'Linh', phone_numbers: ['+84901234567'] })
    const reply = phones.call('POST', '/v2/objects/records/search', { ...asWorkspace, query })
    expect(reply.body.data.map((each: Body) => each.record_text)).toEqual(['Linh'])
  })

  test.each([
    [{ ...asWorkspace, query: 'x', limit: 26 }, 'validation_type'],
    [{ ...asWorkspace, query: 'x'.repeat(257) }, 'validation_type'],
    [{ ...asWorkspace, query: 'x', objects: [] }, 'validation_type'],
    [{ ...asWorkspace, query: 'x', objects: ['foobar'] }, 'value_not_found'],
  ])('%j answers %s', (body, code) => {
    expect(search(body)).toMatchObject({ status: 400, body: { code } })
  })
})
