/** What a URL means: its segments, its version, and whether the vendor has something there. */
import { remembered } from '../../remembered.ts'
import { notFound, notModelled, type Problem } from './wire.ts'

export interface Located {
  readonly url: URL
  readonly segments: readonly string[]
  /** There is something where the version should be. */
  readonly hasVersion: boolean
  /** `64.0`, or null outside of `/services/data`. */
  readonly version: string | null
}

/** Parts of the real API that have no route here: they exist and are not modelled. */
const AREAS = new Set([
  'actions',
  'analytics',
  'appMenu',
  'async-queries',
  'chatter',
  'commerce',
  'compactLayouts',
  'composite',
  'connect',
  'consent',
  'dedupe',
  'eventBus',
  'event',
  'flexipage',
  'folders',
  'jobs',
  'knowledgeManagement',
  'licensing',
  'limits',
  'metadata',
  'nouns',
  'parameterizedSearch',
  'process',
  'query',
  'quickActions',
  'recent',
  'scheduling',
  'search',
  'sobjects',
  'tabs',
  'theme',
  'tooling',
  'ui-api',
  'wave',
])

/** Clients send to the same few addresses. */
const ADDRESSES_MAX = 1_000

/** Instance URLs may end in a slash, so paths may begin with two (observed). */
export const locate = remembered((href: string): Located => {
  const url = new URL(href)
  const segments = url.pathname.split('/').filter(Boolean).map(decode)
  const isData = segments[0] === 'services' && segments[1] === 'data'
  const version = isData ? /^v(\d{2,3}\.\d)$/.exec(segments[2] ?? '')?.[1] : undefined
  return { url, segments, hasVersion: isData && segments.length > 2, version: version ?? null }
}, ADDRESSES_MAX)

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    // A stray percent sign stands for itself.
    return segment
  }
}

/** A part of the real API that is not here is 501, everything else does not exist. */
export function unknownPath({ segments, version, url }: Located): Problem {
  if (version !== null && AREAS.has(segments[3] ?? '')) {
    // Below an object there is nothing that the model leaves out silently.
    if (segments[3] === 'sobjects' && segments.length > 6) return notFound()
    return notModelled(`The path ${url.pathname}`)
  }
  if (segments[0] === 'services' && segments[1] !== 'data') return notModelled(`The path ${url.pathname}`)
  return notFound()
}
