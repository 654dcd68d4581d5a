/** Opens what a command works with: settings, connections, the database with its lease; and closes it again. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { copyDatabase, openConnections, openStore, type AppOptions, type Connections } from '../compose.ts'
import { openConfiguredPairing } from '../compose/pairings.ts'
import { loadConfig } from '../config.ts'
import { isLoopback } from '../config/address.ts'
import type { Environment } from '../config/connection.ts'
import type { PairingSettings, Settings } from '../config/settings.ts'
import { ConfigError } from '../errors.ts'
import { createLogger, type Logger } from '../logging.ts'
import { systemRuntime, type Runtime } from '../runtime.ts'
import { Hands } from '../stages/hands.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { together } from '../stages/together.ts'
import type { Store } from '../store/store.ts'
import { keepBudgets, recallBudgets } from './budget-memory.ts'
import { refuseBeneathOwner, takeLease } from './lease.ts'
import { refuseMissing } from './open-store.ts'
import { DEFAULT_CONFIG, type CommonOptions } from './options.ts'
import { setUpStamps } from './setup-stamps.ts'
import { stoppable, type Stopping } from './stop-signal.ts'
import { print } from './terminal.ts'

/** The accounts, without a database. */
export interface Connected extends AppOptions {
  readonly settings: Settings
  readonly log: Logger
  readonly runtime: Runtime
  readonly connections: Connections
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  openPairings(): Promise<readonly OpenedPairing[]>
  /** One of them, without a word about what was left out of it. */
  openPairing(own: PairingSettings): Promise<OpenedPairing>
}

export interface Session extends Connected {
  readonly store: Store
}

export interface ConnectOptions {
  /** No request that could change anything is sent. */
  readonly dryRun?: boolean
  readonly environment?: Environment
  /** Where warnings for people go. */
  readonly warn?: (text: string) => void
  /** `ignore`: the pairing is opened although the fields for record ids are not there yet. */
  readonly missingStamps?: 'set-up' | 'ignore'
}

export interface SessionOptions extends ConnectOptions {
  /** `write` takes the lease; `copy` works on a copy that is thrown away, beside whoever owns the original. */
  readonly access: 'write' | 'copy'
  /** What to do where another process works on the database; the usual advice when absent. */
  readonly whenTaken?: string
  /** The database must be there: nothing can be said about an empty one. */
  readonly mustExist?: boolean
}

/** Runs `work` with the accounts connected and lets go of them afterwards, whatever happens. */
export async function withConnections<T>(
  options: CommonOptions,
  how: ConnectOptions,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  return stoppable((stopping) => connected(options, how, stopping, work))
}

/** Runs `work` with an open session and closes everything afterwards, whatever happens. */
export async function withSession<T>(
  options: CommonOptions,
  how: SessionOptions,
  work: (session: Session) => Promise<T>,
): Promise<T> {
  return stoppable((stopping) =>
    connected(options, how, stopping, (accounts) => {
      const file = options.db ?? accounts.settings.database
      if (how.mustExist) refuseMissing(file)
      const withStore = (store: Store) => work({ ...accounts, store })
      return how.access === 'write'
        ? owned(file, accounts, stopping, how.whenTaken, withStore)
        : copied(file, accounts, withStore)
    }),
  )
}

async function connected<T>(
  options: CommonOptions,
  how: ConnectOptions,
  stopping: Stopping,
  work: (connected: Connected) => Promise<T>,
): Promise<T> {
  const settings = loadConfig(options.config ?? DEFAULT_CONFIG, how.environment ?? process.env)
  const log = createLogger({ level: options.logLevel })
  const app = { settings, runtime: systemRuntime, log, dryRun: how.dryRun ?? false, hands: new Hands() }
  const connections = openConnections(app)
  const warn = how.warn ?? ((text: string) => print(`warning: ${text}\n`, process.stderr))
  const missingStamps = how.missingStamps ?? (app.dryRun ? 'ignore' : 'set-up')
  const openOne = (own: PairingSettings) => openComplete(own, { settings, connections, missingStamps })
  try {
    return await work({
      ...app,
      connections,
      signal: stopping.signal,
      openPairings: () => openPairings(settings, openOne, warn),
      openPairing: openOne,
    })
  } finally {
    connections.close()
  }
}

async function owned<T>(
  file: string,
  { runtime, connections }: Connected,
  stopping: Stopping,
  whenTaken: string | undefined,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openStore({ file, refuseMigration: refuseBeneathOwner(runtime) })
  try {
    const lease = await takeLease(store, runtime, stopping, whenTaken)
    try {
      const budgets = await keepBudgets(connections, store, runtime)
      try {
        return await work(store)
      } finally {
        await budgets.end()
      }
    } finally {
      await lease.release()
    }
  } finally {
    await store.close()
  }
}

async function copied<T>(
  file: string,
  { connections }: Connected,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'attune-'))
  try {
    const copy = join(folder, 'copy.db')
    if (existsSync(file)) await copyDatabase({ from: file, to: copy })
    const store = await openStore({ file: copy })
    try {
      // Whoever works on the original keeps its claims there; in the copy nobody else works.
      await store.releaseClaims()
      await recallBudgets(connections, store)
      return await work(store)
    } finally {
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function openPairings(
  settings: Settings,
  openOne: (own: PairingSettings) => Promise<OpenedPairing>,
  warn: (text: string) => void,
): Promise<readonly OpenedPairing[]> {
  const opened = await together(settings.pairings.map(openOne))
  for (const warning of opened.flatMap(({ warnings }) => warnings)) warn(warning)
  return opened
}

/** With the fields that hold record ids, unless they may be missing. */
async function openComplete(
  own: PairingSettings,
  options: {
    readonly settings: Settings
    readonly connections: Connections
    readonly missingStamps: 'set-up' | 'ignore'
  },
): Promise<OpenedPairing> {
  const { settings, connections, missingStamps } = options
  const pairing = await openConfiguredPairing(connections, own)
  if (pairing.missingStamps.length === 0 || missingStamps === 'ignore') return pairing
  if (!isLocal(settings)) {
    const missing = pairing.missingStamps.map(({ object, field }) => `${object}.${field}`)
    throw new ConfigError(`the accounts lack the fields that hold record ids: ${missing.join(', ')}`, {
      hint: 'run `attune setup`, which shows what it would create and then creates it',
    })
  }
  await setUpStamps(pairing)
  return openConfiguredPairing(connections, own)
}

/** Only the sandbox lives on loopback; there, setup runs by itself. */
export function isLocal(settings: Settings): boolean {
  return settings.connections.every(({ baseUrl }) => isLoopback(new URL(baseUrl).hostname))
}
