/** What every request meets: limits, versions, sizes, and paths and bodies of any shape. */
import { describe, expect, it } from 'vitest'
import { TestPortal } from './portal.ts'

describe('limits', () => {
  it('allow 190 calls in any ten seconds and say what remains', () => {
    const portal = new TestPortal({ limits: 'vendor' })
    const statuses = Array.from({ length: 191 }, () => portal.get('/crm/v3/owners'))
    expect(statuses[0]?.headers).toMatchObject({
      'x-hubspot-ratelimit-max': '190',
      'x-hubspot-ratelimit-remaining': '189',
      'x-hubspot-ratelimit-interval-milliseconds': '10000',
      'x-hubspot-ratelimit-daily': '625000',
      'x-hubspot-ratelimit-daily-remaining': '624999',
    })
    const refused = statuses.at(-1)
    expect(refused?.status).toBe(429)
    expect(refused?.body).toMatchObject({
      status: 'error',
      message: 'You have reached your ten_secondly_rolling limit.',
      errorType: 'RATE_LIMIT',
      policyName: 'TEN_SECONDLY_ROLLING',
    })
    expect(refused?.headers).not.toHaveProperty('retry-after')
    portal.now += 9_999
    expect(portal.get('/crm/v3/owners').status).toBe(429)
    portal.now += 10_000
    expect(portal.get('/crm/v3/owners').status).toBe(200)
  })

  it('allow five searches a second, without headers and with an odd refusal', () => {
    const portal = new TestPortal({ limits: 'vendor' })
    const search = () => portal.post('/crm/v3/objects/contacts/search', {})
    const statuses = Array.from({ length: 6 }, search)
    expect(statuses.map((reply) => reply.status)).toEqual([200, 200, 200, 200, 200, 429])
    expect(Object.keys(statuses[0]?.headers ?? {}).filter((name) => name.includes('ratelimit'))).toEqual([])
    expect(statuses[5]?.body.message).toBe('You have reached your secondly limit.')
    expect(statuses[5]?.body).not.toHaveProperty('policyName')
    expect(statuses[5]?.headers).toMatchObject({ connection: 'close' })
    portal.now += 1_000
    expect(search().status).toBe(200)
  })

  it('count searches in the ten seconds as well', () => {
    const portal = new TestPortal({ limits: 'vendor', settings: { tier: 'private-starter' } })
    const search = () => portal.post('/crm/v3/objects/contacts/search', {})
    for (let second = 0; second < 9; second++) {
      for (let n = 0; n < 5; n++) expect(search().status).toBe(200)
      portal.now += 1_000
    }
    expect(portal.get('/crm/v3/owners').headers['x-hubspot-ratelimit-remaining']).toBe('54')
    for (let n = 0; n < 54; n++) expect(portal.get('/crm/v3/owners').status).toBe(200)
    expect(search().body.policyName).toBe('TEN_SECONDLY_ROLLING')
  })

  it('admit as much as they allow, however many are refused in between', () => {
    const portal = new TestPortal({ limits: 'vendor', settings: { tier: 'private-starter' } })
    let admitted = 0
    for (let call = 0; call < 30 * 20; call++) {
      if (portal.get('/crm/v3/owners').status === 200) admitted++
      portal.now += 50
    }
    expect(admitted).toBe(300)
  })

  it('show the last second, which binds nobody', () => {
    const portal = new TestPortal({ limits: 'vendor', settings: { tier: 'oauth' } })
    const left = () => portal.get('/crm/v3/owners').headers['x-hubspot-ratelimit-secondly-remaining']
    expect([left(), left()]).toEqual(['10', '9'])
    portal.now += 1_000
    expect(left()).toBe('10')
    for (let n = 0; n < 12; n++) left()
    expect(left()).toBe('0')
  })

  it('hold for a day, apart for associations and not for OAuth', () => {
    const portal = new TestPortal({ limits: 'vendor', settings: { tier: 'private-starter' } })
    const read = () => portal.post('/crm/v4/associations/deals/contacts/batch/read', { inputs: [] })
    const state = JSON.parse(portal.model.snapshot())
    const restore = (limits: object) =>
      portal.model.restore(
        JSON.stringify({ ...state, limits: { ...state.limits, day: dayStart, ...limits } }),
      )
    read()
    const dayStart = JSON.parse(portal.model.snapshot()).limits.day
    restore({ used: 250_000 })
    expect([read().body.policyName, portal.get('/crm/v3/owners').body.policyName]).toEqual(['DAILY', 'DAILY'])
    restore({ associationsUsed: 500_000 })
    expect([read().body.policyName, portal.get('/crm/v3/owners').status]).toEqual(['DAILY', 200])
    restore({ used: 250_000 })
    portal.model.settings.tier = 'oauth'
    expect(portal.get('/crm/v3/owners').status).toBe(200)
  })

  it('are those of the tier, and 150 per ten seconds for associations', () => {
    const portal = new TestPortal({ limits: 'vendor', settings: { tier: 'oauth' } })
    const { headers } = portal.get('/crm/v3/owners')
    expect(headers['x-hubspot-ratelimit-max']).toBe('110')
    expect(headers['x-hubspot-ratelimit-secondly']).toBe('11')
    expect(headers).not.toHaveProperty('x-hubspot-ratelimit-daily')
    const other = new TestPortal({ limits: 'vendor' })
    const read = () => other.post('/crm/v4/associations/deals/contacts/batch/read', { inputs: [] }).status
    expect(Array.from({ length: 151 }, read).filter((status) => status === 429)).toHaveLength(1)
  })
})

describe('versions', () => {
  it.each([
    ['GET', '/crm/v3/objects/contacts/1', 'GET /crm/v3/objects/{objectType}/{objectId}', false],
    ['PATCH', '/crm/objects/2026-09/contacts/1', 'PATCH /crm/objects/2026-09/{objectType}/{objectId}', true],
    ['POST', '/crm/v3/objects/contacts/search', 'POST /crm/v3/objects/{objectType}/search', false],
    [
      'GET',
      '/crm/objects/2026-03/deals/1/associations/contacts',
      'GET /crm/objects/2026-03/{objectType}/{objectId}/associations/{toObjectType}',
      false,
    ],
    [
      'POST',
      '/crm/associations/2026-09/deals/contacts/batch/create',
      'POST /crm/associations/2026-09/{fromObjectType}/{toObjectType}/batch/create',
      true,
    ],
    ['GET', '/crm/v3/owners/', 'GET /crm/v3/owners', false],
    ['GET', '/account-info/2026-09/details', 'GET /account-info/2026-09/details', false],
    ['POST', '/oauth/v3/token', 'POST /oauth/v3/token', false],
    ['GET', '/crm/v3/lists', 'GET /crm/v3/lists', false],
  ])('%s %s is %s', (method, path, route, mutating) => {
    const { model } = new TestPortal()
    const request = { method, url: `http://hubspot.invalid${path}`, headers: {}, body: null }
    expect(model.routeOf(request)).toBe(route)
    expect(model.isMutating(request)).toBe(mutating)
  })

  it.each([
    '/crm/objects/2026-03/contacts',
    '/crm/properties/2026-09/contacts',
    '/crm/pipelines/2026-09/deals',
    '/crm/owners/2026-09',
    '/crm/property-validations/2026-09/0-1',
    '/crm-object-schemas/2026-09/schemas',
  ])('serves %s', (path) => {
    expect(new TestPortal().get(path).status).toBe(200)
  })

  it('does not know other dates, and checks form fields from 2026-09 on', () => {
    const portal = new TestPortal({ settings: { createFormFields: { companies: ['phone'] } } })
    expect(portal.get('/crm/objects/2027-03/contacts').status).toBe(501)
    const body = { properties: { name: 'x' } }
    expect(portal.post('/crm/objects/2026-03/companies', body).status).toBe(201)
    expect(portal.post('/crm/objects/2026-09/companies', body).body.context.properties).toEqual(['phone'])
  })

  it('answers wrong methods with 405 and wrong content types with 415', () => {
    const portal = new TestPortal()
    const put = portal.call('PUT', '/crm/v3/objects/contacts')
    expect([put.status, put.headers['allow']]).toEqual([405, 'GET, POST'])
    const get = portal.call('GET', '/crm/v3/objects/contacts', 'x', { 'content-type': 'text/plain' })
    expect(get.status).toBe(200)
    const reply = portal.call('POST', '/crm/v3/objects/contacts', '{}', { 'content-type': 'text/plain' })
    expect(reply.status).toBe(415)
  })
})

it('takes URLs of 5 kB and refuses longer ones with 414', () => {
  const portal = new TestPortal()
  const list = (length: number) => portal.get(`/crm/v3/objects/contacts?properties=${'x'.repeat(length)}`)
  expect([list(5_100).status, list(8_000).status]).toEqual([200, 414])
})

it.each([
  '//crm//v3/objects/contacts//',
  '/crm/v3/objects/0-1/',
  '/crm/v3/objects/contact',
  '/crm/v3/schemas',
])('finds %s', (path) => {
  expect(new TestPortal().get(path).status).toBe(200)
})

it.each(['0', '00', 'constructor', '__proto__', '%', '%F0%9F%92%A5', 'é'])('has no contact %s', (id) => {
  expect(new TestPortal().get(`/crm/v3/objects/contacts/${id}`).status).toBe(404)
})

const ODD = [null, 0, '', 'x', false, [], {}, [null], [[]], [0], { id: null }, [{}], [{ id: {} }]]

it.each([
  ['/crm/v3/objects/contacts', 'properties'],
  ['/crm/v3/objects/contacts', 'associations'],
  ['/crm/v3/objects/contacts/batch/create', 'inputs'],
  ['/crm/v3/objects/contacts/batch/update', 'inputs'],
  ['/crm/v3/objects/contacts/batch/upsert', 'inputs'],
  ['/crm/v3/objects/contacts/search', 'filterGroups'],
  ['/crm/v3/objects/contacts/search', 'filters'],
  ['/crm/v3/objects/contacts/search', 'sorts'],
  ['/crm/v3/objects/contacts/search', 'query'],
  ['/crm/v3/objects/contacts/search', 'after'],
  ['/crm/v3/properties/contacts', 'options'],
  ['/crm/v3/pipelines/deals', 'stages'],
  ['/crm/v4/associations/contacts/companies/batch/create', 'inputs'],
  ['/crm/v4/associations/contacts/companies/batch/archive', 'inputs'],
])('answers whatever is in %s %s, and never breaks', (path, field) => {
  const portal = new TestPortal()
  const base = {
    properties: { lastname: 'x' },
    name: 'n',
    label: 'L',
    type: 'enumeration',
    fieldType: 'select',
  }
  for (const odd of ODD) {
    const body = { ...base, groupName: 'contactinformation', [field]: odd }
    expect(portal.post(path, body).status, JSON.stringify(odd)).toBeLessThan(500)
    expect(portal.post(path, odd).status, JSON.stringify(odd)).toBeLessThan(500)
  }
})

it.each([
  ['rate-limit', '/crm/v3/owners', 429],
  ['daily-limit', '/crm/v3/owners', 429],
  ['unauthorized', '/crm/v3/owners', 401],
  ['server-error', '/crm/v3/owners', 500],
  ['bad-gateway', '/crm/v3/owners', 502],
] as const)('refuses for %s', (reason, path, status) => {
  const { model } = new TestPortal()
  const request = { method: 'GET', url: `http://hubspot.invalid${path}`, headers: {}, body: null }
  const answer = model.refuse(reason, request)
  expect(answer.status).toBe(status)
  expect(answer.headers).toHaveProperty('content-type')
})
