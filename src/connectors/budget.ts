/**
 * The rate budget: a transport that never sends more than the vendor allows.
 *
 * Ack-window limiter: a request may leave only while fewer than N are unanswered or were answered less than
 * W ago. A vendor counts a request at some instant between its sending and its answer. Suppose a window of
 * length W held more than N; take the one sent last, at s. Each of the others was counted later than s - W,
 * so its answer came later than s - W too: when the last one left, at least N were unanswered or answered
 * less than W ago, which the rule forbids. So there is no 429 of our own making, whatever the latencies,
 * and whether the vendor's window slides or is fixed. (Counting *sendings*, as most limiters do, lacks this.)
 *
 * A bucket has N slots, each kept until W after its answer, and a line of those who wait for one. Every sending
 * takes a slot of its own, a repetition included. Lanes are priorities in that line; a daily allowance or a limiter
 * aligned to clock seconds is another kind of `RateBucket`. How many requests are unanswered at once, over all
 * buckets, is a p-queue's concurrency.
 */
import PQueue from 'p-queue'
import { InvariantError } from '../errors.ts'
import type { Runtime } from '../runtime.ts'
import { retryAfterMs } from './retry-after.ts'
import type { Bucket, Traffic } from './traffic.ts'
import type { HttpResponse, Transport } from './transport.ts'

export interface BudgetOptions {
  readonly traffic: Traffic
  readonly runtime: Runtime
  /** Most unanswered requests at once, over all buckets: bounds sockets, not the rate. */
  readonly inFlightMax: number
  /** How often one request is sent at most while the vendor answers 429; then the caller gets that answer. */
  readonly attemptsMax: number
  /** Aborted when the connection is no longer used: slots still waiting out their window are let go. */
  readonly closing?: AbortSignal
}

const BACK_OFF_BASE_MS = 500
const BACK_OFF_MAX_MS = 60_000

/** A refused request is older than everything waiting, so it goes first. */
const PRIORITY = { first: 0, again: 1 } as const

/**
 * Wraps `transport` so that requests wait for their bucket, and so that a 429, which the vendor did not
 * process, is waited out and sent again. Everything else passes through, errors included.
 */
export function budgeted(transport: Transport, options: BudgetOptions): Transport {
  const { traffic, runtime, attemptsMax } = options
  const buckets = new Map(traffic.buckets.map((bucket) => [bucket.name, new RateBucket(bucket, options)]))
  const inFlight = new PQueue({ concurrency: options.inFlightMax })

  const bucketNamed = (name: string): RateBucket => {
    const bucket = buckets.get(name)
    if (bucket) return bucket
    throw new InvariantError('budget', `a request was classified into the unknown bucket "${name}"`)
  }

  return async (request, signal) => {
    const { bucket, alsoIn = [] } = traffic.classify(request)
    const own = bucketNamed(bucket)
    const charged = [own, ...alsoIn.map(bucketNamed)]

    const send = async (): Promise<HttpResponse> => {
      // Ends: each further turn means that a pause began while the request waited for a socket.
      for (;;) {
        for (const each of charged) await each.pauseOver(signal)
        const response = await inFlight.add(() =>
          charged.some((each) => each.isPaused()) ? Promise.resolve(null) : transport(request, signal),
        )
        if (response) return response
      }
    }

    for (let attempt = 1; ; attempt += 1) {
      const response = await holdingSlots(
        charged,
        attempt > 1 ? PRIORITY.again : PRIORITY.first,
        signal,
        send,
      )
      for (const each of charged) each.tune(traffic.limitFrom?.(response, each.name) ?? null)
      if (response.status !== 429) return response
      const waitMs = pauseMs(response, attempt, traffic, runtime)
      if (waitMs === null) return response
      // Also on the last attempt: the requests behind this one would be refused as well.
      own.pauseFor(waitMs)
      if (attempt >= attemptsMax) return response
    }
  }
}

/** Takes a slot in every bucket, in order, and starts their windows when `work` has its answer. */
async function holdingSlots<T>(
  buckets: readonly RateBucket[],
  priority: number,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const taken: (() => void)[] = []
  try {
    for (const bucket of buckets) taken.push(await bucket.takeSlot(priority, signal))
    return await work()
  } finally {
    for (const answered of taken) answered()
  }
}

/** How long the bucket rests after a 429; null when waiting is pointless. */
function pauseMs(response: HttpResponse, attempt: number, traffic: Traffic, runtime: Runtime): number | null {
  const pause = traffic.pauseAfter?.(response) ?? { kind: 'back-off' }
  if (pause.kind === 'give-up') return null
  const told = retryAfterMs(response, runtime.now())
  if (told !== null) return told
  if (pause.kind === 'wait') return pause.ms
  return backOffMs(attempt, runtime)
}

/** Doubling delays, each cut by up to half at random so that several processes do not return together. */
export function backOffMs(attempt: number, runtime: Runtime): number {
  const ceiling = Math.min(BACK_OFF_MAX_MS, BACK_OFF_BASE_MS * 2 ** (attempt - 1))
  return Math.ceil(ceiling * (1 - runtime.random() / 2))
}

interface Waiter {
  readonly priority: number
  readonly start: () => void
}

/**
 * One bucket's slots, and its pause after a refusal. A slot is taken, then cools for a window after its answer, then
 * is free. Time is only waited out while somebody waits for a slot: most requests meet a free one, and a timer each
 * costs as much as building the request.
 */
class RateBucket {
  readonly name: string
  readonly #windowMs: number
  readonly #runtime: Runtime
  readonly #closing: AbortSignal | undefined
  /** The first one to be served first. */
  readonly #waiting: Waiter[] = []
  /** When the slots of answered requests are free again, the earliest first. */
  readonly #cooling: number[] = []
  #limit: number
  #taken = 0
  #isWaking = false
  #pausedUntilMs = 0

  constructor(bucket: Bucket, options: BudgetOptions) {
    this.name = bucket.name
    this.#limit = bucket.limit
    this.#windowMs = bucket.windowMs
    this.#runtime = options.runtime
    this.#closing = options.closing
  }

  /**
   * Resolves once a slot is ours, to the function that reports the answer and so starts the slot's window. The
   * signal counts while waiting: a request that was sent counts with the vendor, whatever its caller wants.
   */
  takeSlot(priority: number, signal: AbortSignal | undefined): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(signal?.reason)
      }
      const start = () => {
        signal?.removeEventListener('abort', leave)
        this.#taken += 1
        resolve(() => this.#answered())
      }
      const waiter = { priority, start }
      signal?.addEventListener('abort', leave, { once: true })
      const behind = this.#waiting.findIndex((other) => other.priority < priority)
      this.#waiting.splice(behind === -1 ? this.#waiting.length : behind, 0, waiter)
      this.#serve()
    })
  }

  /** The vendor's own word on the limit wins over what was configured. */
  tune(limit: number | null): void {
    if (limit === null || !Number.isInteger(limit) || limit < 1 || limit === this.#limit) return
    this.#limit = limit
    this.#serve()
  }

  pauseFor(ms: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, this.#runtime.now() + ms)
  }

  isPaused(): boolean {
    return this.#pausedUntilMs > this.#runtime.now()
  }

  async pauseOver(signal: AbortSignal | undefined): Promise<void> {
    // Ends with the last pause: a new one only begins with a refusal of a request that was under way.
    while (this.isPaused()) await this.#runtime.sleep(this.#pausedUntilMs - this.#runtime.now(), signal)
  }

  #answered(): void {
    this.#taken -= 1
    this.#cooling.push(this.#runtime.now() + this.#windowMs)
    this.#serve()
  }

  #serve(): void {
    const now = this.#closing?.aborted ? Number.POSITIVE_INFINITY : this.#runtime.now()
    while (this.#cooling[0] !== undefined && this.#cooling[0] <= now) this.#cooling.shift()
    while (this.#waiting.length > 0 && this.#taken + this.#cooling.length < this.#limit) {
      this.#waiting.shift()?.start()
    }
    const [nextMs] = this.#cooling
    if (this.#waiting.length === 0 || nextMs === undefined || this.#isWaking) return
    this.#isWaking = true
    // The closing signal ends the wait as well: then nobody has to wait any more.
    const wake = () => {
      this.#isWaking = false
      this.#serve()
    }
    this.#runtime.sleep(Math.max(1, nextMs - now), this.#closing).then(wake, wake)
  }
}
