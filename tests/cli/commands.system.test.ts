/** The commands people use, as processes against a sandbox over HTTP. */
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConflictView } from '../../src/cli/conflict-view.ts'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import type { PlanDocument } from '../../src/cli/plan-file.ts'
import type { StatusCounts } from '../../src/store/operate.ts'
import { ended, openBench, saying, type Bench } from './attune.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench({ people: 30, seed: 11 })
})

afterAll(async () => {
  await bench.close()
})

describe('before the first pass', () => {
  test('check finds nothing to correct', async () => {
    const ran = await bench.attune(['check', '--json'])
    expect(ran.json()).toMatchObject({ ok: true, errors: 0 })
    expect(ran.exitCode).toBe(0)
  })

  test('check names a dead token and still checks the other side', async () => {
    const ran = await bench.attune(['check', '--json'], { ATTIO_TOKEN: 'nonsense' })
    const { problems, accounts } = ran.json<{
      problems: { message: string; hint: string }[]
      accounts: object
    }>()
    expect(ran.exitCode).toBe(2)
    expect(problems.some(({ message, hint }) => message.startsWith('attio:') && hint !== '')).toBe(true)
    expect(Object.keys(accounts)).toEqual(['hubspot'])
  })

  test('check survives an account that nobody reaches', async () => {
    const ran = await bench.attune(['check'], { HUBSPOT_BASE_URL: 'http://127.0.0.1:9' })
    expect(ran.exitCode).toBe(2)
    expect(ran.stdout).toContain('hubspot: No answer')
  })

  test('check names a missing scope by the field that needs it', async () => {
    const settings = bench.sandbox.vendors.get('hubspot')?.model.settings ?? {}
    const all = settings['scopes'] as readonly string[]
    settings['scopes'] = all.filter((scope) => scope !== 'crm.objects.companies.read')
    const ran = await bench.attune(['check'])
    settings['scopes'] = all
    expect(ran.exitCode).toBe(2)
    expect(ran.stdout).toMatch(
      /people\.yaml:\d+:\d+: .*association:companies\/primary.* crm\.objects\.companies\.read/,
    )
  })

  test('a variable that is not set is named with its place in the settings', async () => {
    const ran = await bench.attune(['sync', '--json'], { HUBSPOT_TOKEN: undefined })
    expect(ran.exitCode).toBe(2)
    expect(ran.json()).toMatchObject({ error: { message: expect.stringContaining('HUBSPOT_TOKEN') } })
    expect(ran.stderr).toMatch(
      /config\/attune\.yaml:\d+:\d+: the environment variable HUBSPOT_TOKEN is not set/,
    )
  })

  test('status without a database answers that nothing has begun, and makes none', async () => {
    const ran = await bench.attune(['status', '--json'])
    expect(ran.exitCode).toBe(0)
    expect(ran.json()).toMatchObject({ begun: false, links: 0, dirty: 0, lagMs: 0, paused: [], alerts: [] })
    const told = await bench.attune(['status'])
    expect(told.exitCode).toBe(0)
    expect(told.stdout).toContain('attune sync')
    expect(existsSync(bench.db)).toBe(false)
  })

  test('pair and plan change nothing, here or there', async () => {
    await bench.resetStats()
    const pair = await bench.attune(['pair', '--json'])
    const reports = pair.json<{ mapping: string; cases: { proposal: string }[] }[]>()
    expect(reports.flatMap(({ cases }) => cases).some(({ proposal }) => proposal === 'link')).toBe(true)
    const plan = await bench.attune(['plan', '--json'])
    expect(plan.exitCode).toBe(2)
    expect(plan.json<PlanDocument>().writes.length).toBeGreaterThan(0)
    expect(bench.writes()).toBe(0)
    expect(existsSync(bench.db)).toBe(false)
  })
})

describe('sync', () => {
  test('the second pass writes nothing', async () => {
    const first = (await bench.attune(['sync', '--json'])).json<SyncSummary>()
    expect(first.linked).toBeGreaterThan(0)
    await bench.resetStats()
    const ran = await bench.attune(['sync', '--json'])
    expect(ran.exitCode).toBe(0)
    expect(ran.json<SyncSummary>()).toMatchObject({ linked: 0, writes: 0, conflictsOpened: 0 })
    expect(bench.writes()).toBe(0)
  })

  test('no token is written down (I28)', async () => {
    const files = await readdir(bench.folder)
    const texts = await Promise.all(files.map((file) => readFile(join(bench.folder, file), 'latin1')))
    const isWritten = (text: string) => texts.some((each) => each.includes(text))
    expect(isWritten('attio-hubspot/people-contacts'), 'what is kept can be read').toBe(true)
    const tokens = [...bench.sandbox.vendors.values()].map(({ token }) => token)
    expect(tokens).toHaveLength(2)
    expect(tokens.filter(isWritten)).toEqual([])
  })

  test('the summary counts every request that the vendors saw', async () => {
    await bench.resetStats()
    const { requests } = (await bench.attune(['sync', '--json'])).json<SyncSummary>()
    expect(requests).toEqual(
      Object.fromEntries(
        Object.entries(await bench.stats()).map(([name, { reads, writes, throttled }]) => [
          name,
          { read: reads, write: writes, throttled },
        ]),
      ),
    )
  })

  test('a plan says exactly what the next pass does', async () => {
    bench.edit('attio', {
      action: 'create',
      object: 'companies',
      values: { name: 'Planned', domains: ['planned.example'] },
    })
    const plan = (await bench.attune(['plan', '--json'])).json<PlanDocument>()
    expect(plan.writes).toMatchObject([{ kind: 'create', side: 'right', object: 'companies' }])
    expect((await bench.attune(['sync', '--json'])).json<SyncSummary>()).toMatchObject({
      created: { left: 0, right: 1 },
    })
    expect((await bench.attune(['plan'])).exitCode).toBe(0)
  })

  test('status has the figures that scripts rely on', async () => {
    const status = (await bench.attune(['status', '--json'])).json<StatusCounts>()
    expect(Object.keys(status).toSorted()).toEqual(
      [
        'begun',
        'dirty',
        'alerts',
        'drift',
        'lagMs',
        'links',
        'openConflicts',
        'openIntents',
        'paused',
        'quarantined',
        'resting',
        'review',
        'waiting',
      ].toSorted(),
    )
  })

  test('a second writing process is refused, and names the first', async () => {
    const daemon = bench.start(['start'])
    const over = ended(daemon)
    await saying(daemon, 'Keeping both in agreement')
    const ran = await bench.attune(['sync', '--json'])
    expect(ran.exitCode).toBe(2)
    expect(ran.json()).toMatchObject({ error: { message: expect.stringContaining(`pid ${daemon.pid}`) } })
    const decisions = join(bench.folder, 'beside.csv')
    await writeFile(decisions, 'mapping,left_id,right_id,decision\n')
    const pair = await bench.attune(['pair', '--from', decisions, '--json'])
    const hint = expect.stringMatching(/stop it .*pair --from .*beside\.csv.*start it again/u)
    expect(pair.json()).toMatchObject({ error: { hint } })
    expect((await bench.attune(['status'])).exitCode).toBe(0)
    daemon.kill('SIGTERM')
    expect((await over).exitCode).toBe(0)
  })
})

describe('conflicts', () => {
  test('from the page over the spreadsheet to the decision, and why', async () => {
    const [first, second] = [makePerson('one'), makePerson('two')]
    await bench.attune(['sync'])
    const counterparts = { [first]: counterpartOf(first), [second]: counterpartOf(second) }
    for (const id of [first, second]) {
      bench.edit('attio', { action: 'update', object: 'people', id, values: { job_title: '=CEO, "acting"' } })
      const values = { jobtitle: 'Cryptanalyst' }
      bench.edit('hubspot', { action: 'update', object: 'contacts', id: counterparts[id] ?? '', values })
    }
    await bench.attune(['sync'])
    const csv = join(bench.folder, 'conflicts.csv')
    const page = join(bench.folder, 'conflicts.html')
    await bench.attune(['conflicts', '--report', page])
    const shown = await readFile(page, 'utf8')
    expect(shown).toContain('=CEO, &quot;acting&quot;')
    for (const who of ['one', 'two']) expect(shown).toContain(`${who} Conflict`)
    expect((await bench.attune(['conflicts'])).stdout).toContain('one Conflict')
    const open = (await bench.attune(['conflicts', '--json', '--report', csv])).json<ConflictView[]>()
    expect(open).toHaveLength(2)

    // The person decides one; the other one changes in the meantime.
    const mine = open.find(({ leftRecord }) => leftRecord === first)
    const other = open.find(({ leftRecord }) => leftRecord === second)
    const text = await readFile(csv, 'utf8')
    expect(text).toContain(`"'=CEO, ""acting"""`)
    await writeFile(csv, text.replaceAll('Cryptanalyst,,', 'Cryptanalyst,left,'))
    bench.edit('attio', { action: 'update', object: 'people', id: second, values: { job_title: 'Poet' } })
    await bench.attune(['sync'])
    const ran = await bench.attune(['resolve', '--from', csv, '--json'])
    expect(ran.exitCode).toBe(1)
    expect(ran.json()).toMatchObject({ decided: 1, refused: 1 })
    await bench.attune(['sync'])
    expect(valueOf('hubspot', 'contacts', counterparts[first] ?? '', 'jobtitle')).toBe('=CEO, "acting"')
    expect(other?.id).not.toBe(mine?.id)

    const steps = (await bench.attune(['explain', counterparts[first] ?? '', 'jobtitle', '--json'])).json<
      { kind: string; text: string }[]
    >()
    expect(steps.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['conflict', 'write', 'now']))
    expect(steps.at(-1)?.kind).toBe('now')
    expect((await bench.attune(['explain', 'nobody', 'jobtitle'])).exitCode).toBe(2)
  })

  test('one decision is written at once when asked to', async () => {
    const open = (await bench.attune(['conflicts', '--json'])).json<ConflictView[]>()
    for (const { id } of open) {
      expect((await bench.attune(['resolve', id, '--take', 'right', '--now'])).exitCode).toBe(0)
    }
    expect((await bench.attune(['status', '--json'])).json<StatusCounts>().openConflicts).toBe(0)
    expect((await bench.attune(['resolve', 'nobody', '--take', 'left'])).exitCode).toBe(1)
  })

  function makePerson(name: string): string {
    return bench.edit('attio', {
      action: 'create',
      object: 'people',
      values: {
        name: [{ first_name: name, last_name: 'Conflict', full_name: `${name} Conflict` }],
        email_addresses: [`${name}@conflict.example`],
        job_title: 'Fellow',
      },
    })
  }

  function counterpartOf(id: string): string {
    const contacts = bench.sandbox.vendors.get('hubspot')?.model.dump()['contacts'] ?? {}
    const found = Object.entries(contacts).find(([, { values }]) => values['attio_record_id'] === id)
    if (!found) throw new Error(`${id} has no contact`)
    return found[0]
  }

  function valueOf(vendor: string, object: string, id: string, field: string): unknown {
    return bench.sandbox.vendors.get(vendor)?.model.dump()[object]?.[id]?.values[field]
  }
})

describe('pair', () => {
  test('decisions made in the spreadsheet are carried out and hold', async () => {
    const [left, right] = [
      bench.edit('attio', {
        action: 'create',
        object: 'companies',
        values: { name: 'Same Name', domains: ['a.example'] },
      }),
      bench.edit('hubspot', {
        action: 'create',
        object: 'companies',
        values: { name: 'Same Name' },
      }),
    ]
    const csv = join(bench.folder, 'decisions.csv')
    const report = await bench.attune(['pair', '--out', csv])
    expect(report.exitCode).toBe(2)
    const lines = (await readFile(csv, 'utf8')).split('\r\n')
    const decided = lines.map((line) =>
      line.includes(left) && line.includes(right) ? line.replace(',review,,', ',review,apart,') : line,
    )
    await writeFile(csv, decided.join('\r\n'))
    await bench.resetStats()
    expect((await bench.attune(['pair', '--from', csv])).exitCode).toBe(0)
    expect(bench.writes()).toBe(0)
    expect((await bench.attune(['sync', '--json'])).json<SyncSummary>()).toMatchObject({
      linked: 0,
      writes: 0,
    })
  })
})
