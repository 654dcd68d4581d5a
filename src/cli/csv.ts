/**
 * CSV as RFC 4180 has it, safe to open in a spreadsheet: a cell that would be run as a formula is written with
 * an apostrophe in front, and read back without it.
 */
import { CsvError, parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import { ConfigError, type SourcePosition } from '../errors.ts'

/**
 * What spreadsheets take for the beginning of a formula; a leading apostrophe is escaped by another one, which the
 * escape of the CSV library leaves out, so that such a text would come back as another one.
 */
const FORMULA = /^[=+\-@\t\r']/

/** What has to be quoted beside what RFC 4180 names: other separators, and blanks that spreadsheets would drop. */
const ALSO_QUOTED = /[;\t\r]|^\s|\s$/

/** Spreadsheets recognise UTF-8 by this mark only. */
const BYTE_ORDER_MARK = '\uFEFF'

export type CsvCells = Readonly<Record<string, string>>

export interface CsvRow {
  /** Where the row begins. */
  readonly at: SourcePosition
  /** By column name; a missing cell is empty. */
  readonly cells: CsvCells
}

/** The given columns in their order; a row's missing cells stay empty. */
export function writeCsv(columns: readonly string[], rows: readonly CsvCells[]): string {
  const lines = rows.map((row) => columns.map((column) => guarded(row[column] ?? '')))
  return stringify([[...columns], ...lines], {
    bom: true,
    record_delimiter: 'windows',
    quoted_match: ALSO_QUOTED,
  })
}

/**
 * Takes what spreadsheets write back: a byte order mark, semicolons or tabs between the cells, any line ending. Throws
 * `ConfigError` with the position where the file is no CSV, or lacks a column.
 */
export function readCsv(text: string, file: string, required: readonly string[]): readonly CsvRow[] {
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  const [header, ...lines] = parseLines(body, file)
  const missing = required.filter((column) => !header?.cells.includes(column))
  if (!header || missing.length > 0) {
    const columns = missing.map((column) => `\`${column}\``).join(', ')
    throw new ConfigError(`${missing.length === 1 ? 'a column is' : 'columns are'} missing: ${columns}`, {
      at: { file, line: 1, column: 1 },
      hint: 'keep the first line of the file as it was written',
    })
  }
  return lines
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ line, cells }) => ({
      at: { file, line, column: 1 },
      cells: Object.fromEntries(header.cells.map((column, i) => [column, unguarded(cells[i] ?? '')])),
    }))
}

function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
}

/** Excel writes semicolons where a comma is the decimal sign. */
function separatorOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/))
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ','
}

interface Line {
  /** Counted from one. */
  readonly line: number
  readonly cells: readonly string[]
}

/** What the library hands over for each row. */
interface RawRecord {
  readonly record: readonly string[]
  readonly raw: string
}

function parseLines(text: string, file: string): readonly Line[] {
  // The library's own count of lines takes a line ending within a cell for two, so lines are counted here.
  const lines: Line[] = []
  let line = 1
  const take = ({ record: cells, raw }: RawRecord): null => {
    lines.push({ line, cells })
    line += raw.match(/\r\n|\r|\n/g)?.length ?? 0
    return null
  }
  try {
    parse(text, {
      delimiter: separatorOf(text),
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      raw: true,
      on_record: take,
    })
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    const message =
      error.code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'a quotation mark in this row is never closed'
        : 'a quotation mark stands in the middle of a cell of this row'
    throw new ConfigError(message, { at: { file, line, column: 1 }, hint: 'export the file as CSV again' })
  }
  return lines
}
