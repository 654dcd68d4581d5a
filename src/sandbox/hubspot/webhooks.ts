/**
 * Webhook subscriptions of the app and the deliveries they cause (HubSpot fact sheet 20).
 *
 * An event waits in the queue until it is due; due events leave in batches of up to 100, in no promised
 * order. A batch that is not answered 2xx comes back as a whole with a higher `attemptNumber`, at most ten
 * times.
 */
import type { Delivery } from '../model.ts'
import { between, share, shuffled } from '../chance.ts'
import { DueQueue, type Due } from '../due-queue.ts'
import { signatureV1, signatureV3 } from './signature.ts'

export interface Subscription {
  readonly id: string
  readonly eventType: string
  readonly propertyName: string | null
  readonly objectTypeId: string | null
  readonly active: boolean
  readonly createdAt: number
  readonly updatedAt: number
}

export interface WebhookSettings {
  readonly targetUrl: string
  readonly maxConcurrentRequests: number
  readonly createdAt: number
  readonly updatedAt: number
}

/** What happened; the fields of 20.3 that depend on the kind of event are in `details`. */
export interface Happening {
  /** Type id of the object it happened to. */
  readonly typeId: string
  /** `contact`; null for objects that only the generic subscription types cover. */
  readonly prefix: string | null
  /** `creation`, `propertyChange` … */
  readonly kind: string
  readonly propertyName?: string
  readonly changeSource: string
  readonly sourceId: string | null
  readonly details: Details
  /** What only the older types have, `contact.…` and its like, and what only the generic `object.…` ones. */
  readonly ofOldTypes?: Details
  readonly ofGenericTypes?: Details
}

type Details = Readonly<Record<string, unknown>>

/** An event as the body carries it, without what each attempt adds. */
type Event = Readonly<Record<string, unknown>>

interface Batch {
  readonly events: readonly Event[]
  /** Zero-based. */
  readonly attempt: number
}

export interface DeliveryContext {
  readonly now: number
  readonly seed: number
  readonly portalId: number
  readonly appId: number
  readonly clientSecret: string
  readonly delayMs: readonly [number, number]
  readonly duplicates: number
  readonly losses: number
}

const BATCH_MAX = 100
const RETRIES_MAX = 10
/** Requests in flight at once, until the settings say otherwise (20.4). */
export const CONCURRENCY = 10
/** First retry delay; each further one doubles, so that ten retries fit into 24 hours (20.4). */
const RETRY_BASE_MS = 60_000

export class Webhooks {
  settings: WebhookSettings | null = null
  readonly subscriptions = new Map<string, Subscription>()
  private readonly events = new DueQueue<Event>()
  private readonly retries = new DueQueue<Batch>()
  private readonly inFlight = new Map<string, Batch>()
  private eventNumber = 0
  private deliveryNumber = 0

  /** Whether anybody listens; callers skip building happenings otherwise. */
  get listening(): boolean {
    return this.settings !== null && this.subscriptions.size > 0
  }

  /** Queues one event per active subscription that matches. */
  emit(happening: Happening, context: DeliveryContext): void {
    if (!this.listening) return
    for (const subscription of this.subscriptions.values()) {
      if (!subscription.active || !matches(subscription, happening)) continue
      const number = ++this.eventNumber
      if (share(context.seed, 'loss', number) < context.losses) continue
      const event: Event = {
        // Not unique, as the vendor warns (20.3): events of one subscription share few numbers.
        eventId: (number % 97) + 1,
        subscriptionId: Number(subscription.id),
        portalId: context.portalId,
        appId: context.appId,
        occurredAt: context.now,
        subscriptionType: subscription.eventType,
        ...happening.details,
        ...(subscription.objectTypeId === null
          ? happening.ofOldTypes
          : { objectTypeId: subscription.objectTypeId, ...happening.ofGenericTypes }),
        changeSource: happening.changeSource,
        ...(happening.sourceId !== null && { sourceId: happening.sourceId }),
      }
      this.enqueue(event, context, 'event', number)
      if (share(context.seed, 'duplicate', number) < context.duplicates) {
        this.enqueue(event, context, 'duplicate', number)
      }
    }
  }

  take(context: DeliveryContext): Delivery[] {
    const deliveries: Delivery[] = []
    while (this.hasRoom()) {
      const batch = this.retries.takeDue(context.now)?.item ?? this.nextBatch(context)
      if (batch === undefined) break
      const delivery = this.sign(batch, context)
      // Settings were removed meanwhile: nobody is told any more.
      if (delivery === null) continue
      this.inFlight.set(delivery.id, batch)
      deliveries.push(delivery)
    }
    return deliveries
  }

  /** `status` null: no answer within five seconds. */
  settle(id: string, status: number | null, context: DeliveryContext): void {
    const batch = this.inFlight.get(id)
    if (batch === undefined) return
    this.inFlight.delete(id)
    const accepted = status !== null && status >= 200 && status < 300
    if (accepted || batch.attempt >= RETRIES_MAX) return
    const delay = RETRY_BASE_MS * 2 ** batch.attempt
    const jittered = delay * (0.75 + share(context.seed, 'retry', id) / 2)
    this.retries.add(context.now + Math.round(jittered), { ...batch, attempt: batch.attempt + 1 })
  }

  nextAt(): number | null {
    if (!this.hasRoom()) return null
    const times = [this.events.nextMs, this.retries.nextMs].filter((at) => at !== null)
    return times.length === 0 ? null : Math.min(...times)
  }

  save(): unknown {
    return {
      settings: this.settings,
      subscriptions: [...this.subscriptions.values()],
      events: this.events.toArray(),
      retries: this.retries.toArray(),
      inFlight: [...this.inFlight],
      eventNumber: this.eventNumber,
      deliveryNumber: this.deliveryNumber,
    }
  }

  load(saved: unknown): void {
    const state = saved as {
      settings: WebhookSettings | null
      subscriptions: Subscription[]
      events: readonly Due<Event>[]
      retries: readonly Due<Batch>[]
      inFlight: [string, Batch][]
      eventNumber: number
      deliveryNumber: number
    }
    this.settings = state.settings
    this.subscriptions.clear()
    for (const entry of state.subscriptions) this.subscriptions.set(entry.id, entry)
    this.events.load(state.events)
    this.retries.load(state.retries)
    this.inFlight.clear()
    for (const [id, batch] of state.inFlight) this.inFlight.set(id, batch)
    this.eventNumber = state.eventNumber
    this.deliveryNumber = state.deliveryNumber
  }

  private enqueue(event: Event, context: DeliveryContext, purpose: string, number: number): void {
    this.events.add(context.now + between(context.delayMs, context.seed, purpose, number), event)
  }

  private hasRoom(): boolean {
    return this.inFlight.size < (this.settings?.maxConcurrentRequests ?? CONCURRENCY)
  }

  private nextBatch(context: DeliveryContext): Batch | undefined {
    const events: Event[] = []
    while (events.length < BATCH_MAX) {
      const next = this.events.takeDue(context.now)
      if (next === undefined) break
      events.push(next.item)
    }
    if (events.length === 0) return undefined
    // No order inside a batch either.
    return { events: shuffled(events, context.seed, 'batch', this.deliveryNumber), attempt: 0 }
  }

  private sign(batch: Batch, context: DeliveryContext): Delivery | null {
    if (this.settings === null) return null
    const url = this.settings.targetUrl
    const body = JSON.stringify(batch.events.map((event) => ({ ...event, attemptNumber: batch.attempt })))
    const secret = context.clientSecret
    return {
      id: String(++this.deliveryNumber),
      url,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'HubSpot Connect 2.0 (http://dev.hubspot.com/)',
        'x-hubspot-signature': signatureV1(secret, body),
        'x-hubspot-signature-version': 'v1',
        'x-hubspot-signature-v3': signatureV3({ secret, method: 'POST', url, body, timestamp: context.now }),
        'x-hubspot-request-timestamp': String(context.now),
      },
      body,
    }
  }
}

function matches(subscription: Subscription, happening: Happening): boolean {
  if (subscription.propertyName !== null && subscription.propertyName !== happening.propertyName) return false
  const [prefix, kind] = subscription.eventType.split('.')
  if (kind !== happening.kind) return false
  return prefix === 'object' ? subscription.objectTypeId === happening.typeId : prefix === happening.prefix
}
