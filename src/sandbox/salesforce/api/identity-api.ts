/** Who is calling, and which versions there are (Salesforce fact sheet 2.3, 3). */
import { base, type Call, type Route } from '../call.ts'
import type { Values } from '../rows/row-store.ts'
import { ok, refusal, type Answer } from '../wire.ts'

export const identityRoutes: readonly Route[] = [
  { method: 'GET', template: '/services/data', mutates: false, access: 'open', handle: versions },
  { method: 'GET', template: '/services/data/{version}', mutates: false, handle: resources },
  {
    method: 'GET',
    template: '/services/oauth2/userinfo',
    mutates: false,
    access: 'session',
    handle: userInfo,
  },
  {
    method: 'POST',
    template: '/services/oauth2/userinfo',
    mutates: false,
    access: 'session',
    handle: userInfo,
  },
  { method: 'GET', template: '/id/{org}/{user}', mutates: false, access: 'session', handle: identity },
]

const SEASONS = ['Spring', 'Summer', 'Winter'] as const
/** 66.0 is Spring '26 (3). */
const FIRST = { version: 66, year: 26 }

function versions(call: Call): Answer {
  const { oldestVersion, newestVersion } = call.org.settings
  const count = newestVersion - oldestVersion + 1
  return ok(
    Array.from({ length: count }, (_, index) => {
      const number = oldestVersion + index
      return { label: labelOf(number), url: `/services/data/v${number}.0`, version: `${number}.0` }
    }),
  )
}

function labelOf(version: number): string {
  const steps = version - FIRST.version
  const season = SEASONS[((steps % 3) + 3) % 3] ?? 'Spring'
  // A winter release is named after the year that begins.
  const year = FIRST.year + Math.floor(steps / 3) + (season === 'Winter' ? 1 : 0)
  return `${season} '${String(year).padStart(2, '0')}`
}

function resources(call: Call): Answer {
  const root = base(call)
  const names = [
    'composite',
    'jobs',
    'limits',
    'query',
    'queryAll',
    'recent',
    'search',
    'sobjects',
    'tooling',
  ]
  return ok({
    ...Object.fromEntries(names.map((name) => [name, `${root}/${name}`])),
    identity: identityUrl(call),
  })
}

/** Where the caller reaches us: clients that follow the URLs stay here. */
export function originOf(call: Call): string {
  return new URL(call.request.url).origin
}

export function identityUrl(call: Call, userId = call.actor.userId): string {
  return `${originOf(call)}/id/${call.org.identity.orgId}/${userId}`
}

function userOf(call: Call): Values {
  const row = call.org.rows.find('User', call.actor.userId)
  if (row === undefined) throw refusal('INVALID_SESSION_ID', 'Session expired or invalid')
  return row.values
}

function serviceUrls(call: Call): Record<string, string> {
  const origin = originOf(call)
  const data = `${origin}/services/data/v{version}/`
  return {
    enterprise: `${origin}/services/Soap/c/{version}/${call.org.identity.orgId.slice(0, 15)}`,
    metadata: `${origin}/services/Soap/m/{version}/${call.org.identity.orgId.slice(0, 15)}`,
    partner: `${origin}/services/Soap/u/{version}/${call.org.identity.orgId.slice(0, 15)}`,
    rest: data,
    sobjects: `${data}sobjects/`,
    search: `${data}search/`,
    query: `${data}query/`,
    recent: `${data}recent/`,
    tooling_soap: `${origin}/services/Soap/T/{version}/${call.org.identity.orgId.slice(0, 15)}`,
    tooling_rest: `${data}tooling/`,
    profile: `${origin}/${call.actor.userId}`,
    custom_domain: origin,
  }
}

function userInfo(call: Call): Answer {
  const user = userOf(call)
  return ok({
    sub: identityUrl(call),
    user_id: user['Id'],
    organization_id: call.org.identity.orgId,
    preferred_username: user['Username'],
    nickname: user['CommunityNickname'],
    name: user['Name'],
    email: user['Email'],
    email_verified: true,
    given_name: user['FirstName'] ?? null,
    family_name: user['LastName'] ?? null,
    zoneinfo: user['TimeZoneSidKey'],
    profile: `${originOf(call)}/${call.actor.userId}`,
    picture: photos(call).picture,
    photos: photos(call),
    active: user['IsActive'],
    user_type: 'STANDARD',
    language: user['LanguageLocaleKey'],
    locale: user['LocaleSidKey'],
    utcOffset: -28_800_000,
    updated_at: isoTime(user),
    is_app_installed: true,
    is_salesforce_integration_user: false,
    urls: serviceUrls(call),
  })
}

function identity(call: Call): Answer {
  const { orgId } = call.org.identity
  const user = userOf(call)
  const { org, user: asked } = call.params
  // A session sees itself only.
  if (org?.slice(0, 15) !== orgId.slice(0, 15) || asked?.slice(0, 15) !== call.actor.userId.slice(0, 15)) {
    throw refusal('NOT_FOUND', 'Unknown_Error')
  }
  return ok({
    id: identityUrl(call),
    asserted_user: true,
    user_id: user['Id'],
    organization_id: orgId,
    username: user['Username'],
    nick_name: user['CommunityNickname'],
    display_name: user['Name'],
    email: user['Email'],
    email_verified: true,
    first_name: user['FirstName'] ?? null,
    last_name: user['LastName'] ?? null,
    timezone: user['TimeZoneSidKey'],
    photos: photos(call),
    active: user['IsActive'],
    user_type: 'STANDARD',
    language: user['LanguageLocaleKey'],
    locale: user['LocaleSidKey'],
    utcOffset: -28_800_000,
    last_modified_date: isoTime(user),
    is_app_installed: true,
    urls: serviceUrls(call),
  })
}

/** Nobody here has a picture: the addresses of the one that stands for all. */
function photos(call: Call): { readonly picture: string; readonly thumbnail: string } {
  const root = `${originOf(call)}/profilephoto/005`
  return { picture: `${root}/F`, thumbnail: `${root}/T` }
}

function isoTime(user: Values): string {
  return `${String(user['LastModifiedDate']).slice(0, 19)}Z`
}
