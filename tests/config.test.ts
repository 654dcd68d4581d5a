/** The settings file: what it says about webhooks, and what is said about mistakes in it. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { loadMappings } from '../src/compose/pairings.ts'
import { loadConfig } from '../src/config.ts'
import type { Environment } from '../src/config/connection.ts'
import { ConfigError } from '../src/errors.ts'
import { positionText } from '../src/mapping/problem.ts'

const SHIPPED = fileURLToPath(new URL('../config/attune.yaml', import.meta.url))
const TOKENS: Environment = { ATTIO_TOKEN: 'a', HUBSPOT_TOKEN: 'h' }

function load(more: string, environment: Environment = {}) {
  return loadPaired(`pairings: {}\n${more}`, environment)
}

function loadPaired(more: string, environment: Environment = {}) {
  const text = `version: 1
connections:
  attio: { vendor: attio, token-env: ATTIO_TOKEN, webhook-secret-env: ATTIO_WEBHOOK_SECRET }
  hubspot: { vendor: hubspot, token-env: HUBSPOT_TOKEN }
${more}`
  return loadText(text, environment)
}

function loadText(text: string, environment: Environment = {}) {
  const file = join(mkdtempSync(join(tmpdir(), 'attune-config-')), 'attune.yaml')
  writeFileSync(file, text)
  return loadConfig(file, { ...TOKENS, ...environment })
}

/** `line:column message` of the mistake. */
function mistake(more: string, environment: Environment = {}): string {
  return mistakeIn(() => load(more, environment))
}

function mistakeIn(loading: () => unknown): string {
  try {
    loading()
  } catch (error) {
    if (!(error instanceof ConfigError) || !error.at) throw error
    return `${positionText(error.at).split(':').slice(-2).join(':')} ${error.message}`
  }
  throw new Error('nothing is wrong with it')
}

test('a mapping file of another pairing is refused before anything is opened by it', () => {
  const shipped = loadConfig(SHIPPED, TOKENS).pairings[0]
  if (!shipped) throw new Error('the shipped config has no pairing')
  expect(loadMappings(shipped)).toHaveLength(shipped.mappings.length)
  expect(mistakeIn(() => loadMappings({ ...shipped, name: 'crm' }))).toBe(
    '6:1 the settings list this file under the pairing `crm`',
  )
})

test.each(['localhost:9442', 'api.hubapi.com', 'ftp://api.hubapi.com', 'https://'])(
  'a base URL that nothing can be asked at, such as %s, is found before anything is asked',
  (baseUrl) => {
    const loading = () => loadConfig(SHIPPED, { ...TOKENS, HUBSPOT_BASE_URL: baseUrl })
    expect(mistakeIn(loading)).toMatch(/ the base URL of connection `hubspot` is not a web address$/u)
  },
)

test.each(['/v2', '/v2/', '/crm/v3', '/services/data/v62.0', '/crm/objects/2026-03'])(
  'a base URL that ends in a version, %s, is told so, and not that something else is missing',
  (path) => {
    const load = (url: string) => loadConfig(SHIPPED, { ...TOKENS, HUBSPOT_BASE_URL: url })
    expect(mistakeIn(() => load(`https://crm.example${path}`))).toMatch(
      / the base URL of connection `hubspot` ends in the version of an API$/u,
    )
    const hint = expect.stringContaining('write https://crm.example, without `')
    expect(() => load(`https://crm.example${path}`)).toThrow(expect.objectContaining({ hint }))
    // A proxy may have any other path.
    expect(() => load('https://proxy.example/v2/hubspot')).not.toThrow()
  },
)

test('a second mapping file of the same two objects is refused, and the first one named', () => {
  const shipped = loadConfig(SHIPPED, TOKENS).pairings[0]
  if (!shipped) throw new Error('the shipped config has no pairing')
  const [companies = ''] = shipped.mappings
  const twice = { ...shipped, mappings: [...shipped.mappings, companies] }
  expect(mistakeIn(() => loadMappings(twice))).toBe(
    `7:9 companies and companies have a mapping file already: ${companies}`,
  )
})

describe('a secret in the place of a variable', () => {
  test('is refused without being repeated, and before anything is looked up by it', () => {
    const refusal = mistakeIn(() =>
      loadText(`version: 1
connections:
  attio: { vendor: attio, token-env: pat-na1-5e2f, webhook-secret-env: ATTIO_WEBHOOK_SECRET }
pairings: {}
`),
    )
    expect(refusal).toMatch(/^3:27 expected the name of an environment variable/)
    expect(refusal).not.toContain('5e2f')
  })
})

describe('web', () => {
  test('is closed unless a public URL is named', () => {
    expect(load('').web).toEqual({ bind: null, operations: null, publicUrl: null })
  })

  test.each([
    ['127.0.0.1:8420', { host: '127.0.0.1', port: 8420 }],
    ['attune.internal:80', { host: 'attune.internal', port: 80 }],
    ['"[::1]:0"', { host: '::1', port: 0 }],
  ])('listens on %s', (bind, expected) => {
    expect(load(`web: { bind: ${bind} }`).web?.bind).toEqual(expected)
  })

  test.each(['8420', 'localhost', '127.0.0.1:65536', '"::1:8420"', '"a b:1"'])(
    'does not listen on %s',
    (bind) => {
      const said = '6:8 expected an address with a port, such as 127.0.0.1:8420'
      expect(mistake(`web: { bind: ${bind} }`)).toMatch(bind === '8420' ? /^6:8 expected text/ : said)
    },
  )

  test('takes the public URL from the environment before the file, without a slash at its end', () => {
    const web = 'web: { public-url: https://file.example/attune/, public-url-env: PUBLIC }'
    expect(load(web).web?.publicUrl).toBe('https://file.example/attune')
    expect(load(web, { PUBLIC: 'https://own.example/' }).web?.publicUrl).toBe('https://own.example')
    expect(load('web: { public-url: "http://127.0.0.1:8420" }').web?.publicUrl).toBe('http://127.0.0.1:8420')
    // As it will be called, since that is signed.
    expect(load('web: { public-url: "https://Attune.Example:443/" }').web?.publicUrl).toBe(
      'https://attune.example',
    )
  })

  test.each([
    ['http://attune.example', '6:8'],
    ['https://attune.example/?a=b', '6:8'],
    ['https://attune.example/#top', '6:8'],
    ['ftp://attune.example', '6:8'],
  ])('does not take %s for one', (url, at) => {
    expect(mistake(`web: { public-url: "${url}" }`)).toBe(
      `${at} the public URL ${url} cannot be delivered to`,
    )
  })

  test('names the variable that holds a wrong one', () => {
    const web = 'web: { bind: "127.0.0.1:1", public-url-env: PUBLIC }'
    expect(mistake(web, { PUBLIC: 'attune.example' })).toBe(
      '6:29 the public URL attune.example cannot be delivered to',
    )
  })

  test('knows no other keys', () => {
    expect(mistake('web: { bindd: "127.0.0.1:1" }')).toBe('6:8 unknown key `bindd`')
  })
})

describe('a connection', () => {
  test('has what its webhooks are signed with from the environment, empty while it is not set', () => {
    const webhooksOf = (environment: Environment) =>
      load('', environment).connections.map(({ webhooks }) => webhooks?.secret)
    expect(webhooksOf({ ATTIO_WEBHOOK_SECRET: 's' })).toEqual(['s', undefined])
    expect(webhooksOf({})).toEqual(['', undefined])
  })
})

test('the shipped settings name a variable for everything secret and hold nothing themselves', () => {
  const settings = loadConfig(SHIPPED, {
    ...TOKENS,
    ATTIO_WEBHOOK_SECRET: 'attio secret',
    HUBSPOT_CLIENT_SECRET: 'hubspot secret',
    HUBSPOT_APP_ID: '9001',
    HUBSPOT_DEVELOPER_KEY: 'key',
    ATTUNE_PUBLIC_URL: 'https://attune.example',
    ATTUNE_ALERT_URL: 'https://pager.example/attune',
    ATTUNE_ALERT_SECRET: 'alert secret',
  })
  expect(settings.web).toEqual({ bind: null, operations: null, publicUrl: 'https://attune.example' })
  expect(settings.alerts).toEqual({ url: 'https://pager.example/attune', secret: 'alert secret' })
  expect(settings.connections.map(({ webhooks }) => webhooks)).toEqual([
    { secret: 'attio secret', secretVariable: 'ATTIO_WEBHOOK_SECRET', appId: '', developerKey: '' },
    {
      secret: 'hubspot secret',
      secretVariable: 'HUBSPOT_CLIENT_SECRET',
      appId: '9001',
      developerKey: 'key',
    },
  ])
  const without = loadConfig(SHIPPED, TOKENS)
  expect(without.web?.publicUrl).toBeNull()
  expect(without.alerts).toBeUndefined()
  expect(without.connections.map(({ webhooks }) => webhooks?.secret)).toEqual(['', ''])
})

describe('times', () => {
  const PAIRED = (own: string) => `schedule: { timezone: Europe/Berlin, sweep: 1h }
pairings:
  first: { left: attio, right: hubspot, mappings: [a.yaml] }
  second: { left: attio, right: hubspot, mappings: [a.yaml]${own} }`

  const textsOf = (text: string) =>
    loadPaired(text).pairings.map(({ looks }) =>
      Object.fromEntries(Object.entries(looks).map(([name, { text: each }]) => [name, each])),
    )

  test('are those of the pairing, else those of all, else the ones described', () => {
    const shared = { poll: '15s', listing: '1m', delayedPoll: '10m', sweep: '1h' }
    expect(textsOf(PAIRED(', schedule: { sweep: "0 3 * * *", poll: never }'))).toEqual([
      shared,
      { ...shared, sweep: '0 3 * * *', poll: 'never' },
    ])
  })

  test('of a cron expression are in the time zone named', () => {
    const [, second] = loadPaired(PAIRED(', schedule: { sweep: "0 3 * * *" }')).pairings
    expect(second?.looks.sweep.next(Date.parse('2026-07-01T00:00:00Z'))).toBe(
      Date.parse('2026-07-01T01:00:00Z'),
    )
  })

  test.each([
    [PAIRED(', schedule: { sweep: "61 * * * *" }'), /^8:74 `61 \* \* \* \*` is not a cron expression/],
    [PAIRED('').replace('1h', 'often'), /^5:38 `often` is neither a duration/],
    [PAIRED('').replace('Europe/Berlin', 'Mars/Olympus'), /^5:13 there is no time zone `Mars\/Olympus`/],
    [PAIRED('').replace('sweep', 'sweeps'), /^5:38 unknown key `sweeps`/],
  ])('that make no sense are refused where they stand: %s', (text, said) => {
    expect(mistakeIn(() => loadPaired(text))).toMatch(said)
  })
})

describe('retention', () => {
  test('is what the file says, else what is described', () => {
    const DAY_MS = 86_400_000
    expect(load('retention: { journal: 365d }').retention).toEqual({
      changesMs: 30 * DAY_MS,
      journalMs: 365 * DAY_MS,
      conflictsMs: 180 * DAY_MS,
    })
  })

  test.each([
    ['retention: { journal: 6d }', '6:14 6d is too short to keep it'],
    ['retention: { changes: a while }', '6:14 `a while` is not a time to keep something'],
  ])('that makes no sense is refused where it stands: %s', (text, said) => {
    expect(mistake(text)).toBe(said)
  })
})

describe('alerts', () => {
  const ALERTS = 'alerts: { url-env: HOOK, secret-env: HOOK_SECRET }'

  test('go nowhere without a URL', () => {
    expect(load(ALERTS).alerts).toBeUndefined()
  })

  test('are signed, or refused', () => {
    const where = { HOOK: 'https://pager.example/in?team=crm' }
    expect(load(ALERTS, { ...where, HOOK_SECRET: 's' }).alerts).toEqual({ url: where.HOOK, secret: 's' })
    expect(mistake(ALERTS, where)).toBe('6:26 alerts have a URL and nothing to be signed with')
    expect(mistake('alerts: { url-env: HOOK }', where)).toBe(
      '6:11 alerts have a URL and nothing to be signed with',
    )
  })

  test.each(['http://pager.example', 'pager.example', 'ftp://pager.example'])('are not sent to %s', (url) => {
    expect(mistake(ALERTS, { HOOK: url, HOOK_SECRET: 's' })).toBe(
      '6:11 HOOK is not a URL that alerts can be sent to',
    )
  })
})
