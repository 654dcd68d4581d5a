/**
 * How a day's requests are rationed (algorithms 7.4). The arithmetic; `day.ts` does the waiting.
 *
 * Ours is `share` of the day, minus what we used in the last 24 hours, and never more than the vendor says is left
 * after what others use until the day ends. Of that, backfill gets an even flow over the rest of the day with a
 * tenth of it in advance; it stops when a tenth is left, catch-up when a twentieth is left. Interactive work and
 * recovery go on until only the floor remains.
 *
 * When the day ends is learned: what is left jumps up. Until then it may be 24 hours from now, which is also the
 * truth for a limit that counts the last 24 hours. Only an answer shows that there is more again, so one request in a
 * quarter of an hour asks, whatever the line.
 */
import type { Lane } from '../../core/lane.ts'
import type { DayBucket, DayLeft } from '../traffic.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** How often it is tried whether there is more again. */
const ASK_AGAIN_MS = 900_000

/** What has to be left of our part before a lane may draw on it. */
const STOP_LINE: Readonly<Record<Lane, number>> = { 0: 0, 1: 0, 2: 0.05, 3: 0.1 }
/** What backfill may take in advance of its even flow. */
const ADVANCE = 0.1

/** Nobody has to hold back while so much of our part is left. */
const PLENTY_SHARE = 0.5

/** Others' use is measured over at least this, and remembered about this long. */
const MEASURE_MS = 60_000
const MEMORY_MS = HOUR_MS

/** What is left rises by single requests all the time where a day is the last 24 hours; a new day is a jump. */
const NEW_DAY_JUMP = 0.1

export interface DayMemory {
  /** Hour since 1970 → our requests in it. */
  readonly hours: readonly (readonly [hour: number, count: number])[]
  readonly endsAtMs: number | null
  readonly othersPerMs: number
}

export class DayPlan {
  readonly #bucket: DayBucket
  #limit: number | null
  #hours = new Map<number, number>()
  #total = 0
  /** What the vendor said was left, and how many of our requests it may not have counted in that yet. */
  #left: number | null = null
  #unseen = 0
  #askedAtMs = -Infinity
  #endsAtMs: number | null = null
  #closedUntilMs = -Infinity
  #othersPerMs = 0
  #measured: { readonly atMs: number; readonly left: number; readonly total: number } | null = null
  /** What backfill may take now; full at the start. */
  #flow = Infinity
  #flowAtMs = -Infinity

  constructor(bucket: DayBucket) {
    this.#bucket = bucket
    this.#limit = bucket.limit
  }

  /** `nowMs`: a request of this lane may be charged now. `Infinity` where nobody can say when. */
  opensAt(nowMs: number, lane: Lane): number {
    if (this.#limit === null) return nowMs
    if (nowMs < this.#closedUntilMs) return this.#closedUntilMs
    if (this.#remaining(nowMs) <= this.#bucket.floor) return this.#nextAsking(nowMs)
    if (lane <= 1) return nowMs
    const part = this.#bucket.share * this.#limit
    const ours = this.#ours(nowMs)
    if (ours <= STOP_LINE[lane] * part) return this.#nextAsking(nowMs)
    if (lane < 3) return nowMs
    this.#refill(nowMs, ours, part)
    return this.#flow >= 1 ? nowMs : nowMs + ((1 - this.#flow) * this.#restMs(nowMs)) / ours
  }

  /** Charges a request that is about to be sent. */
  charge(nowMs: number, lane: Lane): void {
    const hour = Math.floor(nowMs / HOUR_MS)
    this.#hours.set(hour, (this.#hours.get(hour) ?? 0) + 1)
    this.#total += 1
    this.#unseen += 1
    this.#askedAtMs = nowMs
    if (lane === 3) this.#flow -= 1
  }

  /** It was not sent after all. */
  uncharge(nowMs: number): void {
    const hour = Math.floor(nowMs / HOUR_MS)
    this.#hours.set(hour, Math.max(0, (this.#hours.get(hour) ?? 0) - 1))
    this.#total -= 1
    this.#unseen -= 1
  }

  /** It was answered, or never will be; `told` is what the answer says about the day. */
  answered(nowMs: number, told: DayLeft | null): void {
    if (!told) {
      // Where no answer ever tells, our own count is all there is.
      if (this.#left !== null) this.#left -= 1
      this.#unseen -= 1
      return
    }
    this.#unseen -= 1
    this.#limit = told.limit
    if (this.#left !== null && told.remaining - this.#left > NEW_DAY_JUMP * told.limit) this.#startDay(nowMs)
    this.#left = told.remaining
    this.#measureOthers(nowMs, told.remaining)
  }

  /** The vendor says that nothing is left. */
  refused(nowMs: number): void {
    this.#closedUntilMs = nowMs + Math.min(ASK_AGAIN_MS, this.#restMs(nowMs))
  }

  /** Used by anybody, and the limit; null where it is not known. */
  use(nowMs: number): { used: number; limit: number | null } {
    if (this.#limit === null) return { used: this.#ownUse(nowMs), limit: null }
    return { used: this.#limit - this.#remaining(nowMs), limit: this.#limit }
  }

  /** What is left of our part, 0 to 1; null where the limit is not known. */
  leftShare(nowMs: number): number | null {
    if (this.#limit === null) return null
    const part = this.#bucket.share * this.#limit
    return part > 0 ? this.#ours(nowMs) / part : 0
  }

  /**
   * How long each request would have to take for what is left of our part to last the day; 0 while that is plenty, or not
   * known.
   */
  paceMs(nowMs: number): number {
    const leftShare = this.leftShare(nowMs)
    if (leftShare === null || leftShare >= PLENTY_SHARE) return 0
    return this.#restMs(nowMs) / Math.max(1, this.#ours(nowMs))
  }

  remember(): DayMemory {
    return { hours: [...this.#hours], endsAtMs: this.#endsAtMs, othersPerMs: this.#othersPerMs }
  }

  recall({ hours, endsAtMs, othersPerMs }: DayMemory): void {
    this.#hours = new Map(hours)
    this.#endsAtMs = endsAtMs
    this.#othersPerMs = othersPerMs
  }

  /** A count of our own falls by itself; the vendor's is as old as the last answer, and then somebody has to ask. */
  #nextAsking(nowMs: number): number {
    const atMs = this.#askedAtMs + ASK_AGAIN_MS
    return this.#left !== null ? Math.max(nowMs, atMs) : nowMs + ASK_AGAIN_MS
  }

  #remaining(nowMs: number): number {
    if (this.#left === null) return (this.#limit ?? Infinity) - this.#ownUse(nowMs)
    return this.#left - this.#unseen
  }

  /** What is left of our part. */
  #ours(nowMs: number): number {
    const part = this.#bucket.share * (this.#limit ?? Infinity) - this.#ownUse(nowMs)
    const others = this.#othersPerMs * this.#restMs(nowMs)
    return Math.max(0, Math.min(part, this.#remaining(nowMs) - this.#bucket.floor - others))
  }

  #ownUse(nowMs: number): number {
    const first = Math.floor((nowMs - DAY_MS) / HOUR_MS)
    let sum = 0
    for (const [hour, count] of this.#hours) {
      if (hour < first) this.#hours.delete(hour)
      else sum += count
    }
    return sum
  }

  #restMs(nowMs: number): number {
    if (this.#endsAtMs === null) return DAY_MS
    // A day that ended unnoticed was followed by another.
    while (this.#endsAtMs <= nowMs) this.#endsAtMs += DAY_MS
    return this.#endsAtMs - nowMs
  }

  #startDay(nowMs: number): void {
    this.#hours.clear()
    this.#endsAtMs = nowMs + DAY_MS
    this.#measured = null
    this.#flow = Infinity
    this.#closedUntilMs = -Infinity
  }

  #refill(nowMs: number, ours: number, part: number): void {
    const flowed = this.#flowAtMs === -Infinity ? 0 : ((nowMs - this.#flowAtMs) * ours) / this.#restMs(nowMs)
    this.#flow = Math.min(ADVANCE * part, this.#flow + flowed)
    this.#flowAtMs = nowMs
  }

  #measureOthers(nowMs: number, left: number): void {
    const from = this.#measured
    if (from && nowMs - from.atMs < MEASURE_MS) return
    this.#measured = { atMs: nowMs, left, total: this.#total }
    if (!from) return
    const elapsedMs = nowMs - from.atMs
    const perMs = Math.max(0, from.left - left - (this.#total - from.total)) / elapsedMs
    this.#othersPerMs += (perMs - this.#othersPerMs) * (1 - Math.exp(-elapsedMs / MEMORY_MS))
  }
}
