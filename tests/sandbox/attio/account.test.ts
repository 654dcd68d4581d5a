/** Doors and limits: tokens, scopes, unknown and unmodelled routes, headers, rate limits. Fact sheet 1, 2, 5. */
import { describe, expect, test } from 'vitest'
import { createHubSpotModel } from '../../../src/sandbox/hubspot/model.ts'
import { newWorld, START_MS } from './harness.ts'
import type { Body } from './harness.ts'

describe('GET /v2/self', () => {
  test('is bare and active for the token', () => {
    const { body, status, headers } = newWorld().call('GET', '/v2/self')
    expect(status).toBe(200)
    expect(body).toMatchObject({ active: true, token_type: 'Bearer', exp: null, iss: 'attio.com' })
    expect(body.aud).toBe(body.client_id)
    expect(body.sub).toBe(body.workspace_id)
    expect(body.scope.split(' ')).toContain('record_permission:read-write')
    expect(headers).not.toHaveProperty('x-accurate-at')
  })

  test('answers 200 inactive for an unknown token that looks like one', () => {
    const reply = newWorld().call('GET', '/v2/self', undefined, {
      authorization: `Bearer ${'ab'.repeat(32)}`,
    })
    expect(reply).toMatchObject({ status: 200, body: { active: false } })
    expect(Object.keys(reply.body)).toEqual(['active'])
  })

  test.each(['', 'Bearer nonsense'])('answers 400 missing_value for "%s"', (authorization) => {
    const reply = newWorld().call('GET', '/v2/self', undefined, { authorization })
    expect(reply).toMatchObject({ status: 400, body: { code: 'missing_value' } })
  })

  test('is inactive for a revoked token, while other routes answer 401', () => {
    const world = newWorld({ settings: { tokenRevoked: true } })
    expect(world.call('GET', '/v2/self').body).toEqual({ active: false })
    expect(world.call('GET', '/v2/objects')).toMatchObject({
      status: 401,
      body: { status_code: 401, type: 'auth_error', code: 'unauthorized' },
    })
  })
})

test('HTTP Basic with the token as user name works', () => {
  const world = newWorld()
  const basic = Buffer.from(`${world.model.token}:`).toString('base64')
  expect(world.call('GET', '/v2/objects', undefined, { authorization: `Basic ${basic}` }).status).toBe(200)
})

test.each([
  ['GET', '/v2/objects', ['record_permission:read'], 403],
  ['GET', '/v2/objects', ['object_configuration:read'], 200],
  ['GET', '/v2/objects', ['object_configuration:read-write'], 200],
  ['POST', '/v2/objects/people/records', ['record_permission:read', 'object_configuration:read'], 403],
  ['GET', '/v2/webhooks', ['record_permission:read-write'], 403],
  ['GET', '/v2/workspace_members', ['user_management:read'], 200],
])('%s %s with %j answers %i', (method, path, scopes, status) => {
  const reply = newWorld({ settings: { scopes } }).call(method, path, method === 'POST' ? {} : undefined)
  expect(reply.status).toBe(status)
  if (status === 403) expect(reply.body).toMatchObject({ type: 'auth_error', code: 'unauthorized' })
})

test('a token of a person says so, and may not manage webhooks', () => {
  const world = newWorld({ settings: { tokenLevel: 'user' } })
  expect(world.call('GET', '/v2/self').body.token_level).toBe('user')
  expect(world.call('GET', '/v2/objects').status).toBe(200)
  for (const method of ['GET', 'POST'])
    expect(world.call(method, '/v2/webhooks', method === 'POST' ? {} : undefined)).toMatchObject({
      status: 403,
      body: { type: 'auth_error', code: 'unauthorized' },
    })
})

test('an endpoint that does not exist is named in a 404', () => {
  expect(newWorld().call('GET', '/v2/objects/people/records?limit=5').body).toEqual({
    status_code: 404,
    type: 'invalid_request_error',
    code: 'not_found',
    message: 'Could not find endpoint "GET /v2/objects/people/records".',
  })
})

test.each([
  ['POST', '/v2/sql'],
  ['GET', '/v2/emails'],
  ['POST', '/v2/meetings'],
  ['PATCH', '/v2/notes/00000000-0000-4000-8000-000000000000'],
  ['DELETE', '/v2/objects/people'],
  ['GET', '/v2/lists/x/entries'],
])('%s %s, which this model lacks, is a missing endpoint like any other', (method, path) => {
  const message = `Could not find endpoint "${method} ${path}".`
  const body = { status_code: 404, type: 'invalid_request_error', code: 'not_found', message }
  expect(newWorld().call(method, path)).toMatchObject({ status: 404, body })
})

const noMore = { data: [], pagination: { next_cursor: null } }

test.each([
  ['/v2/lists', { data: [] }],
  ['/v2/notes?limit=50&offset=10', { data: [] }],
  ['/v2/tasks?limit=1000', { data: [] }],
  ['/v2/meetings?limit=200', noMore],
  ['/v2/objects/people/views', noMore],
])('GET %s answers %j before anybody has made any', (path, body) => {
  expect(newWorld().call('GET', path)).toMatchObject({ status: 200, body })
})

test.each(['', '/call_recordings', '/call_recordings/00000000-0000-4000-8000-000000000001'])(
  'a meeting that does not exist has no %s either',
  (rest) => {
    const reply = newWorld().call('GET', `/v2/meetings/00000000-0000-4000-8000-000000000000${rest}`)
    expect(reply).toMatchObject({ status: 404, body: { code: 'not_found' } })
    expect(reply.body.message).toMatch(/^Meeting with ID/)
  },
)

test('files are asked for by record', () => {
  const world = newWorld()
  const id = world.create('companies', {}).id.record_id
  expect(world.call('GET', `/v2/files?object=companies&record_id=${id}`).body).toEqual(noMore)
  expect(world.call('GET', `/v2/files?object=people&record_id=${id}`).status).toBe(404)
  expect(world.call('GET', '/v2/files?object=companies').body.code).toBe('validation_type')
})

test.each([
  '/v2/notes?limit=51',
  '/v2/tasks?limit=0',
  '/v2/meetings?limit=201',
  '/v2/threads?limit=51',
  '/v2/objects/people/views?limit=1001',
])('GET %s is beyond the page limits', (path) => {
  expect(newWorld().call('GET', path)).toMatchObject({ status: 400, body: { code: 'validation_type' } })
})

test('a body that is not JSON is a validation error', () => {
  const { model } = newWorld()
  const answer = model.handle({
    method: 'POST',
    url: 'https://api.attio.com/v2/objects/people/records/query',
    headers: { authorization: `Bearer ${model.token}` },
    body: '{',
  })
  expect(JSON.parse(answer.body)).toMatchObject({ status_code: 400, code: 'validation_type' })
})

test('every answer has an execution id; reads say how old they are', () => {
  const world = newWorld()
  const reply = world.call('GET', '/v2/objects')
  expect(reply.headers['x-attio-execution-id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(reply.headers['x-accurate-at']).toBe('2026-05-09T21:43:08.480000000Z')
  const query = world.call('POST', '/v2/objects/people/records/query', {})
  expect(query.headers['x-attio-record-query-score']).toBe('0')
  expect(
    world.call('POST', '/v2/objects/people/records', { data: { values: {} } }).headers,
  ).not.toHaveProperty('x-accurate-at')
})

test('a browser may read every answer, refusals included', () => {
  for (const path of ['/v2/objects', '/v2/nowhere', '/v2/self']) {
    const { headers } = newWorld().call('GET', path)
    expect(headers).toMatchObject({ 'access-control-allow-origin': '*', vary: 'Origin' })
    expect(headers['access-control-expose-headers']).toContain('x-attio-record-query-score')
  }
})

test('members include an admin, several members and one who was suspended', () => {
  const world = newWorld()
  const { data } = world.call('GET', '/v2/workspace_members').body
  const levels = data.map((member: { access_level: string }) => member.access_level)
  expect(levels.filter((level: string) => level === 'admin')).toHaveLength(1)
  expect(levels).toContain('suspended')
  const { authorized_by_workspace_member_id: admin } = world.call('GET', '/v2/self').body
  expect(world.call('GET', `/v2/workspace_members/${admin}`).body.data.access_level).toBe('admin')
  expect(world.call('GET', '/v2/workspace_members/00000000-0000-4000-8000-000000000000').status).toBe(404)
})

test('most members are owners in HubSpot too; one who left is among them, and one is here only', () => {
  const hubspot = createHubSpotModel({ clock: () => START_MS, seed: 1, limits: 'off' })
  const ownersOf = (archived: boolean): readonly string[] =>
    JSON.parse(
      hubspot.handle({
        method: 'GET',
        url: `https://api.hubapi.com/crm/v3/owners/?archived=${archived}`,
        headers: { authorization: `Bearer ${hubspot.token}` },
        body: null,
      }).body,
    ).results.map((owner: { email: string }) => owner.email.toLowerCase())
  const members: Body[] = newWorld().call('GET', '/v2/workspace_members').body.data
  const [here, left] = [ownersOf(false), ownersOf(true)]
  const emails = (levels: readonly string[]): readonly string[] =>
    members.filter((each) => levels.includes(each.access_level)).map((each) => each.email_address)
  const active = emails(['admin', 'member'])
  expect(here).toContain(emails(['admin'])[0])
  expect(active.filter((email) => here.includes(email))).toHaveLength(4)
  expect(active.filter((email) => !here.includes(email) && !left.includes(email))).toHaveLength(1)
  expect(emails(['suspended']).every((email) => left.includes(email))).toBe(true)
})

describe('rate limits', () => {
  test('25 writes a second, then 429 with an HTTP date naming the next second', () => {
    const world = newWorld({ limits: 'vendor' })
    const write = () => world.call('POST', '/v2/objects/people/records', { data: { values: {} } })
    for (let i = 0; i < 25; i++) expect(write().status).toBe(200)
    const refused = write()
    expect(refused).toMatchObject({
      status: 429,
      body: { status_code: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
    })
    expect(refused.headers['retry-after']).toBe('Sat, 09 May 2026 21:43:09 GMT')
    expect(world.call('POST', '/v2/objects/people/records/query', {}).status).toBe(200)
    world.advance(520)
    expect(write().status).toBe(200)
  })

  test('seconds may slide: then any 1,000 ms hold 25 writes, whatever the clock says', () => {
    const world = newWorld({ limits: 'vendor', settings: { seconds: 'sliding' } })
    const write = () => world.call('POST', '/v2/objects/people/records', { data: { values: {} } })
    for (let i = 0; i < 20; i++) expect(write().status).toBe(200)
    world.advance(600)
    for (let i = 0; i < 5; i++) expect(write().status).toBe(200)
    const refused = write()
    expect(refused.status).toBe(429)
    expect(refused.headers['retry-after']).toBe('Sat, 09 May 2026 21:43:10 GMT')
    expect(world.call('GET', '/v2/objects').status).toBe(200)
    world.advance(399)
    expect(write().status).toBe(429)
    world.advance(1)
    for (let i = 0; i < 20; i++) expect(write().status).toBe(200)
    expect(write().status).toBe(429)
  })

  test('100 reads a second, queries among them', () => {
    const world = newWorld({ limits: 'vendor' })
    for (let i = 0; i < 100; i++) {
      expect(world.call('POST', '/v2/objects/people/records/query', {}).status).toBe(200)
    }
    expect(world.call('GET', '/v2/objects').status).toBe(429)
  })

  test('who am I is a read like others; a refused request takes nobody else’s place', () => {
    const world = newWorld({ limits: 'vendor', settings: { readsPerSecond: 2 } })
    for (let i = 0; i < 5; i++) world.call('GET', '/v2/self', undefined, { authorization: 'Bearer nobody' })
    expect(world.call('GET', '/v2/self').status).toBe(200)
    expect(world.call('GET', '/v2/self').status).toBe(200)
    for (let i = 0; i < 5; i++) expect(world.call('GET', '/v2/self').status).toBe(429)
    world.nowMs = Math.ceil(world.nowMs / 1000) * 1000
    expect(world.call('GET', '/v2/self').status).toBe(200)
    expect(world.call('GET', '/v2/objects').status).toBe(200)
    expect(world.call('GET', '/v2/objects').status).toBe(429)
  })

  test('a query refused for its score does not count as a read', () => {
    const settings = { readsPerSecond: 1, queryScore: { perQuery: -1, perTenSeconds: 0 } }
    const world = newWorld({ limits: 'vendor', settings })
    const query = () => world.call('POST', '/v2/objects/people/records/query', {})
    expect([query().status, query().status]).toEqual([429, 429])
    expect(world.call('GET', '/v2/objects').status).toBe(200)
  })

  test.each([
    ['iso', '2026-05-09T21:43:09.000Z'],
    ['seconds', '0.52'],
    ['absent', undefined],
  ] as const)('Retry-After as %s', (retryAfter, expected) => {
    const world = newWorld({ limits: 'vendor', settings: { retryAfter, readsPerSecond: 0 } })
    expect(world.call('GET', '/v2/objects').headers['retry-after']).toBe(expected)
  })

  test('a query above its own score limit is refused for good, a sum above the window for a while', () => {
    const settings = { queryScore: { perQuery: 3, perTenSeconds: 4 } }
    const world = newWorld({ limits: 'vendor', settings: { ...settings, writesPerSecond: 5000 } })
    for (let i = 0; i < 1000; i++) world.create('people', {})
    const conditions = (count: number) => ({
      filter: { $and: Array.from({ length: count }, () => ({ job_title: { $contains: 'x' } })) },
    })
    const query = (count: number) => world.call('POST', '/v2/objects/people/records/query', conditions(count))
    expect(query(4).status).toBe(429)
    expect(query(4).headers).not.toHaveProperty('retry-after')
    expect(query(3).headers['x-attio-record-query-score']).toBe('3')
    expect(query(2).headers).toHaveProperty('retry-after')
    world.advance(10_001)
    expect(query(2).status).toBe(200)
  })
})

test('refusals look like the vendor, and change nothing', () => {
  const { model } = newWorld()
  const request = { method: 'GET', url: 'https://api.attio.com/v2/objects', headers: {}, body: null }
  expect(model.refuse('rate-limit', request).status).toBe(429)
  expect(model.refuse('unauthorized', request).status).toBe(401)
  expect(model.refuse('bad-gateway', request).headers['content-type']).toContain('text/html')
  expect(model.refuse('server-error', request).status).toBe(500)
  const self = model.refuse('unauthorized', { ...request, url: 'https://api.attio.com/v2/self' })
  expect(self).toMatchObject({ status: 200, body: '{"active":false}' })
})

test.each([
  ['POST', '/v2/objects/people/records/query', false, '/v2/objects/{object}/records/query'],
  ['POST', '/v2/objects/records/search', false, '/v2/objects/records/search'],
  ['PUT', '/v2/objects/people/records?matching_attribute=x', true, '/v2/objects/{object}/records'],
  ['GET', '/v2/self', false, '/v2/self'],
])('%s %s counts as a write: %s', (method, path, isWrite, template) => {
  const { model } = newWorld()
  const request = { method, url: `https://api.attio.com${path}`, headers: {}, body: null }
  expect(model.isMutating(request)).toBe(isWrite)
  expect(model.routeOf(request)).toBe(`${method} ${template}`)
})
