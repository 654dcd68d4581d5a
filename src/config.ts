/**
 * `config/attune.yaml` → frozen settings. Secrets come from the environment only; the file names the variables.
 * Everything wrong with the file is found at once, with file:line:column.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { z } from 'zod'
import {
  connection,
  isMentioned,
  readConnection,
  type ConnectionSettings,
  type Environment,
} from './connection-config.ts'
import { ConfigError } from './errors.ts'
import { GUARD_LIMITS, type GuardLimits } from './core/guard.ts'
import { CLOCK_ERROR_MS } from './core/evidence.ts'
import { parseYaml, type PositionedDocument } from './mapping/load.ts'
import { throwOnErrors } from './mapping/problem.ts'
import { parseDuration, parseSchedule, type Looks } from './schedule.ts'

const share = z.number().min(0).max(1)

/** `127.0.0.1:8420`, `[::1]:8420`, `attune.internal:80`. */
const ADDRESS = /^(\[[0-9a-f:.]+\]|[^\s:/[\]]+):(\d{1,5})$/i

const address = z
  .string()
  .refine(
    (text) => Number(ADDRESS.exec(text)?.[2] ?? 65_536) < 65_536,
    'expected an address with a port, such as 127.0.0.1:8420',
  )

const times = {
  poll: z.string().optional().describe('How often a side that keeps a feed of changes is asked for it.'),
  listing: z
    .string()
    .optional()
    .describe('How often a side that keeps none is listed, unless it tells of changes by webhook.'),
  'delayed-poll': z
    .string()
    .optional()
    .describe('How often it is asked once more for what was changed an hour ago.'),
  sweep: z.string().optional().describe('When everything is compared.'),
}

const body = z.strictObject({
  version: z.literal(1),
  connections: z.record(z.string(), connection),
  pairings: z.record(
    z.string(),
    z.strictObject({
      left: z.string(),
      right: z.string(),
      mappings: z.array(z.string()).min(1).describe('Mapping files, relative to this file; parents first.'),
      schedule: z.strictObject(times).prefault({}).describe('Other times for this pairing.'),
    }),
  ),
  database: z.string().default('attune.db').describe('SQLite file, relative to the working directory.'),
  schedule: z
    .strictObject({
      timezone: z.string().default('UTC').describe('Of the cron expressions: an IANA name.'),
      ...times,
    })
    .prefault({}),
  web: z
    .strictObject({
      bind: address.optional().describe('Where webhooks are listened for; 127.0.0.1:8420 when absent.'),
      'public-url': z.url().optional().describe('The URL under which the vendors reach that address.'),
      'public-url-env': z.string().optional().describe('Name of a variable that may hold it.'),
      operations: address
        .optional()
        .describe('Where health and metrics are asked for; 127.0.0.1:8421 when absent.'),
    })
    .prefault({}),
  alerts: z
    .strictObject({
      'url-env': z.string().optional().describe('Name of the variable with the URL that alerts are sent to.'),
      'secret-env': z
        .string()
        .optional()
        .describe('Name of the variable that holds what they are signed with.'),
    })
    .prefault({}),
  engine: z
    .strictObject({
      'batch-size': z.int().min(1).max(1_000).default(200),
      'batches-in-flight': z.int().min(1).max(16).default(4),
      'fresh-seconds': z.number().min(0).default(2),
      'request-timeout-seconds': z.int().min(1).default(30),
      'zombie-horizon-seconds': z.int().min(0).default(20),
      'look-back': z
        .enum(['following', 'always', 'never'])
        .default('following')
        .describe(
          'When to ask what a write replaced that nobody had seen: in `start`, in `sync` too, never.',
        ),
    })
    .prefault({}),
  retention: z
    .strictObject({
      changes: z.string().optional().describe('How long it is known who told of which change.'),
      journal: z.string().optional().describe('How long what was written can be explained and taken back.'),
      conflicts: z.string().optional().describe('How long conflicts are kept that are closed.'),
    })
    .prefault({}),
  guards: z
    .strictObject({
      'deletions-free': z.int().min(0).default(GUARD_LIMITS.deletionsFree),
      'deletion-share': share.default(GUARD_LIMITS.deletionShare),
      'shrink-share': share.default(GUARD_LIMITS.shrinkShare),
      'field-share': share.default(GUARD_LIMITS.fieldShare),
    })
    .prefault({}),
})

export interface Address {
  readonly host: string
  readonly port: number
}

export interface AlertSettings {
  readonly url: string
  readonly secret: string
}

export interface WebSettings {
  /** Null: as the caller likes. */
  readonly bind: Address | null
  /** Of health and metrics; apart from the vendors' door, which a proxy opens to the world. Null: as the caller likes. */
  readonly operations: Address | null
  /** Without a trailing slash. Null: the vendors cannot reach us, and nothing is listened for. */
  readonly publicUrl: string | null
}

export interface PairingSettings {
  readonly name: string
  readonly left: string
  readonly right: string
  /** Absolute paths. */
  readonly mappings: readonly string[]
  readonly looks: Looks
}

export interface Settings {
  readonly connections: readonly ConnectionSettings[]
  /** Optional connections of which nothing is known. */
  readonly leftOut?: readonly string[]
  readonly pairings: readonly PairingSettings[]
  readonly database: string
  /** Absent: as with an empty `web` in the file. */
  readonly web?: WebSettings
  /** Absent: alerts go to the log only. */
  readonly alerts?: AlertSettings
  readonly batchSize: number
  readonly batchesInFlight: number
  readonly freshMs: number
  readonly requestTimeoutMs: number
  readonly zombieHorizonMs: number
  readonly clockErrorMs: number
  /** When the value histories are asked what our writes replaced unseen. */
  readonly lookBack: 'following' | 'always' | 'never'
  readonly guards: GuardLimits
  /** How long each is kept. */
  readonly retention: RetentionSettings
}

export interface RetentionSettings {
  readonly changesMs: number
  readonly journalMs: number
  readonly conflictsMs: number
}

export interface LoadOptions {
  /**
   * Told of every token that is not set, instead of stopping at the first; that connection then has an empty
   * one. For commands that work without credentials, or that report everything at once.
   */
  readonly onMissingToken?: (missing: ConfigError) => void
  /** Keeps optional connections of which nothing is known: for commands that ask the database only. */
  readonly keepOptional?: boolean
}

export {
  canConnect,
  METERING,
  type ConnectionSettings,
  type Environment,
  type LoginSettings,
  type MeteringSettings,
  type WebhookSettings,
  type WriteSettings,
  type Vendor,
} from './connection-config.ts'

/** Reads the file and the environment. Throws `ConfigError` for whatever is wrong with either. */
export function loadConfig(file: string, environment: Environment, options: LoadOptions = {}): Settings {
  const text = readText(file)
  const parsed = parseYaml(body, text, file, { help: 'see config/README.md' })
  throwOnErrors(parsed.problems)
  const { document } = parsed
  if (!document) throw new ConfigError('the file is empty', { hint: 'see config/README.md', at: null })
  const { engine, guards } = document.body
  const read = (name: string, entry: (typeof document.body.connections)[string]) =>
    readConnection(entry, {
      name,
      environment,
      at: (path) => document.at(['connections', name, ...path]),
      onMissing: (missing) => {
        if (!options.onMissingToken) throw missing
        options.onMissingToken(missing)
      },
    })
  const all = Object.entries(document.body.connections)
  const isLeftOut = (entry: (typeof document.body.connections)[string]) =>
    !options.keepOptional && entry.optional && !isMentioned(entry, environment)
  const leftOut = all.flatMap(([name, entry]) => (isLeftOut(entry) ? [name] : []))
  const connections = all.flatMap(([name, entry]) => (leftOut.includes(name) ? [] : [read(name, entry)]))
  const names = all.map(([name]) => name)
  const listed = Object.entries(document.body.pairings).map(([name, entry]) => {
    for (const side of ['left', 'right'] as const) {
      if (names.includes(entry[side])) continue
      throw new ConfigError(`there is no connection \`${entry[side]}\``, {
        at: document.at(['pairings', name, side]),
        hint: `one of: ${names.join(', ')}`,
      })
    }
    const mappings = entry.mappings.map((path) => resolve(dirname(file), path))
    return { name, left: entry.left, right: entry.right, mappings, looks: looksOf(document, name) }
  })
  const pairings = listed.filter(({ left, right }) => !leftOut.includes(left) && !leftOut.includes(right))
  if (pairings.length === 0 && leftOut.length > 0) {
    // Nothing is left to do: what is missing is said as if nothing were optional.
    for (const [name, entry] of all) if (leftOut.includes(name)) read(name, entry)
  }
  return Object.freeze({
    connections,
    leftOut,
    pairings,
    database: document.body.database,
    web: webOf(document, environment),
    ...alertsOf(document, environment),
    batchSize: engine['batch-size'],
    batchesInFlight: engine['batches-in-flight'],
    freshMs: engine['fresh-seconds'] * 1_000,
    requestTimeoutMs: engine['request-timeout-seconds'] * 1_000,
    zombieHorizonMs: engine['zombie-horizon-seconds'] * 1_000,
    clockErrorMs: CLOCK_ERROR_MS,
    retention: retentionOf(document),
    lookBack: engine['look-back'],
    guards: {
      ...GUARD_LIMITS,
      deletionsFree: guards['deletions-free'],
      deletionShare: guards['deletion-share'],
      shrinkShare: guards['shrink-share'],
      fieldShare: guards['field-share'],
    },
  })
}

function webOf(document: PositionedDocument<z.infer<typeof body>>, environment: Environment): WebSettings {
  const { web } = document.body
  const variable = web['public-url-env']
  const fromEnvironment = variable && environment[variable]
  const text = fromEnvironment || web['public-url'] || null
  const publicUrl = text === null ? null : parsePublicUrl(text)
  if (text !== null && publicUrl === null) {
    throw new ConfigError(`the public URL ${text} cannot be delivered to`, {
      at: document.at(['web', fromEnvironment ? 'public-url-env' : 'public-url']),
      hint: PUBLIC_URL_HINT,
    })
  }
  return {
    bind: parseAddress(web.bind),
    operations: parseAddress(web.operations),
    publicUrl,
  }
}

function parseAddress(text: string | undefined): Address | null {
  const [, host = '', port = ''] = ADDRESS.exec(text ?? '') ?? []
  return host === '' ? null : { host: host.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** Where nothing is said. */
export const DEFAULT_TIMES = { poll: '15s', listing: '1m', 'delayed-poll': '10m', sweep: '6h' } as const

/** The times of one pairing: its own, else those of all, else ours. */
function looksOf(document: PositionedDocument<z.infer<typeof body>>, pairing: string): Looks {
  const { schedule: shared, pairings } = document.body
  if (!isTimezone(shared.timezone)) {
    throw new ConfigError(`there is no time zone \`${shared.timezone}\``, {
      at: document.at(['schedule', 'timezone']),
      hint: 'use an IANA name such as Europe/Berlin or America/New_York',
    })
  }
  const look = (name: keyof typeof DEFAULT_TIMES) => {
    const own = pairings[pairing]?.schedule[name]
    const text = own ?? shared[name] ?? DEFAULT_TIMES[name]
    const parsed = parseSchedule(text, shared.timezone)
    if (!('wrong' in parsed)) return parsed
    throw new ConfigError(parsed.wrong, {
      at: document.at([...(own === undefined ? [] : ['pairings', pairing]), 'schedule', name]),
      hint: 'for example 15s, 6h, "0 3 * * *" (at three every night) or never',
    })
  }
  return {
    poll: look('poll'),
    listing: look('listing'),
    delayedPoll: look('delayed-poll'),
    sweep: look('sweep'),
  }
}

/** Where nothing is said. */
export const DEFAULT_RETENTION = { changes: '30d', journal: '180d', conflicts: '180d' } as const

/** Vendors deliver again for days, and a value that was overwritten is looked for that long. */
const RETENTION_MIN = '7d'

function retentionOf(document: PositionedDocument<z.infer<typeof body>>): RetentionSettings {
  const kept = (name: keyof typeof DEFAULT_RETENTION): number => {
    const text = document.body.retention[name] ?? DEFAULT_RETENTION[name]
    const ms = parseDuration(text)
    if (ms !== null && ms >= (parseDuration(RETENTION_MIN) ?? 0)) return ms
    const message =
      ms === null ? `\`${text}\` is not a time to keep something` : `${text} is too short to keep it`
    throw new ConfigError(message, {
      at: document.at(['retention', name]),
      hint: `give days, such as ${DEFAULT_RETENTION[name]}; ${RETENTION_MIN} at least`,
    })
  }
  return { changesMs: kept('changes'), journalMs: kept('journal'), conflictsMs: kept('conflicts') }
}

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** Unsigned alerts could be anybody's, so a URL needs a secret. */
function alertsOf(
  document: PositionedDocument<z.infer<typeof body>>,
  environment: Environment,
): { readonly alerts?: AlertSettings } {
  const { 'url-env': urlVariable, 'secret-env': secretVariable } = document.body.alerts
  const url = (urlVariable && environment[urlVariable]) || ''
  if (url === '') return {}
  if (parsePublicUrl(url.split('?')[0] ?? '') === null) {
    throw new ConfigError(`${urlVariable ?? ''} is not a URL that alerts can be sent to`, {
      at: document.at(['alerts', 'url-env']),
      hint: 'give an https URL; http only on this machine',
    })
  }
  const secret = (secretVariable && environment[secretVariable]) || ''
  if (secret === '') {
    throw new ConfigError('alerts have a URL and nothing to be signed with', {
      at: document.at(['alerts', secretVariable === undefined ? 'url-env' : 'secret-env']),
      hint: 'name a variable under `alerts.secret-env`, and set it to a long random text that the receiver knows too',
    })
  }
  return { alerts: { url, secret } }
}

export const PUBLIC_URL_HINT =
  'give an https URL without query, such as https://attune.example.com; http only on this machine'

/**
 * As a client will call it, since HubSpot signs that (HubSpot fact sheet 20.5): host in small letters, no default
 * port; without a trailing slash. Null for what vendors cannot deliver to: they want https. The sandbox has no
 * certificates (Attio fact sheet 16.1).
 */
export function parsePublicUrl(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, search, hash, href } = new URL(text)
  const isDeliverable = protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname))
  return isDeliverable && search === '' && hash === '' ? href.replace(/\/+$/, '') : null
}

/** Only the sandbox, and a listener for it, live there. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
}

/** The variables of the shipped config by which an account is reached. */
const CREDENTIALS = [
  'ATTIO_TOKEN',
  'HUBSPOT_TOKEN',
  'SALESFORCE_ACCESS_TOKEN',
  'SALESFORCE_CLIENT_ID',
  'SALESFORCE_REFRESH_TOKEN',
] as const

/** Whether any connection of the shipped config has a credential: without one, the sandbox is used. */
export function hasCredentials(environment: Environment): boolean {
  return CREDENTIALS.some((name) => environment[name])
}

/** What the shipped config pairs, and so what a sandbox for it has to have. */
export const SHIPPED_CRMS: readonly string[] = ['attio', 'hubspot', 'salesforce']

interface SandboxEndpoint {
  readonly url: string
  readonly token: string
  readonly app?: { readonly id: string; readonly clientSecret: string; readonly developerKey: string }
}

/** What reaching the CRMs of a running sandbox takes, under the names that the shipped config uses. */
export function sandboxEnvironment(
  endpoints: Readonly<Partial<Record<'attio' | 'hubspot' | 'salesforce', SandboxEndpoint>>>,
): Environment {
  const { attio, hubspot, salesforce } = endpoints
  return {
    ...(attio && { ATTIO_TOKEN: attio.token, ATTIO_BASE_URL: attio.url }),
    ...(hubspot && { HUBSPOT_TOKEN: hubspot.token, HUBSPOT_BASE_URL: hubspot.url }),
    ...(hubspot?.app && {
      HUBSPOT_CLIENT_SECRET: hubspot.app.clientSecret,
      HUBSPOT_APP_ID: hubspot.app.id,
      HUBSPOT_DEVELOPER_KEY: hubspot.app.developerKey,
    }),
    ...(salesforce && {
      SALESFORCE_INSTANCE_URL: salesforce.url,
      SALESFORCE_LOGIN_URL: salesforce.url,
      SALESFORCE_ACCESS_TOKEN: salesforce.token,
    }),
  }
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new ConfigError(`cannot read ${file} (${code})`, {
      hint: 'check the path, or name another file with --config',
      cause: error,
    })
  }
}
