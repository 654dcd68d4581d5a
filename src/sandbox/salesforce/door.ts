/** Where requests come in: versions, sessions, allowance, routing, and the envelope of the answer. */
import type { HttpRequest, HttpResponse } from '../../connectors/transport.ts'
import type { Refusal } from '../model.ts'
import type { Match, Router } from '../router.ts'
import { classicRefusal } from './bulk/classic-xml.ts'
import { callerOf } from './caller.ts'
import type { Call, Route, SubRequest } from './call.ts'
import { token } from './chance.ts'
import { parseBody } from './json-body.ts'
import { locate, unknownPath, type Located } from './locate.ts'
import type { Org } from './org.ts'
import { expired, type Session, type Sessions } from './sessions.ts'
import type { Usage } from './usage.ts'
import { requireFitting, requireJson } from './request-checks.ts'
import { notFound, Problem, refusal, Text, type Answer } from './wire.ts'

/** Never throws for what a client sent: every refusal is an answer. */
export class Door {
  private readonly org: Org
  private readonly sessions: Sessions
  private readonly usage: Usage
  private readonly router: Router<Route>

  constructor(parts: { org: Org; sessions: Sessions; usage: Usage; router: Router<Route> }) {
    this.org = parts.org
    this.sessions = parts.sessions
    this.usage = parts.usage
    this.router = parts.router
  }

  handle(request: HttpRequest): HttpResponse {
    const { org } = this
    org.settle()
    org.counters.request++
    let refused = (problem: Problem): Answer => ({
      status: problem.status,
      body: problem.entries,
      headers: problem.headers,
    })
    let session: Session | null = null
    try {
      requireFitting(request)
      const located = locate(request.url)
      const method = methodOf(request)
      this.requireServed(located)
      // Below a version strangers are told nothing, not even that there is nothing.
      if (located.version !== null) session = this.identify(request, located)
      const { route, match } = this.find(method, located)
      if (route.access === 'classic') refused = classicRefusal
      if (route.access !== 'open') session ??= this.identify(request, located, route.access)
      if (session !== null) this.admit(route)
      const answer = route.handle(this.call(request, { located, match, session }))
      const response = this.respond(answer, session !== null)
      return method === 'HEAD' ? { ...response, body: '' } : response
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return this.respond(refused(error), session !== null)
    }
  }

  refuse(reason: Refusal): HttpResponse {
    switch (reason) {
      case 'rate-limit':
        return this.problem(
          refusal('REQUEST_LIMIT_EXCEEDED', 'ConcurrentRequests (Concurrent API Requests) Limit exceeded.'),
        )
      case 'daily-limit':
        return this.problem(refusal('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.'))
      case 'unauthorized':
        return this.problem(expired())
      case 'server-error':
        return this.problem(
          refusal(
            'UNKNOWN_EXCEPTION',
            'An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)',
          ),
        )
      case 'bad-gateway':
        return {
          status: 503,
          headers: { 'content-type': 'text/html' },
          body: '<html><head><title>Down for Maintenance</title></head><body><p>Salesforce is down for maintenance.</p></body></html>',
        }
    }
  }

  routeOf(request: HttpRequest): Route | undefined {
    const { segments } = locate(request.url)
    const method = methodOf(request)
    return this.router.find(segments)?.routes.get(method === 'HEAD' ? 'GET' : method)
  }

  templateOf(request: HttpRequest): string {
    const method = methodOf(request)
    const route = this.routeOf(request)
    return `${method} ${route?.template ?? new URL(request.url).pathname}`
  }

  private find(method: string, located: Located): { route: Route; match: Match<Route> } {
    const match = this.router.find(located.segments)
    if (match === undefined) throw unknownPath(located)
    const route = match.routes.get(method === 'HEAD' ? 'GET' : method)
    if (route !== undefined) return { route, match }
    const methods = [...match.routes.keys()]
    const allowed = [...methods, ...(methods.includes('GET') ? ['HEAD'] : [])].toSorted().join(',')
    throw refusal('METHOD_NOT_ALLOWED', `HTTP Method '${method}' not allowed. Allowed are ${allowed}`)
  }

  /** Retired versions are gone, future ones not there yet (3). */
  private requireServed({ version, hasVersion }: Located): void {
    if (version === null) {
      if (hasVersion) throw notFound()
      return
    }
    const { oldestVersion, newestVersion } = this.org.settings
    if (Number(version) < oldestVersion) {
      throw new Problem(410, [
        {
          message: `The requested API version v${version} is no longer supported`,
          errorCode: 'UNSUPPORTED_API_VERSION',
        },
      ])
    }
    if (Number(version) > newestVersion) throw notFound()
  }

  /** Bulk API 1.0 has a header of its own for the session. */
  private identify(request: HttpRequest, { url }: Located, access?: Route['access']): Session {
    const { headers } = request
    const token = access === 'classic' ? headers['x-sfdc-session'] : url.searchParams.get('oauth_token')
    const bearer = token === undefined || token === null ? null : `Bearer ${token}`
    return this.sessions.identify(access === 'classic' ? bearer : (headers['authorization'] ?? bearer))
  }

  private admit(route: Route): void {
    if (!this.org.settings.permissions.includes('ApiEnabled')) {
      throw refusal('API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner')
    }
    if (route.access !== 'session') this.countOne()
  }

  private countOne(): void {
    const now = this.org.now()
    if (!this.usage.admits(now)) throw refusal('REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
    this.usage.count(now)
  }

  private call(
    request: HttpRequest,
    { located, match, session }: { located: Located; match: Match<Route>; session: Session | null },
  ): Call {
    const { org, usage } = this
    const version = located.version ?? `${org.settings.newestVersion}.0`
    let parsed: { readonly value: unknown } | undefined
    return {
      org,
      request,
      params: match.params,
      query: located.url.searchParams,
      version,
      actor: callerOf(org, request, { session, version }),
      payload: () => {
        requireJson(request)
        return (parsed ??= { value: parseBody(request.body) }).value
      },
      dispatch: (sub) => this.dispatch(request, sub, session),
      admit: () => this.countOne(),
      charge: (requests) => usage.count(org.now(), requests),
    }
  }

  /** One part of a composite request; a refusal is an answer. */
  private dispatch(outer: HttpRequest, sub: SubRequest, session: Session | null): Answer {
    try {
      const url = new URL(sub.url, outer.url)
      const request: HttpRequest = {
        method: sub.method,
        url: url.href,
        headers: {
          ...(sub.inheritsWishes ? outer.headers : withoutWishes(outer.headers)),
          ...sub.headers,
          'content-type': 'application/json',
        },
        body: sub.body === undefined || sub.body === null ? null : JSON.stringify(sub.body),
      }
      const located = locate(url.href)
      this.requireServed(located)
      const { route, match } = this.find(sub.method, located)
      return route.handle(this.call(request, { located, match, session }))
    } catch (error) {
      if (!(error instanceof Problem)) throw error
      return { status: error.status, body: error.entries, headers: error.headers }
    }
  }

  private problem(problem: Problem): HttpResponse {
    return this.respond({ status: problem.status, body: problem.entries }, problem.status !== 401)
  }

  /** Whoever is known is told what the org has used; recorded answers without a body do not show it (4). */
  private respond(answer: Answer, isKnown: boolean): HttpResponse {
    const { org } = this
    const headers: Record<string, string> = {
      'cache-control': 'no-cache,must-revalidate,max-age=0,no-store,private',
      vary: 'Accept-Encoding',
      'x-sfdc-request-id': token(24, org.seed, 'request', org.counters.request),
      server: 'sfdcedge',
      ...answer.headers,
    }
    if (answer.body === null) return { status: answer.status, headers, body: '' }
    if (isKnown) headers['sforce-limit-info'] ??= this.usage.header(org.now())
    const isText = answer.body instanceof Text
    headers['content-type'] = isText ? answer.body.type : 'application/json;charset=UTF-8'
    const body = isText ? answer.body.content : JSON.stringify(answer.body)
    return { status: answer.status, headers, body }
  }
}

/** Headers that ask something of the rows of a request: conditions, rules, page sizes (4). */
const WISHES = /^(if-.*|sforce-(auto-assign|duplicate-rule-header|mru|query-options))$/

function withoutWishes(headers: HttpRequest['headers']): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !WISHES.test(name)))
}

/**
 * Clients whose HTTP library knows no PATCH post instead and name the method in the query (REST guide, "Using HTTP
 * PATCH").
 */
function methodOf({ method, url }: HttpRequest): string {
  const sent = method.toUpperCase()
  if (sent !== 'POST' || !url.includes('_HttpMethod=')) return sent
  return new URL(url).searchParams.get('_HttpMethod')?.toUpperCase() || sent
}
