/**
 * The channels of the older streaming API (Salesforce fact sheet 21.3): `/topic/…`, which tells of rows that a stored
 * query finds, and `/u/…`, which carries whatever somebody pushes into it. Events are kept for a day; every channel
 * counts its own.
 */
import type { Org } from '../org.ts'
import type { Change, Transaction } from '../rows/transaction.ts'
import { topicsTelling, type TopicEvent } from './topics.ts'

export interface KeptEvent {
  readonly replayId: number
  /** Epoch ms. */
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
}

interface Channel {
  /** Earliest first. */
  events: KeptEvent[]
  newest: number
  lastForgotten: number
}

/** Events of a transaction that has not committed yet. */
interface Held {
  readonly transaction: string
  readonly events: readonly TopicEvent[]
}

const KEPT_MS = 86_400_000

export class Channels {
  private channels = new Map<string, Channel>()
  private held: Held[] = []

  /** Called when a transaction has committed. */
  publish(org: Org, changes: readonly Change[]): void {
    this.tell(org.now(), topicsTelling(org, changes))
  }

  hold(org: Org, transaction: Transaction, changes: readonly Change[]): void {
    this.held.push({ transaction: transaction.key, events: topicsTelling(org, changes) })
  }

  release(now: number, transaction: string): void {
    const due = this.held.filter((each) => each.transaction === transaction)
    this.held = this.held.filter((each) => each.transaction !== transaction)
    for (const { events } of due) this.tell(now, events)
  }

  push(now: number, name: string, payload: string): void {
    this.add(now, name, {}, { payload })
  }

  newest(name: string): number {
    return this.channels.get(name)?.newest ?? 0
  }

  after(name: string, replayId: number, limit: number): readonly KeptEvent[] {
    const events = this.channels.get(name)?.events ?? []
    return events.filter((event) => event.replayId > replayId).slice(0, limit)
  }

  /** Whether nothing has been forgotten since a replay id. */
  canReplayFrom(name: string, replayId: number, now: number): boolean {
    const channel = this.channels.get(name)
    if (channel === undefined) return replayId === 0
    forget(channel, now)
    return replayId >= channel.lastForgotten && replayId <= channel.newest
  }

  save(): unknown {
    return { channels: [...this.channels], held: this.held }
  }

  load(saved: unknown): void {
    const state = saved as { channels: [string, Channel][]; held: Held[] }
    this.channels = new Map(state.channels.map(([name, channel]) => [name, { ...channel }]))
    this.held = [...state.held]
  }

  private tell(now: number, events: readonly TopicEvent[]): void {
    for (const { channel, type, sobject } of events) this.add(now, channel, { type }, { sobject })
  }

  private add(
    now: number,
    name: string,
    event: Readonly<Record<string, unknown>>,
    content: Readonly<Record<string, unknown>>,
  ): void {
    const channel = this.channels.get(name) ?? { events: [], newest: 0, lastForgotten: 0 }
    this.channels.set(name, channel)
    channel.newest++
    const createdDate = new Date(Math.floor(now / 1_000) * 1_000).toISOString()
    const data = { event: { createdDate, replayId: channel.newest, ...event }, ...content }
    channel.events.push({ replayId: channel.newest, at: now, data })
    forget(channel, now)
  }
}

function forget(channel: Channel, now: number): void {
  const kept = channel.events.filter(({ at }) => at > now - KEPT_MS)
  const forgotten = channel.events.length - kept.length
  if (forgotten === 0) return
  channel.lastForgotten = channel.events[forgotten - 1]?.replayId ?? channel.lastForgotten
  channel.events = kept
}
