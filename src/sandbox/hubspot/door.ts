/** Where requests come in: authentication, limits, routing, and the envelope of the answer. */
import type { HttpRequest, HttpResponse } from '../../connectors/transport.ts'
import { remembered } from '../../remembered.ts'
import type { Refusal } from '../model.ts'
import { parseBody, requireScopes, type Call, type Route } from './call.ts'
import { uuidAt } from '../chance.ts'
import { limitBody, type RateLimits, type Refused } from './limits.ts'
import type { Portal } from './portal.ts'
import type { Match, Router } from '../router.ts'
import { unauthenticated, type Caller, type Tokens } from './tokens.ts'
import { legacyPath, templateIn, type VersionedPath } from './versions.ts'
import { notModelled, Problem, type Answer } from './wire.ts'

interface Located extends VersionedPath {
  readonly url: URL
}

/**
 * Areas of the real API: a path in one of them that has no route here is not modelled; all others do not
 * exist.
 */
const AREAS = new Set([
  'account-info',
  'analytics',
  'app-webhooks',
  'automation',
  'business-units',
  'cms',
  'communication-preferences',
  'companies',
  'contacts',
  'conversations',
  'crm',
  'crm-associations',
  'crm-object-schemas',
  'crm-objects',
  'crm-pipelines',
  'deals',
  'email',
  'engagements',
  'events',
  'extensions',
  'files',
  'form-integrations',
  'forms',
  'integrations',
  'marketing',
  'oauth',
  'owners',
  'properties',
  'settings',
  'webhooks',
  'webhooks-journal',
])

/**
 * Longest URL. The vendor's limit is unknown; 5 kB are fine, and beyond about 7 kB is where the sheet advises
 * to change over to `batch/read` (6, 12.1).
 */
const URL_MAX = 7_000

const ADDRESSES_MAX = 1_000

/** Never throws for what a client sent: every refusal is an answer. */
export class Door {
  private readonly portal: Portal
  private readonly tokens: Tokens
  private readonly limits: RateLimits
  private readonly router: Router<Route>

  constructor(parts: { portal: Portal; tokens: Tokens; limits: RateLimits; router: Router<Route> }) {
    this.portal = parts.portal
    this.tokens = parts.tokens
    this.limits = parts.limits
    this.router = parts.router
  }

  handle(request: HttpRequest): HttpResponse {
    const { portal } = this
    const correlationId = uuidAt(portal.clock(), portal.seed, 'correlation', ++portal.counters.request)
    let headers: Record<string, string> = {}
    try {
      const moving = this.moving()
      if (moving !== null) throw moving
      const located = locate(request.url)
      if (request.url.length > URL_MAX) throw new Problem(414, 'HTTP 414 Request-URI Too Long')
      const match = this.router.find(located.segments)
      if (match === undefined) throw unknownPath(located)
      const route = match.routes.get(request.method.toUpperCase())
      if (route === undefined) throw methodNotAllowed(match)
      const caller = this.identify(route, request, located)
      const refused = this.limits.admit(caller.tier, route.kind)
      if (refused !== null) return this.limited(refused, correlationId)
      headers = this.limits.headers(caller.tier, route.kind)
      checkContentType(route, request)
      const call = this.call(request, located, match.params, caller)
      requireScopes(call, route.scopes(call))
      return respond(route.handle(call), correlationId, headers)
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      const answer = { status: error.status, body: error.body(correlationId) }
      return respond(answer, correlationId, { ...headers, ...error.details.headers })
    }
  }

  refuse(reason: Refusal, request: HttpRequest): HttpResponse {
    const { portal } = this
    const correlationId = uuidAt(portal.clock(), portal.seed, 'correlation', ++portal.counters.request)
    switch (reason) {
      case 'rate-limit': {
        const isSearch = this.routeOf(request)?.kind === 'search'
        return this.limited(isSearch ? 'SECONDLY' : 'TEN_SECONDLY_ROLLING', correlationId)
      }
      case 'daily-limit':
        return this.limited('DAILY', correlationId)
      case 'unauthorized':
        return respond({ status: 401, body: unauthenticated().body(correlationId) }, correlationId)
      case 'server-error':
        return respond(
          { status: 500, body: { status: 'error', message: 'internal error', correlationId } },
          correlationId,
        )
      case 'bad-gateway':
        return {
          status: 502,
          headers: { 'content-type': 'text/html' },
          body: '<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>',
        }
    }
  }

  routeOf(request: HttpRequest): Route | undefined {
    return this.router.find(locate(request.url).segments)?.routes.get(request.method.toUpperCase())
  }

  templateOf(request: HttpRequest): string {
    const method = request.method.toUpperCase()
    const { version, url } = locate(request.url)
    const route = this.routeOf(request)
    return `${method} ${route === undefined ? url.pathname : templateIn(route.template, version)}`
  }

  /** The account moves to another data centre: the whole connection has to pause (5.2). */
  private moving(): Problem | null {
    const { clock, settings } = this.portal
    if (settings.movesUntilMs === null || clock() >= settings.movesUntilMs) return null
    const seconds = Math.ceil((settings.movesUntilMs - clock()) / 1_000)
    return new Problem(477, 'This account is being moved to another data center', {
      headers: { 'retry-after': String(seconds) },
    })
  }

  private identify(route: Route, request: HttpRequest, located: Located): Caller {
    const authorization = request.headers['authorization']
    if (route.kind === 'open') return { tier: this.portal.settings.tier, scopes: [] }
    if (route.kind === 'developer') {
      const dated = located.version.startsWith('20')
      this.tokens.identifyDeveloper(located.url.searchParams.get('hapikey'), authorization, dated)
      return { tier: 'oauth', scopes: this.portal.settings.scopes }
    }
    return this.tokens.identify(authorization)
  }

  private call(
    request: HttpRequest,
    located: Located,
    params: Readonly<Record<string, string>>,
    caller: Caller,
  ): Call {
    const { appId } = this.portal.identity
    let parsed: { readonly value: unknown } | undefined
    return {
      portal: this.portal,
      tokens: this.tokens,
      limits: this.limits,
      request,
      params,
      query: located.url.searchParams,
      version: located.version,
      source: { type: 'INTEGRATION', id: String(appId), userId: null },
      scopes: caller.scopes,
      payload: () => (parsed ??= { value: parseBody(request.body) }).value,
    }
  }

  private limited(refused: Refused, correlationId: string): HttpResponse {
    // No `Retry-After`; the one of the second closes the connection (observed).
    const close = refused === 'SECONDLY' ? { connection: 'close' } : {}
    return respond({ status: 429, body: limitBody(refused, correlationId) }, correlationId, close)
  }
}

/** A host asks about a request before it is handled and again afterwards, and clients send to the same few addresses. */
const locate = remembered((href: string): Located => {
  const url = new URL(href)
  // Trailing and doubled slashes are accepted (3).
  const segments = url.pathname.split('/').filter(Boolean).map(decode)
  return { url, ...legacyPath(segments) }
}, ADDRESSES_MAX)

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // A stray percent sign stands for itself.
    return segment
  }
}

function unknownPath({ segments, url }: Located): Problem {
  if (isGone(segments)) return new Problem(404, 'resource not found')
  if (AREAS.has(segments[0] ?? '')) return notModelled(`The path ${url.pathname}`)
  return new Problem(404, 'resource not found')
}

/** The lists of version 1 answer 404 since April 2026, but for three of contacts (change log). */
function isGone([area, version, kind]: readonly string[]): boolean {
  return area === 'contacts' && version === 'v1' && kind === 'lists'
}

function methodNotAllowed(match: Match<Route>): Problem {
  const allow = [...match.routes.keys()].join(', ')
  return new Problem(405, 'HTTP 405 Method Not Allowed', { headers: { allow } })
}

/** Only where a body is read: some clients give every request a type, and even a GET a body. */
function checkContentType(route: Route, request: HttpRequest): void {
  if (['GET', 'DELETE'].includes(route.method)) return
  if (request.body === null || request.body === '' || route.kind === 'open') return
  const type = request.headers['content-type'] ?? ''
  if (!type.toLowerCase().includes('json')) throw new Problem(415, 'HTTP 415 Unsupported Media Type')
}

function respond(
  answer: Answer,
  correlationId: string,
  extra: Readonly<Record<string, string>> = {},
): HttpResponse {
  const headers: Record<string, string> = {
    'x-hubspot-correlation-id': correlationId,
    'x-request-id': correlationId,
    ...extra,
    ...answer.headers,
  }
  if (answer.body === null) return { status: answer.status, headers, body: '' }
  headers['content-type'] = 'application/json;charset=utf-8'
  const body = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
  return { status: answer.status, headers, body }
}
