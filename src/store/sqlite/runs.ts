/** Runs: when they were, and what the journal says that they did. */
import { desc, eq } from 'drizzle-orm'
import type { Run, Store } from '../store.ts'
import type { Database } from './database.ts'
import { run } from './schema-history.ts'
import type { Tables } from './tables.ts'

type Runs = Pick<Store, 'runs' | 'run' | 'runJournal'>

export function openRuns({ orm, read }: Database, { logs }: Tables): Runs {
  const withDeeds = (row: typeof run.$inferSelect): Run => ({ ...row, did: logs.countOfRun(row.id) })

  return {
    async runs(limit) {
      return read(() =>
        orm.select().from(run).orderBy(desc(run.startedMs), desc(run.id)).limit(limit).all().map(withDeeds),
      )
    },

    async run(id) {
      return read(() => {
        const row = orm.select().from(run).where(eq(run.id, id)).get()
        return row ? withDeeds(row) : null
      })
    },

    async runJournal({ run: id, olderThan, limit }) {
      return read(() => logs.journalOfRun(id, olderThan, limit))
    },
  }
}
