/** OAuth for apps. Fact sheet 2.2. */
import { describe, expect, test } from 'vitest'
import { newWorld } from './harness.ts'
import type { Reply, World } from './harness.ts'

const REDIRECT = 'https://app.example.com/callback?tenant=7'

function form(world: World, path: string, fields: Record<string, string>, headers = {}): Reply {
  const answer = world.model.handle({
    method: 'POST',
    url: `https://app.attio.com${path}`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  })
  return { ...answer, body: JSON.parse(answer.body) }
}

const app = (world: World): { client_id: string; client_secret: string } => ({
  client_id: world.model.credentials?.['clientId'] ?? '',
  client_secret: world.model.credentials?.['clientSecret'] ?? '',
})

function logIn(world: World): URL {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: app(world).client_id,
    redirect_uri: REDIRECT,
    state: 's 1',
  })
  const reply = world.call('GET', `/authorize?${query.toString()}`, undefined, { authorization: '' })
  expect(reply.status).toBe(302)
  return new URL(reply.headers['location'] ?? '')
}

const exchange = (world: World, more: Record<string, string>): Reply =>
  form(world, '/oauth/token', {
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    ...app(world),
    ...more,
  })

describe('an app', () => {
  test('logs in with a code, gets a token that never expires, and works with it', () => {
    const world = newWorld()
    const back = logIn(world)
    expect(back.searchParams.get('state')).toBe('s 1')
    expect(back.searchParams.get('tenant')).toBe('7')
    const reply = exchange(world, { code: back.searchParams.get('code') ?? '' })
    expect(reply).toMatchObject({ status: 200 })
    expect(reply.body).toEqual({ access_token: world.model.token, token_type: 'Bearer' })
    const authorization = `Bearer ${reply.body.access_token}`
    expect(world.call('GET', '/v2/objects', undefined, { authorization }).status).toBe(200)
  })

  test('may send JSON instead of a form', () => {
    const world = newWorld()
    const code = logIn(world).searchParams.get('code')
    const body = { grant_type: 'authorization_code', redirect_uri: REDIRECT, code, ...app(world) }
    expect(world.call('POST', '/oauth/token', body, { authorization: '' }).body.token_type).toBe('Bearer')
  })

  test('uses a code once, soon, and from where it was sent to', () => {
    const world = newWorld()
    const code = logIn(world).searchParams.get('code') ?? ''
    expect(exchange(world, { code }).status).toBe(200)
    const refusal = { status: 400, body: { error: 'invalid_grant' } }
    expect(exchange(world, { code })).toMatchObject(refusal)
    const other = logIn(world).searchParams.get('code') ?? ''
    expect(exchange(world, { code: other, redirect_uri: 'https://evil.example' })).toMatchObject(refusal)
    const late = logIn(world).searchParams.get('code') ?? ''
    world.advance(600_001)
    expect(exchange(world, { code: late })).toMatchObject(refusal)
  })

  test.each([
    [{ client_secret: 'wrong' }, 401, 'invalid_client'],
    [{ grant_type: 'refresh_token' }, 400, 'unsupported_grant_type'],
  ])('is refused with %j', (more, status, error) => {
    const world = newWorld()
    const code = logIn(world).searchParams.get('code') ?? ''
    expect(exchange(world, { code, ...more })).toMatchObject({ status, body: { error } })
  })

  test.each([
    [{ client_id: 'nobody' }, 'invalid_client'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ redirect_uri: 'nowhere' }, 'invalid_request'],
  ])('is not sent anywhere when it asks with %j', (more, error) => {
    const world = newWorld()
    const asked = { response_type: 'code', client_id: app(world).client_id, redirect_uri: REDIRECT, ...more }
    const reply = world.call('GET', `/authorize?${new URLSearchParams(asked).toString()}`)
    expect(reply.body).toEqual({ error })
    expect(reply.headers).not.toHaveProperty('location')
  })

  test('introspects its token as bearer or as a field, as /v2/self tells it', () => {
    const world = newWorld()
    const self = world.call('GET', '/v2/self').body
    expect(world.call('POST', '/oauth/introspect').body).toEqual(self)
    expect(form(world, '/oauth/introspect', { token: world.model.token }).body).toEqual(self)
    expect(form(world, '/oauth/introspect', { token: 'ab'.repeat(32) }).body).toEqual({ active: false })
  })

  test('revokes its token, and gets one again when it logs in anew, after a snapshot too', () => {
    const world = newWorld()
    expect(form(world, '/oauth/revoke', { token: world.model.token, ...app(world) }).status).toBe(200)
    expect(world.call('GET', '/v2/objects').status).toBe(401)
    expect(world.call('GET', '/v2/self').body).toEqual({ active: false })
    const code = logIn(world).searchParams.get('code') ?? ''
    const other = newWorld({ seed: 99 })
    other.model.restore(world.model.snapshot())
    expect(app(other)).toEqual(app(world))
    expect(exchange(other, { code }).status).toBe(200)
    expect(other.call('GET', '/v2/objects').status).toBe(200)
  })

  test('revokes an unknown token with the same success, but not as another app', () => {
    const world = newWorld()
    expect(form(world, '/oauth/revoke', { token: 'x' })).toMatchObject({ status: 200, body: {} })
    const stranger = { token: world.model.token, client_id: app(world).client_id, client_secret: 'x' }
    expect(form(world, '/oauth/revoke', stranger).body).toEqual({ error: 'invalid_client' })
    expect(form(world, '/oauth/revoke', {}).body).toEqual({ error: 'invalid_request' })
    expect(world.call('GET', '/v2/objects').status).toBe(200)
  })
})
