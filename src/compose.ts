/** The composition root: puts the implementations together. Which vendor has which connector: `compose/vendors.ts`. */
import { createConnector, trafficOf } from './compose/vendors.ts'
import { createBudget, type Budget } from './connectors/budget/budget.ts'
import type { Connector } from './connectors/connector.ts'
import { counted, type RequestCounts } from './connectors/counted.ts'
import { readOnly } from './connectors/read-only.ts'
import { httpTransport, type Transport } from './connectors/transport.ts'
import type { ConnectionSettings } from './config/connection.ts'
import type { Settings } from './config/settings.ts'
import { SIDES } from './core/record.ts'
import type { Logger } from './logging.ts'
import type { Runtime } from './runtime.ts'
import { Absences } from './stages/absence.ts'
import { newTally, type Engine } from './stages/engine.ts'
import { Hands } from './stages/hands.ts'
import { othersOf, type PairingOutline } from './stages/hub.ts'
import { latelyGuard } from './stages/lately.ts'
import type { OpenedPairing } from './stages/pairing.ts'
import { createWake } from './stages/wake.ts'
import { copySqliteDatabase } from './store/sqlite/copy.ts'
import { openSqliteStore } from './store/sqlite/open.ts'
import type { Owner } from './store/ownership.ts'
import type { Store } from './store/store.ts'
import type { Post } from './web/alert-hook.ts'

/** How often a request is sent while the vendor answers 429, before the engine postpones the work. */
const ATTEMPTS_MAX = 8

/** A vendor answers a line that has nothing to tell after two minutes (Salesforce fact sheet 21.2). */
const LINE_TIMEOUT_MS = 150_000

export interface AppOptions {
  readonly settings: Settings
  readonly runtime: Runtime
  readonly log: Logger
  /** No request that could change anything is ever sent (I21). */
  readonly dryRun?: boolean
  /** What the pairings of one process have in hand, where some of them share a connection. */
  readonly hands?: Hands
  /** Replaces the network, per connection: the simulator and tests reach vendor models without sockets. */
  readonly transports?: Readonly<Record<string, Transport>>
}

export interface Connection {
  readonly settings: ConnectionSettings
  readonly connector: Connector
  readonly counts: () => RequestCounts
  readonly budget: Budget
}

export interface Connections {
  readonly byName: ReadonlyMap<string, Connection>
  /**
   * Lets waiting requests go, and gives up those under way: the outcome of a write is unknown then, and looked up by
   * the next process. Call it when the work is over, or when it may not take longer.
   */
  close(): void
}

export function openConnections(options: AppOptions): Connections {
  const closing = new AbortController()
  const byName = new Map(
    options.settings.connections.map((settings) => [
      settings.name,
      connect(settings, options, closing.signal),
    ]),
  )
  return { byName, close: () => closing.abort(new Error('the connections are closed')) }
}

function connect(settings: ConnectionSettings, options: AppOptions, closing: AbortSignal): Connection {
  const { runtime } = options
  const traffic = trafficOf(settings)
  const network =
    options.transports?.[settings.name] ?? httpTransport({ timeoutMs: options.settings.requestTimeoutMs })
  const counting = counted(until(closing, network), traffic)
  const budget = createBudget(counting.transport, {
    connection: settings.name,
    traffic,
    runtime,
    inFlightMax: settings.requestsInFlight,
    attemptsMax: ATTEMPTS_MAX,
    lostMs: options.settings.zombieHorizonMs,
    closing,
    onRefusal: (refusal) =>
      options.log.warn({ connection: settings.name, ...refusal }, 'request refused for its rate'),
  })
  const { transport: limited } = budget
  const transport = options.dryRun ? readOnly(limited, traffic, settings.name) : limited
  const line = options.transports?.[settings.name] ?? httpTransport({ timeoutMs: LINE_TIMEOUT_MS })
  const lineTransport = until(closing, line)
  const common = {
    connection: settings.name,
    baseUrl: settings.baseUrl,
    token: settings.token,
    transport,
    pressure: budget.pressure,
    paceMs: budget.paceMs,
    runtime,
  }
  return {
    settings,
    connector: createConnector(settings, common, { log: options.log, lineTransport }),
    counts: counting.counts,
    budget,
  }
}

/** The same transport for as long as the connection is used. */
function until(closing: AbortSignal, transport: Transport): Transport {
  return (request, signal) => transport(request, signal ? AbortSignal.any([signal, closing]) : closing)
}

/** See `SqliteStoreOptions`. */
export async function openStore(options: {
  readonly file: string
  readonly refuseMigration?: (owner: Owner) => void
}): Promise<Store> {
  return openSqliteStore(options)
}

/** A consistent copy of a database that another process may be writing to. */
export async function copyDatabase(options: { from: string; to: string }): Promise<void> {
  return copySqliteDatabase(options)
}

/**
 * A stamp that is cut to the second says no more than the second. A change that came through a shared connection carries
 * the stamp of where it was made, so all of them count.
 */
function coarsestStampMs(pairings: readonly PairingOutline[]): number {
  const connectors = pairings.flatMap((pairing) => SIDES.map((side) => pairing.connectors[side]))
  return Math.max(...connectors.map(({ capabilities }) => capabilities.stampResolutionMs))
}

/** A pairing that is kept, opened or, so far, not. */
export interface KeptPairing {
  readonly pairing: PairingOutline
}

export function createEngine(options: {
  readonly app: AppOptions
  readonly store: Store
  readonly pairing: OpenedPairing['pairing']
  /** Every pairing that is kept, as some may share a connection. Absent: this one alone. */
  readonly pairings?: readonly KeptPairing[]
  readonly run: string
  readonly signal: AbortSignal
  readonly guardsAccepted: boolean
}): Engine {
  const { settings, runtime, log } = options.app
  const pairings = (options.pairings ?? [options]).map(({ pairing }) => pairing)
  return {
    store: options.store,
    runtime,
    log: log.child({ pairing: options.pairing.name, runId: options.run }),
    pairing: options.pairing,
    others: othersOf(options.pairing, pairings),
    run: options.run,
    tally: newTally(),
    sending: new Set(),
    inHand: options.app.hands ?? new Hands(),
    lately: latelyGuard(runtime),
    absences: new Absences(),
    onSettled: () => undefined,
    signal: options.signal,
    wake: createWake(runtime),
    settings: {
      batchSize: settings.batchSize,
      batchesInFlight: settings.batchesInFlight,
      freshMs: settings.freshMs,
      zombieHorizonMs: settings.zombieHorizonMs,
      clockErrorMs: settings.clockErrorMs + coarsestStampMs(pairings),
      lookBack: settings.lookBack,
      guards: settings.guards,
      guardsAccepted: options.guardsAccepted,
    },
  }
}

/** The network for what is told to the operator, rather than asked of a CRM. Rejects when there is no answer. */
export function postTo(settings: Pick<Settings, 'requestTimeoutMs'>): Post {
  const transport = httpTransport({ timeoutMs: settings.requestTimeoutMs })
  return (request, signal) => transport({ method: 'POST', ...request }, signal)
}
