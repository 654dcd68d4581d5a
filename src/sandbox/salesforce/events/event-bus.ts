/** Change events as they are kept for subscribers (Salesforce fact sheet 21.1): in commit order, for 72 hours. */
import { share } from '../../chance.ts'
import type { Org } from '../org.ts'
import type { Change, Transaction } from '../rows/transaction.ts'
import type { SalesforceSettings } from '../settings.ts'
import { changePayload, tellChanges } from './change-payload.ts'

export interface ChangeEvent {
  readonly replayId: number
  /** Epoch ms. */
  readonly at: number
  /** Object that changed. */
  readonly entity: string
  readonly payload: unknown
}

/** An event of a transaction that has not committed yet. */
interface Held {
  readonly transaction: string
  readonly entity: string
  readonly payload: unknown
}

type BusSettings = Pick<
  SalesforceSettings,
  'changeEvents' | 'eventRetentionMs' | 'eventDuplicates' | 'gapEvents'
>

export class EventBus {
  private readonly settings: BusSettings
  private readonly seed: number
  /** Earliest first. */
  private events: ChangeEvent[] = []
  private held: Held[] = []
  private lastReplayId: number
  /** The newest event that is not kept any more. */
  private lastForgotten: number

  constructor(settings: BusSettings, seed: number) {
    this.settings = settings
    this.seed = seed
    // Somewhere in the middle of things, as in an org that is not new.
    this.lastReplayId = 1_000 + (Math.abs(seed) % 1_000) * 7
    this.lastForgotten = this.lastReplayId
  }

  /** Called when a transaction has committed. */
  publish(org: Org, transaction: Transaction, changes: readonly Change[]): void {
    for (const { entity, payload } of this.draft(org, transaction, changes)) {
      this.add(org.now(), entity, payload)
    }
  }

  /** Keeps the events of a transaction until it commits. */
  hold(org: Org, transaction: Transaction, changes: readonly Change[]): void {
    this.held.push(...this.draft(org, transaction, changes))
  }

  release(now: number, transaction: string): void {
    const due = this.held.filter((each) => each.transaction === transaction)
    this.held = this.held.filter((each) => each.transaction !== transaction)
    for (const { entity, payload } of due) this.add(now, entity, payload)
  }

  /** Events after a replay id, of one object or of all; at most `limit`. */
  after(replayId: number, { entity, limit }: { entity: string | null; limit: number }): ChangeEvent[] {
    const found: ChangeEvent[] = []
    for (let index = this.indexAfter(replayId); index < this.events.length; index++) {
      const event = this.events[index] as ChangeEvent
      if (entity !== null && event.entity !== entity) continue
      found.push(event)
      if (found.length === limit) break
    }
    return found
  }

  /** The newest replay id: where somebody starts who wants new events only. */
  get newest(): number {
    return this.lastReplayId
  }

  /** Whether nothing has been forgotten since a replay id. */
  canReplayFrom(replayId: number, now: number): boolean {
    this.forget(now)
    return replayId >= this.lastForgotten && replayId <= this.lastReplayId
  }

  save(): unknown {
    const { events, held, lastReplayId, lastForgotten } = this
    return { events, held, lastReplayId, lastForgotten }
  }

  load(saved: unknown): void {
    const state = saved as {
      events: ChangeEvent[]
      held: Held[]
      lastReplayId: number
      lastForgotten: number
    }
    this.events = [...state.events]
    this.held = [...state.held]
    this.lastReplayId = state.lastReplayId
    this.lastForgotten = state.lastForgotten
  }

  /** Index of the first event after a replay id; somebody who waits asks many times. */
  private indexAfter(replayId: number): number {
    let low = 0
    let high = this.events.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.events[middle] as ChangeEvent).replayId <= replayId) low = middle + 1
      else high = middle
    }
    return low
  }

  private draft(org: Org, transaction: Transaction, changes: readonly Change[]): Held[] {
    const { settings } = this
    const published = changes.filter(({ row }) => settings.changeEvents.includes(row.object))
    return tellChanges(org, published).map((told, index) => ({
      transaction: transaction.key,
      entity: told.entity,
      payload: changePayload(org, transaction, {
        told,
        sequence: index + 1,
        isGap: told.isUntold || share(this.seed, 'gap', transaction.key, index) < settings.gapEvents,
      }),
    }))
  }

  private add(at: number, entity: string, payload: unknown): void {
    // Not contiguous (21.1).
    this.lastReplayId += 1 + Math.floor(share(this.seed, 'replay id', this.lastReplayId) * REPLAY_GAP_MAX)
    const event = { replayId: this.lastReplayId, at, entity, payload }
    this.events.push(event)
    if (share(this.seed, 'event twice', this.lastReplayId) < this.settings.eventDuplicates) {
      this.events.push(event)
    }
    this.forget(at)
  }

  private forget(now: number): void {
    const horizon = now - this.settings.eventRetentionMs
    if ((this.events[0]?.at ?? now) > horizon) return
    const kept = this.events.findIndex(({ at }) => at > horizon)
    const count = kept < 0 ? this.events.length : kept
    this.lastForgotten = this.events[count - 1]?.replayId ?? this.lastForgotten
    this.events = this.events.slice(count)
  }
}

/** Largest step between two replay ids. */
const REPLAY_GAP_MAX = 3
