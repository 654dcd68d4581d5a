import { describe, expect, test } from 'vitest'
import { applyText } from '../../src/cli/render-apply.ts'
import { planText } from '../../src/cli/render-plan.ts'
import { doneText, previewText } from '../../src/cli/render-undo.ts'
import { summaryText } from '../../src/cli/render-summary.ts'
import type { ApplySummary } from '../../src/cli/run-apply.ts'
import type { SyncSummary } from '../../src/cli/run-sync.ts'
import { roundText } from '../../src/cli/start-text.ts'
import type { UndoDocument } from '../../src/cli/run-undo.ts'
import { runsText } from '../../src/cli/runs.ts'
import { statusText } from '../../src/cli/status.ts'
import { durationText, table } from '../../src/cli/style.ts'
import { valueText } from '../../src/cli/value-text.ts'
import type { PlanDocument } from '../../src/cli/plan-file.ts'
import type { Side } from '../../src/core/record.ts'
import { newTally } from '../../src/stages/engine.ts'
import type { StatusCounts } from '../../src/store/operate.ts'

const NAMES = { left: 'attio', right: 'hubspot' }

const CALM: StatusCounts = {
  links: 1_204,
  dirty: 0,
  resting: 0,
  openIntents: 0,
  openConflicts: 0,
  review: 0,
  quarantined: 0,
  waiting: 0,
  lagMs: 0,
}

const QUIET_PASS: SyncSummary = {
  runId: 'run-1',
  linked: 0,
  created: { left: 0, right: 0 },
  updated: { left: 0, right: 0 },
  deleted: { left: 0, right: 0 },
  conflictsOpened: 0,
  review: 0,
  quarantined: 0,
  waiting: 0,
  writes: 0,
  requests: { attio: { read: 4, write: 0, throttled: 0 }, hubspot: { read: 6, write: 0, throttled: 0 } },
  durationMs: 412,
}

test('a pass that found nothing to do says so', () => {
  const text = summaryText(QUIET_PASS, CALM, NAMES)
  expect(text).toContain('In agreement: 1,204 pairs of records, nothing is waiting.')
  expect(text).toContain('Nothing had to be changed.')
  expect(text).toMatch(/attio +4 reads +0 writes/)
})

test('what waits for a person is named with the command that shows it', () => {
  const text = summaryText(
    { ...QUIET_PASS, linked: 46, created: { left: 18, right: 0 } },
    { ...CALM, openConflicts: 3, review: 12 },
    NAMES,
  )
  expect(text).toContain('Newly linked: 46')
  expect(text).toMatch(/created +18 +0/)
  expect(text).toMatch(/3 +conflicts .*attune conflicts/)
  expect(text).toMatch(/12 +in review .*attune pair/)
})

test('a pass that left work behind does not claim agreement', () => {
  expect(summaryText(QUIET_PASS, { ...CALM, dirty: 2 }, NAMES)).toContain('Not finished: 2 records')
  expect(summaryText(QUIET_PASS, { ...CALM, dirty: 2, resting: 2 }, NAMES)).toContain('In agreement')
})

test('requests that another pairing may have sent are told apart', () => {
  const shared = new Map([
    ['attio', ['attio-salesforce']],
    ['hubspot', []],
  ])
  const lines = summaryText(QUIET_PASS, CALM, NAMES, shared).split('\n')
  expect(lines.find((line) => line.includes('attio '))).toContain('with those of attio-salesforce meanwhile')
  expect(lines.find((line) => line.includes('hubspot '))).not.toContain('meanwhile')
})

test('throttled requests are shown', () => {
  const requests = { attio: { read: 1, write: 2, throttled: 7 } }
  expect(summaryText({ ...QUIET_PASS, requests }, CALM, NAMES)).toContain('7 throttled')
})

test('a round says what happened where', () => {
  const tally = { ...newTally(), updated: { left: 0, right: 2 }, conflictsOpened: 1 }
  expect(roundText(tally, NAMES)).toBe('2 updated in hubspot, 1 conflict (attune conflicts)')
})

test('a plan shows each field before and after', () => {
  const plan: PlanDocument = {
    version: 1,
    id: 'plan-1',
    rules: {},
    accounts: {},
    madeAt: '2026-11-22T10:00:00.000Z',
    changes: 1,
    writes: [
      {
        mapping: 'attio-hubspot/people-contacts',
        link: 'link-1',
        guard: 'guard-1',
        side: 'right',
        connection: 'hubspot',
        object: 'contacts',
        kind: 'update',
        record: '101',
        source: 'left-1',
        fields: [{ field: 'job_title', before: 'Analyst', after: 'CTO', because: 'only left changed' }],
      },
    ],
    links: [],
    conflicts: [],
    review: 0,
    unsettled: 0,
    requests: { hubspot: { read: 3, write: 1 } },
    cost: { hubspot: { calls: 4, hours: 2.5, dayShare: 0.000_064 } },
    estimatedMs: 1_500,
  }
  const text = planText(plan, NAMES)
  expect(text).toMatch(/job_title +Analyst → CTO +only left changed/)
  expect(text).toContain('about 1.5 s')
  expect(text).toMatch(/hubspot +3 reads +1 write +2 h 30 min at its limits +0.0064 % of the day's calls/)
  const linking = planText({ ...plan, writes: [], review: 2 }, NAMES)
  expect(linking).toContain('0 pairs would be linked, 2 records in review\n\nA pass')
  expect(planText({ ...plan, changes: 0, writes: [] }, NAMES)).toContain('Nothing to do: both sides agree.')
  const [update] = plan.writes
  if (!update) throw new Error('no write')
  const create = { ...update, kind: 'create', record: '$link-2.right', source: 'left-2', fields: [] } as const
  const company = [{ object: 'companies', id: '$link-2.right' }]
  const fields = [{ field: 'company', before: [], after: company, because: 'left side changed' }]
  const withNew = planText({ ...plan, writes: [create, { ...update, kind: 'associate', fields }] }, NAMES)
  expect(withNew).toContain('company  companies (new, from left-2)')
  expect(withNew).not.toContain('$link')
})

test('what became of a plan: all of it, or what was left and why', () => {
  const operation = {
    mapping: 'attio-hubspot/people-contacts',
    link: 'link-1',
    side: 'right',
    connection: 'hubspot',
    object: 'contacts',
    kind: 'update',
    record: '101',
    source: 'left-1',
    fields: [],
    guard: '',
  } as const
  const applied = { operation, outcome: 'applied', because: '' } as const
  const summary: ApplySummary = {
    runId: 'run-1',
    plan: 'plan-1',
    applied: 1,
    appliedBefore: 0,
    stale: 0,
    failed: 0,
    unplanned: 0,
    operations: [applied],
    requests: { hubspot: { read: 1, write: 1, throttled: 0 } },
    durationMs: 900,
  }
  expect(applyText(summary)).toContain('Applied: all 1 operation of the plan.  attune undo run-1')
  const again = applyText({ ...summary, appliedBefore: 1 })
  expect(again).toContain('Applied before: all 1 operation of the plan.')
  expect(again).not.toContain('run-1')
  const resumed = { ...summary, applied: 2, appliedBefore: 1, operations: [applied, applied] }
  expect(applyText(resumed)).toContain(
    'all 2 operations of the plan.  attune undo run-1 takes the 1 of this run back.',
  )
  const stale = { operation, outcome: 'stale', because: 'job_title held another value' } as const
  const failed = { operation, outcome: 'failed', because: 'hubspot: too long' } as const
  const partly = { ...summary, stale: 1, failed: 1, unplanned: 2, operations: [applied, stale, failed] }
  const text = applyText(partly)
  expect(text).toContain('Applied: 1 of 3 operations.')
  expect(text).toContain('1 stale, not executed, 1 failed:')
  expect(text).toMatch(/stale +update +hubspot contacts 101 +job_title held another value/)
  expect(text).toContain('2 further writes for these records are not in the plan')
})

describe('an undo', () => {
  const run = { id: 'run-1', kind: 'sync', pairing: null, startedMs: 0, endedMs: 1, summary: null, did: [] }
  const removal: UndoDocument['operations'][number] = {
    kind: 'remove',
    mapping: 'attio-hubspot/people-contacts',
    side: 'right',
    connection: 'hubspot',
    object: 'contacts',
    record: '101',
    other: null,
    fields: [],
    remark: 'goes to the recycle bin',
  }
  const update: UndoDocument['operations'][number] = {
    ...removal,
    kind: 'update',
    record: '102',
    remark: '',
    fields: [{ field: 'job_title', before: 'Countess', after: null, because: '' }],
  }
  const apart: UndoDocument['operations'][number] = {
    ...removal,
    kind: 'unlink',
    connection: null,
    object: null,
    record: 'left-1',
    other: '103',
    remark: 'both stay alone until a person pairs them',
  }
  const left = {
    mapping: 'attio-hubspot/people-contacts',
    link: 'link-1',
    side: 'right',
    record: '104',
    field: 'phone',
    because: 'changed since, and kept',
  } as const
  const document: UndoDocument = {
    undoes: 'run-1',
    runId: null,
    operations: [update, removal, apart],
    left: [left],
    did: [],
    requests: { hubspot: { read: 2, write: 0, throttled: 0 } },
    durationMs: 400,
  }

  test('is previewed record by record, with what stays and why', () => {
    const text = previewText(run, document)
    expect(text).toMatch(/~ hubspot contacts 102\n +job_title +Countess → \(empty\)/)
    expect(text).toContain('- hubspot contacts 101  goes to the recycle bin')
    expect(text).toContain('left-1 and 103 are set apart  both stay alone')
    expect(text).toMatch(/Stays as it is:\n.*right 104 +phone +changed since, and kept/)
    expect(previewText(run, { ...document, operations: [], left: [] })).toContain('nothing to take back')
    expect(previewText(run, { ...document, operations: [] })).toContain('nothing of it can be taken back')
  })

  test('says afterwards what was done and what stays', () => {
    const did = [{ kind: 'update', mapping: 'a-h/people', side: 'right', count: 2 } as const]
    const done = doneText({ ...document, runId: 'run-2', did, left: [] })
    expect(done).toContain('attune undo run-2 does it once more')
    expect(done).toContain('2 entries in the journal')
    expect(doneText({ ...document, runId: 'run-2', did })).toContain('but for 1 thing that stays as it is')
  })

  test('shows in the list of runs', async () => {
    const view = {
      id: 'run-1',
      kind: 'sync',
      startedAt: '2026-11-22T10:00:00.000Z',
      endedAt: '2026-11-22T10:00:02.000Z',
      did: [
        { kind: 'create', mapping: 'a-h/companies', side: 'right', count: 1 },
        { kind: 'create', mapping: 'a-h/people', side: 'right', count: 2 },
        { kind: 'create', mapping: 'a-s/people', side: 'right', count: 5 },
        { kind: 'update', mapping: 'a-h/people', side: 'left', count: 1 },
        { kind: 'link', mapping: 'a-h/people', side: 'left', count: 4 },
        { kind: 'link', mapping: 'a-s/people', side: 'right', count: 1 },
      ],
      undoneBy: ['run-2', 'run-5'],
    } as const
    const connectionOf = (mapping: string, side: Side) =>
      side === 'left' ? 'attio' : mapping.startsWith('a-h/') ? 'hubspot' : 'salesforce'
    const unfinished = { ...view, id: 'run-0', endedAt: null, did: [], undoneBy: [] }
    const text = await runsText([view, unfinished], connectionOf)
    expect(text).toMatch(
      /run-1 +sync .* 2\.0 s +3 created in hubspot, 5 created in salesforce, 1 updated in attio, 5 linked +undone by run-5/,
    )
    expect(text).toMatch(/run-0 +sync .* not finished +nothing/)
    expect(await runsText([], connectionOf)).toContain('Nothing was done yet')
  })
})

test('status shows why records wait', async () => {
  const text = await statusText(
    { ...CALM, quarantined: 1 },
    [],
    [
      {
        mapping: 'attio-hubspot/people-contacts',
        record: { side: 'left', id: 'left-1' },
        link: null,
        fields: ['email'],
        reason: 'INVALID_EMAIL',
        cause: 'x/y',
        attempts: 1,
        retryAtMs: 0,
        atMs: 0,
      },
    ],
    () => 'Ada Lovelace',
  )
  expect(text).toMatch(/left left-1 \(Ada Lovelace\) +email +INVALID_EMAIL/)
})

test.each([
  [null, '(empty)'],
  ['two\n lines', 'two lines'],
  [['a', 'b'], 'a, b'],
  [{ amount: '12.50', currency: 'EUR' }, '12.50 EUR'],
  [{ first_name: 'Ada', last_name: 'Lovelace', full_name: 'Ada Lovelace' }, 'Ada Lovelace'],
  [{ first_name: 'Ada', last_name: null, full_name: null }, 'Ada'],
  [[{ object: 'companies', id: '7' }], 'companies 7'],
  [false, 'no'],
])('the value %j reads %s', (value, text) => {
  expect(valueText(value)).toBe(text)
})

test.each([
  [400, '0.4 s'],
  [12_000, '12 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%d ms read %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

test('columns line up whatever the colours', () => {
  expect(
    table(
      [
        ['\u001B[31mab\u001B[39m', 'x'],
        ['abcd', '10'],
      ],
      [1],
    ),
  ).toBe('\u001B[31mab\u001B[39m     x\nabcd  10')
})

test('what somebody typed does not move the cursor of the terminal', () => {
  expect(valueText('\u001B[2J\u001B]0;gone\u0007Head\u0000 of\r\nDesign')).toBe('[2J]0;goneHead of Design')
})
