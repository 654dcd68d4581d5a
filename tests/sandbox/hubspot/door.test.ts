/** Tokens, scopes, limits, versions, refusals, state. */
import { describe, expect, it } from 'vitest'
import { ALL_SCOPES } from '../../../src/sandbox/hubspot/settings.ts'
import { START, TestPortal, type Reply } from './portal.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

function tokenCall(portal: TestPortal, fields: Record<string, string>, path = '/oauth/v1/token'): Reply {
  const { clientId, clientSecret } = portal.model.identity
  const form = new URLSearchParams({ client_id: clientId, client_secret: clientSecret, ...fields })
  return portal.call('POST', path, form.toString(), FORM)
}

function consent(portal: TestPortal, scope: string): string {
  const { clientId } = portal.model.identity
  const query = new URLSearchParams({
    client_id: clientId,
    redirect_uri: 'https://app.example/back',
    scope,
    state: 's',
  })
  const reply = portal.get(`/oauth/authorize?${query.toString()}`)
  const location = new URL(reply.headers['location'] ?? '')
  expect([reply.status, location.searchParams.get('state')]).toEqual([302, 's'])
  return location.searchParams.get('code') ?? ''
}

describe('tokens', () => {
  it.each(['', 'Bearer nonsense', 'Basic x'])('refuses the authorization %j', (authorization) => {
    const reply = new TestPortal().call('GET', '/crm/v3/owners', undefined, { authorization })
    expect([reply.status, reply.body.category]).toEqual([401, 'INVALID_AUTHENTICATION'])
    expect(reply.body.message).toMatch(/^Authentication credentials not found\./)
  })

  it('exchanges codes once, refreshes without rotating, and expires after 1800 s', () => {
    const portal = new TestPortal()
    const code = consent(portal, 'oauth crm.objects.contacts.read crm.nonsense')
    const exchange = { grant_type: 'authorization_code', code, redirect_uri: 'https://app.example/back' }
    const first = tokenCall(portal, exchange)
    expect([first.status, first.body.expires_in, first.body.token_type]).toEqual([200, 1_800, 'bearer'])
    expect(tokenCall(portal, exchange).body.status).toBe('BAD_AUTH_CODE')
    portal.token = first.body.access_token
    expect(portal.token.length).toBeGreaterThan(512)
    expect(portal.get('/crm/v3/objects/contacts').status).toBe(200)
    expect(portal.get('/crm/v3/objects/contacts').headers['x-hubspot-ratelimit-max']).toBe('110')
    expect(portal.get('/crm/v3/objects/deals').status).toBe(403)
    expect(portal.get(`/oauth/v1/access-tokens/${portal.token}`).body).toMatchObject({
      hub_id: portal.model.identity.portalId,
      scopes: ['oauth', 'crm.objects.contacts.read'],
      expires_in: 1_800,
    })
    portal.now += 1_805_000
    const late = portal.get('/crm/v3/objects/contacts')
    expect([late.status, late.body.category]).toEqual([401, 'EXPIRED_AUTHENTICATION'])
    expect(late.body.message).toBe('The OAuth token used to make this call expired 5 second(s) ago.')
    const { refresh_token } = first.body
    const refreshed = tokenCall(
      portal,
      { grant_type: 'refresh_token', refresh_token },
      '/oauth/2026-09/token',
    )
    expect(refreshed.body).toMatchObject({ refresh_token, hub_id: portal.model.identity.portalId })
    portal.token = refreshed.body.access_token
    expect(portal.call('DELETE', `/oauth/v1/refresh-tokens/${refresh_token}`).status).toBe(204)
    expect(portal.get('/crm/v3/objects/contacts').status).toBe(200)
    const dead = tokenCall(portal, { grant_type: 'refresh_token', refresh_token })
    expect([dead.status, dead.body.status, dead.body.error]).toEqual([
      400,
      'BAD_REFRESH_TOKEN',
      'invalid_grant',
    ])
  })
})

describe('tokens asked about in a body', () => {
  it('are described, and revoked without ending what they have issued', () => {
    const portal = new TestPortal()
    const { clientId } = portal.model.identity
    const query = new URLSearchParams({
      client_id: clientId,
      redirect_uri: 'https://app.example/callback',
      scope: 'oauth crm.objects.contacts.read',
    })
    const consent = portal.get(`/oauth/authorize?${query.toString()}`)
    const code = new URL(consent.headers['location'] ?? '').searchParams.get('code') ?? ''
    const redirect_uri = 'https://app.example/callback'
    const { access_token, refresh_token } = tokenCall(portal, {
      grant_type: 'authorization_code',
      code,
      redirect_uri,
    }).body
    const ask = (fields: Record<string, string>) =>
      tokenCall(portal, fields, '/oauth/2026-09/token/introspect').body
    expect(ask({ token: access_token, token_type_hint: 'access_token' })).toMatchObject({
      active: true,
      hub_id: portal.model.identity.portalId,
      app_id: portal.model.identity.appId,
      client_id: clientId,
      expires_in: 1_800,
      scopes: ['oauth', 'crm.objects.contacts.read'],
      token_type: 'bearer',
      token_use: 'access_token',
      is_private_distribution: false,
    })
    expect(ask({ refresh_token })).toMatchObject({ active: true, token_use: 'refresh_token' })
    expect(ask({ token: 'nonsense' })).toEqual({ active: false })
    expect(tokenCall(portal, { token: access_token }, '/oauth/v1/token/introspect').status).toBe(404)
    expect(tokenCall(portal, { token: refresh_token }, '/oauth/v3/token/revoke').status).toBe(200)
    expect(ask({ token: refresh_token })).toEqual({ active: false })
    expect(ask({ token: access_token }).active).toBe(true)
    tokenCall(portal, { access_token }, '/oauth/v3/token/revoke')
    portal.token = access_token
    expect(portal.get('/crm/v3/objects/contacts').status).toBe(401)
    expect(portal.post('/oauth/v1/token', {}).status).toBe(415)
  })
})

describe('scopes', () => {
  it.each([
    ['GET', '/crm/v3/objects/contacts', undefined, 'crm.objects.contacts.read'],
    ['POST', '/crm/v3/objects/companies', { properties: { name: 'x' } }, 'crm.objects.companies.write'],
    ['POST', '/crm/v3/objects/deals/search', {}, 'crm.objects.deals.read'],
    ['GET', '/crm/v3/objects/tickets', undefined, 'tickets'],
    ['GET', '/crm/v3/objects/notes', undefined, 'crm.objects.contacts.read'],
    ['GET', '/crm/v3/properties/contacts', undefined, 'crm.schemas.contacts.read'],
    ['POST', '/crm/v3/properties/deals', {}, 'crm.schemas.deals.write'],
    ['GET', '/crm/v3/owners/', undefined, 'crm.objects.owners.read'],
    ['POST', '/crm/v4/associations/deals/companies/batch/read', { inputs: [] }, 'crm.objects.companies.read'],
    ['GET', '/crm/v3/objects/deals?associations=contacts', undefined, 'crm.objects.contacts.read'],
  ])('%s %s needs its scope', (method, path, body, scope) => {
    const portal = new TestPortal({ settings: { scopes: ALL_SCOPES.filter((held) => held !== scope) } })
    const reply = portal.call(method, path, body)
    expect([reply.status, reply.body.category]).toEqual([403, 'MISSING_SCOPES'])
    expect(reply.body.errors[0].context.requiredGranularScopes).toEqual([scope])
    expect(reply.body.links).toHaveProperty('scopes')
  })
})

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

describe('state', () => {
  function busyPortal(): TestPortal {
    const portal = new TestPortal()
    const { appId, developerApiKey } = portal.model.identity
    const key = `?hapikey=${developerApiKey}`
    portal.call('PUT', `/webhooks/v3/${appId}/settings${key}`, { targetUrl: 'https://x.example/' })
    portal.post(`/webhooks/v3/${appId}/subscriptions${key}`, { eventType: 'contact.creation', active: true })
    const ids = Array.from({ length: 20 }, (_, n) => portal.create('contacts', { email: `${n}@x.com` }))
    portal.now += 3_000
    portal.patch(`/crm/v3/objects/contacts/${ids[0]}`, { properties: { city: 'Rome' } })
    portal.call('DELETE', `/crm/v3/objects/contacts/${ids[1]}`)
    portal.model.edit({
      action: 'merge',
      object: 'contacts',
      id: ids[2] ?? '',
      other: { object: 'contacts', id: ids[3] ?? '' },
    })
    portal.model.takeDeliveries()
    return portal
  }

  it('goes through text and back', () => {
    const original = busyPortal()
    const copy = new TestPortal()
    copy.model.restore(original.model.snapshot())
    copy.now = original.now
    expect(copy.model.snapshot()).toBe(original.model.snapshot())
    for (const portal of [original, copy]) portal.now += 500
    const ask = (portal: TestPortal) => [
      portal.post('/crm/v3/objects/contacts/search', { limit: 100, properties: ['city'] }).body,
      portal.get('/crm/v3/objects/contacts?limit=100&propertiesWithHistory=city').body,
      portal.post('/crm/v3/objects/contacts', { properties: { email: '5@x.com' } }).body,
      portal.post('/crm/v3/objects/contacts', { properties: { email: 'new@x.com' } }).body,
      portal.model.nextDeliveryAt(),
    ]
    expect(ask(copy)).toEqual(ask(original))
  })

  it('is the same for the same seed and requests, and another for another seed', () => {
    expect(busyPortal().model.snapshot()).toBe(busyPortal().model.snapshot())
    expect(new TestPortal({ seed: 8 }).model.token).not.toBe(new TestPortal({ seed: 7 }).model.token)
  })
})

describe('people', () => {
  it('edit as the user they are', () => {
    const portal = new TestPortal()
    const { id } = portal.model.edit({
      action: 'create',
      object: 'deals',
      values: { dealname: 'x' },
      actor: 'Bruno.Keller@example.com',
    })
    expect(
      portal.read('deals', id, 'hs_object_source', 'hs_object_source_id', 'hs_created_by_user_id'),
    ).toMatchObject({
      hs_object_source: 'CRM_UI',
      hs_object_source_id: 'userId:61000102',
      hs_created_by_user_id: '61000102',
    })
  })

  it('move the lifecycle stage back, which the API cannot', () => {
    const portal = new TestPortal()
    const id = portal.create('contacts', { lastname: 'x', lifecyclestage: 'customer' })
    portal.model.edit({ action: 'update', object: 'contacts', id, values: { lifecyclestage: 'lead' } })
    expect(portal.read('contacts', id, 'lifecyclestage')['lifecyclestage']).toBe('lead')
  })

  it('associate with a label', () => {
    const portal = new TestPortal({ settings: { firstCompanyBecomesPrimary: false } })
    const id = portal.create('contacts', { lastname: 'x' })
    const company = { object: 'companies', id: portal.create('companies', { name: 'x' }) }
    const labels = () => portal.model.dump()['contacts']?.[id]?.associations.map((row) => row.label)
    portal.model.edit({ action: 'associate', object: 'contacts', id, other: company })
    expect(labels()).toEqual([null])
    portal.model.edit({
      action: 'associate',
      object: 'contacts',
      id,
      other: { ...company, label: 'primary' },
    })
    expect(labels()).toEqual(['primary'])
    portal.model.edit({
      action: 'dissociate',
      object: 'contacts',
      id,
      other: { ...company, label: 'primary' },
    })
    expect(labels()).toEqual([null])
    portal.model.edit({ action: 'dissociate', object: 'contacts', id, other: company })
    expect(labels()).toEqual([])
  })

  it.each([
    [{ action: 'update', object: 'contacts', id: '5', values: {} }, /There is no contact 5/],
    [{ action: 'create', object: 'contacts', values: { email: 'x' } }, /INVALID_EMAIL/],
    [{ action: 'create', object: 'widgets', values: {} }, /Unable to infer object type/],
    [{ action: 'restore', object: 'contacts', id: '5' }, /not in the recycle bin/],
    [{ action: 'create', object: 'contacts', values: {}, actor: 'nobody' }, /There is no user nobody/],
  ] as const)('are refused %j', (edit, message) => {
    expect(() => new TestPortal().model.edit(edit)).toThrow(message)
  })

  it('see times of their own clock', () => {
    const portal = new TestPortal()
    portal.now = START + 1_877
    expect(
      portal.get(`/crm/v3/objects/contacts/${portal.create('contacts', { lastname: 'x' })}`).body.createdAt,
    ).toBe('2026-11-23T12:00:02Z')
  })
})
