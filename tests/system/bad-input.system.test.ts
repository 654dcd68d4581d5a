/**
 * What an operator can get wrong, and what can go wrong around the program: each ends with a sentence that says
 * what to do, with the exit code that scripts rely on, and with nothing lost.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { REPOSITORY, type Exit } from './rig/child.ts'
import { startSandbox, type RunningSandbox } from './rig/sandbox.ts'
import { openWorkspace, type Workspace } from './rig/workspace.ts'

let sandbox: RunningSandbox
let pristine: string
let workspace: Workspace

beforeAll(async () => {
  sandbox = await startSandbox({ people: 30, seed: 2 })
  pristine = await sandbox.snapshot()
})
beforeEach(async () => {
  await sandbox.restore(pristine)
  workspace = await openWorkspace({ environment: sandbox.environment })
})
afterEach(async ({ task }) => {
  if (task.result?.state === 'pass') await workspace.remove()
})
afterAll(() => sandbox.stop())

const sync = ['sync', '--json']

/** The one JSON document that a failed `--json` command prints. */
function failureOf(exit: Exit): { error: string; at: string | null; message: string; hint: string } {
  const document = JSON.parse(exit.stdout) as { error: ReturnType<typeof failureOf> }
  return document.error
}

async function changeConfig(change: (text: string) => string): Promise<void> {
  await writeFile(workspace.config, change(await readFile(workspace.config, 'utf8')))
}

describe('a wrong setup ends with exit code 2 and says where', () => {
  it('YAML that is not YAML', async () => {
    await changeConfig((text) => `${text}\nguards: { deletion-share: [`)
    const exit = await workspace.run(sync)
    expect(exit.code).toBe(2)
    const lines = (await readFile(workspace.config, 'utf8')).split('\n').length
    expect(failureOf(exit).at).toMatch(new RegExp(`^${workspace.config}:${lines}:\\d+$`))
    expect(exit.stderr).toContain(`${workspace.config}:${lines}:`)
  })

  it('a key that does not exist', async () => {
    await changeConfig((text) => text.replace('zombie-horizon-seconds', 'zombie-horizon-second'))
    const exit = await workspace.run(sync)
    expect(exit.code).toBe(2)
    expect(exit.stderr).toContain('zombie-horizon-second')
    expect(failureOf(exit).at).toMatch(/attune\.yaml:\d+:\d+$/)
  })

  it('a mapping with a field that does not exist', async () => {
    const mapping = join(workspace.folder, 'people.yaml')
    const shipped = await readFile(join(REPOSITORY, 'mappings/people.yaml'), 'utf8')
    await writeFile(mapping, shipped.replace('conflict:', 'conflcit:'))
    await changeConfig((text) => text.replace(join(REPOSITORY, 'mappings/people.yaml'), mapping))
    const exit = await workspace.run(sync)
    expect(exit.code).toBe(2)
    expect(exit.stderr).toContain(`${mapping}:`)
    expect(exit.stderr).toContain('conflcit')
  })

  it('a token that is not set', async () => {
    const exit = await workspace.run(sync, { environment: { HUBSPOT_TOKEN: '' } })
    expect(exit.code).toBe(2)
    expect(failureOf(exit).message).toContain('HUBSPOT_TOKEN')
  })

  it.each(['ATTIO_TOKEN', 'HUBSPOT_TOKEN'])('a wrong %s', async (variable) => {
    const exit = await workspace.run(sync, { environment: { [variable]: 'not-the-token' } })
    expect(exit.code).toBe(2)
    expect(failureOf(exit).error).toBe('unauthorized')
    expect(failureOf(exit).hint).not.toBe('')
    expect(exit.stdout + exit.stderr, 'tokens are never printed').not.toContain('not-the-token')
  })

  it('a config that is not there', async () => {
    const file = join(workspace.folder, 'none.yaml')
    const exit = await workspace.run(['sync', '--json'], { config: file })
    expect(exit.code).toBe(2)
    expect(failureOf(exit).message).toContain(file)
  })
})

describe('trouble outside ends with exit code 1 and loses nothing', () => {
  it('a host that does not answer', async () => {
    const exit = await workspace.run(sync, { environment: { ATTIO_BASE_URL: 'http://127.0.0.1:9' } })
    expect(exit.code).toBe(1)
    expect(failureOf(exit)).toMatchObject({ error: 'transient' })
    expect(failureOf(exit).message).toContain('127.0.0.1:9')
  })

  it('a token that is revoked half way', async () => {
    await sandbox.rules('hubspot', [
      { kind: 'refuse', refusal: 'unauthorized', path: '/batch/(upsert|update|create)', times: 1 },
    ])
    const exit = await workspace.run(sync)
    await sandbox.rules('hubspot', [])
    expect(exit.code).toBe(2)
    expect(failureOf(exit).error).toBe('unauthorized')
    await expectCompletion()
  })

  it.each([
    ['from the start', 200],
    ['after a while', 800],
  ])('a disk that is full %s', async (_when, kilobytes) => {
    // The largest file that the process may write stands in for the disk. The signal that would kill it is
    // ignored, so that the write fails, as it does on a full disk.
    const limited = await workspace.run(sync, {
      within: ['bash', '-c', `trap '' XFSZ; ulimit -f ${kilobytes}; exec "$@"`, 'bash'],
    })
    expect(limited.code).toBe(2)
    expect(failureOf(limited).error).toBe('ConfigError')
    expect(failureOf(limited).message).toMatch(/disk/i)
    expect(failureOf(limited).hint).toMatch(/space/)
    await expectCompletion()
  })
})

describe('what concerns a part only stops that part', () => {
  it('an object that is switched off is skipped with a warning, and the others go on', async () => {
    await sandbox.settings('attio', { dealsEnabled: false })
    const exit = await workspace.run(sync)
    await sandbox.settings('attio', { dealsEnabled: true })
    expect(exit.code, exit.stderr).toBe(0)
    expect(exit.stderr).toMatch(/warning: .*deals\.yaml: skipped/)
    const summary = JSON.parse(exit.stdout) as SyncSummary
    expect(summary.linked).toBeGreaterThan(0)
    // Switched on again, its records are caught up with.
    const later = await workspace.sync()
    expect(later.created.left + later.created.right).toBeGreaterThan(0)
  })

  it('a value that a CRM refuses sets its record aside, and every other one travels', async () => {
    const tooLong = 'Chief '.repeat(12_000)
    await sandbox.edit('attio', {
      action: 'create',
      object: 'people',
      values: { name: fullName('Too', 'Long'), email_addresses: ['long@people.example'], job_title: tooLong },
    })
    await sandbox.edit('attio', {
      action: 'create',
      object: 'people',
      values: { name: fullName('Quite', 'Fine'), email_addresses: ['fine@people.example'] },
    })
    const summary = await workspace.sync()
    expect(summary.quarantined).toBe(1)
    const contacts = Object.values((await sandbox.dump('hubspot'))['contacts'] ?? {})
    expect(contacts.map(({ values }) => values['email'])).toContain('fine@people.example')
    const status = await workspace.run(['status'])
    expect(status.stdout).toContain('quarantined')
    expect(status.stdout).toContain('jobtitle')
    expect(status.stdout, 'values are not shown').not.toContain('Chief Chief')
  })

  it('a second process on one database is refused, and the first is not disturbed', async () => {
    const first = workspace.start(['start', '--json'])
    await first.firstLine
    const second = await workspace.run(sync)
    expect(second.code).toBe(2)
    expect(failureOf(second).message).toContain(`pid ${first.pid}`)
    first.kill('SIGTERM')
    expect((await first.exit).code).toBe(0)
    expect((await workspace.run(sync)).code).toBe(0)
  })
})

/** The same database, without the trouble: the work is completed, and nothing exists twice. */
async function expectCompletion(): Promise<void> {
  await workspace.sync()
  await workspace.sync()
  const last = await workspace.sync()
  expect(last).toMatchObject({ writes: 0, quarantined: 0 })
  const undisturbed = await peopleAfterUndisturbedSync()
  expect(await countPeople()).toEqual(undisturbed)
}

async function countPeople(): Promise<Record<'attio' | 'hubspot', number>> {
  const count = (records: object = {}) => Object.keys(records).length
  return {
    attio: count((await sandbox.dump('attio'))['people']),
    hubspot: count((await sandbox.dump('hubspot'))['contacts']),
  }
}

async function peopleAfterUndisturbedSync(): Promise<Record<'attio' | 'hubspot', number>> {
  const disturbed = await sandbox.snapshot()
  const other = await openWorkspace({ environment: sandbox.environment })
  await sandbox.restore(pristine)
  await other.sync()
  const counted = await countPeople()
  await sandbox.restore(disturbed)
  await other.remove()
  return counted
}

function fullName(first: string, last: string) {
  return { first_name: first, last_name: last, full_name: `${first} ${last}` }
}
