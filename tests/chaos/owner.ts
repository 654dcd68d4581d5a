/** Which process owns the database: from then on it answers signals, and nobody else may write. */
import { existsSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import type { Stage } from './stage.ts'

/** The process id; null while nobody does, or while the database is still being made. */
export function ownerOf({ database: file }: Pick<Stage, 'database'>): number | null {
  if (!existsSync(file)) return null
  const database = new Sqlite(file, { readonly: true })
  try {
    const lease = database.prepare<[], { holder: string }>('select holder from lease').get()
    return lease ? (JSON.parse(lease.holder) as { readonly pid: number }).pid : null
  } catch (error) {
    // A database that is being made has no tables yet, or is locked while it gets them.
    if (error instanceof Sqlite.SqliteError) return null
    throw error
  } finally {
    database.close()
  }
}
