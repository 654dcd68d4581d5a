/**
 * The engine as production runs it (real stages, real store in memory, real connectors) over the sandbox's vendor
 * models in process, on virtual time. Nothing is mocked in between.
 */
import { fileURLToPath } from 'node:url'
import type { Settings } from '../../src/config.ts'
import {
  createEngine,
  openConfiguredPairing,
  openConnections,
  openStore,
  type AppOptions,
} from '../../src/compose.ts'
import { GUARD_LIMITS } from '../../src/core/guard.ts'
import { createLogger } from '../../src/logging.ts'
import { setUpStamps } from '../../src/cli/setup-stamps.ts'
import type { Runtime } from '../../src/runtime.ts'
import { createFaults, type FaultLayer } from '../../src/sandbox/faults.ts'
import type { VendorModel } from '../../src/sandbox/model.ts'
import { modelTransport } from '../../src/sandbox/model-transport.ts'
import { virtualTime } from '../connectors/virtual-time.ts'
import { createWorld, type WorldOptions } from '../../src/sandbox/world.ts'
import type { Engine, Tally } from '../../src/stages/engine.ts'
import { runPass } from '../../src/stages/pass.ts'
import type { Store } from '../../src/store/store.ts'

/** Round trip of every request. */
const LATENCY_MS = 20

const MAPPINGS = ['companies', 'people', 'deals'].map((name) =>
  fileURLToPath(new URL(`../../mappings/${name}.yaml`, import.meta.url)),
)

export interface TestWorld {
  readonly runtime: Runtime
  readonly store: Store
  readonly attio: VendorModel
  readonly hubspot: VendorModel
  readonly faults: { readonly attio: FaultLayer; readonly hubspot: FaultLayer }
  readonly transports: NonNullable<AppOptions['transports']>
  /** Mutating requests per vendor so far. */
  writes(): { attio: number; hubspot: number }
  /** Every request per route so far. */
  routes(): Record<string, number>
  engine(): Promise<Engine>
  /** One complete pass; returns what it did. */
  sync(): Promise<Tally>
  /** Lets time pass until `work` has settled. */
  run<T>(work: Promise<T>): Promise<T>
  advance(ms: number): Promise<void>
  close(): Promise<void>
}

export interface TestWorldOptions extends Omit<WorldOptions, 'runtime'> {
  readonly mappings?: readonly string[]
  readonly settings?: Partial<Settings>
}

export async function openTestWorld(options: TestWorldOptions): Promise<TestWorld> {
  const time = virtualTime({ startMs: Date.parse('2026-11-01T09:00:00Z') })
  const runtime: Runtime = { ...time.runtime, id: uuidCounter() }
  const world = createWorld({ limits: 'off', ...options, runtime })
  const attio = modelNamed(world.models, 'attio')
  const hubspot = modelNamed(world.models, 'hubspot')
  const faults = { attio: faultsOf(attio, runtime), hubspot: faultsOf(hubspot, runtime) }
  const routes: Record<string, number> = {}
  const counts = { attio: 0, hubspot: 0 }
  const transports = Object.fromEntries(
    (['attio', 'hubspot'] as const).map((vendor) => {
      const model = vendor === 'attio' ? attio : hubspot
      const inner = modelTransport(model, { runtime, faults: faults[vendor] })
      return [
        vendor,
        async (...[request, signal]: Parameters<typeof inner>) => {
          await runtime.sleep(LATENCY_MS, signal)
          const route = `${vendor} ${model.routeOf(request)}`
          routes[route] = (routes[route] ?? 0) + 1
          if (model.isMutating(request)) counts[vendor] += 1
          return inner(request, signal)
        },
      ]
    }),
  )
  const settings: Settings = {
    connections: [
      {
        name: 'attio',
        vendor: 'attio',
        baseUrl: 'http://attio.invalid',
        token: attio.token,
        requestsInFlight: 25,
      },
      {
        name: 'hubspot',
        vendor: 'hubspot',
        baseUrl: 'http://hubspot.invalid',
        token: hubspot.token,
        requestsInFlight: 25,
      },
    ],
    pairings: [
      { name: 'attio-hubspot', left: 'attio', right: 'hubspot', mappings: options.mappings ?? MAPPINGS },
    ],
    database: ':memory:',
    pollMs: 15_000,
    sweepMs: 60_000,
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
    log: createLogger({ level: process.env['ATTUNE_TEST_LOG'] ?? 'silent' }),
    transports,
  }
  const store = await openStore({ file: ':memory:' })
  const connections = openConnections(app)
  const [pairingSettings] = settings.pairings
  if (!pairingSettings) throw new Error('no pairing')
  await time.run(openConfiguredPairing(connections, pairingSettings).then(setUpStamps))
  const stopping = new AbortController()

  const engine = async () => {
    const { pairing } = await openConfiguredPairing(connections, pairingSettings)
    return createEngine({
      app,
      store,
      pairing,
      run: runtime.id(),
      signal: stopping.signal,
      guardsAccepted: false,
    })
  }
  return {
    runtime,
    store,
    attio,
    hubspot,
    faults,
    transports,
    writes: () => ({ ...counts }),
    routes: () => ({ ...routes }),
    engine: () => time.run(engine()),
    run: time.run,
    sync: () =>
      time.run(
        engine().then(async (running) => {
          await runPass(running, { report: () => undefined })
          return running.tally
        }),
      ),
    advance: (ms) => time.run(runtime.sleep(ms)),
    async close() {
      stopping.abort()
      connections.close()
      await store.close()
    },
  }
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
