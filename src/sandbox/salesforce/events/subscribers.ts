/** Who listens to what, and how far each has been told (Salesforce fact sheet 21.2). */
import { token } from '../chance.ts'
import type { Org } from '../org.ts'
import { indexKey } from '../rows/value-index.ts'

export interface Subscriber {
  readonly id: string
  /** Channel → the last replay id that was sent. */
  readonly channels: Map<string, number>
  seenAt: number
}

export interface ChannelEvent {
  readonly channel: string
  readonly replayId: number
  /** Epoch ms. */
  readonly at: number
  readonly data: unknown
}

/** What can be listened to. */
interface Source {
  readonly newest: number
  readonly canReplayFrom: (replayId: number) => boolean
  readonly after: (replayId: number, limit: number) => readonly Omit<ChannelEvent, 'channel'>[]
}

/** CometD clients of a Developer org (7). */
const CLIENTS_MAX = 20

/** A client that does not reconnect for this long is forgotten. */
const ABSENCE_MS = 40_000

const ALL_CHANGES = '/data/ChangeEvents'

/** Names the Avro schema of a payload; nobody over CometD needs it. */
const SCHEMA_ID = 'c2FuZGJveCBzY2hlbWE'

export class Subscribers {
  private readonly org: Org
  private subscribers = new Map<string, Subscriber>()
  private count = 0

  constructor(org: Org) {
    this.org = org
  }

  /** A new client, or null when there are too many. */
  add(): Subscriber | null {
    this.forgetAbsent()
    if (this.subscribers.size >= CLIENTS_MAX) return null
    const id = token(28, this.org.seed, 'cometd client', ++this.count)
    const subscriber: Subscriber = { id, channels: new Map(), seenAt: this.org.now() }
    this.subscribers.set(id, subscriber)
    return subscriber
  }

  find(id: string | undefined): Subscriber | null {
    this.forgetAbsent()
    return this.subscribers.get(id ?? '') ?? null
  }

  remove(id: string | undefined): void {
    this.subscribers.delete(id ?? '')
  }

  /** Null, or the text of the vendor's refusal. -1: new events only; -2: all that are kept. */
  subscribe(
    subscriber: Subscriber,
    { channel, replayFrom }: { channel: string; replayFrom: number },
  ): string | null {
    const source = this.source(channel)
    if (source === null) return `404::Unknown channel: ${channel}`
    if (replayFrom === -1) subscriber.channels.set(channel, source.newest)
    else if (replayFrom === -2) subscriber.channels.set(channel, 0)
    else if (source.canReplayFrom(replayFrom)) subscriber.channels.set(channel, replayFrom)
    else {
      return `400::The replayId {${replayFrom}} you provided was invalid. Please provide a valid ID, -2 to replay all events, or -1 to replay only new events.`
    }
    return null
  }

  unsubscribe(subscriber: Subscriber, channel: string): void {
    subscriber.channels.delete(channel)
  }

  /** What a client has not been told yet, oldest first. */
  pending(subscriber: Subscriber, limit: number): ChannelEvent[] {
    const found = [...subscriber.channels].flatMap(([channel, after]) =>
      (this.source(channel)?.after(after, limit) ?? []).map((event) => ({ channel, ...event })),
    )
    return found.toSorted((a, b) => a.at - b.at || a.replayId - b.replayId).slice(0, limit)
  }

  /** The same, and from now on they count as told, whether the answer arrives or not. */
  take(subscriber: Subscriber, limit: number): ChannelEvent[] {
    const events = this.pending(subscriber, limit)
    for (const { channel, replayId } of events) subscriber.channels.set(channel, replayId)
    return events
  }

  save(): unknown {
    const subscribers = [...this.subscribers.values()].map((each) => ({
      ...each,
      channels: [...each.channels],
    }))
    return { subscribers, count: this.count }
  }

  load(saved: unknown): void {
    const state = saved as {
      subscribers: (Omit<Subscriber, 'channels'> & { channels: [string, number][] })[]
      count: number
    }
    this.count = state.count
    this.subscribers = new Map(
      state.subscribers.map((each) => [each.id, { ...each, channels: new Map(each.channels) }]),
    )
  }

  /** Changes of an object have a channel when an admin has selected the object, topics and channels by their rows. */
  private source(channel: string): Source | null {
    const { org } = this
    const now = org.now()
    const entity = this.entityOf(channel)
    if (channel === ALL_CHANGES || entity !== null) {
      return {
        newest: org.events.newest,
        canReplayFrom: (replayId) => org.events.canReplayFrom(replayId, now),
        after: (replayId, limit) =>
          org.events.after(replayId, { entity, limit }).map(({ payload, ...event }) => ({
            replayId: event.replayId,
            at: event.at,
            data: { schema: SCHEMA_ID, payload, event: { replayId: event.replayId } },
          })),
      }
    }
    if (!this.isStored(channel)) return null
    return {
      newest: org.channels.newest(channel),
      canReplayFrom: (replayId) => org.channels.canReplayFrom(channel, replayId, now),
      after: (replayId, limit) => org.channels.after(channel, replayId, limit),
    }
  }

  private isStored(channel: string): boolean {
    const topic = /^\/topic\/(.+)$/.exec(channel)?.[1]
    const object = topic === undefined ? 'StreamingChannel' : 'PushTopic'
    return [...this.org.rows.withValue(object, 'Name', indexKey(topic ?? channel))].some(
      ({ deletedAt, values }) => deletedAt === null && (topic === undefined || values['IsActive'] === true),
    )
  }

  private entityOf(channel: string): string | null {
    const { changeEvents } = this.org.settings
    return changeEvents.find((object) => channelOf(object) === channel) ?? null
  }

  private forgetAbsent(): void {
    const horizon = this.org.now() - ABSENCE_MS
    for (const subscriber of this.subscribers.values()) {
      if (subscriber.seenAt < horizon) this.subscribers.delete(subscriber.id)
    }
  }
}

/** `/data/ContactChangeEvent`, `/data/MyObject__ChangeEvent`. */
function channelOf(object: string): string {
  return object.endsWith('__c')
    ? `/data/${object.replace(/c$/, '')}ChangeEvent`
    : `/data/${object}ChangeEvent`
}
