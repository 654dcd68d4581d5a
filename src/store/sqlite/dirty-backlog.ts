/** What the dirty set holds, for whoever has to know without claiming any of it. */
import { and, asc, eq, gt, inArray, notInArray, sql } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { Observe } from '../observe.ts'
import type { Backlog, DueTimes, Operate } from '../operate.ts'
import type { Reconcile } from '../reconcile.ts'
import type { RecordRef } from '../records.ts'
import { isFree, isRow, rowKey } from './dirty-row.ts'
import { SEPARATED } from '../links.ts'
import { dirty, isSuspect, link } from './schema.ts'
import { arg, eachOf, elements, orm, statement, type Statements } from './statements.ts'

const exists = statement(() => orm.select({ seq: dirty.seq }).from(dirty).where(isRow).prepare())

const unclaimed = statement(() =>
  orm
    .select({ side: dirty.side, id: dirty.record })
    .from(dirty)
    .where(
      and(
        eq(dirty.mapping, arg('mapping')),
        sql`(${dirty.side}, ${dirty.record}) > (${arg('side')}, ${arg('id')})`,
        isFree,
      ),
    )
    .orderBy(asc(dirty.side), asc(dirty.record))
    .limit(arg('limit'))
    .prepare(),
)

/** Asked first, since every loop asks with every tick, and most of the time nobody has changed anything. */
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
      postponed: sql<number>`count(*) filter (where ${dirty.attempts} > 0)`,
      nextDueMs: sql<number | null>`min(${dirty.dueMs}) filter (where ${dirty.dueMs} > ${arg('nowMs')})`,
      nextRetryMs: sql<
        number | null
      >`min(${dirty.dueMs}) filter (where ${dirty.dueMs} > ${arg('nowMs')} and ${dirty.attempts} > 0)`,
    })
    .from(dirty)
    .where(inArray(dirty.mapping, eachOf('mappings')))
    .groupBy(dirty.mapping)
    .prepare(),
)
// Two steps into the index for each mapping and lane, however many rows there are.
const isPlace = sql`${dirty.mapping} = m.value and ${dirty.lane} = l.value`
const dueTimes = statement(() =>
  orm
    .select({
      mapping: sql<string>`m.value`,
      firstMs: sql<number | null>`(select min(${dirty.dueMs}) from ${dirty} where ${isPlace})`,
      nextMs: sql<
        number | null
      >`(select min(${dirty.dueMs}) from ${dirty} where ${isPlace} and ${dirty.dueMs} > ${arg('nowMs')})`,
    })
    .from(sql`${elements('mappings')} as m`)
    .crossJoin(sql`${elements('lanes')} as l`)
    .prepare(),
)

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
          isSuspect(dirty.reasons),
          notInArray(link.state, [...SEPARATED]),
        ),
      )
      .orderBy(asc(dirty.record))
      .limit(arg('limit'))
      .prepare(),
  )
const suspects = { left: suspectsOn('left'), right: suspectsOn('right') }

export function openDirtyBacklog(db: Statements) {
  return {
    has(mapping: string, record: RecordRef): boolean {
      return db.get(exists, rowKey(mapping, record)) !== undefined
    },

    /** Records of links that still stand, marked because a listing missed them or showed them archived; by id. */
    suspects({ mapping, side, after, limit }: Parameters<Observe['suspects']>[0]): readonly RecordId[] {
      // No vendor's id is empty, so every id comes after ''.
      return db.all(suspects[side], { mapping, after: after ?? '', limit }).map((row) => row.id)
    },

    dueRecords({
      mapping,
      after,
      limit,
      nowMs,
    }: Parameters<Reconcile['dueRecords']>[0]): readonly RecordRef[] {
      const { side, id } = after ?? { side: '', id: '' }
      return db.all(unclaimed, { mapping, side, id, limit, nowMs })
    },

    backlogs({ mappings, nowMs }: Parameters<Operate['backlogs']>[0]): ReadonlyMap<string, Backlog> {
      if (!db.get(anything)) return new Map()
      const rows = db.all(backlogs, { mappings, nowMs })
      return new Map(rows.map(({ mapping, ...backlog }) => [mapping, backlog]))
    },

    dueTimes({ mappings, nowMs, lanes }: Parameters<Operate['dueTimes']>[0]): ReadonlyMap<string, DueTimes> {
      const times = new Map<string, DueTimes>()
      if (!db.get(anything)) return times
      for (const { mapping, firstMs, nextMs } of db.all(dueTimes, { mappings, nowMs, lanes })) {
        if (firstMs === null) continue
        const { isDue = false, nextDueMs = null } = times.get(mapping) ?? {}
        times.set(mapping, {
          isDue: isDue || firstMs <= nowMs,
          nextDueMs:
            nextDueMs === null || nextMs === null ? (nextDueMs ?? nextMs) : Math.min(nextDueMs, nextMs),
        })
      }
      return times
    },
  }
}
