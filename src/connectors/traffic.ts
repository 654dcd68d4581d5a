/**
 * What a vendor's HTTP traffic looks like from outside: which requests change data and which allowance each
 * one uses. Budgets, counters and read-only mode wrap a `Transport` and need nothing else, so they are the
 * same for every vendor, and count what the vendor counts: requests.
 */
import type { HttpRequest, HttpResponse } from './transport.ts'

/** One of the vendor's allowances. */
export type Bucket = WindowBucket | InFlightBucket | ScoreBucket | DayBucket

/** The vendor refuses a request that would be number `limit + 1` within `windowMs`. */
export interface WindowBucket {
  readonly kind?: 'window'
  readonly name: string
  readonly limit: number
  readonly windowMs: number
  /** The operator's word: answers may lower the limit, never raise it above this. */
  readonly ceiling?: number
  /** Other apps draw on it too, so a refusal can be their doing and makes us take less for a while. */
  readonly shared?: boolean
  /** Windows are those of the vendor's clock (its full seconds), which the `Date` of its answers shows. */
  readonly clockAligned?: boolean
  /**
   * Answers state what remains (`remainingFrom`), so the first one tells what was used before. `exactly` also tells
   * what others use meanwhile; of a bound from below that cannot be said.
   */
  readonly answersTell?: 'exactly' | 'at-least'
}

/** At most `limit` unanswered requests; fewer while 95 % of them take longer than `slowMs`. */
export interface InFlightBucket {
  readonly kind: 'in-flight'
  readonly name: string
  readonly limit: number
  readonly slowMs?: number
}

/** Requests weigh differently, answers say how much (`scoreFrom`), and the limit for `windowMs` is not published. */
export interface ScoreBucket {
  readonly kind: 'score'
  readonly name: string
  readonly windowMs: number
}

/** Requests per day, however that is counted: since midnight somewhere, or over the last 24 hours. */
export interface DayBucket {
  readonly kind: 'day'
  readonly name: string
  /** Every request that is charged to one of these buckets counts. */
  readonly of: readonly string[]
  /** Null: not known until an answer says so (`dayFrom`), and perhaps never. */
  readonly limit: number | null
  /** The part of the day's requests that is ours; work that nobody waits for stops before it is used up. */
  readonly share: number
  /** So many requests are left alone by everything, interactive work included. */
  readonly floor: number
}

export interface RequestClass {
  /** False only for requests known to change nothing; anything unrecognised counts as a change. */
  readonly mutating: boolean
  /** Name of the bucket that this request is charged to, and that pauses when it is refused. */
  readonly bucket: string
  /**
   * Further, wider buckets that count it too (a search may have an allowance of its own *and* use the general
   * one). Slots are taken in this order after `bucket`; every class must keep one global order. Days are not
   * named here: `DayBucket.of` says what they count.
   */
  readonly alsoIn?: readonly string[]
}

/**
 * How to wait after a refusal that carries no usable `Retry-After`: so many milliseconds, growing jittered delays,
 * or not at all, because the refusal outlasts any patience (a used-up day).
 */
export type Pause = { readonly kind: 'wait'; readonly ms: number } | { readonly kind: 'back-off' | 'give-up' }

export interface Traffic {
  readonly buckets: readonly Bucket[]
  classify(request: HttpRequest): RequestClass
  /** The bucket's limit as this answer states it, or null when it says nothing. */
  limitFrom?(response: HttpResponse, bucket: string): number | null
  /** How many requests are left in the bucket's window, this one counted; null when the answer does not say. */
  remainingFrom?(response: HttpResponse, bucket: string): number | null
  /** What this request weighed in a score bucket. */
  scoreFrom?(response: HttpResponse, bucket: string): number | null
  /** A day's limit and what is left of it. */
  dayFrom?(response: HttpResponse, bucket: string): DayLeft | null
  /** Whether the vendor refused to process the request because of a limit. Absent: status 429. */
  isRefusal?(response: HttpResponse): boolean
  /** Absent: `back-off`. */
  pauseAfter?(response: HttpResponse, request?: HttpRequest): Pause
}

export function isRefusal(traffic: Pick<Traffic, 'isRefusal'>, response: HttpResponse): boolean {
  return traffic.isRefusal ? traffic.isRefusal(response) : response.status === 429
}

export interface DayLeft {
  readonly limit: number
  readonly remaining: number
}
