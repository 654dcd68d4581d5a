/** Attio's allowances (Attio fact sheet 5): so many reads and so many writes a second, counted separately. */
import type { Traffic } from '../traffic.ts'

export const ATTIO_LIMITS = { readsPerSecond: 100, writesPerSecond: 25 } as const

/** POST endpoints that only ask: queries of records and entries, and the record search. */
const ASKING_PATHS = [
  /^\/v2\/objects\/[^/]+\/records\/query$/,
  /^\/v2\/lists\/[^/]+\/entries\/query$/,
  /^\/v2\/objects\/records\/search$/,
]

/**
 * Whether the budget is shared with other apps of the workspace is not documented; lower the limits where
 * others need a part. Records are also limited by a query score over ten seconds whose thresholds are not
 * published: a 429 for that reason is waited out like any other.
 */
export function attioTraffic(
  limits: { readonly readsPerSecond: number; readonly writesPerSecond: number } = ATTIO_LIMITS,
): Traffic {
  return {
    buckets: [
      { name: 'read', limit: limits.readsPerSecond, windowMs: 1000 },
      { name: 'write', limit: limits.writesPerSecond, windowMs: 1000 },
    ],
    classify: (request) => {
      const mutating = !asks(request.method, new URL(request.url).pathname)
      return { mutating, bucket: mutating ? 'write' : 'read' }
    },
  }
}

function asks(method: string, path: string): boolean {
  if (method === 'GET') return true
  return method === 'POST' && ASKING_PATHS.some((pattern) => pattern.test(path))
}
