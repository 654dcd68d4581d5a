/**
 * OAuth for apps: authorise, exchange the code, introspect, revoke. Attio fact sheet 2.2. There is one token, that of
 * the workspace; whoever logs in gets it, and gets it again after a revocation. Bodies of errors and of revocations
 * were not captured: they are those of RFC 6749 and RFC 7009.
 */
import type { HttpRequest } from '../../connectors/transport.ts'
import { answerSelf, tokenOf } from './account-routes.ts'
import type { Answer } from './call.ts'
import { nextHex } from './chance.ts'
import { isObject } from './invalid-value.ts'
import type { Workspace } from './workspace.ts'

/** A request that brings no token of its own, or judges it itself. */
export interface OpenCall {
  readonly workspace: Workspace
  readonly request: HttpRequest
  readonly query: URLSearchParams
  readonly nowMs: number
}

/** A code that waits to be exchanged, once. */
export interface AuthorizationCode {
  readonly redirectUri: string
  readonly issuedAtMs: number
}

/** RFC 6749 recommends ten minutes at most; the vendor's lifetime is not documented. */
const CODE_LIFETIME_MS = 600_000

/** Where the vendor asks a person, this workspace agrees at once. */
export function authorize({ workspace, query, nowMs }: OpenCall): Answer {
  const redirectUri = query.get('redirect_uri') ?? ''
  if (query.get('client_id') !== workspace.clientId) return refused('invalid_client', 401)
  if (query.get('response_type') !== 'code') return refused('unsupported_response_type')
  if (!URL.canParse(redirectUri)) return refused('invalid_request')
  const code = nextHex(workspace.chance, 64)
  workspace.codes.set(code, { redirectUri, issuedAtMs: nowMs })
  const target = new URL(redirectUri)
  target.searchParams.set('code', code)
  const state = query.get('state')
  if (state !== null) target.searchParams.set('state', state)
  return { status: 302, body: {}, headers: { location: target.href } }
}

/** The token never expires, so nothing is said about that, and there is none to refresh it with. */
export function exchangeCode({ workspace, request, nowMs }: OpenCall): Answer {
  const fields = fieldsOf(request)
  if (!isOurApp(workspace, fields)) return refused('invalid_client', 401)
  if (fields['grant_type'] !== 'authorization_code') return refused('unsupported_grant_type')
  const code = fields['code'] ?? ''
  const issued = workspace.codes.get(code)
  workspace.codes.delete(code)
  const isGood = issued?.redirectUri === fields['redirect_uri'] && issued !== undefined
  if (!isGood || nowMs - issued.issuedAtMs > CODE_LIFETIME_MS) return refused('invalid_grant')
  workspace.settings.tokenRevoked = false
  return { body: { access_token: workspace.token, token_type: 'Bearer' } }
}

/** The token as a bearer token, as most clients send it, or as a form field. */
export const introspect = ({ workspace, request }: OpenCall): Answer =>
  answerSelf(workspace, fieldsOf(request)['token'] ?? tokenOf(request))

/** Unknown tokens are revoked with the same success. */
export function revoke({ workspace, request }: OpenCall): Answer {
  const fields = fieldsOf(request)
  if ('client_id' in fields && !isOurApp(workspace, fields)) return refused('invalid_client', 401)
  const token = fields['token'] ?? tokenOf(request)
  if (token === null) return refused('invalid_request')
  if (token === workspace.token) workspace.settings.tokenRevoked = true
  return { body: {} }
}

const isOurApp = (workspace: Workspace, fields: Readonly<Record<string, string>>): boolean =>
  fields['client_id'] === workspace.clientId && fields['client_secret'] === workspace.clientSecret

const refused = (error: string, status = 400): Answer => ({ status, body: { error } })

/** A form, or JSON as some clients send it. */
function fieldsOf({ body, headers }: HttpRequest): Readonly<Record<string, string>> {
  if (body === null || body === '') return {}
  if (!/^application\/json\b/i.test(headers['content-type'] ?? '')) {
    return Object.fromEntries(new URLSearchParams(body))
  }
  try {
    const parsed: unknown = JSON.parse(body)
    return isObject(parsed) ? (parsed as Readonly<Record<string, string>>) : {}
  } catch {
    // Not JSON after all: no field was sent, and the answer says which one is wanted.
    return {}
  }
}
