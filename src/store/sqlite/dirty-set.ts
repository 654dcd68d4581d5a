/**
 * The dirty set: records that need a look, one row per record (algorithms 6.1).
 *
 * | event | effect on the row |
 * |---|---|
 * | mark | made, or: fresh `seq`, the smaller lane, the due time as `dirty-marks.ts` says, reasons added; a lease stays |
 * | claim | leased until a time; a claimed row is not claimed again before that |
 * | settle | removed if `seq` is still the one that was claimed; otherwise the lease ends and the row stays |
 * | postpone | lease ends, due later, one attempt more |
 * | unclaim  | lease ends |
 *
 * A mark can therefore not be lost: only a settle with the row's own `seq` removes it, and `seq` numbers are
 * never given twice, not even after a row is gone.
 */
import { openDirtyBacklog } from './dirty-backlog.ts'
import { openDirtyClaims } from './dirty-claims.ts'
import { openDirtyMarks } from './dirty-marks.ts'
import type { Statements } from './statements.ts'

export function openDirtySet(db: Statements) {
  const marks = openDirtyMarks(db)
  return { ...marks, ...openDirtyClaims(db, marks), ...openDirtyBacklog(db) }
}
