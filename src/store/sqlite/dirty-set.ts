/**
 * The dirty set: records that need a look, one row per record (algorithms 6.1).
 *
 * | event | effect on the row |
 * |---|---|
 * | mark | made, or: fresh `seq`, the smaller lane, the earlier due time, reasons added; a lease stays |
 * | claim | leased until a time; a claimed row is not claimed again before that |
 * | settle | removed if `seq` is still the one that was claimed; otherwise the lease ends and the row stays |
 * | postpone | lease ends, due later, one attempt more |
 *
 * A mark can therefore not be lost: only a settle with the row's own `seq` removes it, and `seq` numbers are
 * never given twice, not even after a row is gone.
 */
import { and, asc, eq, gt, isNull, lte, notInArray, or, sql } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { DirtyRecord, Lane, Reason, RecordRef, Store } from '../store.ts'
import { statement, type Orm } from './database.ts'
import { SEPARATED } from './links.ts'
import { bitOf, reasonsOf } from './reasons.ts'
import { counter, dirty, link } from './schema.ts'

const LANES: readonly Lane[] = [0, 1, 2, 3]

export interface Mark {
  readonly mapping: string
  readonly record: RecordRef
  readonly reason: Reason
  readonly lane: Lane
  readonly dueMs?: number
  readonly atMs: number
}

export function openDirtySet(orm: Orm) {
  const arg = sql.placeholder
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
          dueMs: sql`min(${dirty.dueMs}, excluded.due)`,
          reasons: sql`${dirty.reasons} | excluded.reasons`,
          lastAtMs: sql`excluded.last_at`,
        },
      })
      .prepare(),
  )

  const due = statement(() =>
    orm
      .select()
      .from(dirty)
      .where(
        and(
          eq(dirty.mapping, arg('mapping')),
          eq(dirty.lane, arg('lane')),
          lte(dirty.dueMs, arg('nowMs')),
          or(isNull(dirty.leaseUntilMs), lte(dirty.leaseUntilMs, arg('nowMs'))),
        ),
      )
      .orderBy(asc(dirty.dueMs), asc(dirty.seq))
      .limit(arg('limit'))
      .prepare(),
  )

  const leaseRow = statement(() =>
    orm
      .update(dirty)
      .set({ leaseUntilMs: sql`${arg('untilMs')}` })
      .where(isRow)
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

  const exists = statement(() => orm.select({ seq: dirty.seq }).from(dirty).where(isRow).prepare())
  const rowOf = statement(() => orm.select().from(dirty).where(isRow).prepare())

  const ofLane = and(eq(dirty.mapping, arg('mapping')), eq(dirty.lane, arg('lane')))
  const dueCount = statement(() =>
    orm
      .select({ count: sql<number>`count(*)` })
      .from(dirty)
      .where(and(ofLane, lte(dirty.dueMs, arg('nowMs'))))
      .prepare(),
  )
  const nextDue = statement(() =>
    orm
      .select({ dueMs: dirty.dueMs })
      .from(dirty)
      .where(and(ofLane, gt(dirty.dueMs, arg('nowMs'))))
      .orderBy(asc(dirty.dueMs))
      .limit(1)
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

  const key = (mapping: string, record: RecordRef) => ({ mapping, side: record.side, record: record.id })

  /**
   * A function that marks records within one transaction. Its marks share one number, above every one given
   * before: they become visible together. A record due at once needs no `dueMs`.
   */
  function marker(): (mark: Mark) => void {
    let seq: number | null = null
    return ({ mapping, record, reason, lane, atMs, dueMs }) => {
      seq ??= next().get()?.value ?? 1
      const row = { seq, lane, dueMs: dueMs ?? atMs, reasons: bitOf(reason), atMs }
      upsert().run({ ...key(mapping, record), ...row })
    }
  }

  return {
    marker,

    claim(request: Parameters<Store['claimDirty']>[0]): readonly DirtyRecord[] {
      const { mapping, nowMs } = request
      const claimed: DirtyRecord[] = []
      // Lane by lane, so that each query walks its index in due order and stops at the limit.
      for (const lane of LANES) {
        const limit = request.limit - claimed.length
        if (limit <= 0) break
        for (const row of due().all({ mapping, lane, nowMs, limit })) {
          const { side, record } = row
          leaseRow().run({ mapping, side, record, untilMs: nowMs + request.leaseMs })
          claimed.push(toDirty(row))
        }
      }
      return claimed
    },

    claimRecords(request: Parameters<Store['claimRecords']>[0]): readonly DirtyRecord[] {
      const { mapping, nowMs } = request
      const mark = marker()
      for (const record of request.records) mark({ mapping, record, reason: 'manual', lane: 0, atMs: nowMs })
      return request.records.flatMap(({ side, id }) => {
        const row = rowOf().get({ mapping, side, record: id })
        if (!row) return []
        leaseRow().run({ mapping, side, record: id, untilMs: nowMs + request.leaseMs })
        return toDirty(row)
      })
    },

    settle(mapping: string, record: RecordRef, seq: number): void {
      const removed = remove().run({ ...key(mapping, record), seq }).changes > 0
      if (!removed) handBack().run(key(mapping, record))
    },

    postpone(mapping: string, record: RecordRef, dueMs: number): void {
      delay().run({ ...key(mapping, record), dueMs })
    },

    has(mapping: string, record: RecordRef): boolean {
      return exists().get(key(mapping, record)) !== undefined
    },

    /** Records of links that still stand, marked because a listing missed them or showed them archived; by id. */
    suspects({ mapping, side, after, limit }: Parameters<Store['suspects']>[0]): readonly RecordId[] {
      // No vendor's id is empty, so every id comes after ''.
      return suspects[side]()
        .all({ mapping, after: after ?? '', limit })
        .map((row) => row.id)
    },

    releaseClaims(): void {
      orm.update(dirty).set({ leaseUntilMs: null }).run()
    },

    backlog({ mapping, nowMs }: Parameters<Store['backlog']>[0]): Awaited<ReturnType<Store['backlog']>> {
      const due = LANES.map((lane) => dueCount().get({ mapping, lane, nowMs })?.count ?? 0)
      const next = LANES.flatMap((lane) => nextDue().get({ mapping, lane, nowMs })?.dueMs ?? [])
      return {
        due: due.reduce((sum, count) => sum + count, 0),
        nextDueMs: next.length === 0 ? null : Math.min(...next),
      }
    },

    /** Over all mappings; `lagMs` is the age of the oldest row that is due. */
    totals(nowMs: number): { dirty: number; lagMs: number } {
      const oldest = sql<number | null>`min(${dirty.firstAtMs}) filter (where ${dirty.dueMs} <= ${nowMs})`
      const row = orm
        .select({ dirty: sql<number>`count(*)`, oldest })
        .from(dirty)
        .get()
      const firstAtMs = row?.oldest ?? nowMs
      return { dirty: row?.dirty ?? 0, lagMs: Math.max(0, nowMs - firstAtMs) }
    },
  }
}

function toDirty(row: typeof dirty.$inferSelect): DirtyRecord {
  const { side, record, seq, lane, attempts, firstAtMs } = row
  return { side, id: record, seq, lane, reasons: reasonsOf(row.reasons), attempts, firstAtMs }
}
