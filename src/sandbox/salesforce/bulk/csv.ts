/** CSV of Bulk API 2.0 (Salesforce fact sheet 16). */
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'

export const DELIMITERS: Readonly<Record<string, string>> = {
  BACKQUOTE: '`',
  CARET: '^',
  COMMA: ',',
  PIPE: '|',
  SEMICOLON: ';',
  TAB: '\t',
}

export interface CsvFormat {
  readonly lineEnding: 'LF' | 'CRLF'
  readonly columnDelimiter: string
}

export type CsvContent =
  | {
      readonly kind: 'table'
      readonly columns: readonly string[]
      readonly rows: readonly (readonly string[])[]
      /** The first line as it was sent, quoted or not: results repeat it. */
      readonly header: string
    }
  /** The whole file is refused. */
  | { readonly kind: 'unreadable'; readonly reason: string }

/** Values are not trimmed; quotes are doubled; the first line names the columns. */
export function parseCsv(text: string, { lineEnding, columnDelimiter }: CsvFormat): CsvContent {
  const withoutMark = text.startsWith('\uFEFF') ? text.slice(1) : text
  // A file whose lines end otherwise than the job says is refused as a whole.
  const firstLine = withoutMark.slice(0, withoutMark.indexOf('\n') + 1)
  if (firstLine !== '' && firstLine.endsWith('\r\n') !== (lineEnding === 'CRLF')) {
    const reason = `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`
    return { kind: 'unreadable', reason }
  }
  try {
    const [columns = [], ...rows] = parse(withoutMark, {
      delimiter: DELIMITERS[columnDelimiter] ?? ',',
      record_delimiter: lineEnding === 'CRLF' ? '\r\n' : '\n',
      skip_empty_lines: true,
      // A row of another length fails by itself.
      relax_column_count: true,
    }) as string[][]
    const header = withoutMark.split(/\r?\n/, 1)[0] ?? ''
    return { kind: 'table', columns, rows, header }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'unreadable', reason: `InvalidBatch : ${reason}` }
  }
}

export function formatCsv(
  table: { readonly columns: readonly string[]; readonly rows: readonly (readonly string[])[] },
  { lineEnding, columnDelimiter }: CsvFormat,
): string {
  return stringify([table.columns, ...table.rows] as string[][], {
    delimiter: DELIMITERS[columnDelimiter] ?? ',',
    record_delimiter: lineEnding === 'CRLF' ? '\r\n' : '\n',
    quoted: true,
    quoted_empty: true,
  })
}

/** The results of an ingest job: names of ours in quotes, the file's own header as it came, all values in quotes. */
export function formatResults(
  table: {
    readonly columns: readonly string[]
    readonly header: string
    readonly rows: readonly (readonly string[])[]
  },
  format: CsvFormat,
): string {
  const delimiter = DELIMITERS[format.columnDelimiter] ?? ','
  const first = [...table.columns.map((column) => `"${column}"`), table.header].join(delimiter)
  const [columns = [], ...others] = table.rows
  const end = format.lineEnding === 'CRLF' ? '\r\n' : '\n'
  return first + end + (table.rows.length === 0 ? '' : formatCsv({ columns, rows: others }, format))
}
