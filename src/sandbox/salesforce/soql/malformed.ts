/** Errors of queries, with the vendor's caret under the place (Salesforce fact sheet 6.2, recorded). */
import { refusal, type Problem } from '../wire.ts'

/** Characters of the query that an error shows around its place. */
const SHOWN = 60

export function queryError(
  code: 'MALFORMED_QUERY' | 'INVALID_FIELD' | 'INVALID_TYPE' | 'INVALID_QUERY_FILTER_OPERATOR',
  soql: string,
  { at, message }: { at: number; message: string },
): Problem {
  const before = soql.slice(0, at).split('\n')
  const row = before.length
  const column = (before.at(-1) ?? '').length
  const line = soql.split('\n')[row - 1] ?? ''
  const start = column > SHOWN ? column - SHOWN : 0
  const excerpt = line.slice(start, column + SHOWN)
  const caret = `${' '.repeat(column - start)}^`
  return refusal(code, `\n${excerpt}\n${caret}\nERROR at Row:${row}:Column:${column + 1}\n${message}`)
}
