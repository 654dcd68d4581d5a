/**
 * The engine as `attune sync` runs it, composed in this process so that its traffic can be recorded: real
 * connectors, budget, stages and a database file. Where the sandbox has no rate limits, the budget has none either.
 */
import { copyFile, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import {
  createEngine,
  openStore,
  type AppOptions,
  type Connection,
  type Connections,
} from '../../src/compose.ts'
import { openConfiguredPairing } from '../../src/compose/pairings.ts'
import { trafficOf } from '../../src/compose/vendors.ts'
import { loadConfig } from '../../src/config.ts'
import type { ConnectionSettings } from '../../src/config/connection.ts'
import { createAttioConnector } from '../../src/connectors/attio/connector.ts'
import { createBudget, type Budget } from '../../src/connectors/budget/budget.ts'
import { counted } from '../../src/connectors/counted.ts'
import type { Connector } from '../../src/connectors/connector.ts'
import { createHubSpotConnector } from '../../src/connectors/hubspot/connector.ts'
import { createSalesforceConnector } from '../../src/connectors/salesforce/connector.ts'
import type { Traffic } from '../../src/connectors/traffic.ts'
import { httpTransport, type Transport } from '../../src/connectors/transport.ts'
import { createLogger } from '../../src/logging.ts'
import { systemRuntime, type Runtime } from '../../src/runtime.ts'
import type { Tally } from '../../src/stages/engine.ts'
import { runPass } from '../../src/stages/pass.ts'
import { REPOSITORY } from '../system/rig/child.ts'
import { starvedMs } from './starved.ts'
import { openTrafficLog, type TrafficLog } from './traffic-log.ts'

export interface EngineRun {
  /** Time at work: from start to end without the pauses in which the engine waits for nothing but the clock. */
  readonly durationMs: number
  /** Those pauses: for what vendors do by themselves after a write. */
  readonly pausedMs: number
  /** Time of it in which others had the processors. */
  readonly starvedMs: number
  readonly tally: Tally
  readonly log: TrafficLog
}

export interface Bench {
  /** The same way to the vendors without an engine: the network, and the budget where there is one. */
  readonly transport: Transport
  /** Creates the fields for record ids. Part of a setup, not of any measurement. */
  setUp(): Promise<void>
  run(): Promise<EngineRun>
  /** Keeps the database as it is now, for `rewind`. */
  keep(): Promise<void>
  /** Back to the kept database, or to an empty one. */
  rewind(): Promise<void>
  close(): Promise<void>
}

const TIMEOUT_MS = 60_000

const CONFIG = join(REPOSITORY, 'config/attune.yaml')

export async function openBench(
  environment: Readonly<Record<string, string>>,
  options: { readonly paced: boolean },
): Promise<Bench> {
  const { paced } = options
  const folder = await mkdtemp(join(tmpdir(), 'attune-bench-'))
  const file = join(folder, 'attune.db')
  const kept = join(folder, 'kept.db')
  let isKept = false
  const settings = loadConfig(CONFIG, environment)
  const [pairing] = settings.pairings
  if (!pairing) throw new Error('the shipped config has no pairing')

  const pauses = { ms: 0 }
  const runtime: Runtime = {
    ...systemRuntime,
    sleep: async (ms, signal) => {
      const startedMs = performance.now()
      await systemRuntime.sleep(ms, signal)
      pauses.ms += performance.now() - startedMs
    },
  }
  const app: AppOptions = { settings, runtime, log: createLogger({ level: 'warn' }) }

  return {
    transport: bareTransport(settings.connections, paced),
    async setUp() {
      const connections = connect(settings.connections, { paced, log: openTrafficLog() })
      await setUpStamps(await openConfiguredPairing(connections, pairing))
      connections.close()
    },
    async run() {
      const log = openTrafficLog()
      const connections = connect(settings.connections, { paced, log })
      const store = await openStore({ file })
      pauses.ms = 0
      const starvedBefore = starvedMs()
      const startedMs = performance.now()
      const opened = await openConfiguredPairing(connections, pairing)
      const engine = createEngine({
        app,
        store,
        pairing: opened.pairing,
        run: runtime.id(),
        signal: new AbortController().signal,
        guardsAccepted: false,
      })
      await runPass(engine, { report: () => undefined })
      const wallMs = performance.now() - startedMs
      const starved = starvedMs() - starvedBefore
      await store.close()
      connections.close()
      return {
        durationMs: wallMs - pauses.ms,
        pausedMs: pauses.ms,
        starvedMs: starved,
        tally: engine.tally,
        log,
      }
    },
    async keep() {
      await copyFile(file, kept)
      isKept = true
    },
    async rewind() {
      for (const end of ['', '-wal', '-shm']) await rm(file + end, { force: true })
      if (isKept) await copyFile(kept, file)
    },
    close: () => rm(folder, { recursive: true, force: true }),
  }
}

interface Way {
  readonly paced: boolean
  readonly log: TrafficLog
}

/** As `openConnections`, with a recorder next to the network. */
function connect(settings: readonly ConnectionSettings[], { paced, log }: Way): Connections {
  const closing = new AbortController()
  const byName = new Map(
    settings.map((each): [string, Connection] => {
      const counting = counted(log.record(httpTransport({ timeoutMs: TIMEOUT_MS })), trafficOf(each))
      const limited = budget(each, paced, counting.transport, closing.signal)
      const common = {
        connection: each.name,
        baseUrl: each.baseUrl,
        token: each.token,
        transport: limited.transport,
        runtime: systemRuntime,
      }
      const connector = connectorOf(each, common)
      return [each.name, { settings: each, connector, counts: counting.counts, budget: limited }]
    }),
  )
  return { byName, close: () => closing.abort(new Error('the connections are closed')) }
}

/** Salesforce in collections: what is loaded by jobs waits for the vendor most of the time. */
function connectorOf(
  { vendor, baseUrl, token }: ConnectionSettings,
  common: Parameters<typeof createAttioConnector>[0],
): Connector {
  switch (vendor) {
    case 'attio':
      return createAttioConnector(common)
    case 'hubspot':
      return createHubSpotConnector(common)
    case 'salesforce': {
      const credentials = { instanceUrl: baseUrl, loginUrl: baseUrl, accessToken: token }
      return createSalesforceConnector({ ...common, credentials })
    }
  }
}

/** Through the budget of the account that a request goes to where the vendors pace it, else straight. */
function bareTransport(settings: readonly ConnectionSettings[], paced: boolean): Transport {
  const network = httpTransport({ timeoutMs: TIMEOUT_MS })
  if (!paced) return network
  const budgets = new Map(
    settings.map((each) => [new URL(each.baseUrl).host, budget(each, paced, network).transport]),
  )
  return (request, signal) => (budgets.get(new URL(request.url).host) ?? network)(request, signal)
}

function budget(
  settings: ConnectionSettings,
  paced: boolean,
  transport: Transport,
  closing?: AbortSignal,
): Budget {
  const traffic = trafficOf(settings)
  return createBudget(transport, {
    traffic: paced ? traffic : withoutLimits(traffic),
    runtime: systemRuntime,
    inFlightMax: settings.requestsInFlight,
    attemptsMax: 8,
    ...(closing && { closing }),
  })
}

function withoutLimits(traffic: Traffic): Traffic {
  return {
    classify: (request) => traffic.classify(request),
    buckets: traffic.buckets.map(({ name }) => ({ name, limit: 1_000_000, windowMs: 1 })),
  }
}
