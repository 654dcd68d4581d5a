/**
 * Stands between a daemon and the vendors, in both directions, passes everything on unchanged, and writes down when
 * it passed.
 */
import { once } from 'node:events'
import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Passage {
  readonly method: string
  readonly path: string
  readonly body: string
  /** When it came in here, and when its answer had gone out; epoch ms. */
  readonly startMs: number
  readonly endMs: number
}

export interface Gateway {
  readonly url: string
  readonly passages: readonly Passage[]
  /** Where it passes on to. */
  target: string
  close(): Promise<void>
}

export async function openGateway(): Promise<Gateway> {
  const passages: Passage[] = []
  const agent = new Agent({ keepAlive: true })

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const startMs = nowMs()
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { method = 'GET', url: path = '/', headers } = incoming
    const { host: _, ...others } = headers
    const onward = send(new URL(path, gateway.target), { method, headers: others, agent })
    onward.end(body)
    const [answer] = (await once(onward, 'response')) as [IncomingMessage]
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
    for await (const chunk of answer) outgoing.write(chunk)
    outgoing.end()
    passages.push({ method, path, body: body.toString('utf8'), startMs, endMs: nowMs() })
  }
  const server = createServer((incoming, outgoing) => {
    // Whoever hung up, on either side: the other one notices.
    pass(incoming, outgoing).catch(() => outgoing.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const gateway: Gateway = {
    url: `http://127.0.0.1:${port}`,
    passages,
    target: '',
    async close() {
      agent.destroy()
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return gateway
}

/** Of the same clock as `Date.now`, with fractions. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now()
}
