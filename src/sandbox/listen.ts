/** HTTP on loopback: what the vendor ports and the control port have in common. */
import { createServer as createPlainServer } from 'node:http'
import type { IncomingMessage, RequestListener, Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Server as TlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { ConfigError } from '../errors.ts'

/** The sandbox answers to its token for everything, so it never listens on another address. */
const HOST = '127.0.0.1'

/** Longer than HTTP clients keep idle connections, so that it is never the server that drops one in use. */
const KEEP_ALIVE_MS = 120_000

/** A certificate and its key, both PEM. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

export interface Listening {
  /** `http://127.0.0.1:<port>`, or `https` with a certificate, without a trailing slash. */
  readonly url: string
  /** Drops all connections, idle or busy, and frees the port. */
  close(): Promise<void>
}

/** Starts listening; port 0 takes any free one. Throws `ConfigError` when the port is taken or the certificate bad. */
export async function listen(
  answer: RequestListener,
  { port, tls = null }: { readonly port: number; readonly tls?: Certificate | null },
): Promise<Listening> {
  const server = createServer(answer, tls)
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
    url: `${tls === null ? 'http' : 'https'}://${HOST}:${bound}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
      server.closeAllConnections()
      await closed
    },
  }
}

function createServer(answer: RequestListener, tls: Certificate | null): Server | TlsServer {
  if (tls === null) return createPlainServer(answer)
  try {
    return createTlsServer({ cert: tls.cert, key: tls.key }, answer)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new ConfigError(`The sandbox cannot use this certificate: ${reason}`, {
      hint: 'Give a certificate and its own private key, both as PEM and without a passphrase.',
      cause,
    })
  }
}

/** The whole body as text, or null when there is none. */
export async function readBody(incoming: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return chunks.length === 0 ? null : Buffer.concat(chunks).toString('utf8')
}
