/** `attune webhooks` against the sandbox: what is registered, that it is ours alone, and where the secret goes. */
import { readFileSync, statSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Change, Listed } from '../../src/cli/render-webhooks.ts'
import { openBench, type Bench, type Ran } from './attune.ts'

const PUBLIC_URL = 'https://attune.example/below'

let bench: Bench
let secretsFile: string

beforeAll(async () => {
  bench = await openBench({ people: 3, seed: 4 })
})

afterAll(() => bench.close())

beforeEach(async () => {
  secretsFile = join(await mkdtemp(join(tmpdir(), 'attune-webhooks-')), 'secrets.env')
})

const run = (args: readonly string[], environment: Record<string, string> = {}): Promise<Ran> =>
  bench.attune(['webhooks', ...args], { ATTUNE_PUBLIC_URL: PUBLIC_URL, ...environment })

const install = (environment: Record<string, string> = {}, ...more: readonly string[]) =>
  run(['install', '--secrets-file', secretsFile, '--json', ...more], environment)

const changesOf = (ran: Ran) => ran.json<{ connections: Change[] }>().connections
const listedOf = (ran: Ran) => ran.json<{ connections: Listed[] }>().connections

const secretIn = (file: string) =>
  /^ATTIO_WEBHOOK_SECRET=([0-9a-f]{64})$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? ''

async function attio(method: string, path: string, body?: object) {
  const { url, token } = bench.sandbox.attio
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: body ? JSON.stringify(body) : null,
  })
  return (await answer.json()) as { data: { target_url: string }[] }
}

describe('install, list and remove', () => {
  test('register what the mappings need, once, keep the secret out of sight, and take it back', async () => {
    const others = { target_url: 'https://other.example/', subscriptions: [] }
    await attio('POST', '/v2/webhooks', { data: others })
    expect((await run(['list', '--json'])).exitCode).toBe(1)

    const first = await install()
    expect(first.exitCode).toBe(0)
    const [left, right] = changesOf(first)
    expect(left).toMatchObject({
      connection: 'attio',
      target: `${PUBLIC_URL}/webhooks/attio`,
      state: 'done',
      secret: { variable: 'ATTIO_WEBHOOK_SECRET', state: 'written', file: secretsFile },
    })
    expect(left?.created).toContain('record.created deals')
    expect(left?.created).toContain('record.updated people.job_title')
    expect(left?.created).not.toContain('record.updated people.hubspot_id')
    expect(right).toMatchObject({
      connection: 'hubspot',
      target: `${PUBLIC_URL}/webhooks/hubspot`,
      secret: { variable: 'HUBSPOT_CLIENT_SECRET', state: 'known', file: null },
    })
    expect(right?.created).toContain('contact.propertyChange jobtitle')
    expect(right?.created).toContain('contact.associationChange')

    const secret = secretIn(secretsFile)
    expect(secret).not.toBe('')
    expect((statSync(secretsFile).mode & 0o777).toString(8)).toBe('600')
    expect(first.stdout + first.stderr).not.toContain(secret)

    const known = { ATTIO_WEBHOOK_SECRET: secret }
    const second = await install(known)
    expect(changesOf(second)).toMatchObject([
      { created: [], removed: [], kept: left?.created, secret: { state: 'known' } },
      { created: [], removed: [], kept: right?.created },
    ])
    expect(secretIn(secretsFile)).toBe(secret)

    const listed = await run(['list', '--json'], known)
    expect(listed.exitCode).toBe(0)
    expect(
      listedOf(listed).flatMap(({ subscriptions = [] }) => subscriptions.map(({ state }) => state)),
    ).toEqual([...(left?.created ?? []), ...(right?.created ?? [])].map(() => 'present'))

    // Without the secret it is of no use, so there is a new one; the same where it is asked for.
    expect(changesOf(await install())[0]?.secret?.state).toBe('written')
    const third = secretIn(secretsFile)
    expect(third).not.toBe(secret)
    expect(changesOf(await install({ ATTIO_WEBHOOK_SECRET: third }, '--renew'))[0]?.secret?.state).toBe(
      'written',
    )
    expect(secretIn(secretsFile)).not.toBe(third)

    const removed = await run(['remove', '--json'])
    expect(removed.exitCode).toBe(0)
    expect(new Set(changesOf(removed)[0]?.removed)).toEqual(new Set(left?.created))
    expect((await attio('GET', '/v2/webhooks?limit=100')).data).toMatchObject([others])
    expect((await run(['list', '--json'])).exitCode).toBe(1)
  })

  test('say it in words for people', async () => {
    const said = await run(['install', '--secrets-file', secretsFile])
    expect(said.stdout).toContain(`attio  ${PUBLIC_URL}/webhooks/attio\n`)
    expect(said.stdout).toMatch(/created {2}record\.created companies, deals, people\n/)
    expect(said.stdout).toContain(`The new secret is in ${secretsFile}, as ATTIO_WEBHOOK_SECRET`)
    expect(said.stdout).not.toContain(secretIn(secretsFile))
    const gone = await run(['remove'])
    expect(gone.stdout).toContain('removed  contact.propertyChange ')
    expect((await run(['remove'])).stdout).toContain('nothing was registered here')
  })

  test('list the clicks where the vendor wants a person', async () => {
    const byHand = { HUBSPOT_APP_ID: '', HUBSPOT_DEVELOPER_KEY: '', HUBSPOT_CLIENT_SECRET: '' }
    const said = await run(['install', '--secrets-file', secretsFile], byHand)
    expect(said.exitCode).toBe(0)
    expect(said.stdout).toContain(`2. Set the target URL to ${PUBLIC_URL}/webhooks/hubspot\n`)
    expect(said.stdout).toMatch(/Subscribe to contact: creation, .*propertyChange of .*jobtitle/)
    expect(said.stdout).toContain('HUBSPOT_CLIENT_SECRET is not set yet')
    await run(['remove'])
  })

  test('work at another URL than the one in the settings', async () => {
    const old = ['--public-url', 'https://old.example/']
    expect(changesOf(await install({}, ...old))[0]?.target).toBe('https://old.example/webhooks/attio')
    const removed = changesOf(await run(['remove', '--json', ...old]))
    expect(removed[0]?.removed?.length).toBeGreaterThan(3)
  })
})

describe('a wrong setup is said, with exit code 2', () => {
  test.each([
    ['without a public URL', ['list'], { ATTUNE_PUBLIC_URL: '' }, 'no public URL is set'],
    [
      'with one that nobody can deliver to',
      ['list', '--public-url', 'ftp://x'],
      {},
      'cannot be delivered to',
    ],
    [
      'with a secrets file that cannot be written',
      ['install', '--secrets-file', '/dev/null/x'],
      {},
      'cannot write',
    ],
  ])('%s', async (_, args, environment, message) => {
    const ran = await run([...args, '--json'], environment)
    expect(ran.exitCode).toBe(2)
    expect(ran.json<{ error: { message: string } }>().error.message).toContain(message)
  })

  test('and registers nothing', async () => {
    await run(['install', '--secrets-file', '/dev/null/x'])
    expect((await attio('GET', '/v2/webhooks?limit=100')).data).toHaveLength(1)
  })
})
