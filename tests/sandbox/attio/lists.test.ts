/** Lists and their entries. Fact sheet 6, 9.4, 10.9, 14 and 16.4. */
import { describe, expect, test } from 'vitest'
import { attributeBody, newWorld } from './harness.ts'
import type { Body, World } from './harness.ts'

const everybody = { workspace_access: 'full-access', workspace_member_access: [] }

function addList(world: World, more: Record<string, unknown> = {}): Body {
  const data = { name: 'Sales', api_slug: 'sales', parent_object: 'companies', ...everybody, ...more }
  const reply = world.call('POST', '/v2/lists', { data })
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  return reply.body.data
}

/** A list `sales` of companies with a stage, tags and a unique code, and one company. */
function sales(): { world: World; list: Body; company: Body; add: (values?: object) => Body } {
  const world = newWorld()
  const list = addList(world)
  const attribute = (slug: string, type: string, more: object = {}): void => {
    const reply = world.call('POST', '/v2/lists/sales/attributes', {
      data: { ...attributeBody(slug, type), ...more },
    })
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
  }
  attribute('stage', 'status')
  attribute('tags', 'select', { is_multiselect: true })
  attribute('code', 'text', { is_unique: true })
  for (const title of ['Open', 'Won'])
    world.call('POST', '/v2/lists/sales/attributes/stage/statuses', { data: { title } })
  for (const title of ['Red', 'Blue'])
    world.call('POST', '/v2/lists/sales/attributes/tags/options', { data: { title } })
  const company = world.create('companies', { name: 'Acme', domains: ['acme.com'] })
  const add = (values: object = {}): Body => {
    const reply = world.call('POST', '/v2/lists/sales/entries', { data: entryData(company, values) })
    if (reply.status !== 200) throw new Error(JSON.stringify(reply.body))
    return reply.body.data
  }
  return { world, list, company, add }
}

const entryData = (company: Body, values: object = {}): object => ({
  parent_record_id: company.id.record_id,
  parent_object: 'companies',
  entry_values: values,
})

const NOWHERE = '00000000-0000-4000-8000-000000000000'

describe('lists', () => {
  test('have the recorded shape: parents as an array, and who made them', () => {
    const world = newWorld()
    const ada = world.call('GET', '/v2/workspace_members').body.data[0].id.workspace_member_id
    const grants = [{ workspace_member_id: ada, level: 'full-access' }]
    const list = addList(world, { workspace_access: null, workspace_member_access: grants })
    expect(Object.keys(list)).toEqual([
      'id',
      'api_slug',
      'created_at',
      'name',
      'workspace_access',
      'workspace_member_access',
      'parent_object',
      'created_by_actor',
    ])
    expect(list).toMatchObject({ parent_object: ['companies'], created_by_actor: { type: 'api-token' } })
    expect(world.call('GET', '/v2/lists').body).toEqual({ data: [list] })
    expect(world.call('GET', `/v2/lists/${list.id.list_id}`).body.data).toEqual(list)
    expect(world.call('GET', '/v2/lists/sales').headers).toHaveProperty('x-accurate-at')
  })

  test.each([
    [{ parent_object: 'nope' }, 404, 'not_found'],
    [{ parent_object: 'users' }, 404, 'not_found'],
    [{ api_slug: 'taken' }, 409, 'slug_conflict'],
    [{ workspace_access: 'read-only' }, 400, 'validation_type'],
    [{ workspace_access: undefined }, 400, 'validation_type'],
    [
      { workspace_member_access: [{ workspace_member_id: NOWHERE, level: 'full-access' }] },
      400,
      'value_not_found',
    ],
  ])('creation with %j answers %i %s', (more, status, code) => {
    const world = newWorld()
    addList(world, { api_slug: 'taken' })
    const data = { name: 'Sales', api_slug: 'sales', parent_object: 'companies', ...everybody, ...more }
    expect(world.call('POST', '/v2/lists', { data })).toMatchObject({ status, body: { code } })
    expect(world.call('GET', '/v2/lists').body.data).toHaveLength(1)
  })

  test('for some members only need a plan that has them', () => {
    const world = newWorld({ settings: { listAccessModes: false } })
    addList(world)
    const ada = world.call('GET', '/v2/workspace_members').body.data[0].id.workspace_member_id
    const grant = { workspace_member_id: ada, level: 'full-access' }
    const reply = world.call('PATCH', '/v2/lists/sales', {
      data: { workspace_access: null, workspace_member_access: [grant] },
    })
    expect(reply).toMatchObject({ status: 403, body: { type: 'auth_error', code: 'billing_error' } })
  })

  test('are renamed, but keep their parent object', () => {
    const world = newWorld()
    addList(world)
    const reply = world.call('PATCH', '/v2/lists/sales', {
      data: { name: 'Deals', api_slug: 'deal_flow', parent_object: 'people' },
    })
    expect(reply.body.data).toMatchObject({
      name: 'Deals',
      api_slug: 'deal_flow',
      parent_object: ['companies'],
    })
    expect(world.call('GET', '/v2/lists/sales')).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(world.call('PATCH', '/v2/lists/deal_flow', { data: {} }).body.code).toBe('validation_type')
  })

  test('name themselves in the ids of their attributes and options', () => {
    const { world, list } = sales()
    const attributes = world.call('GET', '/v2/lists/sales/attributes').body.data
    expect(attributes.map((each: Body) => each.api_slug)).toEqual([
      'entry_id',
      'created_at',
      'created_by',
      'stage',
      'tags',
      'code',
    ])
    expect(attributes[3].id.object_id).toBe(list.id.list_id)
    const [status] = world.call('GET', '/v2/lists/sales/attributes/stage/statuses').body.data
    expect(status.id.object_id).toBe(list.id.list_id)
    expect(world.call('GET', '/v2/lists/sales/attributes/parent_record').status).toBe(404)
  })

  test('ask for the scopes of lists, not of objects', () => {
    const world = newWorld({ settings: { scopes: ['object_configuration:read-write'] } })
    expect(world.call('GET', '/v2/lists').status).toBe(403)
    expect(world.call('GET', '/v2/lists/sales/attributes').status).toBe(403)
    expect(world.call('POST', '/v2/lists/sales/entries/query', {}).status).toBe(403)
  })
})

describe('entries', () => {
  test('carry their values under entry_values and name their parent', () => {
    const { world, list, company, add } = sales()
    const entry = add({ stage: 'Open', tags: ['Red'] })
    expect(entry).toMatchObject({
      id: { list_id: list.id.list_id },
      parent_record_id: company.id.record_id,
      parent_object: 'companies',
      entry_values: { code: [], stage: [{ status: { title: 'Open' }, attribute_type: 'status' }] },
    })
    expect(Object.keys(entry)).toEqual([
      'id',
      'parent_record_id',
      'parent_object',
      'created_at',
      'entry_values',
    ])
    // Recorded: an entry's own id leads its values.
    expect(Object.keys(entry.entry_values)).toEqual([
      'entry_id',
      'created_at',
      'created_by',
      'stage',
      'tags',
      'code',
    ])
    expect(entry.entry_values.entry_id).toMatchObject([
      { value: entry.id.entry_id, attribute_type: 'text', created_by_actor: { type: 'api-token' } },
    ])
    const path = `/v2/lists/sales/entries/${entry.id.entry_id}`
    expect(world.call('GET', path).body.data).toEqual(entry)
    expect(world.call('GET', '/v2/lists/sales/entries')).toMatchObject({ status: 404 })
    expect(world.call('GET', `/v2/objects/companies/records/${entry.id.entry_id}`).status).toBe(404)
  })

  test.each([
    [{ parent_record_id: NOWHERE }, 400, 'value_not_found'],
    [{ parent_object: 'people' }, 400, 'value_not_found'],
    [{ entry_values: undefined }, 400, 'validation_type'],
    [{ entry_values: { nope: 1 } }, 400, 'value_not_found'],
    [{ entry_values: { stage: 'Nope' } }, 400, 'value_not_found'],
    [{ entry_values: { code: 'taken' } }, 400, 'uniqueness_conflict'],
  ])('creation with %j answers %i %s and stores nothing', (more, status, code) => {
    const { world, company, add } = sales()
    add({ code: 'taken' })
    const reply = world.call('POST', '/v2/lists/sales/entries', { data: { ...entryData(company), ...more } })
    expect(reply).toMatchObject({ status, body: { code } })
    expect(world.call('POST', '/v2/lists/sales/entries/query', {}).body.data).toHaveLength(1)
  })

  test('of one record may be several, each listed with the record', () => {
    const { world, list, company, add } = sales()
    const ids = [add(), add()].map((each) => each.id.entry_id)
    const rows = world.call('GET', `/v2/objects/companies/records/${company.id.record_id}/entries`).body.data
    expect(new Set(rows.map((each: Body) => each.entry_id))).toEqual(new Set(ids))
    expect(rows[0]).toEqual({
      list_id: list.id.list_id,
      list_api_slug: 'sales',
      entry_id: rows[0].entry_id,
      created_at: rows[0].created_at,
    })
  })

  test('are asserted by their parent: none creates, one updates, several are refused', () => {
    const { world, company, add } = sales()
    const put = (values: object): Body =>
      world.call('PUT', '/v2/lists/sales/entries', { data: entryData(company, values) })
    const created = put({ tags: ['Red'] }).body.data
    const updated = put({ tags: ['Blue'], stage: 'Won' }).body.data
    expect(updated.id).toEqual(created.id)
    expect(updated.entry_values.tags.map((each: Body) => each.option.title)).toEqual(['Blue'])
    add()
    expect(put({})).toMatchObject({ status: 400, body: { code: 'multiple_match_results' } })
  })

  test('PATCH prepends to a multi-select and PUT replaces it', () => {
    const { world, add } = sales()
    const path = `/v2/lists/sales/entries/${add({ tags: ['Red'] }).id.entry_id}`
    const tags = (method: string, titles: readonly string[]): string[] =>
      world
        .call(method, path, { data: { entry_values: { tags: titles } } })
        .body.data.entry_values.tags.map((each: Body) => each.option.title)
    expect(tags('PATCH', ['Blue'])).toEqual(['Blue', 'Red'])
    expect(tags('PUT', ['Red'])).toEqual(['Red'])
    expect(world.call('PATCH', path, { data: { entry_values: {} } }).body.code).toBe('validation_type')
    expect(world.call('PATCH', path, { data: { values: { tags: [] } } }).body.code).toBe('validation_type')
  })

  test.each([
    { parent_record_id: NOWHERE, entry_values: {} },
    { entry_values: { parent_record: [{ target_object: 'companies', target_record_id: NOWHERE }] } },
  ])('keep their parent: %j is an immutable_value', (data) => {
    const { world, add } = sales()
    const path = `/v2/lists/sales/entries/${add().id.entry_id}`
    for (const method of ['PATCH', 'PUT'])
      expect(world.call(method, path, { data })).toMatchObject({
        status: 400,
        body: { code: 'immutable_value' },
      })
  })

  test('have a history of their values', () => {
    const { world, add } = sales()
    const path = `/v2/lists/sales/entries/${add({ stage: 'Open' }).id.entry_id}`
    world.advance(1_000)
    world.call('PATCH', path, { data: { entry_values: { stage: 'Won' } } })
    const history = world.call('GET', `${path}/attributes/stage/values?show_historic=true`).body.data
    expect(history.map((each: Body) => [each.status.title, each.active_until === null])).toEqual([
      ['Open', false],
      ['Won', true],
    ])
  })

  test('are queried by their own values, sorted, paged and scored like records', () => {
    const { world, add } = sales()
    for (const code of ['b', 'a', 'c']) add({ code, stage: code === 'c' ? 'Won' : 'Open' })
    const query = (body: object): Body => world.call('POST', '/v2/lists/sales/entries/query', body)
    const codes = (body: object): string[] =>
      query(body).body.data.map((each: Body) => each.entry_values.code[0].value)
    const sorts = [{ attribute: 'code', direction: 'asc' }]
    expect(codes({ filter: { stage: 'Open' }, sorts })).toEqual(['a', 'b'])
    expect(codes({ sorts, limit: 1, offset: 2 })).toEqual(['c'])
    const [first] = query({ sorts }).body.data
    expect(codes({ filter: { entry_id: first.id.entry_id } })).toEqual(['a'])
    expect(codes({ filter: { entry_id: { $in: [NOWHERE, first.id.entry_id] } } })).toEqual(['a'])
    expect(query({}).headers).toMatchObject({ 'x-attio-record-query-score': '0' })
    expect(query({ filter: { nope: 1 } }).body.code).toBe('unknown_filter_attribute_slug')
    expect(world.call('POST', '/v2/lists/nope/entries/query', {}).status).toBe(404)
  })

  test('are found through their parent, by path and by the reference itself', () => {
    const { world, company, add } = sales()
    const other = world.create('companies', { name: 'Other', domains: ['other.com'] })
    world.call('POST', '/v2/lists/sales/entries', { data: entryData(other) })
    const mine = add().id.entry_id
    const found = (filter: object): string[] =>
      world
        .call('POST', '/v2/lists/sales/entries/query', { filter })
        .body.data.map((each: Body) => each.id.entry_id)
    const path = [
      ['sales', 'parent_record'],
      ['companies', 'domains'],
    ]
    expect(found({ path, constraints: { domain: 'acme.com' } })).toEqual([mine])
    const reference = { target_object: 'companies', target_record_id: company.id.record_id }
    expect(found({ path: [['sales', 'parent_record']], constraints: reference })).toEqual([mine])
    expect(found({ parent_record: reference })).toEqual([mine])
  })

  test('leave their record alone when deleted, go with it, and follow it through a merge', () => {
    const { world, company, add } = sales()
    const [first, second] = [add(), add()]
    expect(world.call('DELETE', `/v2/lists/sales/entries/${first.id.entry_id}`).body).toEqual({})
    expect(world.call('GET', `/v2/lists/sales/entries/${first.id.entry_id}`).status).toBe(404)
    world.get('companies', company.id.record_id)
    const rival = world.create('companies', { name: 'Rival' })
    const merged = world.call('POST', '/v2/objects/companies/records/merge', {
      data: { primary_record_id: rival.id.record_id, secondary_record_id: company.id.record_id },
    }).body.data.new_record_id
    const path = `/v2/lists/sales/entries/${second.id.entry_id}`
    expect(world.call('GET', path).body.data.parent_record_id).toBe(merged)
    world.call('DELETE', `/v2/objects/companies/records/${merged}`)
    expect(world.call('GET', path).status).toBe(404)
    expect(world.call('POST', '/v2/lists/sales/entries/query', {}).body.data).toEqual([])
  })
})

test('a record whose merge is under way is put on no list, and is not found by a search', () => {
  const { world, company, add } = sales()
  add()
  world.model.settings.mergeSettleMs = 10_000
  const other = world.create('companies', { name: 'Acme Two' })
  const merge = { primary_record_id: company.id.record_id, secondary_record_id: other.id.record_id }
  const merged = world.call('POST', '/v2/objects/companies/records/merge', { data: merge }).body.data
  const parent = { id: { record_id: merged.new_record_id } }
  const post = (): Body => world.call('POST', '/v2/lists/sales/entries', { data: entryData(parent) })
  const search = { query: 'acme', objects: ['companies'], request_as: { type: 'workspace' } }
  const hits = (): Body[] => world.call('POST', '/v2/objects/records/search', search).body.data
  world.advance(5_000)
  expect(post()).toMatchObject({ status: 400, body: { code: 'merge_in_progress' } })
  expect(hits()).toEqual([])
  world.advance(6_000)
  expect(post().status).toBe(200)
  expect(hits()).toHaveLength(1)
})

test('lists and entries survive a snapshot', () => {
  const { world, company, add } = sales()
  const entry = add({ stage: 'Won', code: 'x' })
  const other = newWorld({ seed: 99 })
  other.model.restore(world.model.snapshot())
  expect(other.call('GET', `/v2/lists/sales/entries/${entry.id.entry_id}`).body.data).toEqual(entry)
  const again = other.call('PUT', '/v2/lists/sales/entries', { data: entryData(company, { stage: 'Open' }) })
  expect(again.body.data.id).toEqual(entry.id)
  const clash = other.call('POST', '/v2/lists/sales/entries', { data: entryData(company, { code: 'x' }) })
  expect(clash.body.code).toBe('uniqueness_conflict')
})

test('lists, their attributes and their entries ring webhooks with the ids of fact sheet 16.4', () => {
  const world = newWorld()
  const types = ['list', 'list-attribute'].flatMap((each) => [`${each}.created`, `${each}.updated`])
  const entryTypes = ['created', 'updated', 'deleted'].map((verb) => `list-entry.${verb}`)
  world.call('POST', '/v2/webhooks', {
    data: {
      target_url: 'https://example.com/hook',
      subscriptions: [...types, ...entryTypes].map((each) => ({ event_type: each, filter: null })),
    },
  })
  const list = addList(world).id.list_id
  world.call('PATCH', '/v2/lists/sales', { data: { name: 'Other' } })
  const note = world.call('POST', '/v2/lists/sales/attributes', { data: attributeBody('note', 'text') }).body
  const company = world.create('companies', { name: 'Acme' })
  const entry = world.call('POST', '/v2/lists/sales/entries', { data: entryData(company) }).body.data
  const path = `/v2/lists/sales/entries/${entry.id.entry_id}`
  world.call('PATCH', path, { data: { entry_values: { note: 'x' } } })
  world.call('DELETE', `/v2/objects/companies/records/${company.id.record_id}`)
  world.advance(60_000)
  const events: Body[] = world.model.takeDeliveries().flatMap(({ body }) => JSON.parse(body).events)
  const eventOf = (type: string): Body => events.find((each) => each.event_type === type)
  const workspace = eventOf('list.created').id.workspace_id
  expect(eventOf('list.created').id).toEqual({ workspace_id: workspace, list_id: list })
  expect(eventOf('list.updated').id).toEqual({ workspace_id: workspace, list_id: list })
  const attributeId = note.data.id.attribute_id
  expect(eventOf('list-attribute.created').id).toEqual({
    workspace_id: workspace,
    list_id: list,
    attribute_id: attributeId,
  })
  const id = { workspace_id: workspace, list_id: list, entry_id: entry.id.entry_id }
  const parents = { parent_object_id: company.id.object_id, parent_record_id: company.id.record_id }
  expect(eventOf('list-entry.created')).toMatchObject({ id, ...parents, actor: { type: 'api-token' } })
  expect(eventOf('list-entry.updated')).toMatchObject({
    id: { ...id, attribute_id: attributeId },
    ...parents,
  })
  expect(eventOf('list-entry.deleted')).toMatchObject({ id, ...parents })
})
