/**
 * What machines that run us ask:
 *
 * | path     | answers                                                                                        |
 * |----------|------------------------------------------------------------------------------------------------|
 * | /healthz | 200 while the process can write to its database, or only another program keeps it from that: otherwise a restart is the right thing |
 * | /readyz  | 200 while every pairing works, else 503; both with how each of them is                           |
 * | /metrics | counts and ages for Prometheus, never names or values of records                                 |
 *
 * A paused pairing is not ready and yet alive: a restart would not give it a credential.
 */
import type { FastifyInstance } from 'fastify'
import type { PairingState } from '../stages/supervise.ts'
import { DatabaseLocked } from '../store/ownership.ts'

export interface OperationsOptions {
  /** Rejects when the database cannot be written. */
  readonly touch: () => Promise<void>
  readonly isStopping: () => boolean
  readonly pairings: () => ReadonlyMap<string, PairingState>
  readonly metrics: () => Promise<{ readonly contentType: string; readonly text: string }>
}

export function operationsRoutes(options: OperationsOptions): (server: FastifyInstance) => void {
  return (server) => {
    server.get('/healthz', async (_call, reply) => {
      try {
        await options.touch()
        return await reply.send({ status: 'alive' })
      } catch (error) {
        const because = error instanceof Error ? error.message : String(error)
        // Whoever came after us would find it locked just the same.
        if (error instanceof DatabaseLocked) return reply.send({ status: 'alive', because })
        return reply.code(503).send({ status: 'failing', because })
      }
    })

    server.get('/readyz', async (_call, reply) => {
      const pairings = Object.fromEntries(options.pairings())
      const isReady = Object.values(pairings).every(({ kind }) => kind === 'working')
      if (options.isStopping()) return reply.code(503).send({ status: 'stopping', pairings })
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not ready', pairings })
    })

    server.get('/metrics', async (_call, reply) => {
      const { contentType, text } = await options.metrics()
      return reply.type(contentType).send(text)
    })
  }
}
