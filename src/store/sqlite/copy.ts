/** A copy of a database file, for work that must leave no trace in the original: dry runs commit to the copy. */
import Sqlite from 'better-sqlite3'
import { inWords } from './database.ts'

/**
 * Copies the database as of one moment, what is still in its write-ahead log included, without blocking the
 * process that writes to it. `to` must not exist yet.
 */
export async function copySqliteDatabase({ from, to }: { from: string; to: string }): Promise<void> {
  const source = inWords(from, () => new Sqlite(from, { fileMustExist: true }))
  try {
    inWords(from, () => source.prepare('vacuum into ?').run(to))
  } finally {
    source.close()
  }
}
