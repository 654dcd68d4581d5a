/**
 * A port of this machine that nobody listens on, for programs that have to be told theirs before they start. It stays
 * free while the program is down: outgoing connections get theirs from above (Linux from 32,768 on, others from 49,152).
 */
import { once } from 'node:events'
import { createServer } from 'node:net'

const LEAST = 20_000
const MOST = 32_000

export async function freePort(): Promise<number> {
  const first = LEAST + Math.floor(Math.random() * (MOST - LEAST))
  for (let port = first; port < first + 100; port += 1) if (await isFree(port)) return port
  throw new Error(`somebody listens on every port from ${first} to ${first + 99}`)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
