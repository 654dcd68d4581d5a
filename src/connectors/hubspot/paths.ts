/**
 * The one place that knows how HubSpot versions its paths. The official client only speaks the numbered
 * generation (`/crm/v3`, `/crm/v4`); the dated one differs in spelling and in the success status of
 * association archives (HubSpot fact sheet 2). Both differences are translated here, so nothing else notices.
 */

/** `legacy` is what the official client sends; numbered versions lose support during 2027. */
export type ApiVersion = 'legacy' | '2026-03' | '2026-09'

/** Numbered path → dated path. First match wins; `{V}` is the version. */
const REWRITES: readonly (readonly [RegExp, string])[] = [
  [/^\/crm\/v3\/objects\//, '/crm/objects/{V}/'],
  [/^\/crm\/v4\/objects\//, '/crm/objects/{V}/'],
  [/^\/crm\/v4\/associations\//, '/crm/associations/{V}/'],
  [/^\/crm\/v3\/properties\//, '/crm/properties/{V}/'],
  [/^\/crm\/v3\/pipelines\//, '/crm/pipelines/{V}/'],
  [/^\/crm\/v3\/owners(?=\/|$)/, '/crm/owners/{V}'],
  [/^\/account-info\/v3\//, '/account-info/{V}/'],
  [/^\/crm-object-schemas\/v3\//, '/crm-object-schemas/{V}/'],
  [/^\/webhooks\/v3\//, '/app-webhooks/{V}/'],
]

/** The path to send instead of `path`. Paths without a dated form (OAuth v1 metadata) stay as they are. */
export function versionedPath(path: string, version: ApiVersion): string {
  if (version === 'legacy') return path
  // The one version in which webhook settings kept their old area.
  if (version === '2026-03' && path.startsWith('/webhooks/v3/')) return path.replace('/v3/', `/${version}/`)
  for (const [pattern, replacement] of REWRITES) {
    if (pattern.test(path)) return path.replace(pattern, replacement.replace('{V}', version))
  }
  return path
}

/** `/crm/v4/associations/a/b/batch/archive` and `.../batch/labels/archive`: 204 there, 200 in dated versions. */
const ASSOCIATION_ARCHIVE = /^\/crm\/v4\/associations\/[^/]+\/[^/]+\/batch\/(labels\/)?archive$/

/**
 * The status to show the official client, which takes nothing but the exact documented one for success and
 * throws otherwise although the write happened (HubSpot fact sheet 22.3). `path` is the numbered one.
 */
export function clientStatus(path: string, status: number): number {
  return status === 200 && ASSOCIATION_ARCHIVE.test(path) ? 204 : status
}
