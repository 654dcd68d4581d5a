/** OAuth: consent, tokens and their metadata (HubSpot fact sheet 4.2). */
import { param, type Call, type Route } from './call.ts'
import { ACCESS_TOKEN_S, type Grant } from './tokens.ts'
import { NO_CONTENT, notFound, ok, Problem, type Answer } from './wire.ts'

const open = { mutates: false, scopes: () => [], kind: 'open' } as const

export const oauthRoutes: readonly Route[] = [
  { ...open, method: 'GET', template: '/oauth/authorize', handle: authorize },
  { ...open, method: 'POST', template: '/oauth/v1/token', handle: token },
  { ...open, method: 'POST', template: '/oauth/v1/token/introspect', handle: introspect },
  { ...open, method: 'POST', template: '/oauth/v1/token/revoke', handle: revoke },
  { ...open, method: 'GET', template: '/oauth/v1/access-tokens/{token}', handle: accessToken },
  { ...open, method: 'GET', template: '/oauth/v1/refresh-tokens/{token}', handle: refreshToken },
  { ...open, method: 'DELETE', template: '/oauth/v1/refresh-tokens/{token}', handle: forgetRefreshToken },
]

/** The consent page with a user who agrees at once to whatever the app may ask. */
function authorize(call: Call): Answer {
  const { identity, settings } = call.portal
  const redirectUri = call.query.get('redirect_uri') ?? ''
  if (call.query.get('client_id') !== identity.clientId || !URL.canParse(redirectUri)) {
    throw new Problem(400, 'The client_id or redirect_uri of this link is wrong')
  }
  const asked = ['scope', 'optional_scope'].flatMap((name) => (call.query.get(name) ?? '').split(' '))
  const scopes = [...new Set(asked)].filter((scope) => settings.scopes.includes(scope))
  const target = new URL(redirectUri)
  target.searchParams.set('code', call.tokens.authorize({ scopes, redirectUri }))
  const state = call.query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  return { status: 302, body: null, headers: { location: target.href } }
}

/** A code or a refresh token for an access token; the refresh token stays the same. */
function token(call: Call): Answer {
  const form = formOf(call)
  const stranger = strangerOf(call, form)
  if (stranger !== null) return stranger
  switch (form.get('grant_type')) {
    case 'authorization_code': {
      const code = call.tokens.redeem(form.get('code') ?? '')
      if (code === undefined) return refused('BAD_AUTH_CODE', 'missing or unknown auth code')
      if (code.redirectUri !== form.get('redirect_uri')) {
        return refused('BAD_REDIRECT_URI', 'missing or invalid redirect uri')
      }
      return issued(call, code, call.tokens.issueRefreshToken(code))
    }
    case 'refresh_token': {
      const refresh = form.get('refresh_token') ?? ''
      const grant = call.tokens.grantOfRefreshToken(refresh)
      if (grant === undefined) return refused('BAD_REFRESH_TOKEN', 'missing or invalid refresh token')
      return issued(call, grant, refresh)
    }
    case 'client_credentials':
      // An app-level token, which v1 does not know.
      if (call.version === 'v1') return refused('BAD_GRANT_TYPE', 'missing or unknown grant type')
      return ok({
        token_type: 'bearer',
        access_token: call.tokens.issueAccessToken(null),
        expires_in: ACCESS_TOKEN_S,
      })
    default:
      return refused('BAD_GRANT_TYPE', 'missing or unknown grant type')
  }
}

function formOf(call: Call): URLSearchParams {
  const type = call.request.headers['content-type'] ?? ''
  if (type.includes('json')) throw new Problem(415, 'HTTP 415 Unsupported Media Type')
  return new URLSearchParams(call.request.body ?? '')
}

/** The refusal of a caller that is not this app. */
function strangerOf(call: Call, form: URLSearchParams): Answer | null {
  const { clientId, clientSecret } = call.portal.identity
  if (form.get('client_id') !== clientId) return refused('BAD_CLIENT_ID', 'missing or invalid client id')
  if (form.get('client_secret') === clientSecret) return null
  return refused('BAD_CLIENT_SECRET', 'missing or invalid client secret')
}

function issued(call: Call, grant: Grant, refresh: string): Answer {
  const newer = call.version !== 'v1' && {
    token_use: 'access_token',
    hub_id: call.portal.identity.portalId,
    user_id: grant.userId,
    scopes: grant.scopes,
  }
  return ok({
    token_type: 'bearer',
    refresh_token: refresh,
    access_token: call.tokens.issueAccessToken(grant),
    expires_in: ACCESS_TOKEN_S,
    ...newer,
  })
}

/** OAuth errors have a body of their own. */
function refused(status: string, message: string): Answer {
  const error =
    status === 'BAD_CLIENT_ID' || status === 'BAD_CLIENT_SECRET' ? 'invalid_client' : 'invalid_grant'
  return { status: 400, body: { status, message, error, error_description: message } }
}

function accessToken(call: Call): Answer {
  const token = param(call, 'token')
  const found = call.tokens.accessToken(token)
  if (found === undefined) throw notFound()
  return ok({
    token,
    ...owner(call, found.grant),
    ...access(call, found),
    user_id: found.grant.userId,
    token_type: 'access',
  })
}

function refreshToken(call: Call): Answer {
  const token = param(call, 'token')
  const grant = call.tokens.grantOfRefreshToken(token)
  if (grant === undefined) throw notFound()
  const { clientId } = call.portal.identity
  return ok({
    token,
    ...owner(call, grant),
    client_id: clientId,
    user_id: grant.userId,
    token_type: 'refresh',
  })
}

function forgetRefreshToken(call: Call): Answer {
  if (!call.tokens.forgetRefreshToken(param(call, 'token'))) throw notFound()
  return NO_CONTENT
}

/** Newer versions ask about a token in a body, so that it is in no log. */
function introspect(call: Call): Answer {
  if (call.version === 'v1') throw notFound()
  const form = formOf(call)
  const stranger = strangerOf(call, form)
  if (stranger !== null) return stranger
  const token = namedToken(form)
  const found = call.tokens.accessToken(token)
  const grant = found?.grant ?? call.tokens.grantOfRefreshToken(token)
  if (grant === undefined) return ok({ active: false })
  return ok({
    active: true,
    ...owner(call, grant),
    ...(found && access(call, found)),
    client_id: call.portal.identity.clientId,
    user_id: grant.userId,
    token_type: 'bearer',
    token_use: found ? 'access_token' : 'refresh_token',
  })
}

/** As in the older version, what is over for the refresh token is not over for its access tokens. */
function revoke(call: Call): Answer {
  if (call.version === 'v1') throw notFound()
  const form = formOf(call)
  const stranger = strangerOf(call, form)
  if (stranger !== null) return stranger
  const token = namedToken(form)
  // Unknown tokens are revoked already.
  if (!call.tokens.forgetRefreshToken(token)) call.tokens.forgetAccessToken(token)
  return { status: 200, body: {} }
}

/** The specification calls the field `token`, the guide by the kind of token. */
function namedToken(form: URLSearchParams): string {
  return form.get('token') ?? form.get('access_token') ?? form.get('refresh_token') ?? ''
}

function owner(call: Call, grant: Grant): Record<string, unknown> {
  const { portalId, hubDomain } = call.portal.identity
  return { user: grant.user, hub_domain: hubDomain, scopes: grant.scopes, hub_id: portalId }
}

function access(call: Call, token: { grant: Grant; expiresInS: number }): Record<string, unknown> {
  const { portal } = call
  const { appId, portalId } = portal.identity
  return {
    app_id: appId,
    expires_in: token.expiresInS,
    is_private_distribution: false,
    signed_access_token: {
      expiresAt: portal.clock() + token.expiresInS * 1_000,
      hubId: portalId,
      userId: token.grant.userId,
      appId,
      hublet: 'na1',
      isUserLevel: false,
      isPrivateDistribution: false,
    },
  }
}
