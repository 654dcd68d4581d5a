/**
 * One vendor model on its own port. Plain `node:http`, because the sandbox must be able to misbehave: headers
 * exactly as the model gives them, bodies that break off, connections that are reset.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpRequest, HttpResponse } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import type { SandboxClock } from './clock.ts'
import type { FaultLayer, Outcome } from './faults.ts'
import { holdRequest } from './hold.ts'
import { listen, readBody } from './listen.ts'
import type { Certificate, Listening } from './listen.ts'
import type { VendorModel } from './model.ts'
import { countRequests } from './stats.ts'
import type { Counted } from './stats.ts'
import { createFaults } from './faults.ts'

/** How soon a request that is kept open learns that there is something to tell. */
const NAP_MS = 25

/** A model with everything the host adds to it. */
export interface ServedModel extends Listening {
  readonly model: VendorModel
  readonly faults: FaultLayer
  readonly stats: Counted
}

export interface ServeOptions {
  readonly port: number
  /** Speaks HTTPS with it; plain HTTP when absent. */
  readonly tls?: Certificate | undefined
  readonly runtime: Runtime
  readonly clock: SandboxClock
  readonly seed: number
  /** Round trip added to every answer, half before the model acts and half after it. */
  readonly latencyMs: number
  /** Told of exceptions inside the model: bugs of the sandbox, answered with 500. */
  readonly onFailure: (failure: SandboxFailure) => void
}

export interface SandboxFailure {
  readonly vendor: string
  readonly request: string
  readonly error: string
}

export async function serveModel(model: VendorModel, options: ServeOptions): Promise<ServedModel> {
  const { runtime, seed } = options
  const closing = new AbortController()
  const stats = countRequests(model)
  const faults = createFaults(stats.answering, { runtime, seed, signal: closing.signal })
  const dateHeader = cachedDateHeader(options.clock)
  const halfLatencyMs = options.latencyMs / 2
  const hold = { runtime, now: options.clock.now, napMs: NAP_MS }
  let base = ''

  /** Aborts when the sandbox closes or the client hangs up, so that nobody waits for somebody who left. */
  function gone(outgoing: ServerResponse): AbortSignal {
    const left = new AbortController()
    outgoing.once('close', () => left.abort())
    return AbortSignal.any([closing.signal, left.signal])
  }

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await readRequest(base, incoming)
    if (halfLatencyMs > 0) await runtime.sleep(halfLatencyMs, closing.signal)
    if (model.waits?.(request, hold.now())) {
      await holdRequest(model, request, { ...hold, signal: gone(outgoing) })
    }
    const outcome = await faults.answer(request, closing.signal)
    if (outcome.kind === 'answer') stats.answered(outcome.response)
    if (halfLatencyMs > 0) await runtime.sleep(halfLatencyMs, closing.signal)
    await deliver(outcome, outgoing)
  }

  async function deliver(outcome: Outcome, outgoing: ServerResponse): Promise<void> {
    switch (outcome.kind) {
      case 'answer':
        writeHead(outgoing, outcome.response, dateHeader())
        outgoing.end(outcome.response.body)
        return
      case 'cut': {
        const bytes = Buffer.from(outcome.response.body)
        writeHead(outgoing, outcome.response, dateHeader())
        outgoing.flushHeaders()
        outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => outgoing.destroy())
        return
      }
      case 'reset':
        reset(outgoing)
        return
      case 'silence':
        if (outcome.ms === null) return
        await runtime.sleep(outcome.ms, closing.signal)
        reset(outgoing)
    }
  }

  const answer = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    serve(incoming, outgoing).catch((error: unknown) => {
      // A client that hung up, or the sandbox closing, ends the exchange; anything else is a bug of ours.
      if (closing.signal.aborted || outgoing.destroyed) return void outgoing.destroy()
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
      options.onFailure({
        vendor: model.vendor,
        request: `${incoming.method} ${incoming.url}`,
        error: text,
      })
      if (outgoing.headersSent) return void outgoing.destroy()
      outgoing.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' })
      outgoing.end(
        `The ${model.vendor} model of the sandbox failed. This is a bug of the sandbox.\n\n${text}\n`,
      )
    })
  }
  const listening = await listen(answer, { port: options.port, tls: options.tls ?? null })
  base = listening.url
  return {
    model,
    faults,
    stats,
    url: listening.url,
    close: async () => {
      closing.abort()
      await listening.close()
      await faults.settled()
    },
  }
}

/** An encrypted connection has no reset of its own: there the client sees it broken off. */
function reset({ socket }: ServerResponse): void {
  if (socket !== null && 'encrypted' in socket) socket.destroy()
  else socket?.resetAndDestroy()
}

async function readRequest(base: string, incoming: IncomingMessage): Promise<HttpRequest> {
  const body = await readBody(incoming)
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return { method: incoming.method ?? 'GET', url: base + (incoming.url ?? '/'), headers, body }
}

/**
 * A `date` header that shows the vendor's clock, not the host's: clients judge `Retry-After` dates by it (Attio
 * fact sheet 5). The model's own header wins.
 */
function writeHead(outgoing: ServerResponse, response: HttpResponse, date: string): void {
  outgoing.sendDate = false
  const bodyless = response.status === 204 || response.status === 304
  outgoing.writeHead(response.status, {
    date,
    ...response.headers,
    ...(bodyless ? {} : { 'content-length': Buffer.byteLength(response.body) }),
  })
}

/** Formatting a date costs more than a small answer does; once a second is enough. */
function cachedDateHeader(clock: SandboxClock): () => string {
  let second = Number.NaN
  let text = ''
  return () => {
    const now = Math.floor(clock.now() / 1000)
    if (now !== second) {
      second = now
      text = new Date(now * 1000).toUTCString()
    }
    return text
  }
}
