/**
 * Forgetting, in steps small enough that nobody waits for one. Rows of both logs are numbered in the order of their
 * times, so the oldest are found without an index; where clocks went back, a row is forgotten a step later.
 */
import { and, asc, eq, gt, inArray, isNotNull, lt, notExists } from 'drizzle-orm'
import type { Retention } from '../retention.ts'
import type { Database } from './database.ts'
import { changeLog, conflict, journal, run } from './schema-history.ts'
import { arg, eachOf, orm, statement } from './statements.ts'

const oldestChanges = statement(() =>
  orm
    .select({ id: changeLog.id, kind: changeLog.kind, atMs: changeLog.atMs })
    .from(changeLog)
    .where(gt(changeLog.id, arg('after')))
    .orderBy(asc(changeLog.id))
    .limit(arg('limit'))
    .prepare(),
)
const forgetChanges = statement(() =>
  orm
    .delete(changeLog)
    .where(inArray(changeLog.id, eachOf('ids')))
    .prepare(),
)
const oldestWrites = statement(() =>
  orm
    .select({ id: journal.id, atMs: journal.atMs })
    .from(journal)
    .where(gt(journal.id, arg('after')))
    .orderBy(asc(journal.id))
    .limit(arg('limit'))
    .prepare(),
)
const forgetWrites = statement(() =>
  orm
    .delete(journal)
    .where(inArray(journal.id, eachOf('ids')))
    .prepare(),
)
const forgetRuns = statement(() =>
  orm
    .delete(run)
    .where(
      and(
        lt(run.endedMs, arg('beforeMs')),
        notExists(orm.select({ id: journal.id }).from(journal).where(eq(journal.run, run.id))),
      ),
    )
    .prepare(),
)
const oldestConflicts = statement(() =>
  orm
    .select({ id: conflict.id, closedAtMs: conflict.closedAtMs, state: conflict.state })
    .from(conflict)
    .where(and(gt(conflict.id, arg('after')), isNotNull(conflict.closedAtMs)))
    .orderBy(asc(conflict.id))
    .limit(arg('limit'))
    .prepare(),
)
const forgetConflicts = statement(() =>
  orm
    .delete(conflict)
    .where(inArray(conflict.id, eachOf('ids')))
    .prepare(),
)

export function openRetention({ writeSoon, ...db }: Database): Retention {
  const prune: Retention['prune'] = async ({ what, after, limit, beforeMs, removedBeforeMs, readUntil }) =>
    // Forgotten twice is no harm, so no step waits for the disk.
    writeSoon(() => {
      switch (what) {
        case 'changes': {
          const rows = db.all(oldestChanges, { after: Number(after ?? 0), limit })
          const isOver = (row: (typeof rows)[number]) => row.atMs >= beforeMs
          const old = rows.filter((row) => row.atMs < (row.kind === 'removed' ? removedBeforeMs : beforeMs))
          const forgotten = db.run(forgetChanges, { ids: old.map(({ id }) => id) })
          return { forgotten, next: nextAfter(rows, limit, isOver) }
        }
        case 'journal': {
          const rows = db.all(oldestWrites, { after: Number(after ?? 0), limit })
          const isOver = ({ id, atMs }: (typeof rows)[number]) =>
            atMs >= beforeMs || id > (readUntil ?? Infinity)
          const forgotten = db.run(forgetWrites, {
            ids: rows.filter((row) => !isOver(row)).map(({ id }) => id),
          })
          const next = nextAfter(rows, limit, isOver)
          if (next === null) db.run(forgetRuns, { beforeMs })
          return { forgotten, next }
        }
        case 'conflicts': {
          const rows = db.all(oldestConflicts, { after: after ?? '', limit })
          const old = rows.filter(({ closedAtMs }) => closedAtMs !== null && closedAtMs < beforeMs)
          const forgotten = db.run(forgetConflicts, { ids: old.map(({ id }) => id) })
          // Ids say nothing about age: all of them are looked at.
          return { forgotten, next: nextAfter(rows, limit, () => false) }
        }
      }
    })
  return { prune }
}

/** Null where the rows end, or begin to be young. */
function nextAfter<Row extends { readonly id: number | string }>(
  rows: readonly Row[],
  limit: number,
  isYoung: (row: Row) => boolean,
): string | null {
  const last = rows.at(-1)
  return rows.length < limit || !last || isYoung(last) ? null : String(last.id)
}
