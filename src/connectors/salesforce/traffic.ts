/**
 * How Salesforce meters requests (Salesforce fact sheet 7): no rate at all, but so many requests in any 24 hours for the
 * whole org, and few that run long. Every answer with a body tells the first (`Sforce-Limit-Info`); of the second we
 * stay clear by having few under way, and fewer when answers become slow (algorithms 7.3).
 *
 * What is used up is told by a 403 with a code of its own, without `Retry-After`.
 */
import type { DayLeft, RequestClass, Traffic } from '../traffic.ts'
import type { HttpRequest, HttpResponse } from '../transport.ts'

/** Under way at once: far from the 25 that may run longer than twenty seconds (5 in a trial org). */
const REQUESTS_AT_ONCE = 10
const SLOW_MS = 10_000
/** Logins and long polls; neither counts against the day. */
const LOGINS_AT_ONCE = 4
const EVENTS_AT_ONCE = 4
/** Other apps of the org draw on the same pool, so less of it is ours than of HubSpot's (algorithms 7.4). */
const DAY = { share: 0.5, floor: 500 } as const

const CONCURRENT_PAUSE_MS = 5_000

const LOGIN = /^\/+(services\/oauth2|id)\//
const EVENTS = /^\/+cometd\//
/** Reading many records by id is a POST with the object in its path; without one it creates. */
const RETRIEVE = /\/composite\/sobjects\/[^/]+\/?$/
const COMPOSITE = /\/composite\/?$/

export const salesforceTraffic: Traffic = {
  buckets: [
    { kind: 'in-flight', name: 'requests', limit: REQUESTS_AT_ONCE, slowMs: SLOW_MS },
    { kind: 'in-flight', name: 'logins', limit: LOGINS_AT_ONCE },
    { kind: 'in-flight', name: 'events', limit: EVENTS_AT_ONCE },
    { kind: 'day', name: 'day', of: ['requests'], limit: null, ...DAY },
  ],

  classify(request): RequestClass {
    const { pathname } = new URL(request.url)
    if (LOGIN.test(pathname)) return { mutating: false, bucket: 'logins' }
    if (EVENTS.test(pathname)) return { mutating: false, bucket: 'events' }
    return { mutating: isMutating(request, pathname), bucket: 'requests' }
  },

  dayFrom: (response, bucket) => (bucket === 'day' ? dayLeft(response) : null),

  isRefusal: (response) => response.status === 403 && response.body.includes('"REQUEST_LIMIT_EXCEEDED"'),

  pauseAfter(response) {
    // Only the day outlasts any patience; what is left of it is asked again after a quarter of an hour.
    if (/TotalRequests/i.test(response.body)) return { kind: 'give-up' }
    return { kind: 'wait', ms: CONCURRENT_PAUSE_MS }
  },
}

/** The figures may be followed by those of single apps, which are part of the org's. */
function dayLeft(response: HttpResponse): DayLeft | null {
  const [, used, limit] = /\bapi-usage=(\d+)\/(\d+)/.exec(response.headers['sforce-limit-info'] ?? '') ?? []
  if (used === undefined || limit === undefined) return null
  return { limit: Number(limit), remaining: Math.max(0, Number(limit) - Number(used)) }
}

function isMutating({ method, body }: HttpRequest, pathname: string): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  if (method !== 'POST') return true
  if (RETRIEVE.test(pathname)) return false
  return !(COMPOSITE.test(pathname) && asksOnly(body))
}

/** A composite request changes data when one of its parts does; one that cannot be read counts as a change. */
function asksOnly(body: string | null): boolean {
  try {
    const parts = (JSON.parse(body ?? '') as { compositeRequest?: unknown }).compositeRequest
    return Array.isArray(parts) && parts.every((part) => (part as { method?: unknown })?.method === 'GET')
  } catch {
    return false
  }
}
