/** Runs: when they were, and what the journal says that they did. */
import { desc, eq, sql } from 'drizzle-orm'
import { InvariantError } from '../../errors.ts'
import type { Runs } from '../runs.ts'
import type { Run } from '../writes.ts'
import type { Database } from './database.ts'
import { run } from './schema-history.ts'
import { arg, orm, statement } from './statements.ts'
import type { Tables } from './tables.ts'

const insertRun = statement(() =>
  orm
    .insert(run)
    .values({ id: arg('id'), kind: arg('kind'), pairing: arg('pairing'), startedMs: arg('atMs') })
    .prepare(),
)
const finishRun = statement(() =>
  orm
    .update(run)
    .set({ endedMs: sql`${arg('atMs')}`, summary: sql`${arg('summary')}` })
    .where(eq(run.id, arg('id')))
    .prepare(),
)

const newestRuns = statement(() =>
  orm.select().from(run).orderBy(desc(run.startedMs), desc(run.id)).limit(arg('limit')).prepare(),
)
const findRun = statement(() =>
  orm
    .select()
    .from(run)
    .where(eq(run.id, arg('id')))
    .prepare(),
)

export function openRuns(db: Database, { logs }: Tables): Runs {
  const { look, read, write } = db
  const withDeeds = (row: typeof run.$inferSelect): Run => ({ ...row, did: logs.countOfRun(row.id) })

  return {
    async startRun({ id, kind, pairing, atMs }) {
      write(() => db.run(insertRun, { id, kind, pairing, atMs }))
    },

    async endRun({ id, atMs, summary }) {
      const ended = write(() => db.run(finishRun, { id, atMs, summary: JSON.stringify(summary) }))
      if (ended === 0) throw new InvariantError('run', `run ${id} ends but never started`)
    },

    async runs(limit) {
      return read(() => db.all(newestRuns, { limit }).map(withDeeds))
    },

    async run(id) {
      return read(() => {
        const row = db.get(findRun, { id })
        return row ? withDeeds(row) : null
      })
    },

    async runJournal({ run: id, olderThan, limit }) {
      return read(() => logs.journalOfRun(id, olderThan, limit))
    },

    async journalAfter({ after, limit }) {
      return look(() => logs.journalAfter(after, limit))
    },
  }
}
