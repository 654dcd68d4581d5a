/**
 * Brings a database to the schema this program knows. Migrations are generated from the two schema files and only ever
 * added; a database that has seen one we do not know belongs to a newer release and is left alone.
 */
import { fileURLToPath } from 'node:url'
import { migrate } from 'drizzle-orm/better-sqlite3/migrator'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { ConfigError } from '../../errors.ts'
import type { Database } from './database.ts'

/** `src/store/sqlite` and `dist/store/sqlite` lie equally deep below the folder that holds `migrations`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations/sqlite', import.meta.url))

const APPLIED = '__drizzle_migrations'

export function migrateDatabase(database: Database, migrationsFolder: string): void {
  const known = readMigrationFiles({ migrationsFolder }).map((migration) => migration.folderMillis)
  if (isUpToDate(database, known)) return
  try {
    migrate(database.orm, { migrationsFolder, migrationsTable: APPLIED })
  } catch (error) {
    // Two programs started on a new file at once: the other one was faster, and its work is as good.
    if (!isUpToDate(database, known)) throw error
  }
}

function isUpToDate(database: Database, known: readonly number[]): boolean {
  const tables = tableNames(database)
  if (!tables.includes(APPLIED)) {
    if (tables.length === 0) return false
    throw new ConfigError(`The database belongs to another program: ${database.file}.`, {
      hint: 'Name another database file.',
    })
  }
  const applied = database.connection.prepare(`select created_at from "${APPLIED}"`).pluck().all().map(Number)
  const unknown = applied.filter((migration) => !known.includes(migration))
  if (unknown.length > 0) {
    const count = unknown.length === 1 ? 'a change' : `${unknown.length} changes`
    throw new ConfigError(
      `The database was written by a newer release (${count} to its schema unknown here): ${database.file}.`,
      { hint: 'Start the newer release, or restore the backup made before the upgrade.' },
    )
  }
  return applied.length === known.length
}

function tableNames(database: Database): readonly string[] {
  return database.connection
    .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`)
    .pluck()
    .all()
    .map(String)
}
