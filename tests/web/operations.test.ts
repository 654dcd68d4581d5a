/** The operators' door, over HTTP: health, readiness and metrics as Prometheus reads them. */
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PairingState } from '../../src/stages/supervise.ts'
import { newTally } from '../../src/stages/engine.ts'
import { createMetrics, type Metrics } from '../../src/web/metrics.ts'
import { operationsRoutes } from '../../src/web/operations.ts'
import { systemRuntime } from '../../src/runtime.ts'
import { DatabaseLocked } from '../../src/store/ownership.ts'
import { openWebServer, type WebServer } from '../../src/web/server.ts'

const PAUSED: PairingState = {
  kind: 'paused',
  sinceMs: 5,
  why: 'credential',
  message: 'the token is not valid',
  hint: 'put in another',
  connection: 'crm',
}

let states: Map<string, PairingState>
let isStopping: boolean
let isFull: boolean
let isLocked: boolean
let metrics: Metrics
let server: WebServer

beforeEach(async () => {
  states = new Map([['pair', { kind: 'working', sinceMs: 1 }]])
  isStopping = false
  isFull = false
  isLocked = false
  metrics = createMetrics({
    status: async () => ({
      links: 1_000,
      dirty: 7,
      resting: 2,
      openIntents: 1,
      openConflicts: 3,
      review: 4,
      quarantined: 5,
      waiting: 6,
      lagMs: 1_500,
    }),
    connections: () =>
      new Map([
        [
          'crm',
          {
            requests: { read: 100, write: 20, throttled: 2 },
            budget: [
              { name: 'write', busy: 3, capacity: 25, waiting: 1, leftShare: null },
              { name: 'day', busy: 30, capacity: 100, waiting: 0, leftShare: 0.625 },
            ],
          },
        ],
      ]),
    webhooks: () =>
      new Map([
        ['crm', { deliveries: 9, marked: 8, repeated: 1, echoes: 2, ignored: 0, refused: { forged: 4 } }],
      ]),
    pairings: () => states,
    drift: () => new Map([['pair', { unexplained: 2, known: 3, coverage: 0.5, examples: [] }]]),
    openAlerts: () => [{ kind: 'token-dead' }],
  })
  server = await openWebServer({
    runtime: systemRuntime,
    host: '127.0.0.1',
    port: 0,
    routes: operationsRoutes({
      touch: async () => {
        if (isLocked) throw new DatabaseLocked('another program has it', { hint: '' })
        if (isFull) throw new Error('database or disk is full')
      },
      isStopping: () => isStopping,
      pairings: () => states,
      metrics: () => metrics.expose(),
    }),
  })
})

afterEach(() => server.close())

async function ask(path: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${server.url}${path}`)
  return { status: response.status, body: await response.json() }
}

/** Samples of our own metrics, without help texts. */
async function samples(): Promise<readonly string[]> {
  const response = await fetch(`${server.url}/metrics`)
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; .*version=0\.0\.4/)
  return (await response.text()).split('\n').filter((line) => line.startsWith('attune_'))
}

test('alive as long as the database can be written', async () => {
  expect(await ask('/healthz')).toEqual({ status: 200, body: { status: 'alive' } })
  isFull = true
  const failing = { status: 'failing', because: 'database or disk is full' }
  expect(await ask('/healthz')).toEqual({ status: 503, body: failing })
})

test('alive while another program keeps the database locked, which a restart would not change', async () => {
  isLocked = true
  const waiting = { status: 'alive', because: 'another program has it' }
  expect(await ask('/healthz')).toEqual({ status: 200, body: waiting })
})

test('ready while every pairing works, and alive all the same', async () => {
  expect((await ask('/readyz')).status).toBe(200)
  states.set('other', PAUSED)
  expect(await ask('/readyz')).toEqual({
    status: 503,
    body: { status: 'not ready', pairings: { pair: { kind: 'working', sinceMs: 1 }, other: PAUSED } },
  })
  expect((await ask('/healthz')).status).toBe(200)
})

test('not ready any more once it is being stopped', async () => {
  isStopping = true
  expect(await ask('/readyz')).toMatchObject({ status: 503, body: { status: 'stopping' } })
})

test('metrics tell what is asked of them', async () => {
  metrics.round('pair', { ...newTally(), updated: { left: 2, right: 3 }, conflictsOpened: 1 })
  metrics.round('pair', { ...newTally(), updated: { left: 1, right: 0 } })
  metrics.found('pair', 'sweep', 'left', 5)
  metrics.trouble('crm')
  states.set('other', PAUSED)
  const said = await samples()
  for (const sample of [
    'attune_lag_seconds 1.5',
    'attune_links 1000',
    'attune_conflicts 3',
    'attune_records{waiting="dirty"} 7',
    'attune_records{waiting="quarantine"} 5',
    'attune_writes_total{pairing="pair",side="left",kind="updated"} 3',
    'attune_writes_total{pairing="pair",side="right",kind="updated"} 3',
    'attune_conflicts_opened_total{pairing="pair"} 1',
    'attune_missed_changes_total{pairing="pair",look="sweep",side="left"} 5',
    'attune_troubles_total{connection="crm"} 1',
    'attune_requests_total{connection="crm",kind="write"} 20',
    'attune_throttled_total{connection="crm"} 2',
    'attune_budget_used{connection="crm",bucket="write"} 3',
    'attune_budget_limit{connection="crm",bucket="write"} 25',
    'attune_budget_waiting{connection="crm",bucket="write"} 1',
    'attune_day_left_share{connection="crm",bucket="day"} 0.625',
    'attune_webhook_deliveries_total{connection="crm",result="taken"} 9',
    'attune_webhook_deliveries_total{connection="crm",result="forged"} 4',
    'attune_webhook_events_total{connection="crm",result="echoes"} 2',
    'attune_pairing{pairing="pair",state="working",reason=""} 1',
    'attune_pairing{pairing="other",state="paused",reason="credential"} 1',
    'attune_alerts{kind="token-dead"} 1',
  ]) {
    expect(said).toContain(sample)
  }
  // Asked again, totals are the same totals.
  expect(await samples()).toEqual(said)
})
