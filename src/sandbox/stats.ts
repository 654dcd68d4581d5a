/**
 * What a vendor was asked, as the vendor counts it: the numbers behind "105 calls for 10,000 contacts" and
 * "never told 429".
 */
import type { HttpRequest, HttpResponse } from '../connectors/transport.ts'
import type { Answering } from './faults.ts'
import type { VendorModel } from './model.ts'

export interface VendorStats {
  /** Requests the vendor processed that change nothing, whatever it answered. */
  reads: number
  /** Requests the vendor processed that change data or would have, had they been valid. */
  writes: number
  /** Requests told that a limit is reached, by the vendor or by a fault rule. Neither read nor write. */
  throttled: number
  /** `METHOD /template` → processed requests. The numbers add up to `reads + writes`. */
  routes: Record<string, number>
}

export interface Counted {
  /** The model with its processed requests counted; what the fault layer sends to. */
  readonly answering: Answering
  /** To be called with every answer that leaves for a client. */
  answered(response: HttpResponse): void
  current(): VendorStats
  reset(): void
}

/** Counts where requests reach the model, so that faults which keep a request away are not counted as work. */
export function countRequests(model: VendorModel): Counted {
  let stats = blankStats()
  return {
    answering: {
      handle: (request) => {
        const response = model.handle(request)
        if (!throttles(model, response)) countProcessed(stats, model, request)
        return response
      },
      refuse: (reason, request) => model.refuse(reason, request),
      isMutating: (request) => model.isMutating(request),
    },
    answered: (response) => {
      if (throttles(model, response)) stats.throttled += 1
    },
    current: () => ({ ...stats, routes: { ...stats.routes } }),
    reset: () => {
      stats = blankStats()
    },
  }
}

function throttles(model: VendorModel, response: HttpResponse): boolean {
  return response.status === 429 || (model.throttles?.(response) ?? false)
}

function blankStats(): VendorStats {
  return { reads: 0, writes: 0, throttled: 0, routes: {} }
}

function countProcessed(stats: VendorStats, model: VendorModel, request: HttpRequest): void {
  if (model.isMutating(request)) stats.writes += 1
  else stats.reads += 1
  const route = model.routeOf(request)
  stats.routes[route] = (stats.routes[route] ?? 0) + 1
}
