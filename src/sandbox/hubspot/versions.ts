/** Dated paths mapped to the legacy ones the routes are written in, and back (HubSpot fact sheet 2). */
import type { ApiVersion } from './call.ts'

export interface VersionedPath {
  readonly segments: readonly string[]
  readonly version: ApiVersion
}

const DATED = /^20\d\d-\d\d$/
const SUPPORTED = new Set(['2026-03', '2026-09'])
const MOVED = new Set(['properties', 'pipelines', 'owners', 'property-validations'])

/** The path in legacy form; unchanged when it is one, or when no dated form of it is known. */
export function legacyPath(segments: readonly string[]): VersionedPath {
  const [first = '', second = '', third = ''] = segments
  if (first === 'crm') {
    if (SUPPORTED.has(third)) return datedCrmPath(segments, third as ApiVersion)
    // Schemas have an older path, too (recorded).
    if (second === 'v3' && third === 'schemas') {
      return { segments: ['crm-object-schemas', 'v3', 'schemas', ...segments.slice(3)], version: 'v3' }
    }
    // The SDK writes labels as /crm/associations/v4/... too.
    if (second === 'associations' && third === 'v4') {
      return { segments: ['crm', 'v4', 'associations', ...segments.slice(3)], version: 'v4' }
    }
    return { segments, version: second === 'v4' ? 'v4' : 'v3' }
  }
  if (first === 'oauth' && third === 'token' && (second === 'v3' || SUPPORTED.has(second))) {
    return { segments: ['oauth', 'v1', ...segments.slice(2)], version: second as ApiVersion }
  }
  if (first === 'oauth') return { segments, version: 'v1' }
  if (first === 'app-webhooks' && (second === '2025-09' || second === '2026-09')) {
    return { segments: ['webhooks', 'v3', ...segments.slice(2)], version: second }
  }
  if (first === 'webhooks' && second === '2026-03') {
    return { segments: ['webhooks', 'v3', ...segments.slice(2)], version: second }
  }
  if ((first === 'crm-object-schemas' || first === 'account-info') && SUPPORTED.has(second)) {
    return { segments: [first, 'v3', ...segments.slice(2)], version: second as ApiVersion }
  }
  return { segments, version: 'v3' }
}

function datedCrmPath(segments: readonly string[], version: ApiVersion): VersionedPath {
  const [, area = '', , ...rest] = segments
  if (area === 'objects') {
    const number = rest[2] === 'associations' ? 'v4' : 'v3'
    return { segments: ['crm', number, 'objects', ...rest], version }
  }
  if (area === 'associations') return { segments: ['crm', 'v4', 'associations', ...rest], version }
  if (MOVED.has(area)) return { segments: ['crm', 'v3', area, ...rest], version }
  return { segments, version }
}

/** The template of a route as the caller's version spells it. */
export function templateIn(template: string, version: ApiVersion): string {
  if (!DATED.test(version)) {
    return version === 'v3' && template.startsWith('/oauth/') ? template.replace('/v1/', '/v3/') : template
  }
  if (template.startsWith('/crm/')) {
    return template.replace(/^\/crm\/v[34]\/([\w-]+)/, (_match, area: string) => `/crm/${area}/${version}`)
  }
  if (template.startsWith('/webhooks/')) {
    const root = version === '2026-03' ? 'webhooks' : 'app-webhooks'
    return template.replace('/webhooks/v3', `/${root}/${version}`)
  }
  return template.replace(/\/v[13]\//, `/${version}/`)
}
