/** `attune start` on accounts that people work in: edits on both sides travel, and so do decisions made beside it. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseDocument } from 'yaml'
import type { ConflictView } from '../../src/cli/conflict-view.ts'
import { ended, openBench, ROOT, saying, type Bench } from './attune.ts'

let bench: Bench
let config: string

beforeAll(async () => {
  bench = await openBench({ people: 5, seed: 4 })
  config = join(bench.folder, 'attune.yaml')
  const settings = parseDocument(await readFile(join(ROOT, 'config/attune.yaml'), 'utf8'))
  const mappings = ['companies', 'people', 'deals'].map((name) => join(ROOT, 'mappings', `${name}.yaml`))
  settings.setIn(['pairings', 'attio-hubspot', 'mappings'], mappings)
  settings.setIn(['schedule'], { poll: '1s', listing: '1s', sweep: '5s' })
  await writeFile(config, settings.toString())
})

afterAll(async () => {
  await bench.close()
})

test('edits on both sides and a decision made beside it are carried over while it runs', async () => {
  const ada = bench.edit('attio', {
    action: 'create',
    object: 'people',
    values: {
      name: [{ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }],
      email_addresses: ['ada@engine.example'],
      job_title: 'Analyst',
    },
  })
  const daemon = bench.start(['start', '--config', config])
  const over = ended(daemon)
  await saying(daemon, 'Keeping both in agreement')
  const contact = counterpartOf(ada)

  bench.edit('attio', { action: 'update', object: 'people', id: ada, values: { job_title: 'Chief Analyst' } })
  await saying(daemon, '1 updated in hubspot')
  expect(titleIn(contact)).toBe('Chief Analyst')

  bench.edit('hubspot', {
    action: 'update',
    object: 'contacts',
    id: contact,
    values: { phone: '(415) 555-0199' },
  })
  await saying(daemon, '1 updated in attio')

  bench.edit('attio', { action: 'update', object: 'people', id: ada, values: { job_title: 'Countess' } })
  bench.edit('hubspot', { action: 'update', object: 'contacts', id: contact, values: { jobtitle: 'Poet' } })
  await saying(daemon, '1 conflict')
  const [conflict] = (await bench.attune(['conflicts', '--json'])).json<ConflictView[]>()
  expect(titleIn(contact)).toBe('Poet')
  // Listened for from before: it may be written before the command has ended.
  const written = saying(daemon, '1 updated in hubspot')
  expect((await bench.attune(['resolve', conflict?.id ?? '', '--take', 'left'])).exitCode).toBe(0)
  await written
  expect(titleIn(contact)).toBe('Countess')

  daemon.kill('SIGTERM')
  expect((await over).exitCode).toBe(0)
})

function counterpartOf(id: string): string {
  const contacts = bench.sandbox.vendors.get('hubspot')?.model.dump()['contacts'] ?? {}
  const found = Object.entries(contacts).find(([, { values }]) => values['attio_record_id'] === id)
  if (!found) throw new Error(`${id} has no contact`)
  return found[0]
}

function titleIn(contact: string): unknown {
  return bench.sandbox.vendors.get('hubspot')?.model.dump()['contacts']?.[contact]?.values['jobtitle']
}
