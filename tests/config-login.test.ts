/** Connections that log in, and connections that are left out. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { canConnect, type Environment } from '../src/config/connection.ts'
import { ConfigError } from '../src/errors.ts'
import { writeSecret } from '../src/secret-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = join(folder, 'attune.yaml')
const OURS = { ATTIO_TOKEN: 'a', HUBSPOT_TOKEN: 'h' }
const ORG = 'https://example.my.salesforce.com'

function load(environment: Environment, options: { more?: readonly string[]; keepOptional?: boolean } = {}) {
  const text = `version: 1
connections:
  attio: { vendor: attio, token-env: ATTIO_TOKEN }
  hubspot: { vendor: hubspot, token-env: HUBSPOT_TOKEN, optional: true }
  salesforce:
    vendor: salesforce
    optional: true
    token-env: SALESFORCE_ACCESS_TOKEN
    base-url-env: SALESFORCE_INSTANCE_URL
    login-url-env: SALESFORCE_LOGIN_URL
    client-id-env: SALESFORCE_CLIENT_ID
    client-secret-env: SALESFORCE_CLIENT_SECRET
    refresh-token-env: SALESFORCE_REFRESH_TOKEN
    refresh-token-file-env: SALESFORCE_REFRESH_TOKEN_FILE
${(options.more ?? []).map((line) => `    ${line}\n`).join('')}pairings:
  one: { left: attio, right: hubspot, mappings: [one.yaml] }
  two: { left: attio, right: salesforce, mappings: [two.yaml] }
`
  writeFileSync(file, text)
  return loadConfig(file, environment, { keepOptional: options.keepOptional ?? false })
}

const org = (environment: Environment, more: readonly string[] = []) => {
  const found = load({ ...OURS, ...environment }, { more }).connections.find(
    ({ name }) => name === 'salesforce',
  )
  if (!found) throw new Error('it was left out')
  return found
}

function mistake(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return `${error.at?.line ?? '?'} ${error.message} → ${error.hint}`
    throw error
  }
  throw new Error('nothing is wrong with it')
}

describe('an optional connection', () => {
  test('of which nothing is known is left out, with its pairing', () => {
    const settings = load(OURS)
    expect(settings.connections.map(({ name }) => name)).toEqual(['attio', 'hubspot'])
    expect(settings.pairings.map(({ name }) => name)).toEqual(['one'])
    expect(settings.leftOut).toEqual(['salesforce'])
  })

  test('of which something is known has to be complete', () => {
    const half = { ...OURS, SALESFORCE_INSTANCE_URL: ORG }
    expect(mistake(() => load(half))).toMatch(
      /^8 the environment variable SALESFORCE_ACCESS_TOKEN is not set → .*SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET/,
    )
  })

  test('stays where only the database is asked', () => {
    const file = () => load({}, { keepOptional: true })
    expect(mistake(file)).toContain('ATTIO_TOKEN')
    expect(load({ ...OURS, SALESFORCE_ACCESS_TOKEN: 't', SALESFORCE_INSTANCE_URL: ORG }).leftOut).toEqual([])
  })

  test('is missed when nothing else is left to do', () => {
    expect(mistake(() => load({ ATTIO_TOKEN: 'a' }))).toMatch(
      /^4 the environment variable HUBSPOT_TOKEN is not set/,
    )
  })
})

describe('a login', () => {
  test('is a token at its address', () => {
    const settings = org({ SALESFORCE_ACCESS_TOKEN: 't', SALESFORCE_INSTANCE_URL: `${ORG}/` })
    expect(settings).toMatchObject({ token: 't', baseUrl: ORG, login: { url: ORG, clientId: '' } })
    expect(canConnect(settings)).toBe(true)
    expect(mistake(() => org({ SALESFORCE_ACCESS_TOKEN: 't' }))).toMatch(
      /^9 .*SALESFORCE_INSTANCE_URL is not set/,
    )
  })

  test('or an app, whose answer says where the org is', () => {
    const settings = org({
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_CLIENT_SECRET: 's',
      SALESFORCE_LOGIN_URL: ORG,
    })
    expect(settings).toMatchObject({ token: '', login: { url: ORG, clientId: 'id', clientSecret: 's' } })
    expect(canConnect(settings)).toBe(true)
    expect(mistake(() => org({ SALESFORCE_CLIENT_ID: 'id' }))).toContain('SALESFORCE_ACCESS_TOKEN is not set')
  })

  test('has the refresh token of its file before that of the environment', () => {
    const kept = join(folder, 'refresh-token')
    const environment = {
      SALESFORCE_CLIENT_ID: 'id',
      SALESFORCE_REFRESH_TOKEN: 'first',
      SALESFORCE_REFRESH_TOKEN_FILE: kept,
    }
    expect(org(environment).login?.refreshToken).toBe('first')
    writeSecret(kept, 'second')
    expect(statSync(kept).mode & 0o777).toBe(0o600)
    expect(org(environment).login).toMatchObject({ refreshToken: 'second', refreshTokenFile: kept })
    writeSecret(kept, 'third')
    expect(readFileSync(kept, 'utf8')).toBe('third\n')
  })

  test('is nothing for a vendor whose tokens do not end', () => {
    const text = readFileSync(file, 'utf8').replace('optional: true }', 'strict: true }')
    writeFileSync(file, text)
    expect(mistake(() => loadConfig(file, OURS))).toMatch(/^4 hubspot has no setting `strict`/)
  })
})

describe('writes', () => {
  const LOGIN = { SALESFORCE_ACCESS_TOKEN: 't', SALESFORCE_INSTANCE_URL: ORG }
  test('are careful and in bulk from 2,000 records, unless the operator says otherwise', () => {
    expect(org(LOGIN).writes).toEqual({ strict: false, allowDuplicates: false, bulkFrom: 2_000 })
    expect(org(LOGIN, ['strict: true', 'duplicates: allow', 'bulk-from: never']).writes).toEqual({
      strict: true,
      allowDuplicates: true,
      bulkFrom: null,
    })
    expect(org(LOGIN, ['bulk-from: 500']).writes?.bulkFrom).toBe(500)
  })
})
