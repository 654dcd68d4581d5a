/** Commands that live on their own: the sandbox, the daemon on it, and the demo. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ended, MAIN, ROOT, saying, withoutCredentials } from './attune.ts'

function run(...args: readonly string[]) {
  return spawn(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    env: withoutCredentials(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

test('the sandbox prints where it is, serves, and ends when told to', async () => {
  const child = run('sandbox', '--people', '5', '--json')
  const over = ended(child)
  const line = await saying(child, '\n')
  const { control, attio, hubspot } = JSON.parse(line) as Record<string, { url: string; token: string }>
  const health = await fetch(`${control?.url}/health`, {
    headers: { authorization: `Bearer ${control?.token}` },
  })
  expect(await health.json()).toMatchObject({ ok: true })
  expect(new Set([attio?.url, hubspot?.url, control?.url]).size).toBe(3)
  child.kill('SIGTERM')
  expect((await over).exitCode).toBe(0)
})

test('start without credentials brings up the sandbox, agrees, follows, and ends within seconds', async () => {
  const child = run('start', '--people', '10', '--limits', 'off')
  const over = ended(child)
  const text = await saying(child, 'salesforce: listening for changes.')
  expect(text).toContain('Keeping both of attio-salesforce in agreement')
  expect(text.match(/listening for changes/g)).toHaveLength(1)
  expect(text).toContain('export ATTIO_BASE_URL=')
  expect(text.match(/^In agreement/gmu)).toHaveLength(2)
  const stoppedAt = performance.now()
  child.kill('SIGINT')
  const { exitCode, stderr } = await over
  expect(exitCode).toBe(0)
  expect(stderr).toMatch(/^attio-hubspot: reading companies of attio: /mu)
  expect(stderr).toMatch(/^attio-salesforce: reading companies of attio: /mu)
  expect(performance.now() - stoppedAt).toBeLessThan(5_000)
})

test('the demo tells its story and both CRMs agree at the end', async () => {
  const ran = await ended(run('demo', '--people', '20', '--limits', 'off', '--json'))
  expect(ran.stderr).toBe('')
  expect(ran.json()).toMatchObject({ judgement: { agree: true, differences: [], duplicates: [] } })
  expect(ran.exitCode).toBe(0)
})

test('mapping test needs no account', async () => {
  const ran = await ended(run('mapping', 'test', '--json'))
  expect(ran.json()).toMatchObject({ failed: 0 })
  expect(ran.exitCode).toBe(0)
})

test('an older Node ends with what is needed instead of a syntax error', async () => {
  const older = 'Object.defineProperty(process.versions, "node", { value: "20.19.0" })'
  const program = join(ROOT, 'bin', 'attune.js')
  const ran = await ended(
    spawn(process.execPath, ['--import', `data:text/javascript,${older}`, program, '--version'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  )
  expect(ran).toMatchObject({ exitCode: 2, stdout: '' })
  expect(ran.stderr).toContain('Attune needs Node 22.18 or later')
})
