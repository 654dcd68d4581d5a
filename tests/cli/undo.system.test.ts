/** `runs` and `undo` as processes: what was done, taking it back, and what scripts rely on. */
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RunView } from '../../src/cli/runs.ts'
import type { UndoDocument } from '../../src/cli/run-undo.ts'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { openStore } from '../../src/compose.ts'
import { openBench, type Bench } from './attune.ts'

let bench: Bench
let ada: { attio: string; hubspot: string }
let run: string

beforeAll(async () => {
  bench = await openBench({ people: 0, seed: 3, empty: true })
  const settings = bench.sandbox.vendors.get('attio')?.model.settings ?? {}
  Object.assign(settings, { enrichment: false, createCompanies: false })
  const values = {
    name: [{ first_name: 'Ada', last_name: 'King', full_name: 'Ada King' }],
    email_addresses: ['ada@king-family.com'],
    job_title: 'Engineer',
  }
  const attio = bench.edit('attio', { action: 'create', object: 'people', values })
  await bench.attune(['sync'])
  const [hubspot = ''] = Object.keys(contacts())
  ada = { attio, hubspot }
  bench.edit('attio', { action: 'update', object: 'people', id: attio, values: { job_title: 'Countess' } })
  run = (await bench.attune(['sync', '--json'])).json<SyncSummary>().runId
  expect(jobOf(hubspot)).toBe('Countess')
}, 60_000)

afterAll(async () => {
  await bench.close()
})

const contacts = () => {
  const all = bench.sandbox.vendors.get('hubspot')?.model.dump()['contacts'] ?? {}
  return Object.fromEntries(Object.entries(all).filter(([, { state }]) => state === 'live'))
}
const jobOf = (id: string) => contacts()[id]?.values['jobtitle']
const runs = async () => (await bench.attune(['runs', '--json'])).json<RunView[]>()

test('runs says what each of them did, the newest first', async () => {
  expect(await runs()).toMatchObject([
    { id: run, kind: 'sync', did: [{ kind: 'update', side: 'right', count: 1 }], undoneBy: [] },
    { kind: 'sync', did: [{ kind: 'create', side: 'right', count: 1 }] },
  ])
  const ran = await bench.attune(['runs', '--limit', '1'])
  expect(ran.stdout).toMatch(new RegExp(`^${run}  sync .* 1 updated in hubspot\n$`))
  expect((await bench.attune(['runs', '--limit', 'none'])).exitCode).toBe(2)
})

test('a run that does not exist is refused', async () => {
  const nowhere = await bench.attune(['undo', 'nothing', '--db', join(bench.folder, 'none.db')])
  expect(nowhere).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('there is no database') })
  expect(existsSync(join(bench.folder, 'none.db'))).toBe(false)
  const ran = await bench.attune(['undo', 'nothing', '--json'])
  expect(ran.exitCode).toBe(2)
  expect(ran.json()).toMatchObject({ error: { message: 'there is no run nothing' } })
})

test('a run that is partly forgotten is not taken back in part', async () => {
  const file = bench.db
  const store = await openStore({ file })
  try {
    await store.setMeta('retention/journal', String(Date.now() + 60_000))
    const ran = await bench.attune(['undo', run, '--json'])
    expect(ran.exitCode).toBe(2)
    expect(ran.json()).toMatchObject({ error: { message: expect.stringContaining('is too old') as string } })
    await store.setMeta('retention/journal', '0')
  } finally {
    await store.close()
  }
})

test('nothing is taken back by a preview, nor without a yes', async () => {
  await bench.resetStats()
  const dry = await bench.attune(['undo', run, '--dry-run'])
  expect(dry.exitCode).toBe(0)
  expect(dry.stdout).toMatch(
    new RegExp(`~ hubspot contacts ${ada.hubspot}\\s+job_title +Countess → Engineer`),
  )
  const asked = await bench.attune(['undo', run])
  expect(asked.exitCode).toBe(1)
  expect(asked.stdout).toContain('Nothing was taken back. With --yes it is.')
  const json = await bench.attune(['undo', run, '--json'])
  expect(json.exitCode).toBe(1)
  expect(json.json<UndoDocument>()).toMatchObject({ undoes: run, runId: null, left: [], did: [] })
  expect(bench.writes()).toBe(0)
  expect(jobOf(ada.hubspot)).toBe('Countess')
})

describe('with a yes', () => {
  let undone: UndoDocument

  test('it is taken back, and a pass leaves it so', async () => {
    const ran = await bench.attune(['undo', run, '--yes', '--json'])
    expect(ran.exitCode, ran.stderr).toBe(0)
    undone = ran.json<UndoDocument>()
    expect(undone).toMatchObject({
      undoes: run,
      operations: [{ kind: 'update', connection: 'hubspot', record: ada.hubspot, remark: '' }],
      left: [],
      did: [{ kind: 'update', side: 'right', count: 1 }],
    })
    expect(jobOf(ada.hubspot)).toBe('Engineer')
    await bench.resetStats()
    expect((await bench.attune(['sync', '--json'])).json<SyncSummary>()).toMatchObject({ writes: 0 })
    expect(bench.writes()).toBe(0)
    expect((await runs()).find(({ id }) => id === run)?.undoneBy).toEqual([undone.runId])
  })

  test('a second time there is nothing to take back', async () => {
    const ran = await bench.attune(['undo', run, '--yes'])
    expect(ran.exitCode).toBe(0)
    expect(ran.stdout).toContain('there is nothing to take back')
  })

  test('the undo is undone', async () => {
    expect((await bench.attune(['undo', undone.runId ?? '', '--yes'])).exitCode).toBe(0)
    expect(jobOf(ada.hubspot)).toBe('Countess')
    const explained = await bench.attune(['explain', ada.hubspot, 'jobtitle'])
    expect(explained.stdout).toContain(`Countess → Engineer (undo of run ${run})`)
    expect(explained.stdout).toContain(`Engineer → Countess (undo of run ${undone.runId})`)
  })

  test('what changed since stays, is named, and makes the exit code 1', async () => {
    const values = { jobtitle: 'Enchantress' }
    bench.edit('hubspot', { action: 'update', object: 'contacts', id: ada.hubspot, values })
    const dry = await bench.attune(['undo', run, '--dry-run', '--json'])
    expect(dry.exitCode).toBe(1)
    const ran = await bench.attune(['undo', run, '--yes'])
    expect(ran.exitCode).toBe(1)
    expect(ran.stdout).toMatch(new RegExp(`right ${ada.hubspot} +job_title +changed since, and kept`))
    expect(jobOf(ada.hubspot)).toBe('Enchantress')
    await bench.attune(['sync'])
  })
})

test('a creation by `apply` is taken back too, and previewed with what becomes of it', async () => {
  const values = { name: 'Byron Ltd', domains: ['byron-poems.com'] }
  bench.edit('attio', { action: 'create', object: 'companies', values })
  const file = join(bench.folder, 'plan.json')
  await bench.attune(['plan', '--out', file])
  const { runId } = (await bench.attune(['apply', file, '--json'])).json<{ runId: string }>()
  const companies = () =>
    Object.values(bench.sandbox.vendors.get('hubspot')?.model.dump()['companies'] ?? {}).map(
      ({ state }) => state,
    )
  expect(companies()).toEqual(['live'])
  const dry = await bench.attune(['undo', runId, '--dry-run'])
  expect(dry.stdout).toMatch(/- hubspot companies \d+ {2}goes to the recycle bin/)
  expect((await bench.attune(['undo', runId, '--yes'])).exitCode).toBe(0)
  expect(companies()).toEqual(['archived'])
})

test('a run of mappings that are not configured any more says so', async () => {
  const config = join(bench.folder, 'other.yaml')
  const people = new URL('../../mappings/companies.yaml', import.meta.url).pathname
  await writeFile(
    config,
    `version: 1
connections:
  attio: { vendor: attio, token-env: ATTIO_TOKEN, base-url-env: ATTIO_BASE_URL }
  hubspot: { vendor: hubspot, token-env: HUBSPOT_TOKEN, base-url-env: HUBSPOT_BASE_URL }
pairings:
  attio-hubspot: { left: attio, right: hubspot, mappings: [${people}] }
`,
  )
  const ran = await bench.attune(['undo', run, '--dry-run', '--config', config])
  expect(ran.exitCode).toBe(1)
  expect(ran.stdout).toContain('the mapping attio-hubspot/people-contacts is not in the settings')
})
