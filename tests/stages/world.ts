/**
 * The engine as production runs it (real stages, real store in memory, real connectors) over the sandbox's vendor
 * models in process, on virtual time. Nothing is mocked in between.
 */
import { fileURLToPath } from 'node:url'
import type { Settings, WebhookSettings } from '../../src/config.ts'
import {
  createEngine,
  openConfiguredPairing,
  openConnections,
  openStore,
  type AppOptions,
} from '../../src/compose.ts'
import type { HttpRequest } from '../../src/connectors/transport.ts'
import { LOOKS } from './looks.ts'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { createLogger, type Logger } from '../../src/logging.ts'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import type { Runtime } from '../../src/runtime.ts'
import { createFaults, type FaultLayer } from '../../src/sandbox/faults.ts'
import type { HubSpotModel } from '../../src/sandbox/hubspot/model.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { virtualTime } from '../connectors/virtual-time.ts'
import { createWorld, type WorldOptions } from '../../src/sandbox/world.ts'
import type { Engine, Tally } from '../../src/stages/engine.ts'
import type { OpenedPairing } from '../../src/stages/pairing.ts'
import { runPass } from '../../src/stages/pass.ts'
import type { Store } from '../../src/store/store.ts'

/** Round trip of every request. */
const LATENCY_MS = 20

const MAPPINGS = ['companies', 'people', 'deals'].map((name) => shippedMapping(name))

export type Vendor = 'attio' | 'hubspot'

export interface TestWorld {
  readonly runtime: Runtime
  /** What the engine remembers; another one after `loseDatabase`. */
  readonly store: Store
  readonly attio: VendorModel
  readonly hubspot: VendorModel
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
  /** One complete pass; returns what it did. */
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
}

export interface TestWorldOptions extends Omit<WorldOptions, 'runtime'> {
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
  const world = createWorld({ limits: 'off', crms: ['attio', 'hubspot'], ...options, runtime })
  const models = { attio: modelNamed(world.models, 'attio'), hubspot: modelNamed(world.models, 'hubspot') }
  const faults = { attio: faultsOf(models.attio, runtime), hubspot: faultsOf(models.hubspot, runtime) }
  const routes: Record<string, number> = {}
  const counts = { attio: 0, hubspot: 0 }
  const transports = Object.fromEntries(
    (['attio', 'hubspot'] as const).map((vendor) => {
      const model = models[vendor]
      const inner = modelTransport(model, { runtime, faults: faults[vendor] })
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
    connections: (['attio', 'hubspot'] as const).map((vendor) => ({
      name: vendor,
      vendor,
      baseUrl: `http://${vendor}.invalid`,
      token: models[vendor].token,
      requestsInFlight: 25,
      webhooks: webhookSettings(models[vendor]),
    })),
    pairings: [
      {
        name: 'attio-hubspot',
        left: options.swapped ? 'hubspot' : 'attio',
        right: options.swapped ? 'attio' : 'hubspot',
        mappings: options.mappings ?? MAPPINGS,
        looks: LOOKS,
      },
    ],
    database: ':memory:',
    batchSize: 200,
    batchesInFlight: 2,
    freshMs: 2_000,
    requestTimeoutMs: 30_000,
    zombieHorizonMs: 20_000,
    clockErrorMs: 2_000,
    guards: GUARD_LIMITS,
    ...options.settings,
  }
  const app: AppOptions = {
    settings,
    runtime,
    log: options.log ?? createLogger({ level: process.env['ATTUNE_TEST_LOG'] ?? 'silent' }),
    transports,
  }
  const connections = openConnections(app)
  const stopping = new AbortController()
  const [configured] = settings.pairings
  if (!configured) throw new Error('no pairing')
  let store = await openStore({ file: ':memory:' })
  let opened: OpenedPairing | null = null

  const open = (mappings?: readonly string[]) =>
    time.run(openConfiguredPairing(connections, { ...configured, ...(mappings ? { mappings } : {}) }))

  const self: TestWorld = {
    runtime,
    get store() {
      return store
    },
    ...models,
    faults,
    transports,
    onRequest: () => undefined,
    onAnswer: () => undefined,
    writes: () => ({ ...counts }),
    routes: () => ({ ...routes }),
    async pairing({ fresh = false, mappings } = {}) {
      if (fresh || mappings || opened === null) opened = await open(mappings)
      return opened
    },
    async engine(sync = {}) {
      const { pairing } = await self.pairing({ fresh: sync.fresh ?? false })
      return createEngine({
        app,
        store: sync.store ?? store,
        pairing,
        run: runtime.id(),
        signal: stopping.signal,
        guardsAccepted: sync.guardsAccepted ?? false,
      })
    },
    async sync(sync) {
      const engine = await self.engine(sync)
      await time.run(runPass(engine, { report: () => undefined }))
      return engine.tally
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
  await time.run(setUpStamps(await open()))
  return self
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
