/**
 * CSV as RFC 4180 has it, safe to open in a spreadsheet: a cell that would be run as a formula is written with
 * an apostrophe in front, and read back without it.
 */
import { ConfigError } from '../errors.ts'

/** What spreadsheets take for the beginning of a formula; a leading apostrophe is escaped by another one. */
const FORMULA = /^[=+\-@\t\r']/

/** Spreadsheets recognise UTF-8 by this mark only. */
const BYTE_ORDER_MARK = '\uFEFF'

export type CsvRow = Readonly<Record<string, string>>

/** The given columns in their order; a row's missing cells stay empty. */
export function writeCsv(columns: readonly string[], rows: readonly CsvRow[]): string {
  const lines = [columns, ...rows.map((row) => columns.map((column) => guarded(row[column] ?? '')))]
  return `${BYTE_ORDER_MARK}${lines.map((cells) => `${cells.map(quoted).join(',')}\r\n`).join('')}`
}

/**
 * Rows by column name. Takes what spreadsheets write back: a byte order mark, semicolons or tabs between the
 * cells, any line ending. Throws `ConfigError` with the position where the file is no CSV, or lacks a column.
 */
export function readCsv(text: string, file: string, required: readonly string[]): readonly CsvRow[] {
  const body = text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text
  const [header, ...lines] = parseCells(body, separatorOf(body), file)
  const missing = required.filter((column) => !header?.cells.includes(column))
  if (!header || missing.length > 0) {
    throw new ConfigError(`the column ${missing.join(', ')} is missing`, {
      at: { file, line: 1, column: 1 },
      hint: 'keep the first line of the file as it was written',
    })
  }
  return lines
    .filter(({ cells }) => cells.some((cell) => cell !== ''))
    .map(({ cells }) =>
      Object.fromEntries(header.cells.map((column, i) => [column, unguarded(cells[i] ?? '')])),
    )
}

function guarded(cell: string): string {
  return FORMULA.test(cell) ? `'${cell}` : cell
}

function unguarded(cell: string): string {
  return cell.startsWith("'") && FORMULA.test(cell.slice(1)) ? cell.slice(1) : cell
}

function quoted(cell: string): string {
  return /[",;\t\r\n]/.test(cell) || cell !== cell.trim() ? `"${cell.replaceAll('"', '""')}"` : cell
}

/** Excel writes semicolons where a comma is the decimal sign. */
function separatorOf(text: string): string {
  const header = text.slice(0, text.search(/[\r\n]|$/))
  return [',', ';', '\t'].find((separator) => header.includes(separator)) ?? ','
}

interface Line {
  readonly cells: readonly string[]
}

function parseCells(text: string, separator: string, file: string): readonly Line[] {
  const lines: Line[] = []
  let cells: string[] = []
  let position = 0
  while (position < text.length) {
    const cell =
      text[position] === '"' ? quotedCell(text, position, file) : plainCell(text, position, separator)
    cells.push(cell.value)
    position = cell.end
    if (text[position] === separator) {
      position += 1
      // A separator at the very end still opens one more, empty cell.
      if (position === text.length) cells.push('')
      continue
    }
    if (position < text.length && text[position] !== '\r' && text[position] !== '\n') {
      throw notCsv(text, position, file, 'text follows a closing quotation mark')
    }
    position += text.startsWith('\r\n', position) ? 2 : 1
    lines.push({ cells })
    cells = []
  }
  if (cells.length > 0) lines.push({ cells })
  return lines
}

function plainCell(text: string, start: number, separator: string): { value: string; end: number } {
  let end = start
  while (end < text.length && text[end] !== separator && text[end] !== '\r' && text[end] !== '\n') end += 1
  return { value: text.slice(start, end), end }
}

function quotedCell(text: string, start: number, file: string): { value: string; end: number } {
  let value = ''
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote === -1) throw notCsv(text, start, file, 'a quotation mark is never closed')
    value += text.slice(from, quote)
    if (text[quote + 1] !== '"') return { value, end: quote + 1 }
    value += '"'
    from = quote + 2
  }
}

function notCsv(text: string, position: number, file: string, message: string): ConfigError {
  const before = text.slice(0, position).split('\n')
  const at = { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
  return new ConfigError(message, { at, hint: 'export the file as CSV again' })
}
