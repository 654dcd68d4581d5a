/** Plain HTTP on loopback: what the vendor ports and the control port have in common. */
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../errors.ts'

/** The sandbox answers to its token for everything, so it never listens on another address. */
const HOST = '127.0.0.1'

/** Longer than HTTP clients keep idle connections, so that it is never the server that drops one in use. */
const KEEP_ALIVE_MS = 120_000

export interface Listening {
  /** `http://127.0.0.1:<port>`, without a trailing slash. */
  readonly url: string
  /** Drops all connections, idle or busy, and frees the port. */
  close(): Promise<void>
}

/** Starts listening; port 0 takes any free one. Throws `ConfigError` when the port is taken. */
export async function listen(server: Server, port: number): Promise<Listening> {
  server.keepAliveTimeout = KEEP_ALIVE_MS
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => {
      reject(
        new ConfigError(`The sandbox cannot listen on ${HOST}:${port}: ${cause.message}`, {
          hint: 'Choose another --port, or leave it out to take free ones.',
          cause,
        }),
      )
    })
    server.listen(port, HOST, resolve)
  })
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://${HOST}:${bound}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** The whole body as text, or null when there is none. */
export async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? null : Buffer.concat(chunks).toString('utf8')
}
