/**
 * How HubSpot meters requests: a rolling ten-second allowance per app and account, separate ones for all search
 * endpoints together and for associations, and a day (HubSpot fact sheet 6). Search answers carry no rate headers at
 * all, those of associations carry the app's general ones.
 */
import type { DayLeft, RequestClass, Traffic } from '../traffic.ts'
import type { HttpResponse } from '../transport.ts'

interface Allowance {
  readonly general: number
  readonly associations: number
  /** Null: the private apps' quota does not bind this caller. */
  readonly day: number | null
}

/** By plan of the account, or kind of the app. Where sources differ, the smaller number. */
const ALLOWANCES = {
  starter: { general: 100, associations: 100, day: 250_000 },
  professional: { general: 190, associations: 150, day: 625_000 },
  enterprise: { general: 190, associations: 150, day: 1_000_000 },
  'add-on': { general: 250, associations: 200, day: 2_000_000 },
  oauth: { general: 110, associations: 100, day: null },
} as const satisfies Readonly<Record<string, Allowance>>

/** What the config may call them. */
export const HUBSPOT_TIERS: readonly string[] = Object.keys(ALLOWANCES)

/** The smallest plan, until the first answers say what the account has. */
const UNKNOWN: Allowance = { ...ALLOWANCES.starter, day: null }

const GENERAL_WINDOW_MS = 10_000
/** All apps of the account together. */
const SEARCHES_PER_SECOND = 5
const SEARCH_WINDOW_MS = 1_000
const ASSOCIATIONS_PER_DAY = 500_000
/** What the day is shared out by unless the config says otherwise (algorithms 7.4). */
const DAY = { share: 0.8, floor: 1_000 } as const

/** POST requests that only read, by the end of their path (legacy and dated spellings end alike). */
const READING_POST = /\/(search|batch\/read|token\/introspect)\/?$/
const SEARCH = /\/search\/?$/
const ASSOCIATIONS = /\/associations\//
const EMPTY_BATCH = /^\s*\{\s*"inputs"\s*:\s*\[\s*\]\s*\}\s*$/

/** `tier`: one of `HUBSPOT_TIERS`; null where it is not known. */
export function hubspotTrafficOf(tier: string | null): Traffic {
  const { general, associations, day } = allowanceOf(tier)
  return {
    buckets: [
      { name: 'search', limit: SEARCHES_PER_SECOND, windowMs: SEARCH_WINDOW_MS, shared: true },
      { name: 'associations', limit: associations, windowMs: GENERAL_WINDOW_MS, answersTell: 'at-least' },
      { name: 'general', limit: general, windowMs: GENERAL_WINDOW_MS, answersTell: 'exactly' },
      { kind: 'day', name: 'associations-day', of: ['associations'], limit: ASSOCIATIONS_PER_DAY, ...DAY },
      { kind: 'day', name: 'day', of: ['general'], limit: day, ...DAY },
    ],

    classify(request) {
      const path = new URL(request.url).pathname
      return { mutating: isMutating(request.method, path, request.body), ...allowances(request.method, path) }
    },

    limitFrom(response, bucket) {
      const max = bucket === 'general' || bucket === 'associations' ? tenSeconds(response, 'max') : null
      return bucket === 'associations' && max !== null ? associationsBeside(max) : max
    },
    remainingFrom(response, bucket) {
      if (bucket === 'general') return tenSeconds(response, 'remaining')
      return bucket === 'associations' ? associationsLeft(response) : null
    },
    dayFrom: (response, bucket) => (bucket === 'day' ? dayLeft(response) : null),

    // Policy names are missing from some recorded per-second refusals, so the text decides (observed facts).
    pauseAfter(response) {
      if (/\bdaily\b/i.test(response.body)) return { kind: 'give-up' }
      if (/ten_secondly/i.test(response.body)) return { kind: 'wait', ms: GENERAL_WINDOW_MS }
      if (/secondly/i.test(response.body)) return { kind: 'wait', ms: SEARCH_WINDOW_MS }
      return { kind: 'back-off' }
    },
  }
}

/** For an account whose plan is not known. */
export const hubspotTraffic: Traffic = hubspotTrafficOf(null)

function allowanceOf(tier: string | null): Allowance {
  return tier !== null && tier in ALLOWANCES ? ALLOWANCES[tier as keyof typeof ALLOWANCES] : UNKNOWN
}

/** The plan shows in the general limit, and the limit for associations belongs to the plan. */
function associationsBeside(general: number): number | null {
  const plan = Object.values(ALLOWANCES).find((each) => each.general === general)
  return plan?.associations ?? null
}

/** Only where the answer's interval is the one that we count. */
function tenSeconds(response: HttpResponse, what: 'max' | 'remaining'): number | null {
  const count = headerNumber(response, `x-hubspot-ratelimit-${what}`)
  const windowMs = headerNumber(response, 'x-hubspot-ratelimit-interval-milliseconds')
  return windowMs === GENERAL_WINDOW_MS ? count : null
}

/** No more associations can have been asked for than requests of any kind. */
function associationsLeft(response: HttpResponse): number | null {
  const max = tenSeconds(response, 'max')
  const remaining = tenSeconds(response, 'remaining')
  const limit = max === null ? null : associationsBeside(max)
  if (max === null || remaining === null || limit === null) return null
  return Math.max(0, limit - (max - remaining))
}

/** On answers to private apps only. */
function dayLeft(response: HttpResponse): DayLeft | null {
  const limit = headerNumber(response, 'x-hubspot-ratelimit-daily')
  const remaining = headerNumber(response, 'x-hubspot-ratelimit-daily-remaining')
  return limit === null || remaining === null ? null : { limit, remaining }
}

function headerNumber(response: HttpResponse, name: string): number | null {
  const text = response.headers[name]
  const number = text === undefined || text === '' ? Number.NaN : Number(text)
  return Number.isInteger(number) ? number : null
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
