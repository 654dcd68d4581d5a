/** Describe calls (Salesforce fact sheet 8). */
import { createHash } from 'node:crypto'
import { header, objectParam, param, type Call, type Route } from '../call.ts'
import { recentlyViewed } from '../rows/recently-viewed.ts'
import { describeGlobal, describeObject, summary } from '../schema/describe.ts'
import { notModelled, ok, refusal, type Answer } from '../wire.ts'
import { RECENT_MAX } from './recent-api.ts'

const ROOT = '/services/data/{version}/sobjects'

export const describeRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: ROOT,
    mutates: false,
    handle: (call) => unlessUnmodified(call, () => describeGlobal(call.org, call.version)),
  },
  { method: 'GET', template: `${ROOT}/{object}`, mutates: false, handle: basic },
  {
    method: 'GET',
    template: `${ROOT}/{object}/describe`,
    mutates: false,
    handle: (call) => {
      const type = objectParam(call)
      const { org, actor, version } = call
      return unlessUnmodified(call, () => describeObject(org, actor, { type, version }))
    },
  },
  {
    method: 'GET',
    template: `${ROOT}/{object}/describe/{what}`,
    mutates: false,
    handle: (call) => {
      throw notModelled(`The describe of ${param(call, 'what')}`)
    },
  },
  // Neighbours of records that would otherwise be taken for ids.
  ...['quickActions', 'defaultValues', 'eventSchema', 'suggestedArticles'].map((name): Route => ({
    method: 'GET',
    template: `${ROOT}/{object}/${name}`,
    mutates: false,
    handle: () => {
      throw notModelled(`The resource ${name}`)
    },
  })),
]

/** The object in short and the records that the user has looked at lately. */
function basic(call: Call): Answer {
  const { org, version } = call
  const type = objectParam(call)
  const recentItems = recentlyViewed(org, [type], { limit: RECENT_MAX, version })
  return ok({ objectDescribe: summary(type, version), recentItems })
}

/** `If-Modified-Since` gives 304 (8); answers name the time and a tag of the schema (recorded). */
function unlessUnmodified(call: Call, describe: () => unknown): Answer {
  const since = header(call, 'if-modified-since')
  const changedAt = call.org.describedAt()
  const headers = { etag: schemaTag(changedAt), 'last-modified': new Date(changedAt).toUTCString() }
  if (since !== null) {
    const ms = Date.parse(since)
    if (Number.isNaN(ms)) throw refusal('INVALID_HEADER', `Invalid date in if-modified-since: ${since}`)
    if (Math.floor(changedAt / 1_000) * 1_000 <= ms) return { status: 304, body: null, headers }
  }
  return { ...ok(describe()), headers }
}

/** Eight digits, the same until the schema changes. */
function schemaTag(changedAt: number): string {
  return `"${createHash('sha256').update(String(changedAt)).digest('hex').slice(0, 8)}"`
}
