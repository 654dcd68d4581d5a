/** Records that the user has looked at lately (Salesforce fact sheet 4, 25). */
import { header, type Call, type Route } from '../call.ts'
import { noteViewed, recentlyViewed } from '../rows/recently-viewed.ts'
import type { Row } from '../rows/row-store.ts'
import { ok, refusal, type Answer } from '../wire.ts'

export const recentRoutes: readonly Route[] = [
  { method: 'GET', template: '/services/data/{version}/recent', mutates: false, handle: recent },
]

/** Entries of a list unless the client says otherwise. */
export const RECENT_MAX = 200

function recent(call: Call): Answer {
  const limit = Number(call.query.get('limit') ?? RECENT_MAX)
  if (!Number.isInteger(limit) || limit < 1) {
    throw refusal('NUMBER_OUTSIDE_VALID_RANGE', 'limit must be a whole number above zero')
  }
  const { org, version } = call
  return ok(recentlyViewed(org, org.schema.all(), { limit, version }))
}

/** `Sforce-Mru: updateMru=true`; API calls keep the list clean unless they are told otherwise (4). */
export function noteIfAsked(call: Call, row: Row): void {
  if (/updateMru\s*=\s*true/i.test(header(call, 'sforce-mru') ?? '')) noteViewed(call.org, row, 'view')
}
