/** The HTTP listener: where it listens, how long it is patient, and how it stops. What it answers lies beside it. */
import fastify, { type FastifyInstance } from 'fastify'
import { ConfigError, systemCode } from '../errors.ts'
import type { Runtime } from '../runtime.ts'

export interface WebServerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  /** Where the address can be changed, for people. */
  readonly setting?: string
  readonly runtime: Pick<Runtime, 'sleep'>
  /** Adds the routes. */
  readonly routes: (server: FastifyInstance) => void
}

export interface WebServer {
  /** As this machine reaches it, without a trailing slash. */
  readonly url: string
  /**
   * No new requests; resolves when those under way are answered, or cut off because they take too long. Safe to call
   * twice.
   */
  close(): Promise<void>
}

/** A whole request, head and body: vendors take milliseconds, and whoever takes longer wants to hold a connection. */
const REQUEST_TIMEOUT_MS = 10_000

/** Vendors have ten or so deliveries under way at once (HubSpot fact sheet 20.4); a proxy in between keeps more. */
const CONNECTIONS_MAX = 256

/**
 * What has arrived is answered within milliseconds, or after the five seconds that a locked database is waited for. Whoever
 * is still sending then, behind a tunnel that died say, must not keep a stop waiting; vendors deliver it again.
 */
const CLOSE_MS = 1_500

/** Throws `ConfigError` when the address cannot be listened on. */
export async function openWebServer({
  host,
  port,
  routes,
  runtime,
  setting = 'web.bind',
}: WebServerOptions): Promise<WebServer> {
  const server = fastify({
    logger: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    forceCloseConnections: 'idle',
  })
  server.server.maxConnections = CONNECTIONS_MAX
  routes(server)
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    throw new ConfigError(`cannot listen on ${host}:${port} (${systemCode(error)})`, {
      hint: `name another address under \`${setting}\` in the settings`,
      cause: error,
    })
  }
  const [bound] = server.addresses()
  const boundPort = typeof bound === 'object' ? bound.port : port
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${boundPort}`,
    close: async () => {
      const answered = new AbortController()
      const cutOff = runtime.sleep(CLOSE_MS, answered.signal).then(
        () => server.server.closeAllConnections(),
        // All were answered in time.
        () => undefined,
      )
      await server.close()
      answered.abort(new Error('all requests are answered'))
      await cutOff
    },
  }
}
