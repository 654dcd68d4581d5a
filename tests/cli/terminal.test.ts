/** What is written for people fits their terminal; what goes into a file or another program stays one row per line. */
import { stripVTControlCharacters } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { conflictsText } from '../../src/cli/conflicts.ts'
import { createProgram } from '../../src/cli/program.ts'
import { pairingText } from '../../src/cli/render-pairing.ts'
import { table } from '../../src/cli/style.ts'
import { statusText } from '../../src/cli/status.ts'
import { fitted, print, widthOf } from '../../src/cli/terminal.ts'
import type { Review } from '../../src/store/waiting.ts'
import { aConflict } from './conflict.ts'

const NAMES = { left: 'attio', right: 'hubspot' }
const UUID = '72abb353-5264-4066-a95c-3f8ce5c7f8bf'
const BECAUSE = 'only a weak key matches; a person has to confirm'
const REVIEW: Review = {
  id: 'r',
  mapping: 'attio-hubspot/people-contacts',
  record: { side: 'right', id: '100000000210' },
  kind: 'ambiguous',
  candidates: [1, 2, 3].map((i) => ({ side: 'left', id: `${i}${UUID.slice(1)}` })),
  because: BECAUSE,
  atMs: 0,
}

const widest = (text: string): number => Math.max(...text.split('\n').map(widthOf))

describe('on a terminal of 80 columns', () => {
  const { isTTY, columns } = process.stdout

  beforeEach(() => {
    Object.assign(process.stdout, { isTTY: true, columns: 80 })
  })

  afterEach(() => {
    Object.assign(process.stdout, { isTTY, columns })
  })

  test('a status with reviews fits, and shows every id whole', async () => {
    const counts = {
      links: 1,
      dirty: 0,
      resting: 0,
      openIntents: 0,
      openConflicts: 0,
      quarantined: 0,
      waiting: 0,
    }
    const text = await statusText({ ...counts, review: 1, lagMs: 0 }, [REVIEW], [], () => null)
    expect(widest(text)).toBeLessThanOrEqual(80)
    for (const { id } of REVIEW.candidates) expect(text).toContain(id)
  })

  test('a pairing report fits', () => {
    const text = pairingText(
      [
        {
          mapping: REVIEW.mapping,
          linked: 3,
          labels: new Map(),
          cases: [
            {
              mapping: REVIEW.mapping,
              shape: 'many-to-many',
              proposal: 'review',
              left: REVIEW.candidates.map(({ id }) => id),
              right: ['100000000210', '100000000211'],
              evidence: { by: 'key', rule: 'name = firstname, lastname', strength: 'weak', keys: 1 },
              because: BECAUSE,
            },
          ],
        },
      ],
      NAMES,
    )
    expect(widest(text)).toBeLessThanOrEqual(80)
    for (const { id } of REVIEW.candidates) expect(text).toContain(id)
  })

  test('a conflict of two long values fits', async () => {
    const left = 'Head of everything that nobody else wanted to be the head of, and 北風 株式会社 '.repeat(3)
    const view = aConflict({ left, right: 'short' })
    const index = { namesOf: () => NAMES } as unknown as Parameters<typeof conflictsText>[1]
    expect(widest(fitted(await conflictsText([view], index), 80))).toBeLessThanOrEqual(80)
  })

  test('every help fits', () => {
    const program = createProgram()
    const helps: string[] = []
    const all = [program, ...program.commands.flatMap((each) => [each, ...each.commands])]
    for (const command of all) {
      command.configureOutput({
        writeOut: (text) =>
          print(text, { isTTY: true, columns: 80, write: (out: string) => helps.push(out) }),
      })
      command.outputHelp()
    }
    expect(helps.length).toBeGreaterThan(all.length)
    expect(widest(helps.join(''))).toBeLessThanOrEqual(80)
  })

  test('a row goes on below its columns', () => {
    const rows = [
      ['2026-11-22 05:18:35', 'The pair was linked.'],
      [
        '2026-11-22 05:20:23',
        'Both sides differ in job_title: attio says Head of Design, hubspot says Design Lead.',
      ],
    ]
    expect(table(rows)).toBe(
      [
        '2026-11-22 05:18:35  The pair was linked.',
        '2026-11-22 05:20:23  Both sides differ in job_title: attio says Head of Design,',
        '                     hubspot says Design Lead.',
      ].join('\n'),
    )
  })
})

test('a hint goes on below what its arrow points at, and an indented line below itself', () => {
  expect(fitted('it failed\n  → do this and then that\n    and there', 16)).toBe(
    ['it failed', '  → do this and', '    then that', '    and there'].join('\n'),
  )
})

test('a URL is never cut, so that it can be copied', () => {
  const url = `https://sandbox.example/${'x'.repeat(60)}`
  expect(fitted(`look at ${url} now`, 40).split('\n')).toContain(url)
})

test('where nobody looks every row stays one line', () => {
  const rows = [[UUID.repeat(3), BECAUSE.repeat(3), 'x']]
  expect(table(rows).split('\n')).toHaveLength(1)
  const written: string[] = []
  print(`${'word '.repeat(100)}\n`, { write: (text) => written.push(text) })
  expect(written).toEqual([`${'word '.repeat(100)}\n`])
})

test('nothing is wider than the terminal, and nothing is lost (property)', () => {
  const word = fc.stringMatching(/^[a-z\u5317\u98a8é]{1,12}$/)
  const cell = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '))
  const rows = fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(rows, fc.integer({ min: 60, max: 120 }), (cells, columns) => {
      const text = fitted(table(cells, [], columns), columns)
      expect(widest(text)).toBeLessThanOrEqual(columns)
      const wordsOf = (all: string) =>
        all
          .split(/\s+/)
          .filter((each) => each !== '')
          .toSorted()
      expect(wordsOf(stripVTControlCharacters(text))).toEqual(wordsOf(cells.flat().join(' ')))
    }),
  )
})
