/** Claiming dirty records: who holds a row for how long, and what becomes of it afterwards. */
import { and, asc, eq, getTableColumns, inArray, sql } from 'drizzle-orm'
import { LANES } from '../../core/lane.ts'
import type { Reconcile } from '../reconcile.ts'
import type { DirtyRecord, RecordRef } from '../records.ts'
import type { DirtyMarks } from './dirty-marks.ts'
import { findRow, isFree, isRow, row, rowKey } from './dirty-row.ts'
import { reasonsOf } from './reasons.ts'
import { dirty } from './schema.ts'
import { arg, eachOf, orm, statement, type Statements } from './statements.ts'

// Every lane by itself, so that each is a range of the index.
const anyDue = statement(() =>
  orm
    .select({ row })
    .from(dirty)
    .where(and(eq(dirty.mapping, arg('mapping')), inArray(dirty.lane, [...LANES]), isFree))
    .limit(1)
    .prepare(),
)
const due = statement(() =>
  orm
    .select({ ...getTableColumns(dirty), row })
    .from(dirty)
    .where(and(eq(dirty.mapping, arg('mapping')), eq(dirty.lane, arg('lane')), isFree))
    .orderBy(asc(dirty.dueMs), asc(dirty.seq))
    .limit(arg('limit'))
    .prepare(),
)

const leaseRows = statement(() =>
  orm
    .update(dirty)
    .set({ leaseUntilMs: sql`${arg('untilMs')}` })
    .where(inArray(row, eachOf('rows')))
    .prepare(),
)

const remove = statement(() =>
  orm
    .delete(dirty)
    .where(and(isRow, eq(dirty.seq, arg('seq'))))
    .prepare(),
)

// What was known when the row was claimed is done with; the age and the attempts of the newer mark count now.
const handBack = statement(() =>
  orm
    .update(dirty)
    .set({ leaseUntilMs: null, firstAtMs: sql`${dirty.lastAtMs}`, attempts: 0 })
    .where(isRow)
    .prepare(),
)

const delay = statement(() =>
  orm
    .update(dirty)
    .set({
      leaseUntilMs: null,
      dueMs: sql`${arg('dueMs')}`,
      attempts: sql`${dirty.attempts} + 1`,
    })
    .where(isRow)
    .prepare(),
)

const release = statement(() => orm.update(dirty).set({ leaseUntilMs: null }).where(isRow).prepare())

const releaseAll = statement(() => orm.update(dirty).set({ leaseUntilMs: null }).prepare())

type DueRow = typeof dirty.$inferSelect & { readonly row: number }

export function openDirtyClaims(db: Statements, { marker }: Pick<DirtyMarks, 'marker'>) {
  function dueRows(request: Omit<Parameters<Reconcile['claimDirty']>[0], 'leaseMs'>) {
    const { mapping, nowMs, lanes = LANES } = request
    const rows: DueRow[] = []
    // Most claims of a process that keeps two CRMs in agreement find nothing.
    if (!db.get(anyDue, { mapping, nowMs })) return rows
    // Lane by lane, so that each query walks its index in due order and stops at the limit.
    for (const lane of lanes) {
      const limit = request.limit - rows.length
      // Urgent records travel alone, or what nobody waits for would ride in their lane (algorithms 6.3).
      const isUrgent = (rows[0]?.lane ?? 3) <= 1
      if (limit <= 0 || (isUrgent && lane > 1)) break
      rows.push(...db.all(due, { mapping, lane, nowMs, limit }))
    }
    return rows
  }

  return {
    claim({ leaseMs, ...request }: Parameters<Reconcile['claimDirty']>[0]): readonly DirtyRecord[] {
      const found = dueRows(request)
      db.run(leaseRows, { rows: found.map((each) => each.row), untilMs: request.nowMs + leaseMs })
      return found.map(toDirty)
    },

    next(request: Parameters<Reconcile['nextDirty']>[0]): readonly DirtyRecord[] {
      return dueRows(request).map(toDirty)
    },

    claimRecords(request: Parameters<Reconcile['claimRecords']>[0]): readonly DirtyRecord[] {
      const { mapping, nowMs } = request
      const mark = marker()
      for (const record of request.records) mark({ mapping, record, reason: 'manual', lane: 0, atMs: nowMs })
      const found = request.records.flatMap((record) => db.get(findRow, rowKey(mapping, record)) ?? [])
      db.run(leaseRows, { rows: found.map((each) => each.row), untilMs: nowMs + request.leaseMs })
      return found.map(toDirty)
    },

    settle(mapping: string, record: RecordRef, seq: number): void {
      const removed = db.run(remove, { ...rowKey(mapping, record), seq }) > 0
      if (!removed) db.run(handBack, rowKey(mapping, record))
    },

    postpone(mapping: string, record: RecordRef, dueMs: number): void {
      db.run(delay, { ...rowKey(mapping, record), dueMs })
    },

    unclaim(mapping: string, record: RecordRef): void {
      db.run(release, rowKey(mapping, record))
    },

    releaseClaims(): void {
      db.run(releaseAll)
    },
  }
}

function toDirty({
  side,
  record,
  seq,
  lane,
  reasons,
  attempts,
  firstAtMs,
}: typeof dirty.$inferSelect): DirtyRecord {
  return { side, id: record, seq, lane, reasons: reasonsOf(reasons), attempts, firstAtMs }
}
