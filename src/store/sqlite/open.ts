/** The store port on SQLite: one file, one writing process, other processes may read and leave decisions. */
import type { Store } from '../store.ts'
import { inWords, openDatabase } from './database.ts'
import { openDeliver } from './deliver.ts'
import { migrateDatabase, MIGRATIONS_FOLDER } from './migrate.ts'
import { openObserve } from './observe.ts'
import { openOperate } from './operate.ts'
import { openOwnership } from './ownership.ts'
import { openReconcile } from './reconcile.ts'
import { openRuns } from './runs.ts'
import { openTables } from './tables.ts'

export interface SqliteStoreOptions {
  /** Path of the database file; it and its folder are made when absent. `:memory:` keeps nothing. */
  readonly file: string
  readonly migrationsFolder?: string
}

/**
 * Opens the store and brings its schema up to date. Rejects with `ConfigError` when the file cannot be used: not
 * SQLite, another program's, written by a newer release, not writable, damaged.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const database = openDatabase(options.file)
  const { connection, file } = database
  try {
    return inWords(file, () => {
      migrateDatabase(database, options.migrationsFolder ?? MIGRATIONS_FOLDER)
      const tables = openTables(database.orm)
      return {
        ...openOwnership(database),
        ...openObserve(database, tables),
        ...openReconcile(database, tables),
        ...openDeliver(database, tables),
        ...openOperate(database, tables),
        ...openRuns(database, tables),
        close: async () => {
          connection.close()
        },
      }
    })
  } catch (error) {
    connection.close()
    throw error
  }
}
