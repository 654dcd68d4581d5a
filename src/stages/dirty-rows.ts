/** What becomes of the dirty rows that announced work, and how another look is asked for. */
import type { RecordRef, DirtyRecord } from '../store/records.ts'
import type { Change } from '../store/change.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** An outage must not last much longer for a record than for its CRM, however long it was. */
const WAIT_MAX_MS = 300_000

/** How long to wait before the n-th further try: 1 s, doubling, at most five minutes, with jitter. */
export function backoffMs(attempt: number, random: number): number {
  const base = Math.min(1_000 * 2 ** Math.min(attempt, 12), WAIT_MAX_MS)
  return Math.round(base * (0.5 + random / 2))
}

/** Nothing is left to do for what these announced; what was announced since stays. */
export function answered({ rules }: MappingRuntime, rows: readonly DirtyRecord[]): readonly Change[] {
  return rows.map((row) => ({ kind: 'settle', mapping: rules.mapping, record: row, seq: row.seq }))
}

export function postponed(
  { rules }: MappingRuntime,
  rows: readonly DirtyRecord[],
  dueMs: number,
): readonly Change[] {
  return rows.map((record) => ({ kind: 'postpone', mapping: rules.mapping, record, dueMs }))
}

/** Not now: at once where it was not tried before, else ever later. */
export function again(
  { runtime }: Engine,
  mapping: MappingRuntime,
  rows: readonly DirtyRecord[],
): readonly Change[] {
  return rows.flatMap((row) => {
    const delayMs = row.attempts === 0 ? 0 : backoffMs(row.attempts, runtime.random())
    return postponed(mapping, [row], runtime.now() + delayMs)
  })
}

/** Nothing was tried with these, so they are due at once for whoever looks next. */
export function unclaimed({ rules }: MappingRuntime, rows: readonly DirtyRecord[]): readonly Change[] {
  return rows.map((record) => ({ kind: 'unclaim', mapping: rules.mapping, record }))
}

/** Another look at a record because of what was just found out or done, without a listing having shown that yet. */
export function followUp({ runtime }: Engine, mapping: string, { side, id }: RecordRef): Change {
  const atMs = runtime.now()
  const record = { side, id }
  return { kind: 'mark', mapping, record, reason: 'follow-up', lane: 1, dueMs: atMs, atMs }
}
