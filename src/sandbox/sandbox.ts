/**
 * The sandbox: local stand-ins for the CRMs over HTTP, with a control port beside them and webhooks that are
 * really delivered. Everything lives in memory and listens on loopback only.
 */
import { httpTransport } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import { serveControl } from './control.ts'
import { runDeliverer } from './deliver.ts'
import type { Certificate } from './listen.ts'
import { InvariantError } from '../errors.ts'
import type { AppCredentials, VendorModel } from './model.ts'
import { serveModel } from './server.ts'
import type { SandboxFailure, ServedModel } from './server.ts'
import { createWorld, vendorsOf } from './world.ts'
import type { World, WorldOptions } from './world.ts'

export interface SandboxOptions extends WorldOptions {
  readonly runtime: Runtime
  /** Control port; the vendors take the ports after it (`vendors.ts`). 0 or absent: any free ports. */
  readonly port?: number
  /** Lets the vendor ports speak HTTPS, for clients that insist on it. The control port stays plain. */
  readonly tls?: Certificate
  /** Round trip added to every vendor answer; 0 when absent. */
  readonly latencyMs?: number
  /** Lets `POST /clock` move the vendors' clock forward. */
  readonly virtualClock?: boolean
  /** Bearer token of the control port; a fresh one when absent. */
  readonly controlToken?: string
}

export interface Endpoint {
  readonly url: string
  readonly token: string
  readonly app?: AppCredentials
}

export interface Sandbox {
  readonly control: Endpoint
  readonly attio: Endpoint
  readonly hubspot: Endpoint
  readonly salesforce: Endpoint
  readonly vendors: ReadonlyMap<string, Endpoint & { readonly model: VendorModel }>
  readonly world: World
  /** Stops delivering webhooks, drops all connections, frees the ports. Safe to call twice. */
  close(): Promise<void>
}

/** Failures of the models that `GET /health` shows; later ones only count as more of the same. */
const FAILURES_MAX = 20

/** Starts everything; when a port is taken, frees the others again and throws `ConfigError`. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const { runtime, port = 0, latencyMs = 0, seed = 1 } = options
  const vendors = vendorsOf(options)
  const world = createWorld(options)
  const { clock } = world
  const failures: SandboxFailure[] = []
  const onFailure = (failure: SandboxFailure): void => {
    if (failures.length < FAILURES_MAX) failures.push(failure)
  }
  const stopping = new AbortController()
  const closers: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    stopping.abort()
    for (const closer of closers.splice(0)) await closer()
  }

  try {
    const served = new Map<string, ServedModel>()
    for (const vendor of vendors) {
      const model = modelOf(world, vendor.name)
      const vendorPort = port === 0 ? 0 : port + vendor.portOffset
      const host = await serveModel(model, {
        port: vendorPort,
        tls: options.tls,
        runtime,
        clock,
        seed,
        latencyMs,
        onFailure,
      })
      closers.push(() => host.close())
      served.set(vendor.name, host)
    }

    const token = options.controlToken ?? runtime.id()
    const control = await serveControl({
      port,
      token,
      runtime,
      clock,
      virtualClock: options.virtualClock ?? false,
      vendors: served,
      failures,
    })
    closers.push(() => control.close())

    const delivering = runDeliverer({
      vendors: vendors.map(({ name, deliveryTimeoutMs }) => ({
        model: modelOf(world, name),
        transport: httpTransport({ timeoutMs: deliveryTimeoutMs }),
      })),
      clock,
      runtime,
      signal: stopping.signal,
    }).catch((error: unknown) => {
      onFailure({ vendor: 'all', request: 'webhook delivery', error: String(error) })
    })
    closers.unshift(() => delivering)

    const endpoints = new Map(
      [...served].map(([name, { url, model }]) => [
        name,
        { url, token: model.token, ...(model.app && { app: model.app }), model },
      ]),
    )
    return {
      control: { url: control.url, token },
      // A world of other vendors (tests) has no such endpoint; then it is the getter that complains.
      get attio() {
        return endpointOf(endpoints, 'attio')
      },
      get hubspot() {
        return endpointOf(endpoints, 'hubspot')
      },
      get salesforce() {
        return endpointOf(endpoints, 'salesforce')
      },
      vendors: endpoints,
      world,
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function modelOf(world: World, name: string): VendorModel {
  const model = world.models.get(name)
  if (!model) throw new InvariantError('sandbox', `no model of ${name} was created`)
  return model
}

function endpointOf<T extends Endpoint>(endpoints: ReadonlyMap<string, T>, name: string): T {
  const endpoint = endpoints.get(name)
  if (!endpoint) throw new TypeError(`this sandbox has no ${name}`)
  return endpoint
}
