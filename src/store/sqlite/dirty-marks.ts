/**
 * Marking records as dirty, and what a mark does to the row that it meets.
 *
 * The due time is the earlier one of both; but a bell's is what `debounce.ts` made of both, and what catches up beside
 * the bells (lane 2) does not hurry a row that they let wait. A complete pass (lane 3) does.
 */
import { sql } from 'drizzle-orm'
import type { Lane } from '../../core/lane.ts'
import type { Waiting } from '../debounce.ts'
import type { Reason, RecordRef } from '../records.ts'
import { findRow, rowKey } from './dirty-row.ts'
import { bitOf } from './reasons.ts'
import { counter, dirty } from './schema.ts'
import { arg, orm, statement, type Statements } from './statements.ts'

export interface Mark {
  readonly mapping: string
  readonly record: RecordRef
  readonly reason: Reason
  readonly lane: Lane
  readonly dueMs?: number
  /** Instead of `dueMs`: takes the place of whatever the row had. */
  readonly settledDueMs?: number
  readonly atMs: number
}

const next = statement(() =>
  orm
    .insert(counter)
    .values({ name: 'dirty', value: 1 })
    .onConflictDoUpdate({ target: counter.name, set: { value: sql`${counter.value} + 1` } })
    .returning({ value: counter.value })
    .prepare(),
)

const upsert = statement(() =>
  orm
    .insert(dirty)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      record: arg('record'),
      seq: arg('seq'),
      lane: arg('lane'),
      dueMs: arg('dueMs'),
      reasons: arg('reasons'),
      attempts: 0,
      firstAtMs: arg('atMs'),
      lastAtMs: arg('atMs'),
    })
    .onConflictDoUpdate({
      target: [dirty.mapping, dirty.side, dirty.record],
      set: {
        seq: sql`excluded.seq`,
        lane: sql`min(${dirty.lane}, excluded.lane)`,
        dueMs: sql`case ${arg('merge')} when 'settled' then excluded.due
          when 'patient' then iif(${dirty.attempts} = 0, ${dirty.dueMs}, min(${dirty.dueMs}, excluded.due))
          else min(${dirty.dueMs}, excluded.due) end`,
        reasons: sql`${dirty.reasons} | excluded.reasons`,
        lastAtMs: sql`excluded.last_at`,
      },
    })
    .prepare(),
)

export type DirtyMarks = ReturnType<typeof openDirtyMarks>

export function openDirtyMarks(db: Statements) {
  return {
    /**
     * A function that marks records within one transaction. Its marks share one number, above every one given
     * before: they become visible together. A record due at once needs no `dueMs`.
     */
    marker(): (mark: Mark) => void {
      let seq: number | null = null
      return (mark) => {
        seq ??= db.get(next)?.value ?? 1
        const { mapping, record, reason, lane, atMs } = mark
        const dueMs = mark.settledDueMs ?? mark.dueMs ?? atMs
        const row = { seq, lane, dueMs, reasons: bitOf(reason), atMs, merge: mergeOf(mark) }
        db.run(upsert, { ...rowKey(mapping, record), ...row })
      }
    },

    /** The row as `debounce.ts` wants to know it. */
    waiting(mapping: string, record: RecordRef, nowMs: number): Waiting | null {
      const found = db.get(findRow, rowKey(mapping, record))
      if (!found) return null
      const { lane, dueMs, firstAtMs, lastAtMs, attempts, leaseUntilMs } = found
      const isAtWork = leaseUntilMs !== null && leaseUntilMs > nowMs
      return { lane, dueMs, firstAtMs, lastAtMs, attempts, isAtWork }
    },
  }
}

/** How a mark's due time and that of the row it meets become one. */
function mergeOf({ settledDueMs, dueMs, lane }: Mark): 'settled' | 'patient' | 'earlier' {
  if (settledDueMs !== undefined) return 'settled'
  return dueMs === undefined && lane === 2 ? 'patient' : 'earlier'
}
