/** A day's ration at work: lets a request wait for a moment, or refuses it until there is more. */
import { ConnectorError } from '../../errors.ts'
import type { Runtime } from '../../runtime.ts'
import type { DayBucket, DayLeft } from '../traffic.ts'
import { DayPlan } from './day-plan.ts'
import type { Asking, Use } from './gate.ts'

/** As long as a batch's lease allows for (`stages/reconcile.ts`); beyond that the caller has better things to do. */
const PATIENCE_MS = 60_000

export interface DayRationOptions {
  readonly connection?: string
  readonly runtime: Runtime
  readonly closing?: AbortSignal
}

export class DayRation {
  readonly name: string
  readonly plan: DayPlan
  readonly #bucket: DayBucket
  readonly #options: DayRationOptions
  #waiting = 0
  #charged = 0

  constructor(bucket: DayBucket, options: DayRationOptions) {
    this.name = bucket.name
    this.plan = new DayPlan(bucket)
    this.#bucket = bucket
    this.#options = options
  }

  counts(buckets: readonly string[]): boolean {
    return this.#bucket.of.some((name) => buckets.includes(name))
  }

  /** Null: charged, without waiting. Throws or rejects with `rate-limited` when it would take too long. */
  admit(asking: Asking): Promise<void> | null {
    const nowMs = this.#options.runtime.now()
    if (this.plan.opensAt(nowMs, asking.lane) > nowMs) return this.#wait(asking)
    this.plan.charge(nowMs, asking.lane)
    return null
  }

  use(): Use {
    const { used, limit } = this.plan.use(this.#options.runtime.now())
    return { busy: used, capacity: limit, waiting: this.#waiting, charged: this.#charged }
  }

  unused(): void {
    this.plan.uncharge(this.#options.runtime.now())
  }

  answered(told: DayLeft | null): void {
    this.#charged += 1
    this.plan.answered(this.#options.runtime.now(), told)
  }

  refused(): void {
    this.plan.refused(this.#options.runtime.now())
  }

  async #wait({ lane, signal }: Asking): Promise<void> {
    const { runtime, closing } = this.#options
    const signals = [signal, closing].filter((each) => each !== undefined)
    const either = signals.length > 0 ? AbortSignal.any(signals) : undefined
    this.#waiting += 1
    try {
      // Ends: with its turn, with the signal, or when the plan puts it off too far.
      for (;;) {
        const nowMs = runtime.now()
        const opensAtMs = this.plan.opensAt(nowMs, lane)
        if (opensAtMs <= nowMs) return this.plan.charge(nowMs, lane)
        if (opensAtMs - nowMs > PATIENCE_MS) throw this.#usedUp(opensAtMs - nowMs)
        await runtime.sleep(Math.ceil(opensAtMs - nowMs), either)
      }
    } finally {
      this.#waiting -= 1
    }
  }

  #usedUp(retryAfterMs: number): ConnectorError {
    const { used, limit } = this.plan.use(this.#options.runtime.now())
    return new ConnectorError(
      'rate-limited',
      `the part of the day's requests that is ours is used up (${this.name}: ${used} of ${limit ?? '?'} are used by all)`,
      {
        connection: this.#options.connection ?? '',
        hint: 'It goes on by itself when there is more. To let it take a larger part now, raise `day.share` or lower `day.floor` of this connection.',
        retryAfterMs: Math.ceil(retryAfterMs),
      },
    )
  }
}
