/** Answers over a real socket, as the only transport that opens any reads them. */
import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { httpTransport, TransportError, type HttpResponse } from '../../src/connectors/transport.ts'

let server: Server | null = null

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
})

async function answered(by: (response: ServerResponse) => Promise<void> | void): Promise<HttpResponse> {
  server = createServer((_, response) => void by(response)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const request = { method: 'GET', url: `http://127.0.0.1:${port}/`, headers: {}, body: null }
  return httpTransport({ timeoutMs: 5_000 })(request)
}

test('a character that arrives in two parts is one character', async () => {
  const text = 'Łukasz 👩‍💻 東京'
  const answer = await answered(async (response) => {
    response.flushHeaders()
    for (const byte of Buffer.from(text)) {
      response.write(Buffer.of(byte))
      // Not before this one has left, or the socket would carry several at once.
      await new Promise((resolve) => setImmediate(resolve))
    }
    response.end()
  })
  expect(answer.body).toBe(text)
})

test('an answer of many parts is whole, and without its byte order mark', async () => {
  const part = 'ż'.repeat(100_000)
  const answer = await answered((response) => void response.end(`\uFEFF${part}${part}`))
  expect(answer.body).toBe(part + part)
})

test('an answer without a body has an empty one', async () => {
  const answer = await answered((response) => void response.writeHead(204).end())
  expect(answer).toMatchObject({ status: 204, body: '' })
})

test('an answer that breaks off is none', async () => {
  const answer = answered((response) => {
    response.writeHead(200, { 'content-length': '1000' })
    response.write('{"data":', () => response.destroy())
  })
  await expect(answer).rejects.toThrow(TransportError)
})
