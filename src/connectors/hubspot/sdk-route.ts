/**
 * How requests of the official client get into our transport: it uses the global `fetch` and knows one version of each
 * path, so each of our clients has a host of its own, which is led to the real one while a request is under way.
 */
import { routeFetch, unrouteFetch, type HttpResponse, type Transport } from '../transport.ts'
import { clientStatus, versionedPath, type ApiVersion } from './paths.ts'

export interface RouteOptions {
  readonly connection: string
  /** Origin of the API, with or without a trailing slash. */
  readonly baseUrl: string
  readonly transport: Transport
  readonly apiVersion: ApiVersion
}

export interface SdkRoute {
  /** Where the client has to send what is meant for HubSpot. */
  readonly host: string
  /** Runs `send` while the host leads somewhere, so that a discarded client leaves nothing behind. */
  through<T>(send: () => Promise<T>): Promise<T>
}

let routes = 0

export function openRoute(options: RouteOptions): SdkRoute {
  routes += 1
  const host = reservedHost(options.connection, routes)
  const route = routeTo(options)
  let inFlight = 0
  return {
    host,
    async through(send) {
      inFlight += 1
      routeFetch(host, route)
      try {
        return await send()
      } finally {
        inFlight -= 1
        if (inFlight === 0) unrouteFetch(host)
      }
    },
  }
}

/** `.invalid` never resolves (RFC 2606); the number keeps clients of one connection name apart. */
function reservedHost(connection: string, serial: number): string {
  const label = connection.toLowerCase().replace(/[^a-z0-9]+/g, '-')
  return `c${serial}-${label}.hubspot.invalid`.replace('-.', '.')
}

/** Sends what the client addressed to its reserved host to the real one, in the wanted version. */
function routeTo(options: RouteOptions): Transport {
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  return async (request, signal) => {
    const { pathname, search } = new URL(request.url)
    const url = `${baseUrl}${versionedPath(pathname, options.apiVersion)}${search}`
    return readable(pathname, await options.transport({ ...request, url }, signal))
  }
}

/**
 * An answer that the client can report. It loses the status of an error page without a content type, and
 * fails on one that claims to be JSON and is not (HubSpot fact sheet 22.3); gateways send both.
 */
function readable(path: string, answer: HttpResponse): HttpResponse {
  const status = clientStatus(path, answer.status)
  const json = status < 300 ? true : asJson(answer.body) !== answer.body
  const type = json ? 'application/json' : 'text/plain'
  return { ...answer, status, headers: { ...answer.headers, 'content-type': type } }
}

/** What an answer says: JSON, or text as it is. */
export function asJson(body: unknown): unknown {
  if (typeof body !== 'string') return body
  try {
    return JSON.parse(body)
  } catch {
    // Not JSON: an error page of a gateway, which is reported as text.
    return body
  }
}
