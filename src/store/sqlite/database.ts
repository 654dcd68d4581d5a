/**
 * One connection to one SQLite file: pragmas, transactions, and SQLite's complaints in words an operator can
 * act on.
 */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import Sqlite from 'better-sqlite3'
import { ConfigError } from '../../errors.ts'
import { DatabaseLocked } from '../ownership.ts'
import { openStatements, type Statements } from './statements.ts'

export interface Database extends Statements {
  readonly file: string
  readonly connection: Sqlite.Database
  /**
   * Runs `work` as one write transaction: all of it is kept, or, when it throws, nothing. `work` is synchronous;
   * the driver refuses a promise, because whatever ran after an `await` would escape the transaction.
   */
  readonly write: <T>(work: () => T) => T
  /**
   * The same for what is merely found out again when it is lost: a claim, a listed page, a decision that no call has
   * followed yet, the outcome of a call that was announced. It does not wait for the disk. A killed process loses
   * nothing; a power failure may take the last of these, in reverse order, but none that came before a `write`, whose
   * wait for the disk covers them.
   */
  readonly writeSoon: <T>(work: () => T) => T
  /** Runs `work` on one consistent view, whatever another process commits meanwhile. */
  readonly read: <T>(work: () => T) => T
  /** The same for `work` that runs one statement at most: that sees one view by itself, for a third of the time. */
  readonly look: <T>(work: () => T) => T
  /** After this, nothing can be done with it any more. */
  readonly close: () => void
}

/** What opening a database takes time for: the connection, and whatever has been prepared on it. */
export interface Connected {
  readonly connection: Sqlite.Database
  readonly statements: Statements
  readonly transaction: Sqlite.Transaction<(work: () => unknown) => unknown>
}

/** Another process (a command beside the daemon) holds the file for milliseconds; seconds mean it hangs. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Once it hangs, nobody stands still for as long again, and with him all of this process: webhooks are told at once to come
 * again. The first transaction that succeeds ends it.
 */
const STILL_BUSY_TIMEOUT_MS = 50

/** Holds the inner pages of every index at a million records; the leaves it lacks are in the system's own cache. */
const CACHE_KIB = 16 * 1024

/** Keeps nothing beyond its connection. */
export const IN_MEMORY = ':memory:'

export function openDatabase(file: string): Database {
  const connected = connect(file)
  return databaseOn(connected, file, () => connected.connection.close())
}

/** `image` is what a database in memory starts with, as `serialize` returned it. */
export function connect(file: string, image?: Buffer): Connected {
  return inWords(file, () => {
    if (file !== IN_MEMORY) mkdirSync(dirname(file), { recursive: true })
    const connection = new Sqlite(image ?? file, { timeout: BUSY_TIMEOUT_MS })
    try {
      configure(connection)
    } catch (error) {
      connection.close()
      throw error
    }
    // One function for all work: the driver wraps every new one again, which costs more than a small transaction.
    const transaction = connection.transaction((work: () => unknown) => work())
    return { connection, statements: openStatements(connection), transaction }
  })
}

export function databaseOn(
  { connection, statements, transaction }: Connected,
  file: string,
  onClose: () => void,
): Database {
  let isOpen = true
  let current: 'FULL' | 'NORMAL' = 'FULL'
  let timeoutMs = BUSY_TIMEOUT_MS
  const waitForLock = (ms: number): void => {
    if (ms !== timeoutMs) connection.pragma(`busy_timeout = ${ms}`)
    timeoutMs = ms
  }
  const spoken = <T>(work: () => T): T => {
    if (!isOpen) throw new Error(`the database is closed: ${file}`)
    return inWords(file, work)
  }
  const synchronously = <T>(wanted: typeof current, work: () => T): T =>
    spoken(() => {
      // Executed, not prepared: SQLite carries this pragma out while it compiles it.
      if (current !== wanted && file !== IN_MEMORY) connection.exec(`pragma synchronous = ${wanted}`)
      current = wanted
      try {
        const result = transaction.immediate(work) as T
        waitForLock(BUSY_TIMEOUT_MS)
        return result
      } catch (error) {
        if (isBusy(error)) waitForLock(STILL_BUSY_TIMEOUT_MS)
        throw error
      }
    })
  return {
    ...statements,
    file,
    connection,
    write: (work) => synchronously('FULL', work),
    writeSoon: (work) => synchronously('NORMAL', work),
    read: <T>(work: () => T) => spoken(() => transaction.deferred(work) as T),
    look: spoken,
    close() {
      if (isOpen) onClose()
      isOpen = false
    },
  }
}

function configure(connection: Sqlite.Database): void {
  // Sizes in algorithms 1.2 were measured with 8 KiB pages. Only a new file takes this, and only before WAL.
  connection.pragma('page_size = 8192')
  connection.pragma('journal_mode = WAL')
  // NORMAL may lose the last commits on power loss; an intent must survive it (algorithms 1.2). `write` keeps this.
  connection.pragma('synchronous = FULL')
  connection.pragma('foreign_keys = ON')
  connection.pragma(`cache_size = -${CACHE_KIB}`)
  connection.pragma('temp_store = MEMORY')
  connection.pragma(`journal_size_limit = ${64 * 1024 * 1024}`)
}

/** What SQLite reports, by the beginning of its code, as: what happened, and what to do. */
const COMPLAINTS: readonly (readonly [code: string, happened: string, hint: string])[] = [
  [
    'SQLITE_FULL',
    'The disk is full, writing the database failed',
    'Free some space and start again. The interrupted step was rolled back as a whole; nothing is half written.',
  ],
  [
    'SQLITE_NOTADB',
    'The file is not a SQLite database',
    'Name another database file, or move this one out of the way.',
  ],
  [
    'SQLITE_CORRUPT',
    'The database file is damaged',
    'Restore it from a backup. Without one, move it away and start with a new file: records are matched again.',
  ],
  [
    'SQLITE_CANTOPEN',
    'The database file cannot be opened or created',
    'Check that the folder exists and that this user may write to it.',
  ],
  [
    'SQLITE_READONLY',
    'The database file cannot be written to',
    'Give this user write permission on the file and on its folder.',
  ],
  [
    'SQLITE_BUSY',
    `Another process keeps the database locked, for more than ${BUSY_TIMEOUT_MS / 1_000} seconds now`,
    'Stop the other process, or wait until it is done.',
  ],
  [
    'SQLITE_IOERR',
    'The disk reported an error while the database was in use',
    'Check the disk and the free space on it, then start again.',
  ],
]

/** Runs `work`; an error that an operator can mend leaves it as `ConfigError`, every other one unchanged. */
export function inWords<T>(file: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explain(file, error) ?? error
  }
}

function explain(file: string, error: unknown): ConfigError | null {
  if (error instanceof Sqlite.SqliteError) {
    const found = COMPLAINTS.find(([code]) => error.code.startsWith(code))
    if (!found) return null
    const [, happened, hint] = found
    const Complaint = isBusy(error) ? DatabaseLocked : ConfigError
    return new Complaint(`${happened}: ${file} (${error.code}).`, { hint, cause: error })
  }
  if (error instanceof Error && 'code' in error && 'syscall' in error) {
    const message = `The folder of the database file cannot be made: ${file} (${String(error.code)}).`
    return new ConfigError(message, { hint: 'Name a folder that this user may write to.', cause: error })
  }
  return null
}

function isBusy(error: unknown): boolean {
  return error instanceof Sqlite.SqliteError && error.code.startsWith('SQLITE_BUSY')
}

/** Whether SQLite refused a row because one like it exists. */
export function isUniqueViolation(error: unknown): boolean {
  return (
    error instanceof Sqlite.SqliteError &&
    (error.code === 'SQLITE_CONSTRAINT_UNIQUE' || error.code === 'SQLITE_CONSTRAINT_PRIMARYKEY')
  )
}
