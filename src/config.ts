/**
 * `config/attune.yaml` → frozen settings. Secrets come from the environment only; the file names the variables.
 * Everything wrong with the file is found at once, with file:line:column.
 */
import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { isMentioned, readConnection, type Environment } from './config/connection.ts'
import { configFile } from './config/file.ts'
import type { Settings } from './config/settings.ts'
import { looksOf, retentionOf } from './config/times.ts'
import { alertsOf, webOf } from './config/web.ts'
import { CLOCK_ERROR_MS } from './core/evidence.ts'
import { GUARD_LIMITS } from './core/guard.ts'
import { SIDES } from './core/record.ts'
import { ConfigError, systemCode } from './errors.ts'
import { parseYaml } from './mapping/load.ts'
import { throwOnErrors } from './mapping/problem.ts'

export interface LoadOptions {
  /**
   * Told of every token that is not set, instead of stopping at the first; that connection then has an empty
   * one. For commands that work without credentials, or that report everything at once.
   */
  readonly onMissingToken?: (missing: ConfigError) => void
  /** Keeps optional connections of which nothing is known: for commands that ask the database only. */
  readonly keepOptional?: boolean
}

/** Reads the file and the environment. Throws `ConfigError` for whatever is wrong with either. */
export function loadConfig(file: string, environment: Environment, options: LoadOptions = {}): Settings {
  const text = readText(file, 'check the path, or name another file with --config')
  const parsed = parseYaml(configFile, text, file, { help: 'see config/README.md' })
  throwOnErrors(parsed.problems)
  const { document } = parsed
  if (!document) throw new ConfigError('the file is empty', { hint: 'see config/README.md', at: null })
  const { engine, guards } = document.body
  const read = (name: string, entry: (typeof document.body.connections)[string]) =>
    readConnection(entry, {
      name,
      environment,
      at: (path) => document.at(['connections', name, ...path]),
      onMissing: (missing) => {
        if (!options.onMissingToken) throw missing
        options.onMissingToken(missing)
      },
    })
  const all = Object.entries(document.body.connections)
  const isLeftOut = (entry: (typeof document.body.connections)[string]) =>
    !options.keepOptional && entry.optional && !isMentioned(entry, environment)
  const leftOut = all.flatMap(([name, entry]) => (isLeftOut(entry) ? [name] : []))
  const connections = all.flatMap(([name, entry]) => (leftOut.includes(name) ? [] : [read(name, entry)]))
  const names = all.map(([name]) => name)
  const listed = Object.entries(document.body.pairings).map(([name, entry]) => {
    for (const side of SIDES) {
      if (names.includes(entry[side])) continue
      throw new ConfigError(`there is no connection \`${entry[side]}\``, {
        at: document.at(['pairings', name, side]),
        hint: `one of: ${names.join(', ')}`,
      })
    }
    const mappings = entry.mappings.map((path) => resolve(dirname(file), path))
    return { name, left: entry.left, right: entry.right, mappings, looks: looksOf(document, name) }
  })
  const pairings = listed.filter(({ left, right }) => !leftOut.includes(left) && !leftOut.includes(right))
  if (pairings.length === 0 && leftOut.length > 0) {
    // Nothing is left to do: what is missing is said as if nothing were optional.
    for (const [name, entry] of all) if (leftOut.includes(name)) read(name, entry)
  }
  return Object.freeze({
    connections,
    leftOut,
    pairings,
    database: document.body.database,
    web: webOf(document, environment),
    ...alertsOf(document, environment),
    batchSize: engine['batch-size'],
    batchesInFlight: engine['batches-in-flight'],
    freshMs: engine['fresh-seconds'] * 1_000,
    requestTimeoutMs: engine['request-timeout-seconds'] * 1_000,
    zombieHorizonMs: engine['zombie-horizon-seconds'] * 1_000,
    clockErrorMs: CLOCK_ERROR_MS,
    retention: retentionOf(document),
    lookBack: engine['look-back'],
    guards: {
      ...GUARD_LIMITS,
      deletionsFree: guards['deletions-free'],
      deletionShare: guards['deletion-share'],
      shrinkShare: guards['shrink-share'],
      fieldShare: guards['field-share'],
    },
  })
}

/** What to do about a mapping file that cannot be read. */
export const MAPPING_PATH_HINT =
  'correct the path under `mappings` in the settings file; it counts from the folder of that file'

/** Throws `ConfigError` with `hint` when there is nothing to read. */
export function readText(file: string, hint = 'check the path'): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new ConfigError(unreadable(file, systemCode(error)), { hint, cause: error })
  }
}

function unreadable(file: string, code: string): string {
  switch (code) {
    case 'ENOENT':
      return `there is no file ${file}`
    case 'EISDIR':
      return `${file} is a folder, not a file`
    default:
      return `cannot read ${file} (${code})`
  }
}
