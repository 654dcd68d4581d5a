/** A vendor that counts exactly, on virtual time: what a budget must never provoke is `rejected`. */
import type { HttpRequest, HttpResponse, Transport } from '../../../src/connectors/transport.ts'
import { TransportError } from '../../../src/connectors/transport.ts'
import type { Runtime } from '../../../src/runtime.ts'

export interface Trip {
  /** From sending until the vendor counts, and from there until the answer is here. */
  readonly thereMs: number
  readonly backMs: number
  /** No answer: the client gives up after so long, while the request may still travel. */
  readonly lostAfterMs?: number | null
  /** Where between counting and answering the `Date` is written. */
  readonly dateAt?: number
}

export interface ExactServerOptions {
  readonly runtime: Runtime
  readonly limit: number
  readonly windowMs: number
  /** `fixed`: multiples of the window on the counting machine's clock. */
  readonly windows: 'sliding' | 'fixed'
  /** How far the clock of the counting machine is ahead of ours, and that of the one that writes `Date`. */
  readonly countingAheadMs?: number
  readonly dateAheadMs?: number
  trip(n: number, request: HttpRequest): Trip
  /** Added to every answer. */
  headers?(used: number): Readonly<Record<string, string>>
}

export interface ExactServer {
  readonly transport: Transport
  /** Takes a place in the window as another client. */
  intrude(): boolean
  readonly counted: number[]
  rejected: number
}

export function exactServer(options: ExactServerOptions): ExactServer {
  const { runtime, limit, windowMs } = options
  let asked = 0
  let windowStart = 0
  const counted: number[] = []

  /** How many the window holds at this moment. */
  const used = (): number => {
    const clock = runtime.now() + (options.countingAheadMs ?? 0)
    const fixed = Math.floor(clock / windowMs) * windowMs
    const isOut = (at: number) => (options.windows === 'fixed' ? at < fixed : at <= clock - windowMs)
    while (windowStart < counted.length && isOut(counted[windowStart]! + (options.countingAheadMs ?? 0))) {
      windowStart += 1
    }
    return counted.length - windowStart
  }
  const count = (): boolean => {
    if (used() >= limit) return false
    counted.push(runtime.now())
    return true
  }

  const self: ExactServer = {
    counted,
    rejected: 0,
    intrude: count,
    transport: async (request, signal) => {
      const { thereMs, backMs, lostAfterMs = null, dateAt = 0 } = options.trip((asked += 1), request)
      if (lostAfterMs !== null) {
        void runtime.sleep(thereMs).then(() => {
          if (!count()) self.rejected += 1
        })
        await runtime.sleep(lostAfterMs, signal)
        throw new TransportError('lost', { sent: true })
      }
      await runtime.sleep(thereMs)
      const isCounted = count()
      if (!isCounted) self.rejected += 1
      const headers = options.headers?.(used()) ?? {}
      await runtime.sleep(Math.floor(backMs * dateAt))
      const date = new Date(runtime.now() + (options.dateAheadMs ?? 0)).toUTCString()
      await runtime.sleep(backMs - Math.floor(backMs * dateAt))
      signal?.throwIfAborted()
      const response: HttpResponse = {
        status: isCounted ? 200 : 429,
        headers: { date, ...headers },
        body: '',
      }
      return response
    },
  }
  return self
}

export function ask(lane: HttpRequest['lane'] = 0, path = '/'): HttpRequest {
  return { method: 'GET', url: `https://vendor.invalid${path}`, headers: {}, body: null, lane }
}
