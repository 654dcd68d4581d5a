/**
 * Brings a database to the schema this program knows. Migrations are generated from the two schema files and only ever
 * added; a database that has seen one we do not know belongs to a newer release and is left alone.
 */
import { fileURLToPath } from 'node:url'
import { readMigrationFiles } from 'drizzle-orm/migrator'
import { ConfigError } from '../../errors.ts'
import type { Owner } from '../ownership.ts'
import type { Database } from './database.ts'

/** `src/store/sqlite` and `dist/store/sqlite` lie equally deep below the folder that holds `migrations`. */
export const MIGRATIONS_FOLDER = fileURLToPath(new URL('../../../migrations/sqlite', import.meta.url))

/** As drizzle's own migrator names and shapes it, so that its tools read our files. */
export const APPLIED = '__drizzle_migrations'
const CREATE_APPLIED = `create table if not exists "${APPLIED}" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric)`

/**
 * `refuse` throws where whoever owns the database must not have its schema changed beneath it.
 *
 * Not by drizzle's migrator: when the disk is full, SQLite rolls back by itself, and that migrator then reports only
 * that it cannot roll back.
 */
export function migrateDatabase(
  database: Database,
  migrationsFolder: string,
  refuse: (owner: Owner) => void = () => undefined,
): void {
  const migrations = readMigrationFiles({ migrationsFolder })
  const known = migrations.map((migration) => migration.folderMillis)
  if (isUpToDate(database, known)) return
  database.write(() => {
    const { connection } = database
    const owner = ownerOf(database)
    if (owner) refuse(owner)
    connection.exec(CREATE_APPLIED)
    // Asked again inside: of two programs started on a new file at once, the other one may have been faster.
    const applied = appliedMigrations(database)
    const remember = connection.prepare(`insert into "${APPLIED}" (hash, created_at) values (?, ?)`)
    for (const { folderMillis, hash, sql } of migrations) {
      if (applied.includes(folderMillis)) continue
      for (const statement of sql) connection.exec(statement)
      remember.run(hash, folderMillis)
    }
  })
}

/** As every release notes it; null in a new file, and where nobody works on it. */
function ownerOf(database: Database): Owner | null {
  if (!tableNames(database).includes('lease')) return null
  const found = database.connection.prepare('select holder, until as untilMs from lease').get()
  return (found as Owner | undefined) ?? null
}

function isUpToDate(database: Database, known: readonly number[]): boolean {
  const tables = tableNames(database)
  if (!tables.includes(APPLIED)) {
    if (tables.length === 0) return false
    throw new ConfigError(`The database belongs to another program: ${database.file}.`, {
      hint: 'Name another database file.',
    })
  }
  const applied = appliedMigrations(database)
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

function appliedMigrations({ connection }: Database): readonly number[] {
  return connection.prepare(`select created_at from "${APPLIED}"`).pluck().all().map(Number)
}

function tableNames(database: Database): readonly string[] {
  return database.connection
    .prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`)
    .pluck()
    .all()
    .map(String)
}
