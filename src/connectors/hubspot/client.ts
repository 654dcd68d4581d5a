/**
 * The official HubSpot client, tamed. Everything that goes to HubSpot passes `read`, `ask` or `write` here, which
 * repeat what is safe to repeat and turn every failure into a `ConnectorError`; `sdk-route.ts` leads it there.
 *
 * The client's own limiter and retries stay off: both are process-wide, and a retried create can duplicate
 * (HubSpot fact sheet 22.4). It has no time limit and no abort either: those are the transport's. Importing
 * it takes about half a second (22.1), so a program that may do without HubSpot imports this folder late.
 */
import { Client } from '@hubspot/api-client'
import { ConnectorError, type ConnectorErrorKind } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { backOffMs } from '../back-off.ts'
import { fromTransportError, TransportError } from '../transport.ts'
import { toConnectorError } from './errors.ts'
import { parseProblem, type Problem } from './problem.ts'
import { asJson, openRoute, type RouteOptions } from './sdk-route.ts'

export type HubSpotSdk = Client

export interface ClientOptions extends RouteOptions {
  readonly token: string
  readonly runtime: Runtime
  /** Shared by the clients of one account. */
  readonly zone?: TimeZone
  /** Opens the settings of an app, which the token does not. */
  readonly developerKey?: string
}

/** Of the account, once `account` has learned it: when daily allowances reset. */
export interface TimeZone {
  utcOffsetMs: number
}

/** A request that changes nothing: a GET, or a POST where there is a body. */
export interface Question {
  /** Numbered, as the client spells it. */
  readonly path: string
  readonly query?: readonly [name: string, value: string][]
  readonly body?: object
}

export interface HubSpotClient {
  readonly connection: string
  readonly runtime: Runtime

  /** Sends a request that changes nothing; repeated when it fails without a reason of ours. */
  read<T>(send: (sdk: HubSpotSdk) => Promise<T>): Promise<T>

  /**
   * The same for what is read often or at length, as plain data just as HubSpot sends it: the generated code of the
   * client copies every value by the name of its type, which takes several times as long as everything else on the way.
   */
  ask<T>(question: Question): Promise<T>

  /**
   * Sends a request that changes data, once (again only after a lock, which HubSpot reports before it does
   * anything). Null: HubSpot took it but answered in a shape the client cannot read, so read back.
   */
  write<T>(send: (sdk: HubSpotSdk) => Promise<T>): Promise<T | null>

  /** The error of one failed item of a 207 answer to a write. */
  itemError(problem: Problem): ConnectorError

  /** An error that we notice ourselves. */
  error(kind: ConnectorErrorKind, message: string, hint: string): ConnectorError

  setUtcOffset(ms: number): void
}

/** Locks last two seconds (HubSpot fact sheet 5.2). */
const LOCK_MS = 2_000
const LOCK_RETRIES = 5
const READ_RETRIES = 3

export function createHubSpotClient(options: ClientOptions): HubSpotClient {
  const { connection, runtime } = options
  const route = openRoute(options)
  const sdk = new Client({
    basePath: `http://${route.host}`,
    accessToken: options.token,
    numberOfApiCallRetries: 0,
    ...(options.developerKey && { developerApiKey: options.developerKey }),
  })
  const zone = options.zone ?? { utcOffsetMs: 0 }

  const origin = (mutating: boolean, headers: Readonly<Record<string, string>>) => ({
    connection,
    mutating,
    headers,
    nowMs: runtime.now(),
    utcOffsetMs: zone.utcOffsetMs,
  })

  const exchange = async <T>(mutating: boolean, send: (sdk: Client) => Promise<T>): Promise<T | null> => {
    let locked = 0
    let failed = 0
    // Ends: both counters are bounded, and everything else returns or throws.
    for (;;) {
      try {
        return await route.through(() => send(sdk))
      } catch (thrown) {
        if (isApiException(thrown) && thrown.code >= 200 && thrown.code < 300 && mutating) return null
        const error = classify(thrown, mutating)
        if (error.status === 423 && locked < LOCK_RETRIES) {
          locked += 1
          await runtime.sleep(Math.max(LOCK_MS, error.retryAfterMs ?? 0))
        } else if (error.kind === 'transient' && !mutating && failed < READ_RETRIES) {
          failed += 1
          await runtime.sleep(backOffMs(failed, runtime))
        } else throw error
      }
    }
  }

  /** What an exchange can throw, as our error; throws on what is not HubSpot's doing (a bug, an abort). */
  const classify = (thrown: unknown, mutating: boolean): ConnectorError => {
    if (thrown instanceof ConnectorError) return thrown
    if (thrown instanceof TransportError) return fromTransportError(thrown, { connection, mutating })
    if (isApiException(thrown)) {
      const problem = parseProblem(thrown.code, asJson(thrown.body))
      const shapeless = thrown.code >= 200 && thrown.code < 300
      return shapeless
        ? unreadable(mutating, thrown)
        : toConnectorError(problem, origin(mutating, thrown.headers ?? {}))
    }
    // The client parses with JSON.parse and lets its error through: an answer that was cut short.
    if (thrown instanceof SyntaxError) return unreadable(mutating, thrown)
    throw thrown
  }

  const unreadable = (mutating: boolean, cause: unknown): ConnectorError =>
    new ConnectorError(mutating ? 'ambiguous' : 'transient', 'HubSpot: the answer is unreadable', {
      connection,
      hint: 'Nothing to do: what was sent is looked up, or asked again.',
      cause,
    })

  const read: HubSpotClient['read'] = async (send) => {
    const answer = await exchange(false, send)
    if (answer === null) throw unreadable(false, null)
    return answer
  }

  return {
    connection,
    runtime,

    read,

    ask: <T>(question: Question) => read((client) => answerTo<T>(client, question)),

    write: (send) => exchange(true, send),

    itemError: (problem) => toConnectorError(problem, origin(true, {})),

    error: (kind, message, hint) => new ConnectorError(kind, `HubSpot: ${message}`, { connection, hint }),

    setUtcOffset(ms) {
      zone.utcOffsetMs = ms
    },
  }
}

/** Goes through the client's general door, which does not throw on errors. */
async function answerTo<T>(sdk: Client, { path, query = [], body }: Question): Promise<T> {
  const search = query.length === 0 ? '' : `?${new URLSearchParams(query).toString()}`
  const method = body === undefined ? 'GET' : 'POST'
  const response = await sdk.apiRequest({ method, path: `${path}${search}`, body })
  const text = await response.text()
  if (response.ok) return JSON.parse(text) as T
  const failed: ApiExceptionLike = {
    code: response.status,
    body: text,
    headers: Object.fromEntries(response.headers),
  }
  throw Object.assign(new Error(`${method} ${path}`), failed)
}

interface ApiExceptionLike {
  readonly code: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The client has one exception class per API module, so `instanceof` would miss most of them. */
function isApiException(thrown: unknown): thrown is Error & ApiExceptionLike {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'number'
}
