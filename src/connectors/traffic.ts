/**
 * What a vendor's HTTP traffic looks like from outside: which requests change data and which allowance each
 * one uses. Budgets, counters and read-only mode wrap a `Transport` and need nothing else, so they are the
 * same for every vendor, and count what the vendor counts: requests.
 */
import type { HttpRequest, HttpResponse } from './transport.ts'

/** An allowance: the vendor refuses a request that would be number `limit + 1` within `windowMs`. */
export interface Bucket {
  readonly name: string
  readonly limit: number
  readonly windowMs: number
}

export interface RequestClass {
  /** False only for requests known to change nothing; anything unrecognised counts as a change. */
  readonly mutating: boolean
  /** Name of the bucket that this request is charged to, and that pauses when it is refused. */
  readonly bucket: string
  /**
   * Further, wider buckets that count it too (a search may have an allowance of its own *and* use the general
   * one). Slots are taken in this order after `bucket`; every class must keep one global order.
   */
  readonly alsoIn?: readonly string[]
}

/**
 * How to wait after a 429 that carries no usable `Retry-After`: so many milliseconds, growing jittered delays,
 * or not at all, because the refusal outlasts any patience (a used-up day).
 */
export type Pause = { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'back-off' | 'give-up' }

export interface Traffic {
  readonly buckets: readonly Bucket[]
  classify(request: HttpRequest): RequestClass
  /** The bucket's limit as this answer states it, or null when it says nothing. */
  limitFrom?(response: HttpResponse, bucket: string): number | null
  /** Absent: `back-off`. */
  pauseAfter?(response: HttpResponse): Pause
}
