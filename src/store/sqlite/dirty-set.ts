/**
 * The dirty set: records that need a look, one row per record (algorithms 6.1).
 *
 * | event | effect on the row |
 * |---|---|
 * | mark | made, or: fresh `seq`, the smaller lane, the due time below, reasons added; a lease stays |
 * | claim | leased until a time; a claimed row is not claimed again before that |
 * | settle | removed if `seq` is still the one that was claimed; otherwise the lease ends and the row stays |
 * | postpone | lease ends, due later, one attempt more |
 * | unclaim  | lease ends |
 *
 * The due time of a mark is the earlier one; but a bell's is what `debounce.ts` made of both, and what catches up
 * beside the bells (lane 2) does not hurry a row that they let wait. A complete pass (lane 3) does.
 *
 * A mark can therefore not be lost: only a settle with the row's own `seq` removes it, and `seq` numbers are
 * never given twice, not even after a row is gone.
 */
import { and, asc, eq, getTableColumns, gt, inArray, isNull, lte, notInArray, or, sql } from 'drizzle-orm'
import { LANES, type Lane } from '../../core/lane.ts'
import type { RecordId, Side } from '../../core/record.ts'
import type { Waiting } from '../debounce.ts'
import type { DirtyRecord, Reason, RecordRef } from '../records.ts'
import type { Backlog, Store } from '../store.ts'
import { arg, eachOf, orm, statement, type Statements } from './statements.ts'
import { SEPARATED } from './links.ts'
import { bitOf, reasonsOf } from './reasons.ts'
import { counter, dirty, link } from './schema.ts'

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

const isRow = and(
  eq(dirty.mapping, arg('mapping')),
  eq(dirty.side, arg('side')),
  eq(dirty.record, arg('record')),
)

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

const row = sql<number>`rowid`
const isFree = and(
  lte(dirty.dueMs, arg('nowMs')),
  or(isNull(dirty.leaseUntilMs), lte(dirty.leaseUntilMs, arg('nowMs'))),
)
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

const unclaimed = statement(() =>
  orm
    .select({ side: dirty.side, id: dirty.record })
    .from(dirty)
    .where(
      and(
        eq(dirty.mapping, arg('mapping')),
        sql`(${dirty.side}, ${dirty.record}) > (${arg('side')}, ${arg('id')})`,
        lte(dirty.dueMs, arg('nowMs')),
        or(isNull(dirty.leaseUntilMs), lte(dirty.leaseUntilMs, arg('nowMs'))),
      ),
    )
    .orderBy(asc(dirty.side), asc(dirty.record))
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

const find = statement(() =>
  orm
    .select({ ...getTableColumns(dirty), row })
    .from(dirty)
    .where(isRow)
    .prepare(),
)
const exists = statement(() => orm.select({ seq: dirty.seq }).from(dirty).where(isRow).prepare())

const anything = statement(() =>
  orm
    .select({ one: sql<number>`1` })
    .from(dirty)
    .limit(1)
    .prepare(),
)
const backlogs = statement(() =>
  orm
    .select({
      mapping: dirty.mapping,
      due: sql<number>`count(*) filter (where ${dirty.dueMs} <= ${arg('nowMs')})`,
      nextDueMs: sql<number | null>`min(${dirty.dueMs}) filter (where ${dirty.dueMs} > ${arg('nowMs')})`,
      nextRetryMs: sql<
        number | null
      >`min(${dirty.dueMs}) filter (where ${dirty.dueMs} > ${arg('nowMs')} and ${dirty.attempts} > 0)`,
    })
    .from(dirty)
    .where(and(inArray(dirty.mapping, eachOf('mappings')), inArray(dirty.lane, eachOf('lanes'))))
    .groupBy(dirty.mapping)
    .prepare(),
)
const total = statement(() =>
  orm
    .select({
      dirty: sql<number>`count(*)`,
      resting: sql<number>`count(*) filter (where ${dirty.dueMs} > ${arg('nowMs')} and ${dirty.attempts} = 0)`,
      oldest: sql<number | null>`min(${dirty.firstAtMs}) filter (where ${dirty.dueMs} <= ${arg('nowMs')})`,
    })
    .from(dirty)
    .prepare(),
)

const isSuspect = sql`(${dirty.reasons} & ${bitOf('unseen') | bitOf('archived')}) <> 0`
const suspectsOn = (side: Side) =>
  statement(() =>
    orm
      .select({ id: dirty.record })
      .from(dirty)
      .innerJoin(link, and(eq(link[side], dirty.record), eq(link.mapping, dirty.mapping)))
      .where(
        and(
          eq(dirty.mapping, arg('mapping')),
          eq(dirty.side, side),
          gt(dirty.record, arg('after')),
          isSuspect,
          notInArray(link.state, [...SEPARATED]),
        ),
      )
      .orderBy(asc(dirty.record))
      .limit(arg('limit'))
      .prepare(),
  )
const suspects = { left: suspectsOn('left'), right: suspectsOn('right') }

type DueRow = typeof dirty.$inferSelect & { readonly row: number }

export function openDirtySet(db: Statements) {
  const key = (mapping: string, record: RecordRef) => ({ mapping, side: record.side, record: record.id })

  /**
   * A function that marks records within one transaction. Its marks share one number, above every one given
   * before: they become visible together. A record due at once needs no `dueMs`.
   */
  function marker(): (mark: Mark) => void {
    let seq: number | null = null
    return (mark) => {
      seq ??= db.get(next)?.value ?? 1
      const { mapping, record, reason, lane, atMs } = mark
      const dueMs = mark.settledDueMs ?? mark.dueMs ?? atMs
      const row = { seq, lane, dueMs, reasons: bitOf(reason), atMs, merge: mergeOf(mark) }
      db.run(upsert, { ...key(mapping, record), ...row })
    }
  }

  function dueRows(request: Omit<Parameters<Store['claimDirty']>[0], 'leaseMs'>) {
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
    marker,

    /** The row as `debounce.ts` wants to know it. */
    waiting(mapping: string, record: RecordRef, nowMs: number): Waiting | null {
      const found = db.get(find, key(mapping, record))
      if (!found) return null
      const { lane, dueMs, firstAtMs, lastAtMs, attempts, leaseUntilMs } = found
      const isAtWork = leaseUntilMs !== null && leaseUntilMs > nowMs
      return { lane, dueMs, firstAtMs, lastAtMs, attempts, isAtWork }
    },

    claim({ leaseMs, ...request }: Parameters<Store['claimDirty']>[0]): readonly DirtyRecord[] {
      const found = dueRows(request)
      db.run(leaseRows, { rows: found.map((each) => each.row), untilMs: request.nowMs + leaseMs })
      return found.map(toDirty)
    },

    next(request: Parameters<Store['nextDirty']>[0]): readonly DirtyRecord[] {
      return dueRows(request).map(toDirty)
    },

    claimRecords(request: Parameters<Store['claimRecords']>[0]): readonly DirtyRecord[] {
      const { mapping, nowMs } = request
      const mark = marker()
      for (const record of request.records) mark({ mapping, record, reason: 'manual', lane: 0, atMs: nowMs })
      const found = request.records.flatMap((record) => db.get(find, key(mapping, record)) ?? [])
      db.run(leaseRows, { rows: found.map((each) => each.row), untilMs: nowMs + request.leaseMs })
      return found.map(toDirty)
    },

    settle(mapping: string, record: RecordRef, seq: number): void {
      const removed = db.run(remove, { ...key(mapping, record), seq }) > 0
      if (!removed) db.run(handBack, key(mapping, record))
    },

    postpone(mapping: string, record: RecordRef, dueMs: number): void {
      db.run(delay, { ...key(mapping, record), dueMs })
    },

    unclaim(mapping: string, record: RecordRef): void {
      db.run(release, key(mapping, record))
    },

    has(mapping: string, record: RecordRef): boolean {
      return db.get(exists, key(mapping, record)) !== undefined
    },

    /** Records of links that still stand, marked because a listing missed them or showed them archived; by id. */
    suspects({ mapping, side, after, limit }: Parameters<Store['suspects']>[0]): readonly RecordId[] {
      // No vendor's id is empty, so every id comes after ''.
      return db.all(suspects[side], { mapping, after: after ?? '', limit }).map((row) => row.id)
    },

    dueRecords({ mapping, after, limit, nowMs }: Parameters<Store['dueRecords']>[0]): readonly RecordRef[] {
      const { side, id } = after ?? { side: '', id: '' }
      return db.all(unclaimed, { mapping, side, id, limit, nowMs })
    },

    releaseClaims(): void {
      db.run(releaseAll)
    },

    backlogs({
      mappings,
      nowMs,
      lanes = LANES,
    }: Parameters<Store['backlogs']>[0]): ReadonlyMap<string, Backlog> {
      // Every loop asks with every tick, and most of the time nobody has changed anything.
      if (!db.get(anything)) return new Map()
      const rows = db.all(backlogs, { mappings, nowMs, lanes })
      return new Map(rows.map(({ mapping, ...backlog }) => [mapping, backlog]))
    },

    /** Over all mappings; `lagMs` is the age of the oldest row that is due. */
    totals(nowMs: number): { dirty: number; resting: number; lagMs: number } {
      const row = db.get(total, { nowMs })
      const firstAtMs = row?.oldest ?? nowMs
      return {
        dirty: row?.dirty ?? 0,
        resting: row?.resting ?? 0,
        lagMs: Math.max(0, nowMs - firstAtMs),
      }
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

/** How a mark's due time and that of the row it meets become one. */
function mergeOf({ settledDueMs, dueMs, lane }: Mark): 'settled' | 'patient' | 'earlier' {
  if (settledDueMs !== undefined) return 'settled'
  return dueMs === undefined && lane === 2 ? 'patient' : 'earlier'
}
