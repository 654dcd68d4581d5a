/** What the config says about an account's limits, and how that reaches the budget. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { trafficOf } from '../src/compose/vendors.ts'
import { loadConfig } from '../src/config.ts'
import { METERING, type Vendor } from '../src/config/connection.ts'
import { HUBSPOT_TIERS } from '../src/connectors/hubspot/traffic.ts'
import { ConfigError } from '../src/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-config-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ENVIRONMENT = { ATTIO_TOKEN: 'a', HUBSPOT_TOKEN: 'h' }

/** Settings of one connection, from the lines below `connections.<vendor>`. */
function connection(vendor: Vendor, lines: readonly string[]) {
  const file = join(folder, 'attune.yaml')
  const own = (name: Vendor) => [
    `  ${name}:`,
    `    vendor: ${name}`,
    `    token-env: ${name.toUpperCase()}_TOKEN`,
    ...(name === vendor ? lines.map((line) => `    ${line}`) : []),
  ]
  writeFileSync(
    file,
    ['version: 1', 'connections:', ...own('attio'), ...own('hubspot'), 'pairings: {}', ''].join('\n'),
  )
  const settings = loadConfig(file, ENVIRONMENT).connections.find((each) => each.vendor === vendor)
  if (!settings) throw new Error('no connection')
  return settings
}

function problem(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error
  }
  throw new Error('no ConfigError')
}

const bucketsOf = (vendor: Vendor, lines: readonly string[]) =>
  Object.fromEntries(trafficOf(connection(vendor, lines)).buckets.map((bucket) => [bucket.name, bucket]))

describe('limits', () => {
  test('are the vendor’s own where the config says nothing', () => {
    expect(bucketsOf('attio', [])).toMatchObject({
      read: { limit: 100, windowMs: 1_000, clockAligned: true },
      write: { limit: 25, windowMs: 1_000, clockAligned: true },
    })
    // The smallest plan; answers raise it.
    expect(bucketsOf('hubspot', [])).toMatchObject({
      general: { limit: 100, windowMs: 10_000 },
      search: { limit: 5, windowMs: 1_000, shared: true },
      day: { limit: null, share: 0.8, floor: 1_000 },
    })
  })

  test('follow from the tier', () => {
    expect(bucketsOf('hubspot', ['tier: add-on'])).toMatchObject({
      general: { limit: 250 },
      associations: { limit: 200 },
      day: { limit: 2_000_000 },
    })
  })

  test('that the operator sets are never raised by answers', () => {
    const lines = ['limits: { write: 10 }', 'clock-seconds: false']
    expect(bucketsOf('attio', lines)).toMatchObject({
      read: { limit: 100, clockAligned: false },
      write: { limit: 10, ceiling: 10, clockAligned: false },
    })
  })

  test('of the day have a share and a floor', () => {
    expect(bucketsOf('hubspot', ['day: { share: 0.25 }'])['day']).toMatchObject({ share: 0.25, floor: 1_000 })
    expect(bucketsOf('hubspot', ['day: { floor: 9 }'])['day']).toMatchObject({ share: 0.8, floor: 9 })
  })

  test.each([
    ['hubspot', 'tier: platinum', 'there is no tier `platinum` of hubspot', 'starter, professional', 9],
    ['attio', 'tier: pro', 'there is no tier `pro` of attio', 'leave it out', 6],
    ['attio', 'limits: { writes: 10 }', 'attio has no limit `writes`', 'read, write', 6],
  ] as const)('of %s: `%s` is wrong and says where', (vendor, line, message, hint, at) => {
    const error = problem(() => connection(vendor, [line]))
    expect(error.message).toBe(message)
    expect(error.hint).toContain(hint)
    expect(error.at).toMatchObject({ file: join(folder, 'attune.yaml'), line: at })
  })

  test('the words that the config knows are those of the connectors', () => {
    for (const vendor of ['attio', 'hubspot'] as const) {
      const windows = trafficOf({ vendor }).buckets.filter(({ kind = 'window' }) => kind === 'window')
      expect(windows.map(({ name }) => name).toSorted()).toEqual(METERING[vendor].buckets.toSorted())
    }
    expect(METERING.hubspot.tiers).toEqual(HUBSPOT_TIERS)
  })
})
