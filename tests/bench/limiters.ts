/**
 * What stands between a caller and the vendor in the ceiling bench: our budget, and what others do instead. The
 * others get the vendor's limit exactly and wait out a refusal as they are told to.
 */
import PQueue from 'p-queue'
import { backOffMs } from '../../src/connectors/back-off.ts'
import { createBudget } from '../../src/connectors/budget/budget.ts'
import { retryAfterMs } from '../../src/connectors/retry-after.ts'
import type { Traffic } from '../../src/connectors/traffic.ts'
import type { Transport } from '../../src/connectors/transport.ts'
import type { Runtime } from '../../src/runtime.ts'

export const LIMITERS = ['ours', 'token-bucket', 'p-queue-interval'] as const
export type LimiterName = (typeof LIMITERS)[number]

export interface Allowance {
  readonly limit: number
  readonly windowMs: number
  readonly traffic: Traffic
}

/** `requests-in-flight` of the shipped config. */
const IN_FLIGHT_MAX = 25

export function limited(
  name: LimiterName,
  vendor: Transport,
  options: { readonly allowance: Allowance; readonly runtime: Runtime },
): Transport {
  const { allowance, runtime } = options
  switch (name) {
    case 'ours':
      return createBudget(vendor, {
        traffic: allowance.traffic,
        runtime,
        inFlightMax: IN_FLIGHT_MAX,
        attemptsMax: 8,
        lostMs: 20_000,
      }).transport
    case 'token-bucket':
      return patient(throughTokens(vendor, allowance, runtime), allowance, runtime)
    case 'p-queue-interval':
      return patient(throughInterval(vendor, allowance), allowance, runtime)
  }
}

/** A bucket of N tokens that refills evenly, N in each window. */
function throughTokens(vendor: Transport, { limit, windowMs }: Allowance, runtime: Runtime): Transport {
  let tokens = limit
  let atMs = runtime.now()
  let line = Promise.resolve()
  const take = async (): Promise<void> => {
    for (;;) {
      const nowMs = runtime.now()
      tokens = Math.min(limit, tokens + ((nowMs - atMs) * limit) / windowMs)
      atMs = nowMs
      if (tokens >= 1) break
      await runtime.sleep(Math.ceil(((1 - tokens) * windowMs) / limit))
    }
    tokens -= 1
  }
  return async (request) => {
    line = line.then(take)
    await line
    return vendor(request)
  }
}

/** p-queue's own limit, in its stricter form: no more starts than N in any window. */
function throughInterval(vendor: Transport, { limit, windowMs }: Allowance): Transport {
  const queue = new PQueue({ intervalCap: limit, interval: windowMs, strict: true })
  return (request) => queue.add(() => vendor(request))
}

/** Sends a refused request again, after as long as it was told or the window lasts. */
function patient(transport: Transport, { windowMs }: Allowance, runtime: Runtime): Transport {
  return async (request) => {
    for (let attempt = 1; ; attempt += 1) {
      const response = await transport(request)
      if (response.status !== 429) return response
      const told = retryAfterMs(response, runtime.now())
      await runtime.sleep(told ?? Math.min(windowMs, backOffMs(attempt, runtime)))
    }
  }
}
