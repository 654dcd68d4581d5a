/** What the engine was told by webhook, by its own log: shows that the listeners of its many lives were there. */
import Sqlite from 'better-sqlite3'
import type { Stage } from './stage.ts'

/** Changes that the CRMs told of, its own writes among them; those that came twice count once. */
export function bellsHeard({ database: file }: Pick<Stage, 'database'>): number {
  const database = new Sqlite(file, { readonly: true })
  try {
    const query = database.prepare<[], { heard: number }>(
      `select count(*) as heard from change_log where source = 'webhook'`,
    )
    return query.get()?.heard ?? 0
  } finally {
    database.close()
  }
}
