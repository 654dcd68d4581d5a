/** Runs: when they were, and what the journal says that they did. */
import { desc, eq } from 'drizzle-orm'
import type { Store } from '../store.ts'
import type { Run } from '../writes.ts'
import type { Database } from './database.ts'
import { run } from './schema-history.ts'
import { arg, orm, statement } from './statements.ts'
import type { Tables } from './tables.ts'

type Runs = Pick<Store, 'runs' | 'run' | 'runJournal' | 'journalAfter'>

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
  const { look, read } = db
  const withDeeds = (row: typeof run.$inferSelect): Run => ({ ...row, did: logs.countOfRun(row.id) })

  return {
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
