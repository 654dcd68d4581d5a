/** The database alone, for commands that ask what happened or leave a decision: no account, no lease needed. */
import { existsSync } from 'node:fs'
import { openStore } from '../compose.ts'
import { loadConfig } from '../config.ts'
import type { Settings } from '../config/settings.ts'
import { ConfigError } from '../errors.ts'
import { systemRuntime } from '../runtime.ts'
import type { Store } from '../store/store.ts'
import { refuseBeneathOwner } from './lease.ts'
import { configOrShipped, type CommonOptions } from './options.ts'

/** The settings; tokens that are not set stay empty, and nothing that is optional is left out. */
export function settingsWithoutTokens(options: CommonOptions): Settings {
  return loadConfig(configOrShipped(options), process.env, {
    onMissingToken: () => undefined,
    keepOptional: true,
  })
}

/** Runs `work` on the existing database, beside a running daemon if there is one. */
export async function withStore<T>(options: CommonOptions, work: (store: Store) => Promise<T>): Promise<T> {
  const file = databaseOf(options)
  refuseMissing(file)
  const store = await openStore({ file, refuseMigration: refuseBeneathOwner(systemRuntime) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

function databaseOf(options: CommonOptions): string {
  return options.db ?? settingsWithoutTokens(options).database
}

/** The file of the database where there is none yet; null where there is one. */
export function missingDatabase(options: CommonOptions): string | null {
  const file = databaseOf(options)
  return existsSync(file) ? null : file
}

/** Throws `ConfigError` where opening would make a new, empty database. */
export function refuseMissing(file: string): void {
  if (existsSync(file)) return
  throw new ConfigError(`there is no database ${file}`, {
    hint: 'nothing was synchronised here yet: run `attune sync` first, or name the database with --db',
  })
}
