/** The store port on SQLite: one file, one writing process, other processes may read and leave decisions. */
import type { Store } from '../store.ts'
import { IN_MEMORY, inWords, openDatabase } from './database.ts'
import { openComparison } from './comparison.ts'
import { openDeliver } from './deliver.ts'
import { migrateDatabase, MIGRATIONS_FOLDER } from './migrate.ts'
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
}

/**
 * An empty migrated database, by migrations folder: every further one in memory starts as its copy, which takes
 * a fifth of the time of migrating. A simulated world opens thousands.
 */
const images = new Map<string, Buffer>()

/**
 * Opens the store and brings its schema up to date. Rejects with `ConfigError` when the file cannot be used: not
 * SQLite, another program's, written by a newer release, not writable, damaged.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, migrationsFolder = MIGRATIONS_FOLDER } = options
  const image = file === IN_MEMORY ? images.get(migrationsFolder) : undefined
  const database = openDatabase(file, image)
  const { connection } = database
  try {
    return inWords(file, () => {
      if (!image) migrateDatabase(database, migrationsFolder)
      if (!image && file === IN_MEMORY) images.set(migrationsFolder, connection.serialize())
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
          connection.close()
        },
      }
    })
  } catch (error) {
    connection.close()
    throw error
  }
}
