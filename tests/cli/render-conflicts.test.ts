/** Conflicts as people are shown them: on the page, on the screen, and in the explanation of a field. */
import { expect, test } from 'vitest'
import { conflictPage } from '../../src/cli/conflict-page.ts'
import { conflictsText } from '../../src/cli/conflicts.ts'
import type { FieldIndex } from '../../src/cli/field-index.ts'
import { stepSentence } from '../../src/cli/step-sentence.ts'
import type { Step } from '../../src/stages/explain.ts'
import { aConflict } from './conflict.ts'

const NAMES = { left: 'attio', right: 'hubspot' }

test('nothing that people typed becomes markup in the page', () => {
  const page = conflictPage([aConflict({ left: '<script>alert(1)</script>', right: '" onload="x' })], {
    names: () => NAMES,
    madeAt: 'now',
  })
  expect(page).not.toContain('<script>')
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
  expect(page).toContain('&quot; onload=&quot;x')
})

test('an overwritten value is told apart from a conflict, and how it comes back', async () => {
  const conflict = aConflict({ kind: 'overwritten', leftActor: null, rightActor: { kind: 'human', id: '7' } })
  const how =
    'The right value was overwritten before anybody had seen it; --take right brings it back to both sides.'
  const page = conflictPage([conflict], { names: () => NAMES, madeAt: 'now' })
  expect(page).toContain(how)
  expect(page).not.toContain('Last agreed')
  const index = { namesOf: () => NAMES } as unknown as FieldIndex
  expect(await conflictsText([conflict], index)).toContain(how)
  expect(await conflictsText([aConflict()], index)).not.toContain('overwritten')
})

test.each([
  ['auto', null],
  ['open', ' It waits for a decision (attune resolve c1 --take left|right).'],
  ['superseded', ' It was overtaken by another edit.'],
] as const)('an overwritten value that is %s is explained', (state, next) => {
  const evidence = {
    left: null,
    right: { at: '2026-01-01T00:00:00Z', actor: { kind: 'human', id: '7' } },
  } as const
  const step: Step = {
    kind: 'conflict',
    about: 'overwritten',
    at: '2026-01-01T00:00:05.000Z',
    mapping: 'a/people-contacts',
    link: 'k1',
    field: 'job_title',
    id: 'c1',
    left: 'Countess',
    right: 'Poet',
    base: null,
    evidence,
    rule: 'overwritten-in-window',
    state,
    loser: state === 'open' ? null : 'right',
  }
  expect(stepSentence(step, NAMES, () => null)).toBe(
    `hubspot held Poet (set by human 7 at 2026-01-01 00:00:00 UTC) for a moment in job_title: a write replaced it before anybody had seen it.${next ?? ''}`,
  )
})

test('the page loads nothing from anywhere', () => {
  const page = conflictPage([aConflict()], { names: () => NAMES, madeAt: 'now' })
  expect(page).not.toMatch(/src=|href=|url\(|@import/)
})

test('a change that came through Attio is shown as made where it was made', () => {
  const conflict = aConflict({ leftVia: 'hubspot', leftActor: { kind: 'human', id: '17' } })
  const page = conflictPage([conflict], { names: () => NAMES, madeAt: 'now' })
  expect(page).toContain('by a person in hubspot (17) at 2026-11-22')
  const unknown = aConflict({ leftVia: 'hubspot', leftActor: null })
  expect(conflictPage([unknown], { names: () => NAMES, madeAt: 'now' })).toContain('by somebody in hubspot')
})

test('times and blanks on the page are for people', () => {
  const base = { left: null, right: null }
  const conflict = aConflict({ base, leftAt: '2026-11-22T05:23:05.601000000Z', rightAt: 'yesterday' })
  const page = conflictPage([conflict], { names: () => NAMES, madeAt: '2026-11-22T05:24:00.000Z' })
  expect(page).toContain('at 2026-11-22 05:23:05.601 UTC')
  expect(page).toContain('at yesterday')
  expect(page).toContain('As of 2026-11-22 05:24:00.000 UTC')
  expect(page).toContain('Last agreed: (empty)')
})

test('a conflict says who it is, and of which CRM where the two have another name', async () => {
  const index = { namesOf: () => NAMES } as unknown as FieldIndex
  const screen = (view = aConflict()) => conflictsText([view], index)
  expect((await screen()).split('\n')[0]).toMatch(/^people\.job_title +Ada Lovelace +0b9f5a52/)
  const two = aConflict({ rightName: '<Ada> Byron' })
  expect((await screen(two)).split('\n')[0]).toContain('Ada Lovelace (hubspot: <Ada> Byron)')
  const page = conflictPage([two], { names: () => NAMES, madeAt: 'now' })
  expect(page).toContain('<bdi>Ada Lovelace (hubspot: &lt;Ada&gt; Byron)</bdi> · <code>job_title</code>')
  expect(page).not.toMatch(/[^\P{Cc}\n]/u)
  const unknown = aConflict({ leftName: null, rightName: null })
  expect((await screen(unknown)).split('\n')[0]).toMatch(/^people\.job_title +0b9f5a52/)
})

test('a record in review is explained by name, and so are those that it may belong to', () => {
  const step: Step = {
    kind: 'review',
    at: '2026-01-01T00:00:05.000Z',
    mapping: 'a/people-contacts',
    link: null,
    field: 'name',
    side: 'left',
    record: 'l1',
    candidates: [{ side: 'right', id: 'r1' }],
    because: 'two may be one',
  }
  const nameOf = ({ id }: { readonly id: string }) => (id === 'l1' ? 'Ada Lovelace' : null)
  expect(stepSentence(step, NAMES, nameOf)).toBe(
    'attio l1 (Ada Lovelace) has no counterpart and waits in review, beside hubspot r1: two may be one (attune pair).',
  )
})
