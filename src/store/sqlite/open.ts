/** The store port on SQLite: one file, one writing process, other processes may read and leave decisions. */
import type { Owner } from '../ownership.ts'
import type { Store } from '../store.ts'
import { IN_MEMORY, inWords, openDatabase } from './database.ts'
import { openComparison } from './comparison.ts'
import { openDeliver } from './deliver.ts'
import { migrateDatabase, MIGRATIONS_FOLDER } from './migrate.ts'
import { openInMemory } from './in-memory.ts'
import { openObserve } from './observe.ts'
import { openOperate } from './operate.ts'
import { openOwnership } from './ownership.ts'
import { openReconcile } from './reconcile.ts'
import { openRetention } from './retention.ts'
import { openRuns } from './runs.ts'
import { openTables } from './tables.ts'

export interface SqliteStoreOptions {
  /** Path of the database file; it and its folder are made when absent. `:memory:` keeps nothing. */
  readonly file: string
  readonly migrationsFolder?: string
  /** Asked before the schema of a database that somebody owns is changed; throws where it must not be. */
  readonly refuseMigration?: (owner: Owner) => void
}

/**
 * Opens the store and brings its schema up to date. Rejects with `ConfigError` when the file cannot be used: not
 * SQLite, another program's, written by a newer release, not writable, damaged.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, migrationsFolder = MIGRATIONS_FOLDER } = options
  const database = file === IN_MEMORY ? openInMemory(migrationsFolder) : openDatabase(file)
  try {
    return inWords(file, () => {
      if (file !== IN_MEMORY) migrateDatabase(database, migrationsFolder, options.refuseMigration)
      const tables = openTables(database)
      return {
        ...openOwnership(database, tables),
        ...openObserve(database, tables),
        ...openReconcile(database, tables),
        ...openDeliver(database, tables),
        ...openOperate(database, tables),
        ...openComparison(database),
        ...openRetention(database),
        ...openRuns(database, tables),
        close: async () => {
          database.close()
        },
      }
    })
  } catch (error) {
    database.close()
    throw error
  }
}
