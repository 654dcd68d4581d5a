/**
 * Refusals as they were recorded: the texts people read and the shapes clients parse. Attio fact sheet 4.1; texts
 * are no contract, but clients in the field match some of them.
 */
import { describe, expect, test } from 'vitest'
import { addThings, attributeBody, newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const people = '/v2/objects/people/records'

const post = (world: World, path: string, body: unknown): Body => world.call('POST', path, body).body

const required = (path: readonly unknown[], expected: string): Body => ({
  code: 'invalid_type',
  path,
  message: 'Required',
  expected,
  received: 'undefined',
})

describe('a body that fails its schema', () => {
  const issuesOf = (path: string, body: unknown): Body => {
    const answer = post(newWorld(), path, body)
    expect(answer).toMatchObject({
      status_code: 400,
      type: 'invalid_request_error',
      code: 'validation_type',
      message: 'Body payload validation error.',
    })
    return answer.validation_errors
  }

  test('names every member that is missing, with its type', () => {
    expect(issuesOf(people, {})).toEqual([required(['data'], 'object')])
    expect(issuesOf(people, undefined)).toEqual([required([], 'object')])
    expect(issuesOf('/v2/webhooks', { data: {} })).toEqual([
      required(['data', 'target_url'], 'string'),
      required(['data', 'subscriptions'], 'array'),
    ])
  })

  test('names the choices of an enumeration that is missing', () => {
    const { type: _, ...body } = attributeBody('x', 'text')
    const [issue] = issuesOf('/v2/objects/people/attributes', { data: body })
    expect(issue).toMatchObject({ code: 'invalid_type', path: ['data', 'type'], message: 'Required' })
    expect(issue.expected).toContain("'text' | 'number'")
  })

  test('says what was expected and received', () => {
    expect(issuesOf(`${people}/query`, { limit: '5' })).toEqual([
      {
        code: 'invalid_type',
        path: ['limit'],
        message: 'Expected number, received string',
        expected: 'number',
        received: 'string',
      },
    ])
  })

  test('is simply invalid where no alternative fits', () => {
    const search = { query: 'a', objects: ['people'] }
    expect(issuesOf('/v2/objects/records/search', search)).toEqual([
      { code: 'invalid', path: ['request_as'], message: 'Invalid input' },
    ])
  })

  test('names keys that nobody knows', () => {
    const data = { ...attributeBody('x', 'text'), surprise: 1 }
    expect(issuesOf('/v2/objects/people/attributes', { data })).toEqual([
      { code: 'unrecognized_keys', path: ['data'], message: "Unrecognized key(s) in object: 'surprise'" },
    ])
  })
})

describe('a value its attribute cannot hold', () => {
  const refused = (slug: string, input: unknown): Body => {
    const world = newWorld()
    addThings(world)
    const answer = post(world, '/v2/objects/things/records', { data: { values: { [slug]: input } } })
    expect(answer).toMatchObject({ status_code: 400, code: 'validation_type' })
    expect(answer.message).toBe(`An invalid value was passed to attribute with slug "${slug}".`)
    return answer.validation_errors
  }

  test('a name without its parts', () => {
    const answer = post(newWorld(), people, { data: { values: { name: [{ value: 'Ada' }] } } })
    expect(answer).toEqual({
      status_code: 400,
      type: 'invalid_request_error',
      code: 'validation_type',
      message: 'An invalid value was passed to attribute with slug "name".',
      validation_errors: ['first_name', 'last_name', 'full_name'].map((key) => required([key], 'string')),
    })
  })

  test.each([
    ['text', { value: 'x', extra: 1 }, { code: 'unrecognized_keys', path: [] }],
    ['text', {}, required(['value'], 'string')],
    ['number', { value: null }, { path: ['value'], message: 'Expected number, received null' }],
    ['select', {}, required(['option'], 'string')],
    ['text', 5, { code: 'invalid_type', path: ['value'], message: 'Expected string, received number' }],
    ['location', { line_1: null }, required(['line_2'], 'string')],
    ['phone_number', '+1 555', { code: 'invalid', path: ['original_phone_number'] }],
    ['email_address', 'x', { code: 'invalid', path: ['email_address'] }],
    ['tags', 'Red', { message: 'Multi-select attribute expects an array but received a single value' }],
    ['rating', 6, { code: 'invalid', path: ['value'] }],
  ])('%s refuses %j with the reason', (slug, input, first) => {
    expect(refused(slug, input)[0]).toMatchObject(first)
  })

  test('a text of more than 10 MB, counted in bytes', () => {
    const [issue] = refused('text', 'ü'.repeat(5 * 1024 * 1024 + 1))
    expect(issue.message).toContain('10 MB')
  })

  test('an option that does not exist', () => {
    const world = newWorld()
    addThings(world)
    const create = (values: unknown): Body => post(world, '/v2/objects/things/records', { data: { values } })
    expect(create({ select: 'Pink' }).message).toBe('Cannot find select option with title "Pink".')
    expect(create({ status: 'Pink' }).message).toBe('Cannot find Status with title "Pink".')
  })
})

test('a unique value that is taken: the attribute and the other record are named, the value is not', () => {
  const world = newWorld()
  const ada = world.create('people', { email_addresses: ['ada@example.com'] })
  const answer = post(world, people, { data: { values: { email_addresses: ['ada@example.com'] } } })
  expect(answer).toMatchObject({ status_code: 400, code: 'uniqueness_conflict' })
  expect(answer.message).toMatch(/^A value provided for attribute with slug "email_addresses" conflicts with/)
  expect(answer.message).toContain(ada.id.record_id)
  expect(answer.message).not.toContain('ada@example.com')
})

test.each([
  [{ email: 'x' }, ['email'], 'email'],
  [{ $or: [{ name: 'x' }, { email: 'x' }] }, ['$or', '1', 'email'], 'email'],
  [{ $and: [{ $not: { email: 'x' } }] }, ['$and', '0', '$not', 'email'], 'email'],
  [{ $not: { $or: [] } }, ['$not', '$or'], '$or'],
])('the unknown slug in %j is named with the way to it', (filter, path, slug) => {
  expect(post(newWorld(), `${people}/query`, { filter })).toEqual({
    status_code: 400,
    type: 'invalid_request_error',
    code: 'unknown_filter_attribute_slug',
    message: `Unknown attribute slug: ${slug}.`,
    path,
  })
})

test('an object that is switched off names its id and who can help', () => {
  const answer = post(newWorld({ settings: { dealsEnabled: false } }), '/v2/objects/deals/records/query', {})
  expect(answer.code).toBe('standard_object_disabled')
  expect(answer.message).toMatch(
    /^The Standard object with slug\/ID "[0-9a-f-]{36}" must be enabled by a Workspace admin/,
  )
})

test('what cannot be unique, matched by, or renamed says so in the vendor’s words', () => {
  const world = newWorld()
  const unique = { data: { ...attributeBody('key', 'text'), is_unique: true } }
  expect(post(world, '/v2/objects/people/attributes', unique).message).toBe('Cannot set attribute as unique.')
  const path = '/v2/objects/companies/records?matching_attribute=name'
  expect(world.call('PUT', path, { data: { values: { name: 'Acme' } } }).body.message).toBe(
    'The matching attribute specified is not a unique attribute.',
  )
})

test('a person’s refused edit carries the reasons', () => {
  const { model } = newWorld()
  const edit = () => model.edit({ action: 'create', object: 'people', values: { phone_numbers: ['12'] } })
  expect(edit).toThrow(/validation_type: .*"phone_numbers"\. original_phone_number: /)
})

describe('a parameter that fails its schema', () => {
  const uuid = { code: 'invalid', message: 'Invalid uuid', string_validation: 'uuid' }
  test.each([
    ['GET', `${people}/nope`, { ...uuid, path: ['record_id'] }],
    ['DELETE', '/v2/webhooks/nope', { ...uuid, path: ['webhook_id'] }],
    ['GET', '/v2/webhooks?limit=101', { code: 'invalid', path: ['limit'], message: 'Invalid input' }],
    [
      'GET',
      '/v2/objects/people/attributes?show_archived=1',
      { code: 'invalid', path: ['show_archived'], message: 'Invalid input' },
    ],
    ['PUT', people, { code: 'invalid', path: ['matching_attribute'], message: 'Invalid input' }],
  ])('%s %s is listed as other failed validations are', (method, path, issue) => {
    const body = method === 'PUT' ? { data: { values: {} } } : undefined
    expect(newWorld().call(method, path, body)).toMatchObject({
      status: 400,
      body: { code: 'validation_type', validation_errors: [issue] },
    })
  })
})

test('a body that does not call itself JSON is none', () => {
  const world = newWorld()
  const body = { data: { values: {} } }
  for (const type of ['text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', '']) {
    const reply = world.call('POST', people, body, { 'content-type': type })
    expect(reply.body.validation_errors, type).toEqual([required([], 'object')])
  }
  expect(world.query('people')).toEqual([])
  const spelled = { 'content-type': 'Application/JSON; charset=utf-8' }
  expect(world.call('POST', people, body, spelled).status).toBe(200)
})
