/** The token endpoint and what goes with it (Salesforce fact sheet 2.1). */
import type { Call, Route } from '../call.ts'
import type { Sessions } from '../sessions.ts'
import { jwtUser } from '../jwt.ts'
import { ok, type Answer } from '../wire.ts'
import { identityUrl, originOf } from './identity-api.ts'

const ROOT = '/services/oauth2'
const SCOPES = 'refresh_token api id openid'

/** Ends a call with the body that this endpoint answers errors in. */
class OAuthProblem extends Error {
  readonly error: string
  readonly description: string

  constructor(error: string, description: string) {
    super(description)
    this.error = error
    this.description = description
  }
}

export function oauthRoutes(sessions: Sessions): readonly Route[] {
  const post = (name: string, handle: (call: Call, form: URLSearchParams) => Answer): Route => ({
    method: 'POST',
    template: `${ROOT}/${name}`,
    mutates: false,
    access: 'open',
    handle: (call) => answering(() => handle(call, new URLSearchParams(call.request.body ?? ''))),
  })
  return [
    post('token', (call, form) => issue(call, form, sessions)),
    post('revoke', (_call, form) => revoke(form, sessions)),
    post('introspect', (call, form) => introspect(call, form, sessions)),
    {
      method: 'GET',
      template: `${ROOT}/authorize`,
      mutates: false,
      access: 'open',
      handle: (call) => answering(() => authorize(call, sessions)),
    },
    {
      method: 'GET',
      template: `${ROOT}/revoke`,
      mutates: false,
      access: 'open',
      handle: (call) => answering(() => revoke(call.query, sessions)),
    },
  ]
}

function answering(work: () => Answer): Answer {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof OAuthProblem)) throw error
    return { status: 400, body: { error: error.error, error_description: error.description } }
  }
}

function issue(call: Call, form: URLSearchParams, sessions: Sessions): Answer {
  const { org } = call
  switch (form.get('grant_type')) {
    case 'refresh_token':
      return refresh(call, form, sessions)
    case 'client_credentials':
      requireClient(call, form, { secret: true })
      // Runs as the user whom the app names; there is no refresh token.
      return granted(call, sessions, org.identity.userId, {})
    case 'authorization_code':
      return redeem(call, form, sessions)
    case 'password':
      return byPassword(call, form, sessions)
    case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
      return granted(call, sessions, jwtUser(call, form.get('assertion') ?? '', OAuthProblem), {})
    default:
      throw new OAuthProblem('unsupported_grant_type', 'grant type not supported')
  }
}

function refresh(call: Call, form: URLSearchParams, sessions: Sessions): Answer {
  requireClient(call, form, { secret: false })
  const value = form.get('refresh_token') ?? ''
  const userId = sessions.userOfRefreshToken(value)
  if (userId === null) throw new OAuthProblem('invalid_grant', 'expired access/refresh token')
  requireActive(call, userId)
  if (!call.org.settings.rotateRefreshTokens) return granted(call, sessions, userId, {})
  // The old one is dead from here on.
  sessions.retire(value)
  return granted(call, sessions, userId, { refresh_token: sessions.issueRefreshToken(userId) })
}

/** Of the sandbox's one app; a wrong secret is told from an unknown app. */
function requireClient(call: Call, form: URLSearchParams, { secret }: { secret: boolean }): void {
  const { clientId, clientSecret } = call.org.identity
  const [user, password] = basicCredentials(call)
  const id = form.get('client_id') ?? user
  if (id !== clientId) throw new OAuthProblem('invalid_client_id', 'client identifier invalid')
  const given = form.get('client_secret') ?? password
  if (given === clientSecret || (given === null && !secret)) return
  throw new OAuthProblem('invalid_client', 'invalid client credentials')
}

function basicCredentials(call: Call): readonly [string | null, string | null] {
  const [, encoded] = /^Basic (\S+)$/i.exec(call.request.headers['authorization'] ?? '') ?? []
  if (encoded === undefined) return [null, null]
  const [user = null, password = null] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return [user, password]
}

function requireActive(call: Call, userId: string): void {
  if (call.org.rows.find('User', userId)?.values['IsActive'] === true) return
  throw new OAuthProblem('invalid_grant', 'inactive user')
}

/** The user agrees at once: there is nobody to ask. */
function authorize(call: Call, sessions: Sessions): Answer {
  const { query } = call
  if (query.get('client_id') !== call.org.identity.clientId) {
    throw new OAuthProblem('invalid_client_id', 'client identifier invalid')
  }
  // The user agent flow, which answers tokens, is left out.
  if (query.get('response_type') !== 'code') {
    throw new OAuthProblem('unsupported_response_type', 'response type must be code')
  }
  const target = query.get('redirect_uri')
  if (target === null || !URL.canParse(target)) {
    throw new OAuthProblem('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
  const url = new URL(target)
  const code = sessions.issueCode({
    userId: call.org.identity.userId,
    redirectUri: target,
    challenge: query.get('code_challenge'),
  })
  url.searchParams.set('code', code)
  const state = query.get('state')
  if (state !== null) url.searchParams.set('state', state)
  return { status: 302, body: null, headers: { location: url.href } }
}

function redeem(call: Call, form: URLSearchParams, sessions: Sessions): Answer {
  requireClient(call, form, { secret: false })
  const code = sessions.takeCode(form.get('code') ?? '')
  if (code === null) throw new OAuthProblem('invalid_grant', 'invalid authorization code')
  if (code.expiresAt <= call.org.now()) throw new OAuthProblem('invalid_grant', 'expired authorization code')
  if (form.get('redirect_uri') !== code.redirectUri) {
    throw new OAuthProblem('redirect_uri_mismatch', 'redirect_uri must match configuration')
  }
  if (code.challenge !== null && !sessions.verifies(form.get('code_verifier') ?? '', code.challenge)) {
    throw new OAuthProblem('invalid_grant', 'invalid code verifier')
  }
  return granted(call, sessions, code.userId, { refresh_token: sessions.issueRefreshToken(code.userId) })
}

function byPassword(call: Call, form: URLSearchParams, sessions: Sessions): Answer {
  const { identity, settings } = call.org
  requireClient(call, form, { secret: true })
  const isKnown = form.get('username') === identity.username && form.get('password') === identity.password
  // Blocked unless an admin allows it; the answer does not tell why.
  if (!settings.passwordLogins || !isKnown) {
    throw new OAuthProblem('invalid_grant', 'authentication failure')
  }
  return granted(call, sessions, identity.userId, {})
}

/** There is no `expires_in`: how long a session lives follows the session policy. */
function granted(
  call: Call,
  sessions: Sessions,
  userId: string,
  extras: Readonly<Record<string, string>>,
): Answer {
  requireActive(call, userId)
  const { token } = sessions.start(userId)
  return ok({
    access_token: token,
    ...extras,
    signature: 'c2lnbmF0dXJlIG9mIHRoZSBzYW5kYm94IGFuZCBvZiBubyB1c2U=',
    scope: SCOPES,
    instance_url: originOf(call),
    id: identityUrl(call, userId),
    token_type: 'Bearer',
    issued_at: String(call.org.now()),
  })
}

function revoke(form: URLSearchParams, sessions: Sessions): Answer {
  if (!sessions.revoke(form.get('token') ?? '')) {
    throw new OAuthProblem('invalid_token', 'invalid token')
  }
  return { status: 200, body: null }
}

function introspect(call: Call, form: URLSearchParams, sessions: Sessions): Answer {
  requireClient(call, form, { secret: true })
  const session = sessions.find(form.get('token') ?? '')
  if (session === null) return ok({ active: false })
  const user = call.org.rows.find('User', session.userId)
  return ok({
    active: true,
    scope: SCOPES,
    client_id: call.org.identity.clientId,
    username: user?.values['Username'] ?? null,
    sub: identityUrl(call, session.userId),
    token_type: 'access_token',
  })
}
