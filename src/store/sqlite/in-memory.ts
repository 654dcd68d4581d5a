/**
 * Databases in memory. They all begin alike, empty and migrated, so that the first one is copied; and one that is closed
 * is emptied and used again, with the statements that it has prepared. A simulated world of ten records would spend more
 * time on its own connection than most of its processes spend in it.
 */
import { connect, databaseOn, IN_MEMORY, type Connected, type Database } from './database.ts'
import { APPLIED, migrateDatabase } from './migrate.ts'

interface Kept {
  /** An empty database, as `serialize` returned it. */
  readonly image: Buffer
  readonly idle: Connected[]
}

const byFolder = new Map<string, Kept>()

/** As many as there are worlds at a time. */
const IDLE_MAX = 2

/** Whatever held more than this, 16 MB, is given back to the system. */
const PAGES_MAX = 2_000

export function openInMemory(migrationsFolder: string): Database {
  const kept = byFolder.get(migrationsFolder) ?? found(migrationsFolder)
  const connected = kept.idle.pop() ?? connect(IN_MEMORY, kept.image)
  return databaseOn(connected, IN_MEMORY, () => {
    if (kept.idle.length >= IDLE_MAX || isLarge(connected)) connected.connection.close()
    else {
      empty(connected)
      kept.idle.push(connected)
    }
  })
}

function found(migrationsFolder: string): Kept {
  const connected = connect(IN_MEMORY)
  const { connection } = connected
  try {
    migrateDatabase(
      databaseOn(connected, IN_MEMORY, () => undefined),
      migrationsFolder,
    )
    const kept: Kept = { image: connection.serialize(), idle: [connected] }
    byFolder.set(migrationsFolder, kept)
    return kept
  } catch (error) {
    connection.close()
    throw error
  }
}

function isLarge({ connection }: Connected): boolean {
  return Number(connection.pragma('page_count', { simple: true })) > PAGES_MAX
}

/**
 * Numbers that SQLite gives out begin at one again. Rows go before those that they refer to: to switch foreign keys off
 * meanwhile would have every prepared statement compiled anew, which takes longer than the rest of a small world's store.
 */
function empty({ connection }: Connected): void {
  const tables = connection
    .prepare(
      `select name from sqlite_schema where type = 'table' and name <> ?
        order by (select count(*) from pragma_foreign_key_list(name)) desc`,
    )
    .pluck()
    .all(APPLIED)
    .map(String)
  connection.transaction(() => {
    for (const table of tables) connection.exec(`delete from "${table}"`)
  })()
}
