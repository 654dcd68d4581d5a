/** `plan --out` and `apply` as processes: a plan file is carried out exactly, or refused as a whole. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import type { PlanDocument } from '../../src/cli/plan-file.ts'
import type { ApplySummary } from '../../src/cli/run-apply.ts'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { openBench, ROOT, type Bench } from './attune.ts'

let bench: Bench
let file: string
let plan: PlanDocument

beforeAll(async () => {
  bench = await openBench({ people: 30, seed: 11 })
  file = join(bench.folder, 'plan.json')
})

afterAll(async () => {
  await bench.close()
})

async function makePlan(): Promise<void> {
  await bench.attune(['plan', '--out', file])
  plan = JSON.parse(await readFile(file, 'utf8')) as PlanDocument
}

test('a first plan is carried out, although the fields for record ids come with it, and a pass adds nothing', async () => {
  await makePlan()
  expect(plan.writes.length).toBeGreaterThan(20)
  const ran = await bench.attune(['apply', file, '--json'])
  expect(ran.stderr).toBe('')
  const summary = ran.json<ApplySummary>()
  expect(summary).toMatchObject({ plan: plan.id, stale: 0, failed: 0 })
  expect(summary.applied).toBe(plan.writes.length + plan.links.length)
  expect(ran.exitCode).toBe(0)
  // What the vendors did by themselves since is not in the plan: enrichment of new records, and no more.
  await bench.attune(['sync'])
  expect((await bench.attune(['sync', '--json'])).json<SyncSummary>()).toMatchObject({ linked: 0, writes: 0 })
})

test('what changed since is stale and not executed, the rest is applied, and the exit code says so', async () => {
  const [touched, other] = [makeCompany('touched'), makeCompany('other')]
  await makePlan()
  expect(plan.writes).toHaveLength(2)
  bench.edit('attio', { action: 'update', object: 'companies', id: touched, values: { name: 'Renamed' } })
  const ran = await bench.attune(['apply', file])
  expect(ran.exitCode).toBe(1)
  expect(ran.stdout).toContain('Applied: 1 of 2 operations.')
  expect(ran.stdout).toMatch(
    new RegExp(
      `stale +create +hubspot companies new, from ${touched} +another value would be written to name`,
    ),
  )
  expect(namesOf('hubspot')).toContain('other')
  expect(namesOf('hubspot')).not.toContain('Renamed')
  // The same file again: what was done stays done.
  const again = (await bench.attune(['apply', file, '--json'])).json<ApplySummary>()
  expect(again).toMatchObject({ applied: 1, stale: 1 })
  expect(again.operations.find(({ outcome }) => outcome === 'applied')?.operation).toMatchObject({
    source: other,
  })
  await bench.attune(['sync'])
})

describe('is refused as a whole, with exit code 2:', () => {
  beforeAll(async () => {
    makeCompany('refused')
    await makePlan()
    expect(plan.writes).toHaveLength(1)
    await bench.resetStats()
  }, 60_000)

  async function refused(text: string): Promise<string> {
    const bad = join(bench.folder, 'bad.json')
    await writeFile(bad, text)
    const ran = await bench.attune(['apply', bad])
    expect(ran.exitCode).toBe(2)
    expect(ran.stdout).toBe('')
    expect(bench.writes(), 'nothing was written').toBe(0)
    return ran.stderr.replaceAll(bad, 'bad.json')
  }

  const changed = (change: Partial<Record<keyof PlanDocument, unknown>>) =>
    JSON.stringify({ ...plan, ...change }, null, 2)

  test('a file that is not there', async () => {
    const ran = await bench.attune(['apply', join(bench.folder, 'none.json'), '--json'])
    expect(ran.exitCode).toBe(2)
    expect(ran.json()).toMatchObject({ error: { message: expect.stringContaining('none.json') } })
  })

  test('a file that was cut off', async () => {
    const text = changed({})
    const half = text.slice(0, text.indexOf('"guard"'))
    const lines = half.split('\n').length
    expect(await refused(half)).toMatch(new RegExp(`^bad\\.json:${lines}:\\d+: `))
  })

  test('a plan for another account', async () => {
    const accounts = { ...plan.accounts, hubspot: '12345' }
    expect(await refused(changed({ accounts }))).toContain('made for another account of hubspot: 12345')
  })

  test('an operation of a mapping that the plan has no rules of', async () => {
    const rules = Object.fromEntries(
      Object.entries(plan.rules).filter(([name]) => !name.includes('companies')),
    )
    expect(await refused(changed({ rules }))).toContain('writes[0] is about')
  })

  test('a plan made under other rules', async () => {
    const mapping = join(bench.folder, 'companies.yaml')
    const shipped = await readFile(join(ROOT, 'mappings/companies.yaml'), 'utf8')
    await writeFile(mapping, shipped.replace('conflict: most-recent', 'conflict: prefer-left'))
    const config = join(bench.folder, 'attune.yaml')
    const connection = (vendor: string, name: string) => ({
      vendor,
      'token-env': `${name}_TOKEN`,
      'base-url-env': `${name}_BASE_URL`,
    })
    const mappings = [mapping, ...['people', 'deals'].map((name) => join(ROOT, `mappings/${name}.yaml`))]
    const settings = {
      version: 1,
      connections: { attio: connection('attio', 'ATTIO'), hubspot: connection('hubspot', 'HUBSPOT') },
      pairings: { 'attio-hubspot': { left: 'attio', right: 'hubspot', mappings } },
    }
    await writeFile(config, stringify(settings))
    const ran = await bench.attune(['apply', file, '--config', config, '--json'])
    expect(ran.exitCode).toBe(2)
    const message = 'the rules of attio-hubspot/companies-companies changed since it was made'
    const hint = expect.stringContaining('attune plan')
    expect(ran.json()).toMatchObject({ error: { message: expect.stringContaining(message), hint } })
    expect(bench.writes()).toBe(0)
  })
})

function makeCompany(name: string): string {
  const values = { name, domains: [`${name}-planned.example`] }
  return bench.edit('attio', { action: 'create', object: 'companies', values })
}

function namesOf(vendor: string): unknown[] {
  const companies = bench.sandbox.vendors.get(vendor)?.model.dump()['companies'] ?? {}
  return Object.values(companies).map(({ values }) => values['name'])
}
