import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cellValue, conflictsCsv, readDecisions, valueCell } from '../../src/cli/conflict-csv.ts'
import { readCsv, writeCsv } from '../../src/cli/csv.ts'
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
      expect(readCsv(writeCsv(COLUMNS, rows), 'x.csv', COLUMNS)).toEqual(rows)
    }),
  )
})

test.each(['=1+1', '+1 415 555 0100', '-5', '@SUM(A1)', "'quoted", '\tTab', '=HYPERLINK("x")'])(
  'a spreadsheet does not run %s as a formula',
  (text) => {
    const written = writeCsv(['one'], [{ one: text }])
    const [, cell = ''] = written.split('\r\n')
    expect(cell.replace(/^"/, '').startsWith("'")).toBe(true)
    expect(readCsv(written, 'x.csv', ['one'])).toEqual([{ one: text }])
  },
)

test('a file saved by a spreadsheet with semicolons and bare line feeds is read', () => {
  const text = '\uFEFFid;decision;note\nabc;left;"two\nlines; one cell"\n;;\n'
  expect(readCsv(text, 'x.csv', ['id', 'decision'])).toEqual([
    { id: 'abc', decision: 'left', note: 'two\nlines; one cell' },
  ])
})

test('a missing column is named, with its place', () => {
  const error = thrown(() => readCsv('id,left\r\nabc,x\r\n', 'x.csv', ['id', 'decision']))
  expect(error.message).toContain('decision')
  expect(error.at).toEqual({ file: 'x.csv', line: 1, column: 1 })
})

test('a quotation mark that is never closed is found where it opens', () => {
  const error = thrown(() => readCsv('id,note\r\nabc,"open\r\n', 'x.csv', ['id']))
  expect(error.at).toEqual({ file: 'x.csv', line: 2, column: 5 })
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

test('a decision for neither side is refused', () => {
  const filled = conflictsCsv([aConflict()]).replace(',,', ',both,')
  expect(thrown(() => readDecisions(filled, 'x.csv')).hint).toContain('left or right')
})

function thrown(work: () => unknown): ConfigError {
  try {
    work()
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
