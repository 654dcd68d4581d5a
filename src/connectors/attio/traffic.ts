/**
 * How Attio meters requests (Attio fact sheet 5): so many reads and so many writes a second, counted separately, and
 * what queries weigh over ten seconds, by a limit that is not published.
 *
 * "Per second" is taken to mean the clock's seconds: a refused request is told to come back at "typically the next
 * clock second". `clockSeconds: false` is for an account that turns out to count otherwise; a budget that locked
 * onto seconds which are none is refused once and goes on without the lock.
 *
 * Whether other apps of the workspace draw on the same seconds is not documented; third parties say so, so a refusal
 * that is not our doing makes room for them. Lower the limits where others need a part for certain.
 */
import type { Traffic } from '../traffic.ts'

const ATTIO_LIMITS = { readsPerSecond: 100, writesPerSecond: 25 } as const

export interface AttioLimits {
  readonly readsPerSecond?: number
  readonly writesPerSecond?: number
  readonly clockSeconds?: boolean
}

const SECOND_MS = 1_000
const SCORE_WINDOW_MS = 10_000

/** Record and entry queries: the only requests that are weighed. */
const QUERY_PATHS = [/^\/v2\/objects\/[^/]+\/records\/query$/, /^\/v2\/lists\/[^/]+\/entries\/query$/]

/** The other POST endpoint that only asks. */
const SEARCH_PATH = /^\/v2\/objects\/records\/search$/

export function attioTraffic(limits: AttioLimits = {}): Traffic {
  const { readsPerSecond, writesPerSecond } = { ...ATTIO_LIMITS, ...limits }
  const second = { windowMs: SECOND_MS, clockAligned: limits.clockSeconds ?? true, shared: true }
  return {
    buckets: [
      { kind: 'score', name: 'query-score', windowMs: SCORE_WINDOW_MS },
      { name: 'read', limit: readsPerSecond, ...second },
      { name: 'write', limit: writesPerSecond, ...second },
    ],

    classify(request) {
      const { method } = request
      if (method === 'GET') return { mutating: false, bucket: 'read' }
      if (method !== 'POST') return { mutating: true, bucket: 'write' }
      const { pathname } = new URL(request.url)
      if (isQuery(pathname)) return { mutating: false, bucket: 'query-score', alsoIn: ['read'] }
      const mutating = !SEARCH_PATH.test(pathname)
      return { mutating, bucket: mutating ? 'write' : 'read' }
    },

    scoreFrom(response, bucket) {
      if (bucket !== 'query-score') return null
      const score = Number(response.headers['x-attio-record-query-score'] ?? 'NaN')
      return Number.isFinite(score) ? score : null
    },

    // A query that is too heavy by itself is refused without a time, and repeating it never helps.
    pauseAfter(response, request) {
      const isTooHeavy =
        response.headers['retry-after'] === undefined &&
        request?.method === 'POST' &&
        isQuery(new URL(request.url).pathname)
      return { kind: isTooHeavy ? 'give-up' : 'back-off' }
    },
  }
}

function isQuery(path: string): boolean {
  return QUERY_PATHS.some((pattern) => pattern.test(path))
}
