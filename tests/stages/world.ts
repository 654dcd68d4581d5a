/**
 * The engine as production runs it (real stages, real store in memory, real connectors) over the sandbox's vendor
 * models in process, on virtual time. Nothing is mocked in between.
 */
import { fileURLToPath } from 'node:url'
import type { WebhookSettings, WriteSettings } from '../../src/config/connection.ts'
import type { Settings } from '../../src/config/settings.ts'
import { createEngine, openConnections, openStore, type AppOptions } from '../../src/compose.ts'
import { openConfiguredPairing } from '../../src/compose/pairings.ts'
import type { Connector } from '../../src/connectors/connector.ts'
import type { HttpRequest } from '../../src/connectors/transport.ts'
import { LOOKS } from './looks.ts'
import { createLogger, type Logger } from '../../src/logging.ts'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import type { Runtime } from '../../src/runtime.ts'
import { createFaults, type FaultLayer } from '../../src/sandbox/faults.ts'
import type { HubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import type { SalesforceModel } from '../../src/sandbox/salesforce/model.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { virtualTime } from '../connectors/virtual-time.ts'
import { createWorld, type WorldOptions } from '../../src/sandbox/world.ts'
import { addTally, newTally, type Engine, type Tally } from '../../src/stages/engine.ts'
import { Hands } from '../../src/stages/hands.ts'
import type { OpenedPairing } from '../../src/stages/pairing.ts'
import { runPasses } from '../../src/stages/pass.ts'
import type { Store } from '../../src/store/store.ts'
import { ENGINE_SETTINGS } from './engine-settings.ts'

/** Round trip of every request. */
export const LATENCY_MS = 20

export const MAPPINGS = {
  hubspot: ['companies', 'people', 'deals'].map((name) => shippedMapping(name)),
  salesforce: ['companies', 'leads', 'people', 'deals'].map((name) => shippedMapping(`salesforce-${name}`)),
}

export type Vendor = 'attio' | 'hubspot' | 'salesforce'

/** Those that push to a URL: what most stories are about. */
export type Pushing = Exclude<Vendor, 'salesforce'>

export interface TestWorld {
  readonly runtime: Runtime
  /** What the engine remembers; another one after `loseDatabase`. */
  readonly store: Store
  readonly vendors: readonly Vendor[]
  readonly attio: VendorModel
  /** Throw where the world was opened without them. */
  readonly hubspot: VendorModel
  readonly salesforce: SalesforceModel
  readonly faults: Record<Vendor, FaultLayer>
  readonly transports: NonNullable<AppOptions['transports']>
  /** Is told of every request before it reaches the vendor, and may edit records or throw. */
  onRequest: (vendor: Vendor, request: HttpRequest) => void
  /** Is told of every request that the vendor has handled, before its answer travels back. */
  onAnswer: (vendor: Vendor, request: HttpRequest) => void
  /** Mutating requests per vendor so far. */
  writes(): Record<Vendor, number>
  /** Every request per route so far. */
  routes(): Record<string, number>
  /** The accounts and schemas as `sync` knows them; `fresh` asks again. */
  pairing(options?: { fresh?: boolean; mappings?: readonly string[] }): Promise<OpenedPairing>
  engine(options?: SyncOptions): Promise<Engine>
  /** One per pairing, in the order of `crms` or of `order`. */
  engines(options?: SyncOptions): Promise<readonly Engine[]>
  /** One complete pass over all pairings; returns what it did. */
  sync(options?: SyncOptions): Promise<Tally>
  /** Forgets everything that the engine remembers. */
  loseDatabase(): Promise<void>
  /** Lets time pass until `work` has settled. */
  run<T>(work: Promise<T>): Promise<T>
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

export interface SyncOptions {
  readonly guardsAccepted?: boolean
  /** Instead of the world's own. */
  readonly store?: Store
  /** Asks for schemas again, as a new process would. */
  readonly fresh?: boolean
  /** Right sides, in the order in which their pairings have their turn. */
  readonly order?: readonly Vendor[]
}

export interface TestWorldOptions extends Omit<WorldOptions, 'runtime' | 'crms'> {
  /** Beside Attio; HubSpot alone when left out. */
  readonly crms?: readonly ('hubspot' | 'salesforce')[]
  /** How Salesforce is written to; in collections alone when left out. */
  readonly writes?: WriteSettings
  /** Of the first pairing. */
  readonly mappings?: readonly string[]
  readonly settings?: Partial<Settings>
  readonly log?: Logger
  /** HubSpot is the left side, and Attio the right one. */
  readonly swapped?: boolean
}

export function shippedMapping(name: string): string {
  return fileURLToPath(new URL(`../../mappings/${name}.yaml`, import.meta.url))
}

export async function openTestWorld(options: TestWorldOptions): Promise<TestWorld> {
  const time = virtualTime({ startMs: Date.parse('2026-11-01T09:00:00Z') })
  const runtime: Runtime = { ...time.runtime, id: uuidCounter() }
  const rights = options.crms ?? ['hubspot']
  const vendors: readonly Vendor[] = ['attio', ...rights]
  const world = createWorld({ limits: 'off', ...options, crms: vendors, runtime })
  const modelOf = (vendor: Vendor) => modelNamed(world.models, vendor)
  const layers = new Map(vendors.map((vendor) => [vendor, faultsOf(modelOf(vendor), runtime)]))
  const faults = {
    get attio() {
      return layerNamed(layers, 'attio')
    },
    get hubspot() {
      return layerNamed(layers, 'hubspot')
    },
    get salesforce() {
      return layerNamed(layers, 'salesforce')
    },
  }
  const routes: Record<string, number> = {}
  const counts = { attio: 0, hubspot: 0, salesforce: 0 }
  const transports = Object.fromEntries(
    vendors.map((vendor) => {
      const model = modelOf(vendor)
      const inner = modelTransport(model, { runtime, faults: layerNamed(layers, vendor) })
      return [
        vendor,
        async (...[request, signal]: Parameters<typeof inner>) => {
          await runtime.sleep(LATENCY_MS / 2, signal)
          self.onRequest(vendor, request)
          const route = `${vendor} ${model.routeOf(request)}`
          routes[route] = (routes[route] ?? 0) + 1
          if (model.isMutating(request)) counts[vendor] += 1
          const answer = await inner(request, signal)
          self.onAnswer(vendor, request)
          await runtime.sleep(LATENCY_MS / 2, signal)
          return answer
        },
      ]
    }),
  )
  const settings: Settings = {
    connections: vendors.map((vendor) => ({
      name: vendor,
      vendor,
      baseUrl: `http://${vendor}.invalid`,
      token: modelOf(vendor).token,
      requestsInFlight: 25,
      webhooks: webhookSettings(modelOf(vendor)),
      ...(vendor === 'salesforce' && options.writes && { writes: options.writes }),
    })),
    pairings: rights.map((right, i) => ({
      name: `attio-${right}`,
      left: options.swapped ? right : 'attio',
      right: options.swapped ? 'attio' : right,
      mappings: (i === 0 && options.mappings) || MAPPINGS[right],
      looks: LOOKS,
    })),
    ...ENGINE_SETTINGS,
    ...options.settings,
  }
  const app: AppOptions = {
    settings,
    runtime,
    log: options.log ?? createLogger({ level: process.env['ATTUNE_TEST_LOG'] ?? 'silent' }),
    transports,
    hands: new Hands(),
  }
  const connections = openConnections(app)
  const stopping = new AbortController()
  let store = await openStore({ file: ':memory:' })
  let opened: readonly OpenedPairing[] | null = null

  const open = async (mappings?: readonly string[]) => {
    const found: OpenedPairing[] = []
    for (const [i, configured] of settings.pairings.entries()) {
      const own = i === 0 && mappings ? { mappings } : {}
      found.push(await time.run(openConfiguredPairing(connections, { ...configured, ...own })))
    }
    return found
  }
  const pairings = async (again: boolean, mappings?: readonly string[]) => {
    if (again || mappings || opened === null) opened = await open(mappings)
    return opened
  }

  const self: TestWorld = {
    runtime,
    get store() {
      return store
    },
    vendors,
    get attio() {
      return modelOf('attio')
    },
    get hubspot() {
      return modelOf('hubspot')
    },
    get salesforce() {
      return modelOf('salesforce') as SalesforceModel
    },
    faults,
    transports,
    onRequest: () => undefined,
    onAnswer: () => undefined,
    writes: () => ({ ...counts }),
    routes: () => ({ ...routes }),
    async pairing({ fresh = false, mappings } = {}) {
      const [first] = await pairings(fresh, mappings)
      if (!first) throw new Error('no pairing')
      return first
    },
    async engine(sync = {}) {
      const [first] = await self.engines(sync)
      if (!first) throw new Error('no pairing')
      return first
    },
    async engines(sync = {}) {
      const all = await pairings(sync.fresh ?? false)
      const order = sync.order ?? rights
      const sorted = all.toSorted(
        (a, b) => placeIn(order, a.pairing.connectors.right) - placeIn(order, b.pairing.connectors.right),
      )
      return sorted.map(({ pairing }) =>
        createEngine({
          app,
          store: sync.store ?? store,
          pairing,
          pairings: all,
          run: runtime.id(),
          signal: stopping.signal,
          guardsAccepted: sync.guardsAccepted ?? false,
        }),
      )
    },
    async sync(sync) {
      const engines = await self.engines(sync)
      await time.run(runPasses(engines, { report: () => undefined }))
      const sum = newTally()
      for (const { tally } of engines) addTally(sum, tally)
      return sum
    },
    async loseDatabase() {
      await store.close()
      store = await openStore({ file: ':memory:' })
    },
    run: time.run,
    advance: (ms) => time.run(runtime.sleep(ms)),
    async close() {
      stopping.abort()
      connections.close()
      await store.close()
    },
  }
  for (const pairing of await open()) await time.run(setUpStamps(pairing))
  return self
}

function placeIn(order: readonly string[], { connection }: Connector): number {
  return order.indexOf(connection)
}

function layerNamed(layers: ReadonlyMap<Vendor, FaultLayer>, vendor: Vendor): FaultLayer {
  const layer = layers.get(vendor)
  if (!layer) throw new Error(`no ${vendor} in this world`)
  return layer
}

function webhookSettings(model: VendorModel): WebhookSettings {
  const {
    appId = '',
    clientSecret = '',
    developerApiKey = '',
  } = (model as Partial<HubSpotModel>).identity ?? {}
  return { secret: clientSecret, secretVariable: '', appId: String(appId), developerKey: developerApiKey }
}

function modelNamed(models: ReadonlyMap<string, VendorModel>, name: string): VendorModel {
  const model = models.get(name)
  if (!model) throw new Error(`no model of ${name}`)
  return model
}

function faultsOf(model: VendorModel, runtime: Runtime): FaultLayer {
  return createFaults(model, { runtime, seed: 1 })
}

/** Deterministic UUIDs, so that a failing run can be read again. */
function uuidCounter(): () => string {
  let count = 0
  return () => `00000000-0000-4000-8000-${String((count += 1)).padStart(12, '0')}`
}
