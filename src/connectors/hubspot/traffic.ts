/**
 * How HubSpot meters requests: a rolling ten-second allowance per app and account, and a separate one for all
 * search endpoints together (HubSpot fact sheet 6). Search answers carry no rate headers at all.
 */
import type { RequestClass, Traffic } from '../traffic.ts'

/** The smallest plan; the `Max` header of the first answers raises it (100, 110, 190 or 250). */
const GENERAL_LIMIT = 100
const GENERAL_WINDOW_MS = 10_000
/** HubSpot allows 5; one is left to the account's other apps, which share this allowance. */
const SEARCH_LIMIT = 4
const SEARCH_WINDOW_MS = 1_000
/** The associations API v4 of the smallest plan; its answers carry the app's general headers, not these. */
const ASSOCIATIONS_LIMIT = 100

/** POST requests that only read, by the end of their path (legacy and dated spellings end alike). */
const READING_POST = /\/(search|batch\/read|token\/introspect)\/?$/
const SEARCH = /\/search\/?$/
const ASSOCIATIONS = /\/associations\//
const EMPTY_BATCH = /^\s*\{\s*"inputs"\s*:\s*\[\s*\]\s*\}\s*$/

export const hubspotTraffic: Traffic = {
  buckets: [
    { name: 'search', limit: SEARCH_LIMIT, windowMs: SEARCH_WINDOW_MS },
    { name: 'associations', limit: ASSOCIATIONS_LIMIT, windowMs: GENERAL_WINDOW_MS },
    { name: 'general', limit: GENERAL_LIMIT, windowMs: GENERAL_WINDOW_MS },
  ],

  classify(request) {
    const path = new URL(request.url).pathname
    return { mutating: isMutating(request.method, path, request.body), ...allowances(request.method, path) }
  },

  limitFrom(response, bucket) {
    const limit = Number(response.headers['x-hubspot-ratelimit-max'])
    const windowMs = Number(response.headers['x-hubspot-ratelimit-interval-milliseconds'])
    if (bucket !== 'general' || !Number.isInteger(limit) || windowMs !== GENERAL_WINDOW_MS) return null
    return limit
  },

  // Policy names are missing from some recorded per-second refusals, so the text decides (observed facts).
  pauseAfter(response) {
    if (/\bdaily\b/i.test(response.body)) return { kind: 'give-up' }
    if (/ten_secondly/i.test(response.body)) return { kind: 'wait', ms: GENERAL_WINDOW_MS }
    if (/secondly/i.test(response.body)) return { kind: 'wait', ms: SEARCH_WINDOW_MS }
    return { kind: 'back-off' }
  },
}

/**
 * Searches and associations have an allowance of their own. Whether they use the app's ten seconds as well is not
 * documented (section 6), so they are charged to both.
 */
function allowances(method: string, path: string): Omit<RequestClass, 'mutating'> {
  if (method === 'POST' && SEARCH.test(path)) return { bucket: 'search', alsoIn: ['general'] }
  if (ASSOCIATIONS.test(path)) return { bucket: 'associations', alsoIn: ['general'] }
  return { bucket: 'general' }
}

/** A batch of nothing changes nothing: it is how a missing write scope is found out without any effect. */
function isMutating(method: string, path: string, body: string | null): boolean {
  if (method === 'GET' || method === 'HEAD') return false
  if (method !== 'POST') return true
  return !READING_POST.test(path) && !EMPTY_BATCH.test(body ?? '')
}
