/** Alerts and the watch behind them, on virtual time: told once, over once, and remembered across restarts. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openStore } from '../../src/compose.ts'
import { createLogger } from '../../src/logging.ts'
import { openAlertBook, resolveAllBut, type Alert, type AlertBook } from '../../src/stages/alerts.ts'
import { newTally } from '../../src/stages/engine.ts'
import { openWatch, type Watch } from '../../src/stages/watch.ts'
import type { Store } from '../../src/store/store.ts'
import { virtualTime, type VirtualTime } from '../connectors/virtual-time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

let time: VirtualTime
let store: Store
let told: Alert[]
let leftShare: number
let silentWebhooks: readonly string[]
let alerts: AlertBook
let watch: Watch

beforeEach(async () => {
  time = virtualTime({ startMs: Date.UTC(2026, 10, 2) })
  store = await openStore({ file: ':memory:' })
  told = []
  leftShare = 1
  silentWebhooks = []
  await start()
})

afterEach(() => store.close())

/** As every start of the daemon does. */
async function start(): Promise<void> {
  const { runtime } = time
  const log = createLogger({ level: 'silent' })
  alerts = await openAlertBook({ store, runtime, log, send: (alert) => told.push(alert) })
  const days = () => [{ connection: 'crm', leftShare }]
  watch = await openWatch({
    store,
    runtime,
    alerts,
    pairings: ['pair'],
    days,
    silentWebhooks: () => silentWebhooks,
  })
}

const pass = (ms: number) => time.run(time.runtime.sleep(ms))
const saying = () => told.map(({ kind, state, subject }) => `${kind} ${state}: ${subject}`)

/** Looks every hour; something is written into these sides every two. */
async function hours(count: number, sides: { left: number; right: number }): Promise<void> {
  for (let hour = 0; hour < count; hour += 1) {
    await pass(HOUR_MS)
    if (hour % 2 === 0) watch.round('pair', { ...newTally(), updated: sides })
    await watch.look()
  }
}

const BOTH = { left: 1, right: 1 }
const ONLY_LEFT = { left: 1, right: 0 }

describe('a direction that falls silent', () => {
  test('is told once, and once when it is over', async () => {
    await hours(5 * 24, BOTH)
    await hours(10, ONLY_LEFT)
    await start()
    await hours(10, ONLY_LEFT)
    expect(saying()).toEqual(['direction-silent raised: pair right'])
    expect(told[0]?.message).toMatch(/^nothing was written into the right side for [45]\.0 h/)
    await hours(2, BOTH)
    expect(saying()).toEqual(['direction-silent raised: pair right', 'direction-silent resolved: pair right'])
  })

  test('is not one while nobody was there', async () => {
    await hours(5 * 24, BOTH)
    await pass(3 * DAY_MS)
    await start()
    await hours(2, BOTH)
    expect(saying()).toEqual([])
    // The time away is not taken for usual either.
    await hours(10, ONLY_LEFT)
    expect(saying()).toEqual(['direction-silent raised: pair right'])
  })
})

test("a day's requests that run out are told once, until there are plenty", async () => {
  for (const share of [0.5, 0.16, 0.15, 0.1, 0.2, 0.1, 0.3, 0.14]) {
    leftShare = share
    await watch.look()
  }
  expect(saying()).toEqual(['budget-low raised: crm', 'budget-low resolved: crm', 'budget-low raised: crm'])
})

test('webhooks that come no more are told once, until one comes', async () => {
  for (const silent of [[], ['crm'], ['crm'], [], []]) {
    silentWebhooks = silent
    await watch.look()
  }
  expect(saying()).toEqual(['webhooks-silent raised: crm', 'webhooks-silent resolved: crm'])
})

test('conflicts are told together, and not again', async () => {
  for (let i = 0; i < 3; i += 1) watch.round('pair', { ...newTally(), conflictsOpened: 2 })
  await watch.look()
  await watch.look()
  expect(saying()).toEqual(['conflict-opened noted: pair'])
  expect(told[0]?.message).toBe('6 conflicts wait for a person')
})

test('an alert about a database that cannot be written is told all the same, once, and kept as soon as it can be', async () => {
  const { runtime } = time
  let isFull = true
  const setMeta: Store['setMeta'] = (key, value) =>
    isFull ? Promise.reject(new Error('disk full')) : store.setMeta(key, value)
  const full = { meta: (key: string) => store.meta(key), setMeta }
  const log = createLogger({ level: 'silent' })
  const book = await openAlertBook({ store: full, runtime, log, send: (alert) => told.push(alert) })
  const trouble = { kind: 'pairing-failed', subject: 'pair', message: 'disk full', hint: '' } as const
  await book.raise(trouble)
  await book.raise(trouble)
  expect(saying()).toEqual(['pairing-failed raised: pair'])
  isFull = false
  await book.raise({ ...trouble, subject: 'other' })
  await start()
  expect(alerts.open().map(({ subject }) => subject)).toEqual(['pair', 'other'])
})

test('what is about a pairing or a connection that is gone from the settings is over', async () => {
  for (const subject of ['pair', 'pair left', 'crm', 'former', 'former crm', 'pair-of-old']) {
    await alerts.raise({ kind: 'pairing-failed', subject, message: '', hint: '' })
  }
  await resolveAllBut(alerts, ['pair', 'crm'])
  expect(alerts.open().map(({ subject }) => subject)).toEqual(['pair', 'pair left', 'crm'])
})
