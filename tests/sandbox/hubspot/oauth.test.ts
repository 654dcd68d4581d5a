/** Tokens and scopes: how an app gets them, and what they open. */
import { describe, expect, it } from 'vitest'
import { ALL_SCOPES } from '../../../src/sandbox/hubspot/settings.ts'
import { TestPortal, type Reply } from './portal.ts'

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
