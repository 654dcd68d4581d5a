/**
 * Delivery of webhooks: which events a webhook wants, when each message is sent, and what becomes of a webhook
 * that never answers. Attio fact sheet 16.4 to 16.6.
 */
import { createHmac } from 'node:crypto'
import type { Delivery } from '../model.ts'
import { nextFraction, nextUuid } from './chance.ts'
import { DueQueue } from '../due-queue.ts'
import type { Subscription, Webhook, WebhookEvent, WebhookFilter, WebhookMessage } from './webhook.ts'
import type { Workspace } from './workspace.ts'

const DAY_MS = 86_400_000
const RETRIES_MAX = 10
const RETRY_BASE_MS = 30_000
const RETRY_FACTOR = 2.5
/** A degraded webhook stops after a week. */
const INACTIVE_AFTER_MS = 7 * DAY_MS

/** Queues a delivery to every webhook that subscribed to an event. */
export function announce(workspace: Workspace, events: readonly WebhookEvent[], atMs: number): void {
  if (workspace.webhooks.size === 0 || events.length === 0) return
  for (const webhook of workspace.webhooks.values()) {
    if (webhook.status === 'inactive') continue
    const wanted = events.filter((event) => webhook.subscriptions.some((each) => isWanted(each, event)))
    const size = Math.max(1, workspace.settings.eventsPerDelivery)
    for (let i = 0; i < wanted.length; i += size) {
      queue(workspace, webhook, wanted.slice(i, i + size), atMs)
    }
  }
}

function queue(workspace: Workspace, webhook: Webhook, events: readonly WebhookEvent[], atMs: number): void {
  const [least, most] = workspace.settings.deliveryDelayMs
  const delayMs = Math.round(least + nextFraction(workspace.chance) * (most - least))
  const message: WebhookMessage = {
    id: nextUuid(workspace.chance),
    webhookId: webhook.id,
    body: JSON.stringify({ webhook_id: webhook.id, events }),
    failures: 0,
  }
  enqueue(workspace, message, atMs + delayMs)
}

const isWanted = (subscription: Subscription, event: WebhookEvent): boolean =>
  subscription.event_type === event.event_type && passes(subscription.filter, event)

/** Conditions look at the event as it is sent, by dotted path. A path that is not there equals nothing. */
function passes(filter: WebhookFilter, event: WebhookEvent): boolean {
  if (filter === null) return true
  const holds = (condition: { field: string; operator: string; value: string }): boolean => {
    const isEqual = valueAt(event, condition.field) === condition.value
    return condition.operator === 'equals' ? isEqual : !isEqual
  }
  return '$and' in filter ? filter.$and.every(holds) : filter.$or.some(holds)
}

function valueAt(event: WebhookEvent, path: string): unknown {
  let value: unknown = event
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

/** Lower-case hex HMAC-SHA256 over the raw body, and nothing else: no timestamp is signed. */
const signatureOf = (secret: string, body: string): string =>
  createHmac('sha256', secret).update(body, 'utf8').digest('hex')

/** Deliveries due by now, at most so many a second to one URL; the rest waits for the next second. */
export function takeDeliveries(workspace: Workspace, nowMs: number): readonly Delivery[] {
  const deliveries: Delivery[] = []
  for (const [webhookId, waiting] of workspace.messages) {
    const webhook = workspace.webhooks.get(webhookId)
    if (!webhook || isInactive(webhook, nowMs)) {
      workspace.messages.delete(webhookId)
      continue
    }
    const count = deliveryCount(workspace, webhook.targetUrl, nowMs)
    while (count.count < workspace.settings.deliveriesPerSecond) {
      const due = waiting.takeDue(nowMs)
      if (!due) break
      count.count += 1
      workspace.inFlight.set(due.item.id, due.item)
      deliveries.push(deliveryOf(webhook, due.item))
    }
  }
  return deliveries
}

/** When the next delivery can go out: when its message is due and its URL may be called again. */
export function nextDueMs(workspace: Workspace, nowMs: number): number | null {
  let next: number | null = null
  for (const [webhookId, waiting] of workspace.messages) {
    const dueMs = waiting.nextMs
    const webhook = workspace.webhooks.get(webhookId)
    if (dueMs === null || !webhook) continue
    const isThrottled =
      deliveryCount(workspace, webhook.targetUrl, nowMs).count >= workspace.settings.deliveriesPerSecond
    const earliestMs = isThrottled ? (Math.floor(nowMs / 1000) + 1) * 1000 : nowMs
    next = Math.min(next ?? Infinity, Math.max(dueMs, earliestMs))
  }
  return next
}

function deliveryOf(webhook: Webhook, message: WebhookMessage): Delivery {
  const signature = signatureOf(webhook.secret, message.body)
  return {
    id: message.id,
    url: webhook.targetUrl,
    headers: {
      'content-type': 'application/json',
      'attio-signature': signature,
      'x-attio-signature': signature,
      'idempotency-key': message.id,
    },
    body: message.body,
  }
}

function isInactive(webhook: Webhook, nowMs: number): boolean {
  if (webhook.degradedAtMs !== null && nowMs - webhook.degradedAtMs >= INACTIVE_AFTER_MS) {
    webhook.status = 'inactive'
  }
  return webhook.status === 'inactive'
}

/** The delivery throttle counts per target URL and clock second. Attio fact sheet 5. */
function deliveryCount(workspace: Workspace, url: string, nowMs: number): { count: number } {
  const second = Math.floor(nowMs / 1000)
  const counted = workspace.deliveryCounts.get(url)
  if (counted?.second === second) return counted
  const fresh = { second, count: 0 }
  workspace.deliveryCounts.set(url, fresh)
  return fresh
}

function enqueue(workspace: Workspace, message: WebhookMessage, dueMs: number): void {
  const waiting = workspace.messages.get(message.webhookId) ?? new DueQueue<WebhookMessage>()
  workspace.messages.set(message.webhookId, waiting)
  waiting.add(dueMs, message)
}

/** `status` null means that no answer came within the vendor's five seconds. */
export function settleDelivery(workspace: Workspace, id: string, status: number | null): void {
  const message = workspace.inFlight.get(id)
  if (!message) return
  workspace.inFlight.delete(id)
  const webhook = workspace.webhooks.get(message.webhookId)
  if (!webhook) return
  const nowMs = workspace.clock()
  if (status !== null && status >= 200 && status < 300) {
    // That one success heals a degraded webhook is a guess.
    if (webhook.status === 'degraded') webhook.status = 'active'
    webhook.degradedAtMs = null
    if (nextFraction(workspace.chance) < workspace.settings.duplicateShare) {
      enqueue(workspace, message, nowMs + RETRY_BASE_MS * workspace.settings.retryTimeScale)
    }
    return
  }
  message.failures += 1
  if (message.failures <= RETRIES_MAX) {
    enqueue(workspace, message, nowMs + retryDelayMs(message.failures) * workspace.settings.retryTimeScale)
    return
  }
  if (webhook.status === 'active') {
    webhook.status = 'degraded'
    webhook.degradedAtMs = nowMs
  }
}

/** Before retry 1, 2 … 10: growing, some 53 hours in all. The vendor says "about three days". */
const retryDelayMs = (retry: number): number => Math.round(RETRY_BASE_MS * RETRY_FACTOR ** (retry - 1))
