/**
 * Open conflicts as a spreadsheet, and the decisions that come back in it. The values in the file are what the
 * person saw: a decision only counts while the conflict still stands on exactly these values.
 */
import { canonicalText, isEqual, type Canonical } from '../core/value.ts'
import { ConfigError } from '../errors.ts'
import { actorText, type ConflictView } from './conflict-view.ts'
import { readCsv, writeCsv } from './csv.ts'

const COLUMNS = [
  'id',
  'pairing',
  'object',
  'field',
  'left_name',
  'right_name',
  'left',
  'right',
  'decision',
  'base_left',
  'base_right',
  'left_record',
  'right_record',
  'left_changed_by',
  'left_changed_at',
  'right_changed_by',
  'right_changed_at',
  'rule',
  'opened_at',
] as const

export interface CsvDecision {
  readonly id: string
  readonly choice: 'left' | 'right'
  readonly left: Canonical
  readonly right: Canonical
}

export function conflictsCsv(conflicts: readonly ConflictView[]): string {
  return writeCsv(
    COLUMNS,
    conflicts.map((conflict) => ({
      id: conflict.id,
      pairing: conflict.pairing,
      object: conflict.object,
      field: conflict.field,
      left_name: conflict.leftName ?? '',
      right_name: conflict.rightName ?? '',
      left: valueCell(conflict.left),
      right: valueCell(conflict.right),
      decision: '',
      base_left: conflict.base ? valueCell(conflict.base.left) : '',
      base_right: conflict.base ? valueCell(conflict.base.right) : '',
      left_record: conflict.leftRecord ?? '',
      right_record: conflict.rightRecord ?? '',
      left_changed_by: actorText(conflict.leftActor, conflict.leftVia),
      left_changed_at: conflict.leftAt ?? '',
      right_changed_by: actorText(conflict.rightActor, conflict.rightVia),
      right_changed_at: conflict.rightAt ?? '',
      rule: conflict.rule,
      opened_at: conflict.openedAt,
    })),
  )
}

/** Rows with a decision; rows without one are left for later. */
export function readDecisions(text: string, file: string): readonly CsvDecision[] {
  const rows = readCsv(text, file, ['id', 'left', 'right', 'decision'])
  return rows.flatMap(({ at, cells: row }) => {
    const written = row['decision']?.trim() ?? ''
    const decision = written.toLowerCase()
    if (decision === '') return []
    if (decision !== 'left' && decision !== 'right') {
      throw new ConfigError(`the decision "${written}" is neither left nor right`, {
        at,
        hint: 'write left or right into the column decision, or leave it empty',
      })
    }
    const values = { left: cellValue(row['left'] ?? ''), right: cellValue(row['right'] ?? '') }
    return [{ id: row['id']?.trim() ?? '', choice: decision, ...values }]
  })
}

/** Text as it is; everything that would read back as something else in JSON. Blank is an empty cell. */
export function valueCell(value: Canonical): string {
  if (value === null) return ''
  if (typeof value !== 'string') return canonicalText(value)
  return isEqual(cellValue(value), value) ? value : JSON.stringify(value)
}

export function cellValue(cell: string): Canonical {
  if (cell === '') return null
  if (!/^["[{]|^(true|false|null)$/.test(cell)) return cell
  try {
    return JSON.parse(cell) as Canonical
  } catch (error) {
    // A sentence that begins with a quotation mark or a bracket.
    if (error instanceof SyntaxError) return cell
    throw error
  }
}
