/**
 * One request to Attio and its answer, read as what it should be or turned into a `ConnectorError`.
 *
 * Repeated here, because nothing can have been applied: reads that failed for a passing reason, and writes
 * that Attio refused because another write to the same record was under way. Nothing else.
 */
import type { z } from 'zod'
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import { backOffMs } from '../back-off.ts'
import { fromTransportError, TransportError } from '../transport.ts'
import type { Transport } from '../transport.ts'
import { attioError, parsedJson } from './errors.ts'
import { replicaClock, type Aged, type ReplicaClock } from './replica.ts'

export interface SenderOptions {
  readonly connection: string
  /** Without the `/v2`. */
  readonly baseUrl: string
  readonly token: string
  readonly transport: Transport
  readonly runtime: Runtime
  /** Shared by all clients of one account, so that what one learns about its clock serves all. */
  readonly accurateAt?: ReplicaClock
}

const ATTEMPTS_MAX = 3

export interface Call<T> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Encoded, from `/v2` on, with its query. */
  readonly path: string
  readonly body?: unknown
  readonly answer: z.ZodType<T>
  readonly mutating: boolean
  readonly scopes: readonly string[]
  readonly fields?: readonly string[]
}

/** The answer, and how old what it tells may be. */
export interface Sender {
  <T>(call: Call<T>): Promise<Aged<T>>
}

export function attioSender(options: SenderOptions): Sender {
  const { connection, transport, runtime } = options
  const baseUrl = options.baseUrl.replace(/\/+$/, '')
  const accurateAt = options.accurateAt ?? replicaClock()
  const headers = {
    authorization: `Bearer ${options.token}`,
    accept: 'application/json',
    'content-type': 'application/json',
  }

  const sendOnce = async <T>(call: Call<T>): Promise<Aged<T>> => {
    const { method, mutating } = call
    const path = call.path.replace(/\?.*$/, '')
    const sentMs = runtime.now()
    let response
    try {
      response = await transport({
        method,
        url: baseUrl + call.path,
        headers,
        body: call.body === undefined ? null : JSON.stringify(call.body),
      })
    } catch (error) {
      if (error instanceof TransportError) throw fromTransportError(error, { connection, mutating })
      throw error
    }
    if (response.status < 200 || response.status > 299) {
      const { scopes, fields = [] } = call
      throw attioError(response, { connection, method, path, mutating, scopes, fields, nowMs: runtime.now() })
    }
    const accurateAtMs = accurateAt(response, sentMs, runtime.now())
    const parsed = call.answer.safeParse(parsedJson(response.body))
    if (parsed.success) return { value: parsed.data, accurateAtMs }
    // A write that was answered "fine" in words we cannot read has probably happened.
    throw new ConnectorError(mutating ? 'ambiguous' : 'transient', `${method} ${path}: unreadable answer`, {
      connection,
      hint: 'The answer is not what Attio documents. Is the base URL right, and no proxy in between?',
      status: response.status,
      cause: parsed.error,
    })
  }

  return async <T>(call: Call<T>): Promise<Aged<T>> => {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await sendOnce(call)
      } catch (error) {
        if (attempt >= ATTEMPTS_MAX || !isRepeatable(error, call.mutating)) throw error
        await runtime.sleep(backOffMs(attempt, runtime))
      }
    }
  }
}

/** A merge takes longer than our patience here, and the caller has other records to look at meanwhile. */
function isRepeatable(error: unknown, mutating: boolean): boolean {
  if (!(error instanceof ConnectorError) || error.kind !== 'transient') return false
  if (error.code === 'concurrent_write_conflict') return true
  return !mutating && error.code !== 'merge_in_progress'
}
