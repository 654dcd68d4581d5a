import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellValue, conflictsCsv, readDecisions, valueCell } from '../../src/cli/conflict-csv.ts'
import { readCsv, writeCsv, type CsvCells } from '../../src/cli/csv.ts'
import { readPairDecisions } from '../../src/cli/pairing-csv.ts'
import type { Canonical } from '../../src/core/value.ts'
import { ConfigError } from '../../src/errors.ts'
import { aConflict } from './conflict.ts'

const COLUMNS = ['one', 'two', 'three']

test('every text comes back as it was written', () => {
  // A line that holds nothing at all is how spreadsheets end a file, so it is not a row.
  const cell = fc.string({ unit: 'grapheme' })
  const row = fc
    .record({ one: cell, two: cell, three: cell })
    .filter((cells) => Object.values(cells).some((text) => text !== ''))
  fc.assert(
    fc.property(fc.array(row), (rows) => {
      expect(cellsOf(writeCsv(COLUMNS, rows), COLUMNS)).toEqual(rows)
    }),
  )
})

test.each(['=1+1', '+1 415 555 0100', '-5', '@SUM(A1)', "'quoted", '\tTab', '=HYPERLINK("x")'])(
  'a spreadsheet does not run %s as a formula',
  (text) => {
    const written = writeCsv(['one'], [{ one: text }])
    const [, cell = ''] = written.split('\r\n')
    expect(cell.replace(/^"/, '').startsWith("'")).toBe(true)
    expect(cellsOf(written, ['one'])).toEqual([{ one: text }])
  },
)

test('a file saved by a spreadsheet with semicolons and bare line feeds is read', () => {
  const text = '\uFEFFid;decision;note\nabc;left;"two\nlines; one cell"\n;;\n'
  expect(cellsOf(text, ['id', 'decision'])).toEqual([
    { id: 'abc', decision: 'left', note: 'two\nlines; one cell' },
  ])
})

test('a missing column is named, with its place', () => {
  const error = thrown(() => readCsv('id,left\r\nabc,x\r\n', 'x.csv', ['id', 'decision']))
  expect(error.message).toContain('decision')
  expect(error.at).toEqual({ file: 'x.csv', line: 1, column: 1 })
})

test.each([
  ['never closed', 'id,note\r\nabc,"two\r\nlines"\r\n\r\nabd,"open\r\nand so on\r\n', 5],
  ['followed by text', 'id,note\nabc,"closed" too early\nabd,fine\n', 2],
  ['in the middle', 'id,note\nabc,fine\nabd,5" pipe\n', 3],
])('a quotation mark that is %s is found by its row', (_what, text, line) => {
  const error = thrown(() => readCsv(text, 'x.csv', ['id']))
  expect(error.at).toEqual({ file: 'x.csv', line, column: 1 })
})

test('canonical values come back from their cells', () => {
  const text = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('null', 'true', '12.50', '[1', '{"a":1}', '"', '["x"]', 'call reception'),
  )
  const value = fc.oneof(
    text,
    fc.constant(null),
    fc.boolean(),
    fc.array(text),
    fc.dictionary(fc.constantFrom('first_name', 'last_name'), text),
  )
  fc.assert(
    fc.property(value, (canonical: Canonical) => {
      expect(cellValue(valueCell(canonical))).toEqual(canonical)
    }),
  )
})

test('decisions come back with the values that the person saw', () => {
  const conflict = aConflict({ left: '=CEO', right: ['+14155550100', 'x'] })
  const filled = conflictsCsv([conflict]).replace(',,', ',LEFT,')
  expect(readDecisions(filled, 'x.csv')).toEqual([
    { id: conflict.id, choice: 'left', left: '=CEO', right: ['+14155550100', 'x'] },
  ])
})

test('rows without a decision are left for later', () => {
  expect(readDecisions(conflictsCsv([aConflict()]), 'x.csv')).toEqual([])
})

test('a decision for neither side is refused, with its place', () => {
  const text = 'id,left,right,decision\r\nc1,"two\nlines",b,\r\nc2,a,b,both\r\n'
  const error = thrown(() => readDecisions(text, 'x.csv'))
  expect(error).toMatchObject({ message: expect.stringContaining('"both"') as string, at: { line: 4 } })
  expect(error.hint).toContain('left or right')
})

test('a decision about a pair that is none is refused, with its place', () => {
  const text = 'mapping,left_id,right_id,decision\nm,1,2,link\nm,3,4,linkk\n'
  const error = thrown(() => readPairDecisions(text, 'x.csv'))
  expect(error).toMatchObject({ message: expect.stringContaining('"linkk"') as string, at: { line: 3 } })
})

function cellsOf(text: string, required: readonly string[]): readonly CsvCells[] {
  return readCsv(text, 'x.csv', required).map(({ cells }) => cells)
}

function thrown(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
