/**
 * `attune start` with webhooks, as processes over HTTP, and with polls and sweeps switched off: whatever arrives was
 * told of by the vendors.
 */
import type { ChildProcess } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import { freePort } from '../system/rig/free-port.ts'
import { ended, openBench, ROOT, saying, type Bench, type Ran } from './attune.ts'

const NEVER = { poll: 'never', listing: 'never', 'delayed-poll': 'never', sweep: 'never' }

let bench: Bench
let ada: string

beforeAll(async () => {
  bench = await openBench({ people: 5, seed: 4 })
  ada = bench.edit('attio', {
    action: 'create',
    object: 'people',
    values: {
      name: [{ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }],
      email_addresses: ['ada@engine.example'],
    },
  })
})

afterAll(() => bench.close())

/** The shipped settings without polls, and with whatever `change` adds. */
interface Shipped {
  readonly pairings: Readonly<Record<string, { readonly mappings: readonly string[] }>>
}

async function configured(name: string, web: Record<string, unknown> = {}): Promise<string> {
  const settings = parseDocument(await readFile(join(ROOT, 'config/attune.yaml'), 'utf8'))
  for (const pairing of ['attio-hubspot', 'attio-salesforce']) {
    const path = ['pairings', pairing, 'mappings']
    const files = (settings.toJS() as Shipped).pairings[pairing]?.mappings ?? []
    settings.setIn(
      path,
      files.map((each) => join(ROOT, 'config', each)),
    )
  }
  settings.setIn(['schedule'], NEVER)
  for (const [key, value] of Object.entries(web)) settings.setIn(['web', key], value)
  const file = join(bench.folder, name)
  await writeFile(file, settings.toString())
  return file
}

interface Daemon {
  readonly child: ChildProcess
  readonly over: Promise<Ran>
}

async function started(config: string, environment: Record<string, string> = {}): Promise<Daemon> {
  const child = bench.start(['start', '--config', config], environment)
  const over = ended(child)
  await saying(child, 'attio and hubspot tell of changes at once')
  return { child, over }
}

async function stop({ child, over }: Daemon): Promise<Ran> {
  child.kill('SIGTERM')
  return over
}

const contacts = () => bench.sandbox.vendors.get('hubspot')?.model.dump()['contacts'] ?? {}
const people = () => bench.sandbox.vendors.get('attio')?.model.dump()['people'] ?? {}

function contactOfAda(): string {
  const found = Object.entries(contacts()).find(([, { values }]) => values['attio_record_id'] === ada)
  if (!found) throw new Error('Ada has no contact')
  return found[0]
}

/** An edit on each side, seen on the other. */
async function expectBothWays({ child }: Daemon, word: string): Promise<void> {
  bench.edit('attio', { action: 'update', object: 'people', id: ada, values: { job_title: `${word} one` } })
  await saying(child, '1 updated in hubspot')
  const contact = contactOfAda()
  expect(contacts()[contact]?.values['jobtitle']).toBe(`${word} one`)
  bench.edit('hubspot', {
    action: 'update',
    object: 'contacts',
    id: contact,
    values: { jobtitle: `${word} two` },
  })
  await saying(child, '1 updated in attio')
  expect(people()[ada]?.values['job_title']).toEqual([`${word} two`])
}

async function registrations(): Promise<readonly string[]> {
  const { url, token } = bench.sandbox.attio
  const answer = await fetch(`${url}/v2/webhooks`, { headers: { authorization: `Bearer ${token}` } })
  const { data } = (await answer.json()) as { data: { target_url: string }[] }
  return data.map(({ target_url: target }) => target)
}

describe('on the sandbox', () => {
  test('edits travel both ways without a poll, and a stop leaves nothing registered', async () => {
    const daemon = await started(await configured('sandbox.yaml'))
    expect(await registrations()).toEqual([
      expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/webhooks\/attio$/),
    ])
    await expectBothWays(daemon, 'Poet')
    const { exitCode, stdout } = await stop(daemon)
    expect(exitCode).toBe(0)
    expect(stdout).toContain('Stopped. Everything is written down')
    expect(await registrations()).toEqual([])
  })

  test('a daemon that was killed is taken over from', async () => {
    const config = await configured('sandbox.yaml')
    const first = await started(config)
    first.child.kill('SIGKILL')
    await first.over
    const second = await started(config)
    await expectBothWays(second, 'Countess')
    expect((await stop(second)).exitCode).toBe(0)
  })
})

describe('with a public URL', () => {
  test('what was installed is listened to, and what has no secret is warned about', async () => {
    const port = await freePort()
    const config = await configured('public.yaml', {
      bind: `127.0.0.1:${port}`,
      'public-url': `http://127.0.0.1:${port}`,
    })
    const secretsFile = join(bench.folder, 'secrets.env')
    const where = ['--config', config, '--secrets-file', secretsFile]
    const installed = await bench.attune(['webhooks', 'install', '--take-over', ...where])
    expect(installed.exitCode).toBe(0)
    const secret = /^ATTIO_WEBHOOK_SECRET=(.*)$/m.exec(await readFile(secretsFile, 'utf8'))?.[1] ?? ''

    const daemon = await started(config, { ATTIO_WEBHOOK_SECRET: secret })
    await expectBothWays(daemon, 'Analyst')
    // Registered by a person, it stays.
    expect((await stop(daemon)).exitCode).toBe(0)
    expect(await registrations()).toContain(`http://127.0.0.1:${port}/webhooks/attio`)

    const half = bench.start(['start', '--config', config])
    const over = ended(half)
    await saying(half, 'hubspot tells of changes at once')
    half.kill('SIGTERM')
    const said = await over
    expect(said.stderr).toContain(
      'the webhooks of attio are not listened to: ATTIO_WEBHOOK_SECRET is not set',
    )
  })

  test('an address that is taken is said', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const config = await configured('taken.yaml', {
      bind: `127.0.0.1:${port}`,
      'public-url': `http://127.0.0.1:${port}`,
    })
    const ran = await bench.attune(['start', '--config', config])
    server.close()
    expect(ran.exitCode).toBe(2)
    expect(ran.stderr).toContain(`cannot listen on 127.0.0.1:${port} (EADDRINUSE)`)
  })
})

test('npm start alone: an edit through the control port reaches the other CRM without a poll', async () => {
  const none = Object.fromEntries(
    ['ATTIO_TOKEN', 'HUBSPOT_TOKEN', 'HUBSPOT_CLIENT_SECRET', 'HUBSPOT_APP_ID', 'HUBSPOT_DEVELOPER_KEY'].map(
      (name) => [name, ''],
    ),
  )
  const child = bench.start(
    ['start', '--people', '10', '--limits', 'off', '--config', await configured('alone.yaml')],
    { ...none, ATTIO_BASE_URL: '', HUBSPOT_BASE_URL: '' },
  )
  const over = ended(child)
  const said = await saying(child, 'attio and hubspot tell of changes at once')
  const exported = (name: string) => new RegExp(`export ${name}='(.*)'`).exec(said)?.[1] ?? ''
  const answer = await fetch(`${exported('CONTROL_URL')}/edit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${exported('CONTROL_TOKEN')}` },
    body: JSON.stringify({
      vendor: 'hubspot',
      action: 'create',
      object: 'contacts',
      values: { firstname: 'Ada', email: 'ada@engine.example' },
    }),
  })
  expect(answer.status).toBe(200)
  await saying(child, '1 created in attio')
  const told = await fetch(`${exported('CONTROL_URL')}/edit`, {
    method: 'POST',
    headers: { authorization: `Bearer ${exported('CONTROL_TOKEN')}` },
    body: JSON.stringify({
      vendor: 'salesforce',
      action: 'create',
      object: 'Contact',
      values: { FirstName: 'Grace', LastName: 'Hopper', Email: 'grace@compiler.example' },
    }),
  })
  expect(told.status).toBe(200)
  await saying(child, '1 created in hubspot')
  child.kill('SIGTERM')
  expect((await over).exitCode).toBe(0)
})
