/** Getting in and being kept out (Salesforce fact sheet 2, 3, 4, 5, 7). */
import { generateKeyPairSync, sign } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { problem, TestOrg, type Reply } from './test-org.ts'

function token(org: TestOrg, form: Record<string, string>, headers: Record<string, string> = {}): Reply {
  return org.call('POST', '//services/oauth2/token', new URLSearchParams(form).toString(), {
    'content-type': 'application/x-www-form-urlencoded',
    authorization: '',
    ...headers,
  })
}

const client = (org: TestOrg): { client_id: string; client_secret: string } => ({
  client_id: org.model.identity.clientId,
  client_secret: org.model.identity.clientSecret,
})

const EXPIRED = [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }]

describe('a session', () => {
  test('is needed for everything but the list of versions', () => {
    const org = new TestOrg()
    org.token = 'nonsense'
    expect(org.get('/limits')).toMatchObject({ status: 401, body: EXPIRED })
    org.token = 'invalid access token'
    expect(org.get('/limits')).toMatchObject({ status: 401, body: EXPIRED })
    const other = org.call('GET', '/limits', undefined, { authorization: 'Basic abc' })
    expect(problem(other)).toEqual([401, 'INVALID_AUTH_HEADER', undefined])
    expect(org.get('//services/data').body.at(-1)).toEqual({
      label: "Summer '26",
      url: '/services/data/v67.0',
      version: '67.0',
    })
    expect(
      org.get('//services/data').body.find(({ version }: { version: string }) => version === '66.0').label,
    ).toBe("Spring '26")
  })

  test('is needed to learn that there is nothing', () => {
    const org = new TestOrg()
    org.token = 'nonsense'
    expect(org.get('/nonsense')).toMatchObject({ status: 401, body: EXPIRED })
    expect(org.get('//nonsense').status).toBe(404)
  })

  test('shows what the org has used, with or without a body', () => {
    const org = new TestOrg()
    const usage = (reply: Reply): string | undefined => reply.headers['sforce-limit-info']
    const id = org.create('Contact', { LastName: 'x' })
    const read = org.get(`/sobjects/Contact/${id}`)
    expect(usage(read)).toBe('api-usage=2/15000')
    const head = org.call('HEAD', `/sobjects/Contact/${id}`)
    expect([head.status, head.headers['content-type'], usage(head), head.body]).toEqual([
      200,
      read.headers['content-type'],
      'api-usage=3/15000',
      '',
    ])
    expect(usage(org.get('/nonsense'))).toBe('api-usage=3/15000')
    // Whoever is not known has no org.
    expect(usage(org.get('//services/data'))).toBeUndefined()
    expect(usage(token(org, { grant_type: 'client_credentials', ...client(org) }))).toBeUndefined()
    org.token = 'nonsense'
    expect(usage(org.get('/sobjects'))).toBeUndefined()
  })

  test('may be named in the old way, and paths may begin with two slashes', () => {
    const org = new TestOrg()
    expect(org.call('GET', '/limits', undefined, { authorization: `OAuth ${org.token}` }).status).toBe(200)
    const answer = org.model.handle({
      method: 'GET',
      url: 'http://salesforce.invalid//services/data/v64.0/limits/',
      headers: { authorization: `Bearer ${org.token}` },
      body: null,
    })
    expect(answer.status).toBe(200)
  })

  test('that the token endpoint gave ends when nobody uses it', () => {
    const org = new TestOrg()
    org.token = token(org, { grant_type: 'client_credentials', ...client(org) }).body.access_token
    org.advance(7_000_000)
    expect(org.get('/limits').status).toBe(200)
    org.advance(7_000_000)
    expect(org.get('/limits').status).toBe(200)
    org.advance(7_300_000)
    expect(org.get('/limits').status).toBe(401)
  })

  test('ends when an admin ends it or the user is switched off', () => {
    const org = new TestOrg()
    const { userId } = org.model.identity
    org.model.edit({ action: 'delete', object: 'User', id: userId })
    expect(org.get('/limits').status).toBe(401)
    org.model.edit({ action: 'restore', object: 'User', id: userId })
    expect(org.get('/limits').status).toBe(200)
    org.model.edit({ action: 'delete', object: 'AuthSession', id: userId })
    expect(org.get('/limits').status).toBe(401)
  })

  test.each([
    'This session is not valid for use with the REST API',
    'Connected app is not attached to Agent',
  ])('that is refused with "%s" is not cured by another one', (sessionRefusal) => {
    const org = new TestOrg({ settings: { sessionRefusal } })
    const refused = { status: 401, body: [{ message: sessionRefusal, errorCode: 'INVALID_SESSION_ID' }] }
    expect(org.get('/limits')).toMatchObject(refused)
    org.token = token(org, { grant_type: 'client_credentials', ...client(org) }).body.access_token
    expect(org.get('/limits')).toMatchObject(refused)
    org.model.settings.sessionRefusal = null
    expect(org.get('/limits').status).toBe(200)
  })

  test('says who it is', () => {
    const org = new TestOrg()
    const info = org.get('//services/oauth2/userinfo').body
    expect(info).toMatchObject({
      user_id: org.model.identity.userId,
      organization_id: org.model.identity.orgId,
      preferred_username: org.model.identity.username,
      zoneinfo: 'America/Los_Angeles',
      urls: { rest: 'http://salesforce.invalid/services/data/v{version}/' },
    })
    const path = org.get('').body.identity.replace('http://salesforce.invalid', '/')
    expect(org.get(path).body).toMatchObject({ user_id: info.user_id, username: info.preferred_username })
    expect(org.get(path.replace('005', '001')).status).toBe(404)
  })
})

describe('the token endpoint', () => {
  test('refreshes, and ends the old refresh token', () => {
    const org = new TestOrg()
    const form = {
      grant_type: 'refresh_token',
      refresh_token: org.model.identity.refreshToken,
      ...client(org),
    }
    const { body } = token(org, form)
    expect(body.refresh_token).not.toBe(form.refresh_token)
    org.token = body.access_token
    expect(org.get('/limits').status).toBe(200)
    const dead = {
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired access/refresh token' },
    }
    expect(token(org, form)).toMatchObject(dead)
    org.model.settings.rotateRefreshTokens = false
    expect(token(org, { ...form, refresh_token: body.refresh_token }).body.refresh_token).toBeUndefined()
    expect(token(org, { ...form, refresh_token: body.refresh_token }).status).toBe(200)
  })

  test('revokes', () => {
    const org = new TestOrg()
    const revoke = (value: string): number =>
      org.call('POST', '//services/oauth2/revoke', `token=${encodeURIComponent(value)}`).status
    expect(revoke(org.model.identity.refreshToken)).toBe(200)
    expect(org.get('/limits').status).toBe(401)
    expect(revoke('nonsense')).toBe(400)
  })

  test.each([
    ['another grant', { grant_type: 'magic' }, 'unsupported_grant_type'],
    ['another client', { grant_type: 'client_credentials', client_id: 'x' }, 'invalid_client_id'],
    ['another secret', { grant_type: 'client_credentials', client_secret: 'x' }, 'invalid_client'],
    ['a made-up code', { grant_type: 'authorization_code', code: 'x' }, 'invalid_grant'],
    ['a password', { grant_type: 'password', username: 'x', password: 'y' }, 'invalid_grant'],
  ])('refuses %s', (_what, form, error) => {
    const org = new TestOrg()
    expect(token(org, { ...client(org), ...form })).toMatchObject({ status: 400, body: { error } })
  })

  test('takes passwords where they are allowed', () => {
    const org = new TestOrg({ settings: { passwordLogins: true } })
    const { username, password } = org.model.identity
    expect(token(org, { ...client(org), grant_type: 'password', username, password }).status).toBe(200)
    const envelope = `<Envelope><Body><login><username>${username}</username><password>${password}</password></login></Body></Envelope>`
    const login = (version: string) => org.call('POST', `//services/Soap/u/${version}`, envelope)
    expect(login('60.0').body).toContain(`<userId>${org.model.identity.userId}</userId>`)
    expect(login('65.0')).toMatchObject({
      status: 500,
      body: expect.stringContaining('UNSUPPORTED_API_VERSION'),
    })
  })

  test('gives codes to those who ask for one, for a quarter of an hour', () => {
    const org = new TestOrg()
    const { client_id, client_secret } = client(org)
    const redirect_uri = 'http://localhost/cb'
    const authorize = (response_type: string): Reply =>
      org.get(
        `//services/oauth2/authorize?${new URLSearchParams({ response_type, client_id, redirect_uri }).toString()}`,
      )
    expect(authorize('token')).toMatchObject({ status: 400, body: { error: 'unsupported_response_type' } })
    const redeem = (waitMs: number): Reply => {
      const code = new URL(authorize('code').headers['location'] ?? '').searchParams.get('code') ?? ''
      org.advance(waitMs)
      return token(org, { grant_type: 'authorization_code', code, client_id, client_secret, redirect_uri })
    }
    expect(redeem(14 * 60_000).status).toBe(200)
    expect(redeem(16 * 60_000)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant', error_description: 'expired authorization code' },
    })
  })

  test('checks the verifier of a code', () => {
    const org = new TestOrg()
    const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    const redirect = 'http://localhost:1/cb'
    const code = (): string => {
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: client(org).client_id,
        redirect_uri: redirect,
        code_challenge: challenge,
        state: 's',
      })
      const { status, headers } = org.get(`//services/oauth2/authorize?${query.toString()}`)
      expect(status).toBe(302)
      const target = new URL(headers['location'] ?? '')
      expect(target.searchParams.get('state')).toBe('s')
      return target.searchParams.get('code') ?? ''
    }
    const form = { grant_type: 'authorization_code', redirect_uri: redirect, ...client(org) }
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
    expect(token(org, { ...form, code: code(), code_verifier: 'wrong' }).status).toBe(400)
    const used = code()
    expect(token(org, { ...form, code: used, code_verifier: verifier }).body.refresh_token).toBeDefined()
    expect(token(org, { ...form, code: used, code_verifier: verifier }).status).toBe(400)
  })

  test('takes signed assertions of a user who may', () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const org = new TestOrg({
      settings: { jwtPublicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    })
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const assertion = (claims: Record<string, unknown>, alg = 'RS256'): string => {
      const text = `${part({ alg })}.${part({
        iss: org.model.identity.clientId,
        sub: org.model.identity.username,
        aud: 'https://login.salesforce.com',
        exp: org.now / 1_000 + 120,
        ...claims,
      })}`
      return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
    }
    const send = (text: string): Reply =>
      token(org, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: text })
    expect(send(assertion({})).body).toMatchObject({ token_type: 'Bearer' })
    expect(send(assertion({})).body.refresh_token).toBeUndefined()
    for (const claims of [
      { sub: 'x' },
      { aud: 'x' },
      { exp: org.now / 1_000 - 1 },
      { exp: org.now / 1_000 + 900 },
    ]) {
      expect(send(assertion(claims))).toMatchObject({ status: 400, body: { error: 'invalid_grant' } })
    }
    expect(send(assertion({}, 'none')).status).toBe(400)
    expect(send(assertion({}).slice(0, -4)).status).toBe(400)
  })
})

describe('what a request must not be', () => {
  const org = new TestOrg()

  test.each([
    ['of a retired version', () => org.get('//services/data/v30.0/limits'), 410, 'UNSUPPORTED_API_VERSION'],
    ['of a future version', () => org.get('//services/data/v99.0/limits'), 404, 'NOT_FOUND'],
    ['to nowhere', () => org.get('/nonsense'), 404, 'NOT_FOUND'],
    ['of no version', () => org.get('//services/data/64.0/limits'), 404, 'NOT_FOUND'],
    ['to what is not modelled', () => org.get('/chatter/feeds'), 501, 'NOT_MODELLED'],
    ['to quick actions', () => org.get('/sobjects/Contact/quickActions'), 501, 'NOT_MODELLED'],
    ['to a search layout', () => org.get('/sobjects/Contact/describe/search'), 501, 'NOT_MODELLED'],
    ['to Apex', () => org.get('//services/apexrest/x'), 501, 'NOT_MODELLED'],
    ['to make a user', () => org.post('/sobjects/User', { LastName: 'x' }), 501, 'NOT_MODELLED'],
    ['of a wrong method', () => org.call('PUT', '/sobjects/Contact', {}), 405, 'METHOD_NOT_ALLOWED'],
    ['without a body', () => org.call('POST', '/sobjects/Contact'), 400, 'JSON_PARSER_ERROR'],
    ['broken', () => org.post('/sobjects/Contact', '{"LastName":'), 400, 'JSON_PARSER_ERROR'],
    ['a list', () => org.post('/sobjects/Contact', []), 400, 'JSON_PARSER_ERROR'],
    [
      'of another type',
      () => org.post('/sobjects/Contact', 'LastName=x', { 'content-type': 'text/plain' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
    [
      'too long',
      () => org.ask(`SELECT Id FROM Contact WHERE Id IN ('${'x'.repeat(17_000)}')`),
      414,
      'URI_TOO_LONG',
    ],
  ])('%s', (_what, ask, status, code) => {
    expect(problem(ask()).slice(0, 2)).toEqual([status, code])
  })

  test.each([
    [
      '{bad}',
      "Unexpected character ('b' (code 98)): was expecting double-quote to start field name at [line:1, column:3]",
    ],
    [
      '{"a" 1}',
      "Unexpected character ('1' (code 49)): was expecting a colon to separate field name and value at [line:1, column:7]",
    ],
    [
      '{"a":1 "b":2}',
      "Unexpected character ('\"' (code 34)): was expecting comma to separate OBJECT entries at [line:1, column:9]",
    ],
    [
      '{"a":[1,\n ]}',
      "Unexpected character (']' (code 93)): expected a valid value (number, String, array, object, 'true', 'false' or 'null')",
    ],
    ['{"a":', 'Unexpected end-of-input at [line:1, column:6]'],
  ])('%s is broken where it says', (body, message) => {
    expect(org.post('/sobjects/Contact', body).body).toEqual([{ message, errorCode: 'JSON_PARSER_ERROR' }])
  })

  test('names the methods that are allowed', () => {
    expect(org.patch('/sobjects/Contact', {}).body[0].message).toBe(
      "HTTP Method 'PATCH' not allowed. Allowed are GET,HEAD,POST",
    )
  })
})

describe('limits', () => {
  test('the day has so many requests, on a rolling window', () => {
    const org = new TestOrg({ limits: 'vendor', settings: { dailyApiRequests: 3 } })
    const usage = [1, 2, 3].map(() => org.get('/sobjects').headers['sforce-limit-info'])
    expect(usage).toEqual(['api-usage=1/3', 'api-usage=2/3', 'api-usage=3/3'])
    expect(org.get('/sobjects')).toMatchObject({
      status: 403,
      body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    })
    // Tokens are free.
    expect(token(org, { grant_type: 'client_credentials', ...client(org) }).status).toBe(200)
    org.advance(24 * 3_600_000 - 600_000)
    expect(org.get('/sobjects').status).toBe(403)
    org.advance(660_000)
    expect(org.get('/sobjects').status).toBe(200)
  })

  test('the day counts calls over SOAP as well', () => {
    const org = new TestOrg({ limits: 'vendor', settings: { dailyApiRequests: 2 } })
    const call = () =>
      org.call(
        'POST',
        '//services/Soap/u/64.0',
        `<Envelope><Header><SessionHeader><sessionId>${org.model.token}</sessionId></SessionHeader></Header><Body><getServerTimestamp/></Body></Envelope>`,
      )
    expect([call().status, call().status]).toEqual([200, 200])
    expect(call()).toMatchObject({
      status: 500,
      body: expect.stringContaining('REQUEST_LIMIT_EXCEEDED'),
    })
    expect(org.get('/sobjects').status).toBe(403)
  })

  test('are told to those who may see the setup', () => {
    const org = new TestOrg()
    org.get('/sobjects')
    const { body } = org.get('/limits')
    expect(body.DailyApiRequests).toEqual({ Max: 15_000, Remaining: 14_998 })
    // The CLI and monitors show what an org has of everything.
    expect(Object.keys(body)).toEqual(Object.keys(body).toSorted())
    expect(body.HourlyTimeBasedWorkflow).toEqual({ Max: 1_000, Remaining: 1_000 })
    org.model.settings.permissions = ['ApiEnabled']
    expect(org.get('/limits').status).toBe(403)
    org.model.settings.permissions = []
    expect(problem(org.get('/sobjects')).slice(0, 2)).toEqual([403, 'API_DISABLED_FOR_ORG'])
  })

  test('count rows by object, leaving out the empty ones', () => {
    const org = new TestOrg()
    org.create('Account', { Name: 'x' })
    expect(org.get('/limits/recordCount?sObjects=Account,Contact').body).toEqual({
      sObjects: [{ count: 1, name: 'Account' }],
    })
  })

  test.each([
    ['rate-limit', 403, 'REQUEST_LIMIT_EXCEEDED'],
    ['daily-limit', 403, 'REQUEST_LIMIT_EXCEEDED'],
    ['unauthorized', 401, 'INVALID_SESSION_ID'],
    ['server-error', 500, 'UNKNOWN_EXCEPTION'],
  ] as const)('%s is refused in the vendor’s words', (reason, status, code) => {
    const org = new TestOrg()
    const request = { method: 'GET', url: 'http://x.invalid/', headers: {}, body: null }
    const answer = org.model.refuse(reason, request)
    expect([answer.status, JSON.parse(answer.body)[0].errorCode]).toEqual([status, code])
    expect(org.model.throttles(answer)).toBe(status === 403)
    expect(org.model.refuse('bad-gateway', request).headers['content-type']).toBe('text/html')
  })
})
