/** Counts the requests that really leave, as the vendor counts them. Wrap it *inside* the budget. */
import { isRefusal, type Traffic } from './traffic.ts'
import type { Transport } from './transport.ts'

export interface RequestCounts {
  readonly read: number
  readonly write: number
  /** How many of them were refused for a limit. */
  readonly throttled: number
}

export interface CountedTransport {
  readonly transport: Transport
  readonly counts: () => RequestCounts
}

export function counted(transport: Transport, traffic: Traffic): CountedTransport {
  let read = 0
  let write = 0
  let throttled = 0
  return {
    transport: async (request, signal) => {
      if (traffic.classify(request).mutating) write += 1
      else read += 1
      const response = await transport(request, signal)
      if (isRefusal(traffic, response)) throttled += 1
      return response
    },
    counts: () => ({ read, write, throttled }),
  }
}
