/** What each attribute type accepts, stores and refuses. Attio fact sheet 8, 8.1 and 11. */
import { describe, expect, test } from 'vitest'
import { addThings, newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const nowhere = {
  line_1: null,
  line_2: null,
  line_3: null,
  line_4: null,
  locality: null,
  region: null,
  postcode: null,
  country_code: null,
  latitude: null,
  longitude: null,
}

function things(): World {
  const world = newWorld()
  addThings(world)
  return world
}

const accepted: [slug: string, input: unknown, fields: Body][] = [
  ['text', 'plain', { value: 'plain' }],
  ['text', '', { value: '' }],
  ['text', [{ value: 'wrapped' }], { value: 'wrapped' }],
  ['number', 0, { value: 0 }],
  ['number', { value: 1.23456 }, { value: 1.2346 }],
  ['checkbox', false, { value: false }],
  ['checkbox', 'true', { value: true }],
  ['rating', 0, { value: 0 }],
  ['rating', { value: 5 }, { value: 5 }],
  ['currency', '12.5', { currency_value: 12.5, currency_code: 'EUR' }],
  ['currency', { currency_value: 10.1234 }, { currency_value: 10.1234 }],
  ['date', '2023', { value: '2023-01-01' }],
  ['date', '2023-01-02T23:00:00-10:00', { value: '2023-01-03' }],
  ['date', { value: '9999-12-31' }, { value: '9999-12-31' }],
  ['timestamp', '2023-01-02', { value: '2023-01-02T00:00:00.000000000Z' }],
  ['timestamp', '2023-01-02T03:04:05.123456789+01:00', { value: '2023-01-02T02:04:05.123456000Z' }],
  ['select', 'Green', { option: { title: 'Green', is_archived: false } }],
  ['select', { option: 'Blue' }, { option: { title: 'Blue' } }],
  ['status', 'Red', { status: { title: 'Red', celebration_enabled: false } }],
  ['domain', 'https://www.Example.COM/path?q=1', { domain: 'example.com', root_domain: 'example.com' }],
  [
    'domain',
    { domain: 'app.example.co.uk:8080' },
    { domain: 'app.example.co.uk', root_domain: 'example.co.uk' },
  ],
  ['domain', 'bücher.example', { domain: 'xn--bcher-kva.example' }],
  [
    'email_address',
    'Ada+x@App.Example.com',
    {
      original_email_address: 'Ada+x@App.Example.com',
      email_address: 'ada+x@app.example.com',
      email_domain: 'app.example.com',
      email_root_domain: 'example.com',
      email_local_specifier: 'ada+x',
    },
  ],
  [
    'phone_number',
    '+1 (415) 555-2671',
    { phone_number: '+14155552671', country_code: 'US', original_phone_number: '+1 (415) 555-2671' },
  ],
  [
    'phone_number',
    { original_phone_number: '020 7946 0018', country_code: 'GB' },
    { phone_number: '+442079460018', country_code: 'GB' },
  ],
  [
    'phone_number',
    { original_phone_number: '+442079460018', country_code: null },
    { phone_number: '+442079460018' },
  ],
  [
    'location',
    '1 Main Street, Springfield, IL 62701, US',
    {
      line_1: '1 Main Street',
      locality: 'Springfield',
      region: 'IL',
      postcode: '62701',
      country_code: 'US',
    },
  ],
  [
    'location',
    { ...nowhere, latitude: '37.7749', longitude: '-122.4194' },
    { latitude: '37.7749', line_1: null },
  ],
  ['actor_reference', 'Bruno.Keller@example.com', { referenced_actor_type: 'workspace-member' }],
  [
    'actor_reference',
    [{ workspace_member_email_address: 'ada.okafor@example.com' }],
    { referenced_actor_type: 'workspace-member' },
  ],
]

test.each(accepted)('%s accepts %j', (slug, input, fields) => {
  const record = things().create('things', { [slug]: input })
  const [value, ...more] = record.values[slug]
  expect(more).toEqual([])
  expect(value).toMatchObject(fields)
  expect(value).toMatchObject({
    active_from: '2026-05-09T21:43:08.480000000Z',
    active_until: null,
    created_by_actor: { type: 'api-token' },
  })
})

const refused: [slug: string, input: unknown, code: string][] = [
  ['text', 5, 'validation_type'],
  ['text', ['a', 'b'], 'validation_type'],
  ['text', { value: 'x', active_from: 'y' }, 'validation_type'],
  ['number', '5', 'validation_type'],
  ['checkbox', 1, 'validation_type'],
  ['rating', 6, 'validation_type'],
  ['rating', 2.5, 'validation_type'],
  ['currency', 1.23456, 'validation_type'],
  ['currency', { currency_value: 5, currency_code: 'USD' }, 'validation_type'],
  ['date', '2023-02-30', 'validation_type'],
  ['timestamp', 'yesterday', 'validation_type'],
  ['select', 'green', 'value_not_found'],
  ['select', 'Purple', 'value_not_found'],
  ['status', 'Purple', 'value_not_found'],
  ['tags', 'Green', 'validation_type'],
  ['tags', null, 'validation_type'],
  ['domain', 'localhost', 'validation_type'],
  ['email_address', 'not an email', 'validation_type'],
  ['email_address', 'a..b@example.com', 'validation_type'],
  ['phone_number', '4155552671', 'validation_type'],
  ['phone_number', '+1 555', 'validation_type'],
  ['location', { line_1: 'x' }, 'validation_type'],
  ['location', { ...nowhere, latitude: '91' }, 'validation_type'],
  ['location', { ...nowhere, country_code: 'XX' }, 'validation_type'],
  ['actor_reference', 'nobody@example.com', 'value_not_found'],
  ['actor_reference', { referenced_actor_type: 'api-token', referenced_actor_id: 'x' }, 'validation_type'],
  [
    'record_reference',
    { target_object: 'people', target_record_id: '00000000-0000-4000-8000-000000000000' },
    'value_not_found',
  ],
  ['record_reference', { target_object: 'deals', target_record_id: 'x' }, 'validation_type'],
  ['record_reference', 'ada@example.com', 'validation_type'],
  ['friends', ['nobody@example.com'], 'value_not_found'],
  ['created_at', '2020-01-01', 'system_edit_unauthorized'],
  ['record_id', 'x', 'system_edit_unauthorized'],
  ['nope', 'x', 'value_not_found'],
]

test.each(refused)('%s refuses %j with %s and stores nothing', (slug, input, code) => {
  const world = things()
  const reply = world.call('POST', '/v2/objects/things/records', {
    data: { values: { text: 'x', [slug]: input } },
  })
  expect(reply).toMatchObject({ status: 400, body: { code } })
  expect(world.query('things')).toEqual([])
})

describe('personal names', () => {
  test.each([
    ['Lovelace, Ada', { first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }],
    ['Ada Lovelace', { first_name: 'Ada Lovelace', last_name: '', full_name: 'Ada Lovelace' }],
    ['Lovelace, Ada, Countess', { first_name: 'Ada, Countess', last_name: 'Lovelace' }],
    [
      { first_name: 'A', last_name: 'B', full_name: 'C' },
      { first_name: 'A', last_name: 'B', full_name: 'C' },
    ],
  ])('%j', (input, fields) => {
    expect(newWorld().create('people', { name: input }).values.name[0]).toMatchObject(fields)
  })

  test('all three parts are asked for, unless the setting says otherwise', () => {
    const world = newWorld()
    const data = { values: { name: { first_name: 'Ada', last_name: 'Lovelace' } } }
    expect(world.call('POST', '/v2/objects/people/records', { data }).status).toBe(400)
    world.model.settings.nameNeedsAllParts = false
    const { values } = world.call('POST', '/v2/objects/people/records', { data }).body.data
    expect(values.name[0].full_name).toBe('Ada Lovelace')
  })
})

describe('references', () => {
  test('by id, by a unique attribute, and by shorthand where only one standard object is allowed', () => {
    const world = things()
    const ada = world.create('people', { email_addresses: ['ada@example.com'] })
    const byEmail = { target_object: 'people', email_addresses: [{ email_address: 'ADA@example.com' }] }
    const thing = world.create('things', { friends: ['ada@example.com'], record_reference: byEmail })
    const reference = { target_object: 'people', target_record_id: ada.id.record_id }
    expect(thing.values.friends[0]).toMatchObject(reference)
    expect(thing.values.record_reference[0]).toMatchObject(reference)
  })

  test('a reference vanishes with its record', () => {
    const world = things()
    const ada = world.create('people', { email_addresses: ['ada@example.com'] })
    const thing = world.create('things', { friends: ['ada@example.com'] })
    world.call('DELETE', `/v2/objects/people/records/${ada.id.record_id}`)
    expect(world.get('things', thing.id.record_id).values.friends).toEqual([])
  })
})
