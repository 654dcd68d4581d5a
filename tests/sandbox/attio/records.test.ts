/** Records: create, update, assert, delete, history. Attio fact sheet 7 and 10. */
import { describe, expect, test } from 'vitest'
import { addThings, newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const emails = (record: Body): string[] =>
  record.values.email_addresses.map((each: Body) => each.email_address)
const people = '/v2/objects/people/records'

const put = (world: World, id: string, values: Record<string, unknown>) =>
  world.call('PUT', `${people}/${id}`, { data: { values } })
const patch = (world: World, id: string, values: Record<string, unknown>) =>
  world.call('PATCH', `${people}/${id}`, { data: { values } })

test('a record shows every attribute, unset ones as an empty array', () => {
  const world = newWorld()
  const record = world.create('companies', { name: 'Acme' })
  const slugs = world
    .call('GET', '/v2/objects/companies/attributes')
    .body.data.map((each: Body) => each.api_slug)
  expect(Object.keys(record.values)).toEqual(slugs)
  expect(record.values.domains).toEqual([])
  expect(record.values.record_id[0].value).toBe(record.id.record_id)
  expect(record.values.created_at[0].value).toBe(record.created_at)
  expect(record.web_url).toBe(`https://app.attio.com/northwind-sandbox/company/${record.id.record_id}`)
  expect(Object.keys(record)).toEqual(['id', 'created_at', 'web_url', 'values'])
})

describe('required and unique attributes', () => {
  const owner = 'ada.okafor@example.com'

  test.each([
    [{ stage: 'Lead', owner }, 'missing_value'],
    [{ name: 'A', stage: 'Lead' }, 'missing_value'],
    [{ name: 'A', owner }, 'missing_value'],
    [{ name: null, stage: 'Lead', owner }, 'missing_value'],
  ])('a deal of %j answers %s', (values, code) => {
    const reply = newWorld().call('POST', '/v2/objects/deals/records', { data: { values } })
    expect(reply).toMatchObject({ status: 400, body: { code } })
  })

  test('clearing a required value is refused', () => {
    const world = newWorld()
    const deal = world.create('deals', { name: 'A', stage: 'Lead', owner })
    const path = `/v2/objects/deals/records/${deal.id.record_id}`
    expect(world.call('PATCH', path, { data: { values: { name: [] } } }).body.code).toBe('missing_value')
    expect(world.get('deals', deal.id.record_id).values.name[0].value).toBe('A')
  })

  test('a value of another record is refused whatever its case, and nothing is stored', () => {
    const world = newWorld()
    world.create('people', { email_addresses: ['ada@example.com'] })
    const other = world.create('people', { email_addresses: ['bob@example.com'] })
    const values = { job_title: 'Poet', email_addresses: ['ADA@Example.com'] }
    for (const reply of [
      world.call('POST', people, { data: { values } }),
      patch(world, other.id.record_id, values),
      put(world, other.id.record_id, values),
    ]) {
      expect(reply).toMatchObject({ status: 400, body: { code: 'uniqueness_conflict' } })
      expect(reply.body.message).toContain('email_addresses')
    }
    expect(world.get('people', other.id.record_id).values.job_title).toEqual([])
    world.create('companies', { domains: ['acme.com'] })
    const domain = { data: { values: { domains: ['https://WWW.ACME.com/'] } } }
    expect(world.call('POST', '/v2/objects/companies/records', domain).body.code).toBe('uniqueness_conflict')
  })

  test('a value is free again once its record gave it up', () => {
    const world = newWorld()
    const ada = world.create('people', { email_addresses: ['ada@example.com'] })
    put(world, ada.id.record_id, { email_addresses: [] })
    expect(emails(world.create('people', { email_addresses: ['ada@example.com'] }))).toEqual([
      'ada@example.com',
    ])
  })
})

describe('PATCH and PUT', () => {
  const start = (): { world: World; id: string } => {
    const world = newWorld()
    const record = world.create('people', { email_addresses: ['a@x.com', 'b@x.com'], job_title: 'One' })
    return { world, id: record.id.record_id }
  }

  test.each([
    ['PATCH', ['c@x.com'], ['c@x.com', 'a@x.com', 'b@x.com']],
    ['PATCH', ['c@x.com', 'B@x.com', 'd@x.com'], ['c@x.com', 'd@x.com', 'a@x.com', 'b@x.com']],
    ['PATCH', [], ['a@x.com', 'b@x.com']],
    ['PUT', ['b@x.com', 'c@x.com'], ['b@x.com', 'c@x.com']],
    ['PUT', ['c@x.com', 'C@x.com'], ['c@x.com']],
    ['PUT', [], []],
  ])('%s of %j leaves %j', (method, sent, left) => {
    const { world, id } = start()
    const reply = world.call(method, `${people}/${id}`, { data: { values: { email_addresses: sent } } })
    expect(reply.status).toBe(200)
    expect(emails(reply.body.data)).toEqual(left)
    expect(emails(world.get('people', id))).toEqual(left)
    expect(reply.body.data.values.job_title[0].value).toBe('One')
  })

  test.each([[null], [[]]])('a single value is cleared by %j', (cleared) => {
    const { world, id } = start()
    expect(patch(world, id, { job_title: cleared }).body.data.values.job_title).toEqual([])
  })

  test('attributes may be named by id, but not twice', () => {
    const { world, id } = start()
    const attribute = world.call('GET', '/v2/objects/people/attributes/job_title').body.data.id.attribute_id
    expect(patch(world, id, { [attribute]: 'Two' }).body.data.values.job_title[0].value).toBe('Two')
    expect(patch(world, id, { [attribute]: 'X', job_title: 'Y' }).body.code).toBe('validation_type')
  })

  test('an empty update is refused, and so is an extra key', () => {
    const { world, id } = start()
    expect(patch(world, id, {}).body.code).toBe('validation_type')
    expect(world.call('PATCH', `${people}/${id}`, { data: { values: {}, x: 1 } }).body.code).toBe(
      'validation_type',
    )
  })

  test('an unchanged value gets a new row, unless the setting says otherwise', () => {
    const { world, id } = start()
    world.advance(5_000)
    const rewritten = patch(world, id, { job_title: 'One' }).body.data.values.job_title[0]
    expect(rewritten.active_from).toBe('2026-05-09T21:43:13.480000000Z')
    world.model.settings.rewriteUnchanged = false
    world.advance(5_000)
    expect(patch(world, id, { job_title: 'One' }).body.data.values.job_title[0]).toEqual(rewritten)
  })

  test('ids: unknown is 404, malformed is 400', () => {
    const world = newWorld()
    const missing = world.call('GET', `${people}/00000000-0000-4000-8000-000000000000`)
    expect(missing).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(world.call('GET', `${people}/nope`)).toMatchObject({
      status: 400,
      body: { code: 'validation_type' },
    })
  })

  test('two writes at the same time can conflict', () => {
    const { world, id } = start()
    world.model.settings.writeConflictWindowMs = 100
    expect(patch(world, id, { job_title: 'Two' })).toMatchObject({
      status: 409,
      body: { code: 'concurrent_write_conflict' },
    })
    world.advance(100)
    expect(patch(world, id, { job_title: 'Two' }).status).toBe(200)
  })
})

describe('assert', () => {
  const assert = (world: World, values: Record<string, unknown>, matching = 'email_addresses') =>
    world.call('PUT', `${people}?matching_attribute=${matching}`, { data: { values } })

  test('creates, then updates the same record', () => {
    const world = newWorld()
    const values = { email_addresses: ['ada@example.com'], phone_numbers: ['+14155552671'] }
    const created = assert(world, values).body.data
    const updated = assert(world, {
      email_addresses: ['new@example.com', 'ADA@example.com'],
      phone_numbers: ['+442079460018'],
      job_title: 'Poet',
    })
    expect(updated.status).toBe(200)
    expect(updated.body.data.id).toEqual(created.id)
    expect(emails(updated.body.data)).toEqual(['new@example.com', 'ada@example.com'])
    const phones = updated.body.data.values.phone_numbers.map((each: Body) => each.phone_number)
    expect(phones).toEqual(['+442079460018'])
  })

  test.each([
    ['nope', { email_addresses: ['a@x.com'] }, 'value_not_found'],
    ['job_title', { job_title: 'x' }, 'matching_attribute_definition_not_unique'],
    ['email_addresses', { job_title: 'x' }, 'missing_value'],
    ['', { email_addresses: ['a@x.com'] }, 'validation_type'],
  ])('matching_attribute=%s with %j answers %s', (matching, values, code) => {
    expect(assert(newWorld(), values, matching)).toMatchObject({ status: 400, body: { code } })
  })

  test('several matches are refused, with a switchable code', () => {
    const world = newWorld()
    world.create('people', { email_addresses: ['a@x.com'] })
    world.create('people', { email_addresses: ['b@x.com'] })
    const both = { email_addresses: ['a@x.com', 'b@x.com'] }
    expect(assert(world, both).body.code).toBe('multiple_match_results')
    world.model.settings.multipleMatches = 'uniqueness_conflict'
    expect(assert(world, both).body.code).toBe('uniqueness_conflict')
  })

  test('works on a custom unique attribute, and respects the other unique ones', () => {
    const world = newWorld()
    addThings(world)
    const path = '/v2/objects/things/records?matching_attribute=external_id'
    const first = world.call('PUT', path, { data: { values: { external_id: '0', text: 'a' } } }).body.data
    const again = world.call('PUT', path, { data: { values: { external_id: '0', text: 'b' } } }).body.data
    expect(again.id).toEqual(first.id)
    expect(again.values.text[0].value).toBe('b')
  })
})

describe('delete', () => {
  test('is answered with {} and is final', () => {
    const world = newWorld()
    const { record_id: id } = world.create('people', {}).id
    expect(world.call('DELETE', `${people}/${id}`)).toMatchObject({ status: 200, body: {} })
    expect(world.call('GET', `${people}/${id}`).body.code).toBe('not_found')
    expect(world.call('DELETE', `${people}/${id}`).status).toBe(404)
    expect(world.query('people')).toEqual([])
  })

  test('the entries of a record are an empty list, those of no record a 404', () => {
    const world = newWorld()
    const { record_id: id } = world.create('people', {}).id
    expect(world.call('GET', `${people}/${id}/entries`).body).toEqual({ data: [] })
    expect(world.call('GET', `${people}/${id}/entries?limit=1001`).status).toBe(400)
    world.call('DELETE', `${people}/${id}`)
    expect(world.call('GET', `${people}/${id}/entries`).status).toBe(404)
  })
})

describe('history', () => {
  const owner = 'ada.okafor@example.com'
  const valuesPath = (id: string, slug: string) => `/v2/objects/deals/records/${id}/attributes/${slug}/values`

  test('superseded values carry their end, oldest first', () => {
    const world = newWorld()
    const { record_id: id } = world.create('deals', { name: 'A', stage: 'Lead', owner }).id
    world.advance(1_000)
    world.call('PATCH', `/v2/objects/deals/records/${id}`, { data: { values: { stage: 'In Progress' } } })
    const history = world.call('GET', `${valuesPath(id, 'stage')}?show_historic=true`).body.data
    expect(history.map((each: Body) => [each.status.title, each.active_until])).toEqual([
      ['Lead', '2026-05-09T21:43:09.480000000Z'],
      ['In Progress', null],
    ])
    expect(world.call('GET', valuesPath(id, 'stage')).body.data).toHaveLength(1)
    expect(
      world.call('GET', `${valuesPath(id, 'stage')}?show_historic=true&offset=1`).body.data,
    ).toHaveLength(1)
    expect(world.call('GET', `${valuesPath(id, 'stage')}?show_historic=maybe`).status).toBe(400)
  })

  test.each([
    ['people', 'last_interaction', 400],
    ['people', 'strongest_connection_strength', 400],
    ['people', 'linkedin', 400],
    ['companies', 'categories', 400],
    ['people', 'email_addresses', 200],
    ['companies', 'name', 200],
    ['people', 'nope', 404],
  ])('of %s.%s answers %i', (object, slug, status) => {
    const world = newWorld()
    const { record_id: id } = world.create(object, {}).id
    const path = `/v2/objects/${object}/records/${id}/attributes/${slug}/values?show_historic=true`
    expect(world.call('GET', path).status).toBe(status)
  })

  test('can be replaced, within rules', () => {
    const world = newWorld()
    const { record_id: id } = world.create('deals', { name: 'A', stage: 'Lead', owner }).id
    const replace = (slug: string, values: unknown[]) =>
      world.call('PUT', valuesPath(id, slug), { data: { replace_history: true, values } })
    const early = { active_from: '2026-01-01T00:00:00Z', active_until: '2026-02-01T00:00:00Z', value: 'Lead' }
    const late = { active_from: '2026-02-01T00:00:00Z', active_until: null, value: 'Lost' }
    expect(replace('stage', [late, early]).status).toBe(200)
    const history = world.call('GET', `${valuesPath(id, 'stage')}?show_historic=true`).body.data
    expect(history.map((each: Body) => each.status.title)).toEqual(['Lead', 'Lost'])
    expect(replace('stage', [{ ...early, active_until: null }, late]).body.code).toBe(
      'multiple_values_for_single_value_attribute',
    )
    expect(replace('stage', [early]).body.code).toBe('missing_value')
    expect(replace('stage', [{ ...late, active_from: '2027-01-01T00:00:00Z' }]).body.code).toBe(
      'validation_type',
    )
    expect(replace('stage', []).body.code).toBe('validation_type')
    expect(replace('associated_company', [late]).body.code).toBe('system_edit_unauthorized')
    expect(replace('created_at', [late]).body.code).toBe('system_edit_unauthorized')
  })
})

test('a lagging replica shows the past and says how old it is, while answers to writes show the present', () => {
  const world = newWorld({ settings: { replicaLagMs: 1_000 } })
  const { record_id: id } = world.create('people', { job_title: 'One' }).id
  expect(world.call('GET', `${people}/${id}`).status).toBe(404)
  world.advance(1_000)
  expect(patch(world, id, { job_title: 'Two' }).body.data.values.job_title[0].value).toBe('Two')
  const stale = world.call('GET', `${people}/${id}`)
  expect(stale.body.data.values.job_title[0]).toMatchObject({ value: 'One', active_until: null })
  expect(stale.headers['x-accurate-at']).toBe('2026-05-09T21:43:08.480000000Z')
  world.advance(1_000)
  world.call('DELETE', `${people}/${id}`)
  expect(world.query('people')[0].values.job_title[0].value).toBe('Two')
  world.advance(1_000)
  expect(world.query('people')).toEqual([])
})
