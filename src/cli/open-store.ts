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
  const file = options.db ?? settingsWithoutTokens(options).database
  refuseMissing(file)
  const store = await openStore({ file, refuseMigration: refuseBeneathOwner(systemRuntime) })
  try {
    return await work(store)
  } finally {
    await store.close()
  }
}

/** Throws `ConfigError` where opening would make a new, empty database. */
export function refuseMissing(file: string): void {
  if (existsSync(file)) return
  throw new ConfigError(`there is no database ${file}`, {
    hint: 'nothing was synchronised here yet: run `attune sync` first, or name the database with --db',
  })
}
