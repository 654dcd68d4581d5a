/** Objects, attributes, options and statuses. Attio fact sheet 13 and 17. */
import { describe, expect, test } from 'vitest'
import { attributeBody, newWorld } from './harness.ts'
import type { Body } from './harness.ts'

describe('objects', () => {
  test('people, companies and deals are there; users and workspaces are switched off', () => {
    const world = newWorld()
    const slugs = world.call('GET', '/v2/objects').body.data.map((each: Body) => each.api_slug)
    expect(slugs).toEqual(['people', 'companies', 'deals'])
    const reply = world.call('GET', '/v2/objects/users')
    expect(reply).toMatchObject({ status: 400, body: { code: 'standard_object_disabled' } })
    world.model.settings.usersEnabled = true
    expect(world.call('GET', '/v2/objects/users').body.data.singular_noun).toBe('User')
  })

  test('an unknown object is 404, a duplicate 409', () => {
    const world = newWorld()
    expect(world.call('GET', '/v2/objects/nope').body.message).toBe('Object with slug/ID "nope" not found.')
    const body = { data: { api_slug: 'things', singular_noun: 'Thing', plural_noun: 'Things' } }
    expect(world.call('POST', '/v2/objects', body).status).toBe(200)
    expect(world.call('POST', '/v2/objects', body)).toMatchObject({
      status: 409,
      body: { code: 'slug_conflict' },
    })
    const slug = { data: { api_slug: 'users', singular_noun: 'U', plural_noun: 'Us' } }
    expect(world.call('POST', '/v2/objects', slug).status).toBe(409)
    expect(world.call('PATCH', '/v2/objects/things', { data: {} }).body.code).toBe('validation_type')
    expect(
      world.call('PATCH', '/v2/objects/things', { data: { plural_noun: 'Stuff' } }).body.data,
    ).toMatchObject({
      plural_noun: 'Stuff',
      singular_noun: 'Thing',
    })
  })

  test('the plan can run out of objects', () => {
    const world = newWorld({ settings: { objectLimit: 0 } })
    const body = { data: { api_slug: 'things', singular_noun: 'Thing', plural_noun: 'Things' } }
    expect(world.call('POST', '/v2/objects', body).body.code).toBe('quota_exceeded')
  })
})

const slugsOf = (object: string, world = newWorld()): string[] =>
  world.call('GET', `/v2/objects/${object}/attributes`).body.data.map((each: Body) => each.api_slug)

describe('standard attributes', () => {
  test('people start as recorded and show deals only while deals are enabled', () => {
    const world = newWorld()
    const slugs = slugsOf('people', world)
    expect(slugs.slice(0, 8)).toEqual([
      'record_id',
      'name',
      'email_addresses',
      'description',
      'company',
      'job_title',
      'avatar_url',
      'phone_numbers',
    ])
    expect(slugs.slice(-3)).toEqual(['associated_deals', 'created_at', 'created_by'])
    world.model.settings.dealsEnabled = false
    expect(slugsOf('people', world)).not.toContain('associated_deals')
    world.model.settings.usersEnabled = true
    expect(slugsOf('people', world)).toContain('associated_users')
  })

  test.each([
    ['people', 'email_addresses', { is_unique: true, is_multiselect: true, is_writable: true }],
    ['people', 'avatar_url', { is_writable: false }],
    ['companies', 'domains', { is_unique: true, is_multiselect: true, type: 'domain' }],
    ['deals', 'stage', { is_required: true, type: 'status' }],
    ['deals', 'owner', { is_required: true, type: 'actor-reference' }],
    ['deals', 'created_at', { is_writable: false, default_value: { type: 'dynamic', template: 'PT0S' } }],
    ['deals', 'value', { config: { currency: { default_currency_code: 'USD', display_type: 'symbol' } } }],
    [
      'people',
      'company',
      { relationship: { object_slug: 'companies', api_slug: 'team', is_multiselect: true } },
    ],
  ])('%s.%s', (object, slug, expected) => {
    const attribute = newWorld().call('GET', `/v2/objects/${object}/attributes/${slug}`).body.data
    expect(attribute).toMatchObject({ is_system_attribute: true, ...expected })
    expect(Object.keys(attribute.config)).toEqual(['currency', 'record_reference'])
  })

  test('deal stages carry the published titles', () => {
    const { data } = newWorld().call('GET', '/v2/objects/deals/attributes/stage/statuses').body
    expect(data.map((each: Body) => each.title)).toEqual(['Lead', 'In Progress', 'Won 🎉', 'Lost'])
    expect(data[0]).toMatchObject({ celebration_enabled: false, target_time_in_status: null })
  })
})

describe('creating attributes', () => {
  const currency = (code: string) => ({
    currency: { default_currency_code: code, display_type: 'code' },
  })
  const answers: [string, Record<string, unknown>, number, string | undefined][] = [
    ['people', { is_unique: true }, 400, 'validation_type'],
    ['companies', { is_unique: true }, 400, 'validation_type'],
    ['people', { type: 'status' }, 400, 'validation_type'],
    ['people', { default_value: { type: 'static', template: ['x'] } }, 400, 'validation_type'],
    ['deals', { type: 'personal-name' }, 400, 'validation_type'],
    ['deals', { type: 'interaction' }, 400, 'validation_type'],
    ['deals', { type: 'select', is_unique: true }, 400, 'validation_type'],
    ['deals', { type: 'text', is_multiselect: true }, 400, 'validation_type'],
    ['deals', { type: 'currency' }, 400, 'validation_type'],
    ['deals', { type: 'currency', config: currency('TWD') }, 400, 'validation_type'],
    ['deals', { type: 'currency', config: currency('NTD') }, 200, undefined],
    ['deals', { type: 'record-reference' }, 400, 'validation_type'],
    ['deals', { config: undefined }, 400, 'validation_type'],
    ['deals', { api_slug: 'name' }, 409, 'slug_conflict'],
    ['nope', {}, 404, 'not_found'],
  ]
  test.each(answers)('on %s with %j answers %i %s', (object, more, status, code) => {
    const data = { ...attributeBody('extra', 'text'), ...more }
    const reply = newWorld().call('POST', `/v2/objects/${object}/attributes`, { data })
    expect([reply.status, reply.body.code]).toEqual([status, code])
  })

  test('an archived slug still conflicts; unarchiving brings the attribute back', () => {
    const world = newWorld()
    const data = { ...attributeBody('hubspot_id', 'text'), is_unique: true }
    const path = '/v2/objects/deals/attributes'
    expect(world.call('POST', path, { data }).body.data).toMatchObject({
      is_unique: true,
      is_archived: false,
    })
    world.call('PATCH', `${path}/hubspot_id`, { data: { is_archived: true } })
    expect(slugsOf('deals', world)).not.toContain('hubspot_id')
    expect(world.call('GET', `${path}?show_archived=true`).body.data.at(-1).api_slug).toBe('hubspot_id')
    expect(world.call('POST', path, { data }).status).toBe(409)
    world.call('PATCH', `${path}/hubspot_id`, { data: { is_archived: false } })
    expect(slugsOf('deals', world)).toContain('hubspot_id')
  })

  test('system attributes cannot be edited, an empty payload is refused', () => {
    const world = newWorld()
    const reply = world.call('PATCH', '/v2/objects/deals/attributes/name', { data: { title: 'X' } })
    expect(reply).toMatchObject({ status: 400, body: { code: 'system_edit_unauthorized' } })
    world.call('POST', '/v2/objects/deals/attributes', { data: attributeBody('extra', 'text') })
    const empty = world.call('PATCH', '/v2/objects/deals/attributes/extra', { data: {} })
    expect(empty.body.code).toBe('validation_type')
    const unique = world.call('PATCH', '/v2/objects/deals/attributes/extra', { data: { is_unique: true } })
    expect(unique.body.data.is_unique).toBe(true)
  })

  test('a relationship creates both ends', () => {
    const world = newWorld()
    const data = {
      ...attributeBody('sponsor', 'record-reference'),
      relationship: { object: 'people', title: 'Sponsored', api_slug: 'sponsored', is_multiselect: true },
    }
    const near = world.call('POST', '/v2/objects/deals/attributes', { data }).body.data
    const far = world.call('GET', '/v2/objects/people/attributes/sponsored').body.data
    expect(near.relationship).toMatchObject({ object_slug: 'people', api_slug: 'sponsored', id: far.id })
    expect(far.relationship).toMatchObject({ object_slug: 'deals', api_slug: 'sponsor', id: near.id })
    expect(far.config.record_reference.allowed_object_ids).toEqual([near.id.object_id])
    expect(
      world.call('POST', '/v2/objects/deals/attributes', { data: { ...data, api_slug: 'other' } }).status,
    ).toBe(409)
  })

  test('defaults fill what a new record leaves out', () => {
    const world = newWorld()
    const path = '/v2/objects/deals/attributes'
    const due = { ...attributeBody('due', 'date'), default_value: { type: 'dynamic', template: 'P1M' } }
    const kind = {
      ...attributeBody('kind', 'text'),
      default_value: { type: 'static', template: [{ value: 'new' }] },
    }
    for (const data of [due, kind]) expect(world.call('POST', path, { data }).status).toBe(200)
    const owner = 'ada.okafor@example.com'
    const deal = world.create('deals', { name: 'A', stage: 'Lead', owner })
    expect(deal.values.due[0].value).toBe('2026-06-09')
    expect(deal.values.kind[0].value).toBe('new')
  })
})

describe('options and statuses', () => {
  const path = '/v2/objects/companies/attributes/categories/options'

  test('a title can be there once, archived or not', () => {
    const world = newWorld()
    const created = world.call('POST', path, { data: { title: 'Robotics' } }).body.data
    expect(created).toMatchObject({ title: 'Robotics', is_archived: false })
    expect(world.call('POST', path, { data: { title: 'Robotics' } })).toMatchObject({
      status: 409,
      body: { code: 'slug_conflict' },
    })
    const archived = world.call('PATCH', `${path}/Robotics`, { data: { is_archived: true } })
    expect(archived.body.data.is_archived).toBe(true)
    expect(world.call('GET', path).body.data).not.toContainEqual(
      expect.objectContaining({ title: 'Robotics' }),
    )
    expect(world.call('GET', `${path}?show_archived=true`).body.data.at(-1).title).toBe('Robotics')
    expect(world.call('PATCH', `${path}/Nope`, { data: { title: 'x' } }).body.code).toBe('value_not_found')
  })

  test('options belong to selects, statuses to statuses', () => {
    const world = newWorld()
    const wrong = world.call('GET', '/v2/objects/deals/attributes/stage/options')
    expect(wrong).toMatchObject({ status: 400, body: { code: 'validation_type' } })
    expect(world.call('GET', '/v2/objects/deals/attributes/nope/options').status).toBe(404)
    const data = { title: 'Signed', celebration_enabled: true, target_time_in_status: 'P7D' }
    const status = world.call('POST', '/v2/objects/deals/attributes/stage/statuses', { data }).body.data
    expect(status).toMatchObject(data)
  })
})
