/** `--json` of every command: one document on stdout whatever happens, under the names that scripts rely on. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.ts'
import { ended, openBench, saying, type Bench } from './attune.ts'

let bench: Bench

beforeAll(async () => {
  bench = await openBench({ people: 6, seed: 3 })
  // Nothing but a name in common: a person has to say.
  for (const crm of ['attio', 'hubspot'] as const) {
    bench.edit(crm, { action: 'create', object: 'companies', values: { name: 'Same Name' } })
  }
})

afterAll(async () => {
  await bench.close()
})

interface Answer {
  readonly exitCode: number | null
  readonly document: unknown
}

/** `JSON.parse` takes one document and nothing beside it. */
async function answerOf(args: readonly string[], environment = {}): Promise<Answer> {
  const ran = await bench.attune([...args, '--json'], environment)
  expect(ran.stdout.trimEnd().split('\n'), 'lines on stdout').toHaveLength(1)
  return { exitCode: ran.exitCode, document: ran.json() }
}

const namesOf = (document: unknown): readonly string[] => {
  const one: unknown = Array.isArray(document) ? document[0] : document
  return Object.keys(one ?? {}).toSorted()
}

const words = (text: string): readonly string[] => text.split(' ').toSorted()

// prettier-ignore
const NAMES = {
  check: 'ok errors warnings accounts leftOut problems',
  setup: 'fields',
  mapping: 'passed failed files',
  pair: 'mapping linked cases',
  plan: 'version id rules accounts madeAt changes writes links conflicts review unsettled requests cost estimatedMs',
  sync: 'runId linked created updated deleted conflictsOpened review quarantined waiting writes requests durationMs',
  status: 'begun links dirty resting openIntents openConflicts review quarantined waiting lagMs paused drift alerts',
  conflicts:
    'id pairing object field kind left right base leftRecord rightRecord leftName rightName leftActor rightActor leftVia rightVia leftAt rightAt rule openedAt',
  resolve: 'decided refused decisions',
  explain: 'mapping link field at kind name text',
  runs: 'id kind startedAt endedAt did undoneBy',
  undo: 'undoes runId operations left did requests durationMs',
  apply: 'runId plan applied appliedBefore stale failed unplanned operations requests durationMs',
  resume: 'resumed acceptGuards',
} as const

describe('what a command answers that worked', () => {
  test.each([
    ['check', ['check'], 0],
    ['mapping', ['mapping', 'test'], 0],
    ['setup', ['setup'], 1],
    ['setup', ['setup', '--yes'], 0],
    ['pair', ['pair'], 2],
    ['plan', ['plan'], 2],
    // The same names before anything was synchronised.
    ['status', ['status'], 0],
    ['sync', ['sync'], 0],
    ['plan', ['plan'], 0],
    ['status', ['status'], 0],
    ['runs', ['runs'], 0],
    ['resume', ['resume'], 1],
    ['resolve', ['resolve', 'nothing', '--take', 'left'], 1],
  ] as const)('%s', async (name, args, exitCode) => {
    const answer = await answerOf(args)
    expect(namesOf(answer.document)).toEqual(words(NAMES[name]))
    expect(answer.exitCode).toBe(exitCode)
  })

  test('about one conflict, from the edit to why', async () => {
    const email = 'json@names.example'
    const person = bench.edit('attio', {
      action: 'create',
      object: 'people',
      values: { email_addresses: [email] },
    })
    await answerOf(['sync'])
    const steps = (await answerOf(['explain', person, 'email'])).document
    expect(namesOf(steps)).toEqual(expect.arrayContaining([...words(NAMES.explain)]))
    const contact = (steps as { kind: string; record: string }[]).find(({ kind }) => kind === 'write')?.record
    bench.edit('attio', { action: 'update', object: 'people', id: person, values: { job_title: 'Left' } })
    const values = { jobtitle: 'Right' }
    bench.edit('hubspot', { action: 'update', object: 'contacts', id: contact ?? '', values })
    await answerOf(['sync'])
    const { document } = await answerOf(['conflicts'])
    expect(namesOf(document)).toEqual(words(NAMES.conflicts))
    expect(document).toHaveLength(1)
    const [{ id = '' } = {}] = document as { id?: string }[]
    expect(await answerOf(['resolve', id, '--take', 'left', '--now'])).toMatchObject({
      exitCode: 0,
      document: {
        decided: 1,
        refused: 0,
        decisions: [{ id, choice: 'left', outcome: 'decided', because: '' }],
      },
    })
  })

  test('about a plan that is carried out, and taken back', async () => {
    bench.edit('attio', {
      action: 'create',
      object: 'companies',
      values: { name: 'Names', domains: ['n.example'] },
    })
    const file = join(bench.folder, 'plan.json')
    expect((await answerOf(['plan', '--out', file])).exitCode).toBe(2)
    const applied = await answerOf(['apply', file])
    expect(namesOf(applied.document)).toEqual(words(NAMES.apply))
    const { runId } = applied.document as { readonly runId: string }
    for (const [args, exitCode] of [
      [['--dry-run'], 0],
      [[], 1],
      [['--yes'], 0],
    ] as const) {
      const undone = await answerOf(['undo', runId, ...args])
      expect(undone).toMatchObject({ exitCode, document: { undoes: runId } })
      expect(namesOf(undone.document)).toEqual(words(NAMES.undo))
    }
  })

  test('about decisions on pairs, those that are refused among them', async () => {
    const file = join(bench.folder, 'decisions.csv')
    const rows = ['attio-hubspot/people-contacts,nobody,,apart', 'elsewhere/people-contacts,a,b,link']
    await writeFile(file, ['mapping,left_id,right_id,decision', ...rows].join('\n'))
    expect(await answerOf(['pair', '--from', file])).toMatchObject({
      exitCode: 1,
      document: {
        decided: 0,
        refused: 2,
        decisions: [
          { left: 'nobody', right: null, decision: 'apart', outcome: 'refused' },
          { outcome: 'refused', because: 'there is no mapping elsewhere/people-contacts' },
        ],
      },
    })
  })

  test('of a daemon, one document per line', async () => {
    const child = bench.start(['start', '--json', '--log-level', 'silent'])
    const over = ended(child)
    const [line = ''] = (await saying(child, '\n')).split('\n')
    expect(namesOf(JSON.parse(line))).toEqual(expect.arrayContaining([...words(NAMES.sync)]))
    child.kill('SIGTERM')
    const { exitCode, stdout } = await over
    for (const each of stdout.trimEnd().split('\n')) expect(() => JSON.parse(each) as unknown).not.toThrow()
    expect(exitCode).toBe(0)
  })
})

describe('what a command answers that failed', () => {
  const DEAD = { ATTIO_TOKEN: 'nonsense' }
  const AWAY = { HUBSPOT_BASE_URL: 'http://127.0.0.1:2' }

  test.each<[string, readonly string[], number, Readonly<Record<string, string>>?]>([
    ['no such command', ['nothing'], 2],
    ['no such option', ['status', '--nothing'], 2],
    ['no such level of logs', ['sync', '--log-level', 'nothing'], 2],
    ['no settings', ['plan', '--config', 'nothing.yaml'], 2],
    ['no database', ['explain', 'a', 'b', '--db', 'nothing.db'], 2],
    ['no such record', ['explain', 'a', 'b'], 2],
    ['no such run', ['undo', 'nothing'], 2],
    ['no such plan', ['apply', 'nothing.json'], 2],
    ['no such pairing', ['resume', 'nothing'], 2],
    ['no such decisions', ['pair', '--from', 'nothing.csv'], 2],
    ['no such kind of file', ['pair', '--out', 'pairs.xlsx'], 2],
    ['no such kind of report', ['conflicts', '--report', 'conflicts.txt'], 2],
    ['nothing to decide', ['resolve'], 2],
    ['not a number', ['runs', '--limit', 'many'], 2],
    ['no public URL', ['webhooks', 'list'], 2],
    ['a dead token: sync', ['sync'], 2, DEAD],
    ['nobody there: sync', ['sync'], 1, AWAY],
    ['nobody there: plan', ['plan'], 1, AWAY],
  ])('%s', async (_what, args, exitCode, environment) => {
    const answer = await answerOf(args, environment)
    expect(answer).toMatchObject({ exitCode, document: { error: { exitCode } } })
    const { error } = answer.document as {
      readonly error: { readonly message: string; readonly hint: string }
    }
    expect(namesOf(error)).toEqual(words('error at message hint others exitCode'))
    expect(error.message).not.toBe('')
    expect(error.hint, 'no defect').not.toContain('defect')
  })
})

test('every command that answers once has the option', () => {
  const commands = createProgram().commands.flatMap((each) =>
    each.commands.length > 0 ? each.commands : [each],
  )
  expect(
    commands
      .filter(({ options }) => !options.some(({ long }) => long === '--json'))
      .map((each) => each.name()),
  ).toEqual([])
})
