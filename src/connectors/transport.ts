/**
 * The one door to the network. Every vendor client sends through a `Transport`, so that budgets, counters,
 * read-only mode, faults and the in-process sandbox are decorators or replacements of one function.
 *
 * Clients that insist on the global `fetch` (the official HubSpot client) reach a transport through
 * `routeFetch`: the client is given a reserved base URL, and the installed `fetch` hands requests for that
 * host to the transport. Any other host goes to the original `fetch`, or is refused in tests (`sealFetch`).
 */
import type { Lane } from '../core/lane.ts'
import { ConnectorError } from '../errors.ts'

export interface HttpRequest {
  readonly method: string
  /** Absolute URL. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | null
  /** Who goes first where the budget lets requests wait; interactive when absent. Never leaves the process. */
  readonly lane?: Lane
  /**
   * How long a request that changes data may wait for allowances; then it is refused as `stale`, unsent, because what
   * it was decided on is too old. As long as it takes when absent. Never leaves the process.
   */
  readonly patienceMs?: number
}

export interface HttpResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Sends one request and returns the whole answer, whatever its status. Rejects only when no complete answer
 * arrived: `TransportError` says whether the request can have reached the vendor.
 */
export type Transport = (request: HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>

/** No complete answer. `sent: false` proves that the vendor never saw the request. */
export class TransportError extends Error {
  override readonly name = 'TransportError'
  readonly sent: boolean

  constructor(message: string, options: { sent: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.sent = options.sent
  }
}

/** Connect errors after which nothing can have been sent. */
const UNSENT_CODES = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'])

const originalFetch = globalThis.fetch
const routes = new Map<string, Transport>()
let sealed = false

/**
 * A transport over real sockets. `timeoutMs` bounds the whole exchange, body included.
 * Redirects are not followed: a CRM API that redirects is a wrong base URL.
 */
export function httpTransport(options: { timeoutMs: number }): Transport {
  return async (request, signal) => {
    const timeout = AbortSignal.timeout(options.timeoutMs)
    try {
      const response = await originalFetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      })
      return {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await textOf(response),
      }
    } catch (error) {
      const code = networkCode(error)
      const host = new URL(request.url).host
      throw new TransportError(`No answer from ${host}: ${code}`, {
        sent: !UNSENT_CODES.has(code),
        cause: error,
      })
    }
  }
}

/**
 * Decoded as it arrives: `Response.text` keeps the parts, puts them together, and decodes that, three times the answer
 * outside of the heap, where nothing tells the collector to hurry. A page of 500 Attio records has two megabytes.
 */
async function textOf({ body }: Response): Promise<string> {
  if (body === null) return ''
  const decoder = new TextDecoder()
  let text = ''
  for await (const part of body) text += decoder.decode(part, { stream: true })
  return text + decoder.decode()
}

/** Replaces the global `fetch` once and sends requests for `host` through `transport`. */
export function routeFetch(host: string, transport: Transport): void {
  routes.set(host, transport)
  if (globalThis.fetch !== routedFetch) globalThis.fetch = routedFetch
}

export function unrouteFetch(host: string): void {
  routes.delete(host)
}

/** Drops every route. For simulated processes, which die while requests are under way. */
export function dropRoutes(): void {
  routes.clear()
}

/** From here on, `fetch` to any host without a route fails. For tests: nothing may leave the process. */
export function sealFetch(): void {
  sealed = true
  globalThis.fetch = routedFetch
}

async function routedFetch(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const { host } = input instanceof URL ? input : new URL(input instanceof Request ? input.url : input)
  const transport = routes.get(host)
  if (!transport) {
    if (sealed) throw new TypeError(`fetch failed: ${host} is not a routed host`)
    return originalFetch(input, init)
  }
  const plain = init && !(input instanceof Request) ? asPlain(String(input), init) : null
  if (plain) return new RoutedAnswer(await transport(plain, init?.signal ?? undefined))
  const request = new Request(input, init)
  const body = request.body === null ? null : await request.text()
  const { method, url, headers, signal } = request
  return new RoutedAnswer(
    await transport({ method, url, headers: Object.fromEntries(headers), body }, signal),
  )
}

/**
 * What clients send as a rule, without a `Request` in between, which takes ten times as long to build and read. Null
 * where that is needed: for streams and forms, and for headers with a mind of their own.
 */
function asPlain(
  url: string,
  { method = 'GET', headers = {}, body = null }: RequestInit,
): HttpRequest | null {
  if (body !== null && typeof body !== 'string') return null
  if (Array.isArray(headers) || headers instanceof Headers) return null
  const lowered: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) lowered[name.toLowerCase()] = String(value)
  }
  if (body !== null) lowered['content-type'] ??= 'text/plain;charset=UTF-8'
  return { method: method.toUpperCase(), url, headers: lowered, body }
}

/** What `RoutedAnswer` leaves as it is. By type, `Response` has properties where it has methods. */
const AnswerHead: new (
  body: null,
  init: { readonly status: number },
) => Omit<Response, 'headers' | 'text' | 'json' | 'bytes' | 'arrayBuffer'> = Response

/**
 * Read it with `text`, `json`, `bytes` or `arrayBuffer`, as often as wanted; it has no stream, so the other ways show
 * nothing. Its body is text already: making a stream of it for `Response` to read again costs more than the rest.
 */
class RoutedAnswer extends AnswerHead {
  readonly #headers: HttpResponse['headers']
  readonly #text: string

  constructor({ status, headers, body }: HttpResponse) {
    super(null, { status })
    this.#headers = headers
    this.#text = status === 204 || status === 304 ? '' : body
  }

  /** Made when asked for: they are nine tenths of what a `Response` costs, and few look at them. */
  get headers(): Headers {
    return new Headers(this.#headers)
  }

  async text(): Promise<string> {
    return this.#text
  }

  async json(): Promise<unknown> {
    return JSON.parse(this.#text)
  }

  async bytes(): Promise<Uint8Array<ArrayBuffer>> {
    return new TextEncoder().encode(this.#text)
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return new TextEncoder().encode(this.#text).buffer
  }
}

function networkCode(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause
  if (cause instanceof AggregateError && cause.errors.length > 0) return networkCode(cause.errors[0])
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  if ('code' in error && typeof error.code === 'string') return error.code
  return error.name
}

/** Turns a missing answer into the taxonomy: a write that may have arrived is `ambiguous`, the rest `transient`. */
export function fromTransportError(
  error: TransportError,
  options: { connection: string; mutating: boolean },
): ConnectorError {
  const lost = error.sent && options.mutating
  return new ConnectorError(lost ? 'ambiguous' : 'transient', error.message, {
    connection: options.connection,
    hint: lost
      ? 'The outcome of this write is unknown; it is looked up before anything is sent again.'
      : 'Check the network and the base URL.',
    cause: error,
  })
}
