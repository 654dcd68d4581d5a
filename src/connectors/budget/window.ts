/**
 * So many requests per window: what most vendors call a rate limit.
 *
 * Ack-window: a request may leave only while fewer than N are unanswered or were answered less than W ago. A vendor
 * counts a request at some instant between its sending and its answer. Suppose a window of length W held more than
 * N; take the one sent last, at s. Each of the others was counted later than s - W, so its answer came later than
 * s - W too: when the last one left, at least N were unanswered or answered less than W ago, which the rule
 * forbids. So there is no 429 of our own making, whatever the latencies, and whether the vendor's window slides or
 * is fixed. (Counting *sendings*, as most limiters do, lacks this.)
 *
 * Slack: no request is counted sooner than the shortest way there after its sending, or later than the shortest way
 * back before its answer, so a slot may be free again earlier by what the shortest trip takes (`trips.ts`).
 *
 * Phase lock: where the windows are known to be those of the vendor's clock and the answers tell how that clock
 * stands in ours (`clock-phase.ts`), a slot is free again when the first window opens in which its request cannot
 * be counted any more. One that is unanswered when a window may begin is charged to that window too. Suppose a
 * window held more than N; when the last of them left, the window had not ended, and the slots of all the others
 * were taken until after its end. The first refusal of any kind ends it for a while, each time for longer.
 *
 * Every slot has its time of release from the rule that held when its answer came, so the rules can change at any
 * moment. A lost request stays counted as long as it may still arrive.
 *
 * | what happens                                   | afterwards                                             |
 * |------------------------------------------------|--------------------------------------------------------|
 * | answers tell the phase of the vendor's clock   | phase lock, if the bucket is `clockAligned`            |
 * | no answer for so long that the phase is vague  | ack-window, until answers tell it again                |
 * | a refusal while locked                         | ack-window, every slot taken for one window; no lock   |
 * |                                                | for an hour, two hours … a day                         |
 */
import type { Lane } from '../../core/lane.ts'
import type { WindowBucket } from '../traffic.ts'
import type { ClockPhase } from './clock-phase.ts'
import { isHalfEmpty, Pacing } from './pacing.ts'
import { Releases } from './releases.ts'
import type { Answer, Place, Remembered, Rule } from './rule.ts'
import { Strangers } from './strangers.ts'
import { Trips } from './trips.ts'

export interface WindowRuleOptions {
  readonly phase: ClockPhase
  /** How long after its sending a request without an answer may still be counted. */
  readonly lostMs: number
}

/** Beyond this share of the slots everybody has a turn. */
const ROOMY_SHARE = 0.9

const UNLOCKED_FIRST_MS = 3_600_000
const UNLOCKED_MAX_MS = 86_400_000

export class WindowRule implements Rule {
  readonly #bucket: WindowBucket
  readonly #phase: ClockPhase | null
  readonly #lostMs: number
  readonly #trips = new Trips()
  readonly #pacing = new Pacing()
  readonly #cooling = new Releases()
  readonly #strangers: Strangers | null
  #limit: number
  #out = 0
  /** Requests let through so far. */
  #taken = 0
  /** Requests of others that answers told of so far. */
  #told = 0
  /** The extent of earlier use is unknown, and one request at a time finds it out. */
  #scouting = false
  #unlockedUntilMs = -Infinity
  /** For how long the next refusal ends the lock. */
  #unlockMs = UNLOCKED_FIRST_MS

  constructor(bucket: WindowBucket, { phase, lostMs }: WindowRuleOptions) {
    this.#bucket = bucket
    this.#limit = bucket.limit
    this.#phase = bucket.clockAligned ? phase : null
    this.#lostMs = lostMs
    this.#strangers = bucket.shared ? new Strangers(bucket.windowMs) : null
  }

  opensAt(nowMs: number, lane: Lane): number {
    const capacity = this.#capacity(nowMs)
    const busy = this.#busy(nowMs)
    if (busy >= capacity) {
      if (this.#scouting && this.#out === 0) return nowMs
      return this.#cooling.whenFree(busy - capacity + 1)
    }
    if (lane === 0) return nowMs
    const { windowMs } = this.#bucket
    const window = { capacity, busy, windowMs }
    if (!this.#isLocked(nowMs)) return this.#pacing.opensAt(nowMs, window)
    return isHalfEmpty(window) ? nowMs : this.#evenlyInWindow(nowMs, capacity - busy)
  }

  isRoomy(nowMs: number): boolean {
    return this.#busy(nowMs) < ROOMY_SHARE * this.#capacity(nowMs)
  }

  take(nowMs: number): Place {
    const busy = this.#busy(nowMs)
    this.#pacing.went(nowMs, { capacity: this.#capacity(nowMs), busy, windowMs: this.#bucket.windowMs })
    this.#out += 1
    this.#taken += 1
    return new Slot(this, { busy: busy + 1, serial: this.#taken, told: this.#told, atMs: nowMs })
  }

  unused(): void {
    this.#out -= 1
  }

  answered(answer: Answer, slot: Slot): void {
    const { nowMs, sentAtMs, response, remaining } = answer
    this.#out -= 1
    if (!response) {
      this.#cooling.add(this.#releaseAt(Math.max(nowMs, sentAtMs + this.#lostMs), 0))
      return
    }
    this.#trips.saw(nowMs - sentAtMs, nowMs)
    this.#cooling.add(this.#releaseAt(nowMs, this.#trips.slackMs))
    if (remaining !== null) this.#explain(nowMs, remaining, slot)
  }

  tune(limit: number): void {
    this.#limit = Math.min(limit, this.#bucket.ceiling ?? Infinity)
  }

  refused(nowMs: number, own: boolean): void {
    if (this.#isLocked(nowMs)) {
      this.#unlockedUntilMs = nowMs + this.#unlockMs
      this.#unlockMs = Math.min(UNLOCKED_MAX_MS, this.#unlockMs * 2)
      // What the lock let go early may still be counted by a window that slides.
      this.#fill(nowMs)
    } else if (own) this.#strangers?.refused(nowMs)
  }

  distrust(nowMs: number, answersTell: boolean): void {
    this.#fill(nowMs)
    this.#scouting = answersTell
  }

  use(nowMs: number): { busy: number; capacity: number } {
    return { busy: this.#busy(nowMs), capacity: this.#capacity(nowMs) }
  }

  remember(nowMs: number): Remembered {
    const untilMs = this.#unlockedUntilMs
    // Who is still under way at the end is as good as lost.
    const lost = Array<number>(this.#out).fill(nowMs + this.#lostMs + this.#bucket.windowMs)
    this.#cooling.expire(nowMs)
    return {
      limit: this.#limit,
      releases: [...this.#cooling.toArray(), ...lost],
      unlocked: untilMs > nowMs ? { untilMs, nextMs: this.#unlockMs } : null,
    }
  }

  recall({ limit, releases, unlocked }: Remembered, nowMs: number): void {
    this.tune(limit)
    if (unlocked && unlocked.untilMs < nowMs + 2 * UNLOCKED_MAX_MS) {
      this.#unlockedUntilMs = unlocked.untilMs
      this.#unlockMs = unlocked.nextMs
    }
    // A time that no slot of ours can be taken until: a clock was set.
    const latestMs = nowMs + this.#lostMs + 2 * this.#bucket.windowMs
    if (releases.some((atMs) => atMs > latestMs)) return this.distrust(nowMs, false)
    for (const atMs of releases) if (atMs > nowMs) this.#cooling.add(atMs)
  }

  release(): void {
    this.#cooling.clear()
  }

  #capacity(nowMs: number): number {
    const share = this.#strangers?.share(nowMs) ?? 1
    return Math.max(1, Math.floor(this.#limit * share))
  }

  #busy(nowMs: number): number {
    this.#cooling.expire(nowMs)
    return this.#out + this.#cooling.size
  }

  #isLocked(nowMs: number): boolean {
    return this.#phase !== null && nowMs >= this.#unlockedUntilMs && this.#phase.tells(this.#bucket.windowMs)
  }

  #releaseAt(countedByMs: number, slackMs: number): number {
    const { windowMs } = this.#bucket
    if (this.#phase && this.#isLocked(countedByMs)) return this.#phase.opensAfter(countedByMs, windowMs)
    return countedByMs + windowMs - slackMs
  }

  /** So that the last free slot is used just early enough for most answers to come before the window may end. */
  #evenlyInWindow(nowMs: number, free: number): number {
    const endMs = this.#phase?.mayEndAt(nowMs, this.#bucket.windowMs) ?? nowMs
    return this.#pacing.evenlyUntil(endMs - this.#trips.slowMs, free)
  }

  /** Takes every slot for one window. */
  #fill(nowMs: number): void {
    const releaseMs = nowMs + this.#bucket.windowMs
    while (this.#busy(nowMs) < this.#limit) this.#cooling.add(releaseMs)
  }

  /**
   * What is used according to the vendor and not by us was used by others under the same allowance, and is counted
   * for a window from now. Accounted for are at most those that were under way or counted when the request left, those
   * that left since, those of others that another answer told of since, and what slack has let go early.
   */
  #explain(nowMs: number, remaining: number, slot: Slot): void {
    const releaseMs = nowMs + this.#bucket.windowMs
    let known = slot.busy + (this.#taken - slot.serial)
    known += Math.ceil((this.#trips.slackMs * this.#limit) / this.#bucket.windowMs)
    // All requests of a burst tell of the same: once is enough, as long as that is still counted.
    if (nowMs - slot.atMs < this.#bucket.windowMs) known += this.#told - slot.told
    if (this.#scouting) {
      this.#scouting = false
      this.#cooling.clear()
      this.#cooling.add(releaseMs)
      known = 1
    } else if (this.#bucket.answersTell !== 'exactly') return
    const others = Math.max(0, this.#limit - remaining - known)
    for (let count = 0; count < others; count += 1) this.#cooling.add(releaseMs)
    this.#told += others
  }
}

class Slot implements Place {
  readonly #rule: WindowRule
  /** Slots in use when it was taken, itself included. */
  readonly busy: number
  readonly serial: number
  /** Requests of others known of by then. */
  readonly told: number
  readonly atMs: number

  constructor(rule: WindowRule, at: Pick<Slot, 'busy' | 'serial' | 'told' | 'atMs'>) {
    this.#rule = rule
    this.busy = at.busy
    this.serial = at.serial
    this.told = at.told
    this.atMs = at.atMs
  }

  answered(answer: Answer): void {
    this.#rule.answered(answer, this)
  }

  unused(): void {
    this.#rule.unused()
  }
}
