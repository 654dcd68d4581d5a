/** `attune start` as operators see it: pauses, alerts, resumption, health and metrics, and a stop that is in time. */
import type { ChildProcess } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { Alert } from '../../src/stages/alerts.ts'
import type { FaultRule } from '../../src/sandbox/faults.ts'
import { ended, openBench, ROOT, saying, type Bench, type Ran } from './attune.ts'

const SECRET = 'known to both'

let bench: Bench
let pager: Server
let alerts: Alert[]
let isPagerAway: boolean
let daemon: { readonly child: ChildProcess; readonly over: Promise<Ran> }
let operations: string
let ada: string

beforeEach(async () => {
  bench = await openBench({ people: 60, seed: 4 })
  alerts = []
  isPagerAway = false
  pager = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const [, at = '', signature = ''] =
        /^t=(\d+),v1=(.*)$/.exec(String(request.headers['attune-signature'])) ?? []
      const own = createHmac('sha256', SECRET).update(`${at}.${body}`).digest('hex')
      const isTaken = own === signature && !isPagerAway
      if (isTaken) alerts.push(JSON.parse(body) as Alert)
      response.writeHead(isTaken ? 204 : 503).end()
    })
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => pager.once('listening', resolve))
})

afterEach(async () => {
  daemon.child.kill('SIGKILL')
  await daemon.over
  pager.close()
  await bench.close()
})

async function start(change: (settings: ReturnType<typeof parseDocument>) => void = () => undefined) {
  const child = await launch(change)
  const said = await saying(child, 'Keeping both in agreement')
  operations = /Health and metrics: (\S+)\/metrics/.exec(said)?.[1] ?? ''
}

async function launch(change: (settings: ReturnType<typeof parseDocument>) => void = () => undefined) {
  const settings = parseDocument(await readFile(join(ROOT, 'config/attune.yaml'), 'utf8'))
  const files = (names: readonly string[]) => names.map((each) => join(ROOT, 'mappings', `${each}.yaml`))
  settings.setIn(['pairings', 'attio-hubspot', 'mappings'], files(['companies', 'people', 'deals']))
  const withSalesforce = ['companies', 'people', 'deals'].map((each) => `salesforce-${each}`)
  settings.setIn(['pairings', 'attio-salesforce', 'mappings'], files(withSalesforce))
  settings.setIn(['schedule'], { poll: '1s', listing: '1s', sweep: '5s' })
  change(settings)
  const config = join(bench.folder, 'attune.yaml')
  await writeFile(config, settings.toString())
  const { port } = pager.address() as AddressInfo
  const child = bench.start(['start', '--config', config], {
    ATTUNE_ALERT_URL: `http://127.0.0.1:${port}/in`,
    ATTUNE_ALERT_SECRET: SECRET,
  })
  daemon = { child, over: ended(child) }
  return child
}

async function ready(): Promise<{ status: number; body: string }> {
  const response = await fetch(`${operations}/readyz`)
  return { status: response.status, body: await response.text() }
}

/** Looks again every tenth of a second: processes of their own cannot be waited for otherwise. */
async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== null) return found
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

const alerted = (kind: string, state: string) =>
  until(async () => alerts.find((alert) => alert.kind === kind && alert.state === state) ?? null)

const hubspot = () => bench.sandbox.vendors.get('hubspot')
const contacts = () =>
  Object.values(hubspot()?.model.dump()['contacts'] ?? {}).filter(({ state }) => state === 'live')
const people = () => Object.keys(bench.sandbox.vendors.get('attio')?.model.dump()['people'] ?? {})

test('a mass deletion pauses the pairing with an alert, until a person says that it is right', async () => {
  await start((settings) => {
    settings.setIn(['guards'], { 'deletions-free': 3 })
  })
  expect((await ready()).status).toBe(200)
  const before = contacts().length
  for (const id of people().slice(0, 20)) bench.edit('attio', { action: 'delete', object: 'people', id })
  expect((await alerted('guard-tripped', 'raised')).subject).toBe('attio-hubspot')
  expect(await ready()).toMatchObject({ status: 503, body: expect.stringContaining('"why":"guard"') })
  expect(contacts().length).toBe(before)
  const status = await bench.attune(['status'])
  expect(status.stdout).toContain('attio-hubspot is paused since')

  expect((await bench.attune(['resume', '--accept-guards'])).exitCode).toBe(0)
  await alerted('guard-tripped', 'resolved')
  expect(contacts().length).toBe(before - 20)
  expect((await ready()).status).toBe(200)
  expect((await bench.attune(['resume'])).exitCode).toBe(1)
})

test('a dead token pauses the pairing, and work goes on where it stopped when the token lives again', async () => {
  await start()
  await bench.faults('hubspot', [{ kind: 'refuse', refusal: 'unauthorized' }])
  const raised = await alerted('token-dead', 'raised')
  expect(raised.subject).toBe('attio-hubspot hubspot')
  expect((await ready()).status).toBe(503)
  const metrics = await (await fetch(`${operations}/metrics`)).text()
  expect(metrics).toContain('attune_pairing{pairing="attio-hubspot",state="paused",reason="credential"} 1')
  const [id] = people() as [string]
  bench.edit('attio', { action: 'update', object: 'people', id, values: { job_title: 'Countess' } })
  await bench.faults('hubspot', [])
  const titles = () => contacts().map(({ values }) => values['jobtitle'])
  await until(async () => (titles().includes('Countess') ? true : null))
  await alerted('token-dead', 'resolved')
})

test('without any token that is accepted, a start is refused', async () => {
  await bench.faults('hubspot', [{ kind: 'refuse', refusal: 'unauthorized' }])
  await launch()
  const { exitCode, stderr } = await daemon.over
  expect(exitCode).toBe(2)
  expect(stderr).toContain('hubspot: ')
  expect(alerts).toEqual([])
})

/** Three CRMs in agreement, and the daemon over them started while HubSpot answers like this. */
async function startWithout(rule: FaultRule, change?: (settings: ReturnType<typeof parseDocument>) => void) {
  await bench.close()
  bench = await openBench({ people: 20, seed: 4, crms: ['attio', 'hubspot', 'salesforce'] })
  const values = {
    name: { first_name: 'Ada', last_name: 'King', full_name: 'Ada King' },
    email_addresses: ['ada@king-family.com'],
    job_title: 'Engineer',
  }
  ada = bench.edit('attio', { action: 'create', object: 'people', values })
  expect((await bench.attune(['sync'])).exitCode).toBe(0)
  await bench.faults('hubspot', [rule])
  const said = await saying(await launch(change), 'Keeping both of attio-salesforce in agreement')
  operations = /Health and metrics: (\S+)\/metrics/.exec(said)?.[1] ?? ''
}

/** Who is in all three CRMs becomes a countess in Attio, and so in those that are asked for. */
async function becomesCountess(where: { readonly hubspot: boolean }) {
  const titled = () => {
    const rows = Object.values(bench.sandbox.vendors.get('salesforce')?.model.dump()['Contact'] ?? {})
    return rows.some(({ values }) => values['Title'] === 'Countess')
  }
  bench.edit('attio', { action: 'update', object: 'people', id: ada, values: { job_title: 'Countess' } })
  await until(async () => (titled() ? true : null))
  const isTold = () => contacts().some(({ values }) => values['jobtitle'] === 'Countess')
  if (where.hubspot) await until(async () => (isTold() ? true : null))
  else expect(isTold()).toBe(false)
}

test('a token that is dead at the start keeps its own pairing waiting, and no other', async () => {
  await startWithout({ kind: 'refuse', refusal: 'unauthorized' })
  expect((await alerted('token-dead', 'raised')).subject).toBe('attio-hubspot hubspot')
  expect((await ready()).body).toContain('"why":"credential"')
  const metrics = await (await fetch(`${operations}/metrics`)).text()
  expect(metrics).toContain('attune_pairing{pairing="attio-hubspot",state="paused",reason="credential"} 1')
  expect((await fetch(`${operations}/healthz`)).status).toBe(200)
  expect((await bench.attune(['status'])).stdout).toContain('attio-hubspot is paused since')
  await becomesCountess({ hubspot: false })

  await bench.faults('hubspot', [])
  await alerted('token-dead', 'resolved')
  await until(async () => ((await ready()).status === 200 ? true : null))
  expect(contacts().some(({ values }) => values['jobtitle'] === 'Countess')).toBe(true)
  const [contact = ''] = Object.entries(hubspot()?.model.dump()['contacts'] ?? {}).flatMap(
    ([id, { values }]) => (values['jobtitle'] === 'Countess' ? [id] : []),
  )
  bench.edit('hubspot', {
    action: 'update',
    object: 'contacts',
    id: contact,
    values: { jobtitle: 'Duchess' },
  })
  await until(async () => {
    const rows = Object.values(bench.sandbox.vendors.get('salesforce')?.model.dump()['Contact'] ?? {})
    return rows.some(({ values }) => values['Title'] === 'Duchess') ? true : null
  })
  daemon.child.kill('SIGTERM')
  expect((await daemon.over).exitCode).toBe(0)
})

test('a pairing that opens late leaves the other one waiting for the word it waits for', async () => {
  await startWithout({ kind: 'refuse', refusal: 'unauthorized' }, (settings) => {
    settings.setIn(['guards'], { 'deletions-free': 3 })
  })
  await alerted('token-dead', 'raised')
  for (const id of people().filter((each) => each !== ada)) {
    bench.edit('attio', { action: 'delete', object: 'people', id })
  }
  await until(async () => alerts.find(({ subject }) => subject === 'attio-salesforce') ?? null)
  await bench.faults('hubspot', [])
  await alerted('token-dead', 'resolved')
  // Its own guard finds the same deletions; by then everything has begun anew.
  await until(
    async () =>
      alerts.find(({ kind, subject }) => kind === 'guard-tripped' && subject === 'attio-hubspot') ?? null,
  )
  expect((await ready()).body).toMatch(/"attio-salesforce":\{"kind":"paused"[^}]*"why":"guard"/)
  const told = alerts.filter(({ subject }) => subject === 'attio-salesforce').map(({ state }) => state)
  expect(told).toEqual(['raised'])
})

test('nor does a CRM that is away at the start', async () => {
  await startWithout({ kind: 'reset-before' })
  const { status, body } = await ready()
  expect(status).toBe(503)
  expect(JSON.parse(body).pairings['attio-hubspot'].kind).toBe('starting')
  await becomesCountess({ hubspot: false })
  await bench.faults('hubspot', [])
  await until(async () => ((await ready()).status === 200 ? true : null))
  expect(contacts().some(({ values }) => values['jobtitle'] === 'Countess')).toBe(true)
  expect(alerts).toEqual([])
})

test('an alert that nobody took outlives the process that was killed, and is told once', async () => {
  await start()
  isPagerAway = true
  await bench.faults('hubspot', [{ kind: 'refuse', refusal: 'unauthorized' }])
  await until(async () => ((await ready()).status === 503 ? true : null))
  await until(async () => ((await bench.attune(['status'])).stdout.includes('is paused since') ? true : null))
  daemon.child.kill('SIGKILL')
  await daemon.over
  isPagerAway = false
  await bench.faults('hubspot', [])
  await start()
  await alerted('token-dead', 'resolved')
  expect(alerts.filter(({ kind }) => kind === 'token-dead').map(({ state }) => state)).toEqual([
    'raised',
    'resolved',
  ])
})

test('a stop takes ten seconds at most, although a vendor does not answer, and loses nothing', async () => {
  await start()
  await bench.faults('hubspot', [{ kind: 'timeout-after', mutating: true }])
  const [id] = people() as [string]
  bench.edit('attio', { action: 'update', object: 'people', id, values: { job_title: 'Countess' } })
  await until(async () => ((await bench.hits('hubspot')) > 0 ? true : null))
  const stoppedMs = Date.now()
  daemon.child.kill('SIGTERM')
  const { exitCode, stdout } = await daemon.over
  expect(Date.now() - stoppedMs).toBeLessThan(10_000)
  expect(exitCode).toBe(0)
  expect(stdout).toContain('Stopped. Everything is written down')
  expect((await bench.attune(['status', '--json'])).json<{ openIntents: number }>().openIntents).toBe(1)
  await bench.faults('hubspot', [])
  expect((await bench.attune(['sync', '--json'])).exitCode).toBe(0)
  expect((await bench.attune(['status', '--json'])).json<{ openIntents: number }>().openIntents).toBe(0)
})

test('so does a stop of one that has just been started and asks a vendor in vain', async () => {
  await bench.faults('hubspot', [{ kind: 'timeout-before' }])
  await launch()
  await until(async () => ((await bench.hits('hubspot')) > 0 ? true : null))
  const stoppedMs = Date.now()
  daemon.child.kill('SIGTERM')
  expect((await daemon.over).exitCode).toBe(0)
  expect(Date.now() - stoppedMs).toBeLessThan(10_000)
})

test('a closed terminal is a stop like any other', async () => {
  await start()
  daemon.child.kill('SIGHUP')
  const { exitCode, stdout } = await daemon.over
  expect(exitCode).toBe(0)
  expect(stdout).toContain('Stopped. Everything is written down')
})

test('a database that another program keeps locked for a while ends nothing, and work goes on by itself', async () => {
  await start()
  const other = new Sqlite(bench.db)
  other.exec('begin immediate')
  const [id] = people() as [string]
  bench.edit('attio', { action: 'update', object: 'people', id, values: { job_title: 'Countess' } })
  await alerted('pairing-failed', 'raised')
  const health = await fetch(`${operations}/healthz`)
  expect(health.status, 'a restart would find it locked as well').toBe(200)
  expect(await health.text()).toContain('keeps the database locked')
  expect((await ready()).status).toBe(503)
  other.exec('rollback')
  other.close()
  await alerted('pairing-failed', 'resolved')
  const titles = () => contacts().map(({ values }) => values['jobtitle'])
  await until(async () => (titles().includes('Countess') ? true : null))
  expect((await fetch(`${operations}/healthz`)).status).toBe(200)
  daemon.child.kill('SIGTERM')
  expect((await daemon.over).exitCode).toBe(0)
})
