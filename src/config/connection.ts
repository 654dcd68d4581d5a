/** One connection as the program goes by it: what the file says about it, and what the environment adds. */
import { ConfigError, type SourcePosition } from '../errors.ts'
import type { ConnectionEntry } from './connection-file.ts'
import { readSecret } from '../secret-file.ts'

export type Vendor = ConnectionEntry['vendor']
export type Environment = Readonly<Record<string, string | undefined>>

/** What `tier` and `limits` may name: the words of `connectors/<vendor>/traffic.ts`. */
export const METERING = {
  attio: { tiers: [], buckets: ['read', 'write'] },
  hubspot: {
    tiers: ['starter', 'professional', 'enterprise', 'add-on', 'oauth'],
    buckets: ['search', 'associations', 'general'],
  },
  salesforce: { tiers: [], buckets: ['requests'] },
} as const satisfies Readonly<Record<Vendor, { tiers: readonly string[]; buckets: readonly string[] }>>

/** Vendors whose access tokens end, and what only they know. */
const LOGS_IN: ReadonlySet<Vendor> = new Set(['salesforce'])
const LOGIN_KEYS = [
  'login-url-env',
  'client-id-env',
  'client-secret-env',
  'refresh-token-env',
  'refresh-token-file-env',
  'strict',
  'duplicates',
  'bulk-from',
] as const

/** Where each vendor's API lives, or its login where every account has a place of its own. */
const BASE_URLS: Readonly<Record<Vendor, string>> = {
  attio: 'https://api.attio.com',
  hubspot: 'https://api.hubapi.com',
  salesforce: 'https://login.salesforce.com',
}

/** More rows are loaded in bulk by the vendor's own advice (Salesforce fact sheet 16). */
const BULK_FROM = 2_000

export interface ConnectionSettings {
  readonly name: string
  readonly vendor: Vendor
  readonly baseUrl: string
  readonly token: string
  readonly requestsInFlight: number
  readonly metering?: MeteringSettings
  /** Absent: what it delivers cannot be verified, so nothing is listened for. */
  readonly webhooks?: WebhookSettings
  /** Absent: its token never ends. */
  readonly login?: LoginSettings
  readonly writes?: WriteSettings
}

/** How another access token is had. Empty texts where nothing is known. */
export interface LoginSettings {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
  readonly refreshToken: string
  /** Where a refresh token that replaces this one is kept; null: it is gone with this process. */
  readonly refreshTokenFile: string | null
}

export interface WriteSettings {
  readonly strict: boolean
  readonly allowDuplicates: boolean
  /** Null: never. */
  readonly bulkFrom: number | null
}

/** What the operator says about the account's limits; everything else is the vendor's rule or its answers. */
export interface MeteringSettings {
  readonly tier: string | null
  /** Bucket → limit. */
  readonly buckets: Readonly<Record<string, number>>
  readonly clockSeconds: boolean
  readonly day: { readonly share: number | null; readonly floor: number | null }
}

export interface WebhookSettings {
  /** What deliveries are signed with; empty while it is not known. */
  readonly secret: string
  /** The variable that holds it. */
  readonly secretVariable: string
  /** The app whose webhooks are set up by API, and the key that does it; empty where a person does it. */
  readonly appId: string
  readonly developerKey: string
}

/** Whether there is anything to log in with. */
export function canConnect({ token, login }: Pick<ConnectionSettings, 'token' | 'login'>): boolean {
  if (token !== '') return true
  return Boolean(login && login.clientId && (login.clientSecret || login.refreshToken))
}

/** Whether the operator has said anything about this connection outside of the file. */
export function isMentioned(entry: ConnectionEntry, environment: Environment): boolean {
  return Object.entries(entry).some(
    ([key, name]) => key.endsWith('-env') && typeof name === 'string' && Boolean(environment[name]),
  )
}

export interface ReadConnectionOptions {
  readonly name: string
  readonly environment: Environment
  readonly at: (path: readonly string[]) => SourcePosition
  /** Told of a credential that is missing; throws it, or goes on without. */
  readonly onMissing: (missing: ConfigError) => void
}

export function readConnection(entry: ConnectionEntry, options: ReadConnectionOptions): ConnectionSettings {
  const { name, environment, at } = options
  const valueOf = (own: string | undefined) => (own && environment[own]) || ''
  const wrong = (path: readonly string[], message: string, hint: string): never => {
    throw new ConfigError(message, { at: at(path), hint })
  }
  checkWords(entry, wrong)
  const given = valueOf(entry['base-url-env']) || entry['base-url'] || ''
  const baseUrl = (given || BASE_URLS[entry.vendor]).replace(/\/+$/, '')
  // `localhost:8432` parses, too, with a scheme called localhost.
  if (!URL.canParse(baseUrl) || !/^https?:$/.test(new URL(baseUrl).protocol)) {
    const hint = `correct ${entry['base-url-env'] ?? 'base-url'}; the vendor's own is ${BASE_URLS[entry.vendor]}`
    wrong([], `the base URL of connection \`${name}\` is not a web address`, hint)
  }
  const version = versionAtTheEnd(baseUrl)
  if (version !== null) {
    const hint = `every request brings its own path and version along: write ${new URL(baseUrl).origin}, without \`${version}\``
    wrong([], `the base URL of connection \`${name}\` ends in the version of an API`, hint)
  }
  const settings: ConnectionSettings = {
    name,
    vendor: entry.vendor,
    baseUrl,
    token: valueOf(entry['token-env']),
    requestsInFlight: entry['requests-in-flight'],
    metering: {
      tier: entry.tier ?? null,
      buckets: entry.limits ?? {},
      clockSeconds: entry['clock-seconds'] ?? true,
      day: { share: entry.day.share ?? null, floor: entry.day.floor ?? null },
    },
    ...(entry['webhook-secret-env'] !== undefined && {
      webhooks: {
        secret: valueOf(entry['webhook-secret-env']),
        secretVariable: entry['webhook-secret-env'],
        appId: valueOf(entry['app-id-env']),
        developerKey: valueOf(entry['developer-key-env']),
      },
    }),
    ...(LOGS_IN.has(entry.vendor) && {
      login: loginOf(entry, baseUrl, valueOf),
      writes: {
        strict: entry.strict ?? false,
        allowDuplicates: entry.duplicates === 'allow',
        bulkFrom: entry['bulk-from'] === 'never' ? null : (entry['bulk-from'] ?? BULK_FROM),
      },
    }),
  }
  if (!canConnect(settings)) options.onMissing(missingToken(entry, at))
  else if (LOGS_IN.has(entry.vendor) && settings.token !== '' && given === '') {
    options.onMissing(missingUrl(entry, at))
  }
  return settings
}

function loginOf(
  entry: ConnectionEntry,
  baseUrl: string,
  valueOf: (variable: string | undefined) => string,
): LoginSettings {
  const file = valueOf(entry['refresh-token-file-env']) || null
  return {
    url: (valueOf(entry['login-url-env']) || baseUrl).replace(/\/+$/, ''),
    clientId: valueOf(entry['client-id-env']),
    clientSecret: valueOf(entry['client-secret-env']),
    // What is in the file is newer: it replaced the one in the environment.
    refreshToken: (file && readSecret(file)) || valueOf(entry['refresh-token-env']),
    refreshTokenFile: file,
  }
}

function missingToken(entry: ConnectionEntry, at: ReadConnectionOptions['at']): ConfigError {
  const app = [entry['client-id-env'], entry['client-secret-env']].filter((name) => name !== undefined)
  const instead = app.length > 0 ? `, or ${app.join(' and ')} to those of an app that logs in by itself` : ''
  return new ConfigError(`the environment variable ${entry['token-env']} is not set`, {
    at: at(['token-env']),
    hint: `set it to the token of the ${entry.vendor} account${instead} (README, "Real accounts"), or try \`npm start\` without any credentials`,
  })
}

/** A token is good at one address only, and does not say which. */
function missingUrl(entry: ConnectionEntry, at: ReadConnectionOptions['at']): ConfigError {
  const name = entry['base-url-env'] ?? 'base-url'
  return new ConfigError(
    `the environment variable ${name} is not set, and ${entry['token-env']} is good at one address only`,
    {
      at: at([entry['base-url-env'] ? 'base-url-env' : 'token-env']),
      hint: `set it to the address of the org, such as https://example.my.salesforce.com`,
    },
  )
}

type Wrong = (path: readonly string[], message: string, hint: string) => never

/** Words that the vendor does not have: a tier, a bucket, a setting. */
function checkWords(entry: ConnectionEntry, wrong: Wrong): void {
  const { vendor, tier, limits = {} } = entry
  const { tiers, buckets }: { tiers: readonly string[]; buckets: readonly string[] } = METERING[vendor]
  if (tier !== undefined && !tiers.includes(tier)) {
    const hint =
      tiers.length > 0 ? `one of: ${tiers.join(', ')}` : `leave it out: all accounts have the same limits`
    wrong(['tier'], `there is no tier \`${tier}\` of ${vendor}`, hint)
  }
  const unknown = Object.keys(limits).find((name) => !buckets.includes(name))
  if (unknown !== undefined) {
    wrong(['limits', unknown], `${vendor} has no limit \`${unknown}\``, `one of: ${buckets.join(', ')}`)
  }
  const foreign = LOGS_IN.has(vendor) ? undefined : LOGIN_KEYS.find((key) => entry[key] !== undefined)
  if (foreign !== undefined) {
    const hint = `leave it out; it is for: ${[...LOGS_IN].join(', ')}`
    wrong([foreign], `${vendor} has no setting \`${foreign}\``, hint)
  }
}

/**
 * The path of a base URL that ends in `v2`, `v62.0` or `2026-03`, as it is copied from a vendor's reference; null for
 * every other one, such as the path of a proxy. Requests to it would be answered by an error about something else.
 */
function versionAtTheEnd(baseUrl: string): string | null {
  const { pathname } = new URL(baseUrl)
  return /\/(v\d+(\.\d+)?|\d{4}-\d{2})$/i.test(pathname) ? pathname : null
}
