/** Webhook settings and subscriptions of the app (HubSpot fact sheet 20.1, 20.2). */
import { body, idOf, inputs, param, stringOf, type Call, type Json, type Route } from './call.ts'
import { CONCURRENCY, type Subscription, type WebhookSettings } from './webhooks.ts'
import {
  batchAnswer,
  conflict,
  instant,
  invalid,
  missingFields,
  NO_CONTENT,
  notFound,
  notModelled,
  ok,
  Problem,
  type Answer,
  type BatchError,
} from './wire.ts'

const ROOT = '/webhooks/v3/{appId}'
const SETTINGS = `${ROOT}/settings`
const SUBSCRIPTIONS = `${ROOT}/subscriptions`
const SUBSCRIPTION = `${SUBSCRIPTIONS}/{subscriptionId}`

const reading = { mutates: false, scopes: () => [], kind: 'developer' } as const
const writing = { ...reading, mutates: true } as const

export const webhookRoutes: readonly Route[] = [
  { ...reading, method: 'GET', template: SETTINGS, handle: readSettings },
  { ...writing, method: 'PUT', template: SETTINGS, handle: writeSettings },
  { ...writing, method: 'DELETE', template: SETTINGS, handle: clearSettings },
  { ...reading, method: 'GET', template: SUBSCRIPTIONS, handle: list },
  { ...writing, method: 'POST', template: SUBSCRIPTIONS, handle: create },
  { ...writing, method: 'POST', template: `${SUBSCRIPTIONS}/batch/update`, handle: batchUpdate },
  { ...reading, method: 'GET', template: SUBSCRIPTION, handle: read },
  { ...writing, method: 'PATCH', template: SUBSCRIPTION, handle: update },
  { ...writing, method: 'DELETE', template: SUBSCRIPTION, handle: remove },
]

const SUBSCRIPTIONS_MAX = 1_000

const KINDS = ['creation', 'deletion', 'propertyChange', 'associationChange', 'merge', 'restore']

/** Real, but about things that this model does not hold (20.2). */
const ELSEWHERE = /^(product|line_item|conversation)\.|^event\.completed$/

const EVENT_TYPES = new Set([
  ...['contact', 'company', 'deal', 'ticket', 'object'].flatMap((prefix) =>
    KINDS.map((kind) => `${prefix}.${kind}`),
  ),
  'contact.privacyDeletion',
])

const NOT_SUBSCRIBABLE = new Set(['num_unique_conversion_events', 'hs_lastmodifieddate'])

function requireApp(call: Call): void {
  if (param(call, 'appId') !== String(call.portal.identity.appId)) throw notFound()
}

function settingsOf(call: Call): WebhookSettings {
  requireApp(call)
  const { settings } = call.portal.webhooks
  if (settings === null) throw notFound()
  return settings
}

function readSettings(call: Call): Answer {
  return ok(printSettings(settingsOf(call)))
}

function writeSettings(call: Call): Answer {
  requireApp(call)
  const { webhooks, clock } = call.portal
  const fields = body(call)
  const targetUrl = stringOf(fields['targetUrl'], 'targetUrl')
  if (!URL.canParse(targetUrl)) throw invalid(`Invalid target URL ${targetUrl}`)
  const asked = ((fields['throttling'] ?? {}) as Json)['maxConcurrentRequests'] ?? CONCURRENCY
  if (typeof asked !== 'number' || asked <= 5) throw invalid('maxConcurrentRequests must be above 5')
  webhooks.settings = {
    targetUrl,
    maxConcurrentRequests: asked,
    createdAt: webhooks.settings?.createdAt ?? clock(),
    updatedAt: clock(),
  }
  return ok(printSettings(webhooks.settings))
}

function clearSettings(call: Call): Answer {
  requireApp(call)
  call.portal.webhooks.settings = null
  return NO_CONTENT
}

function printSettings(settings: WebhookSettings): unknown {
  return {
    targetUrl: settings.targetUrl,
    throttling: { maxConcurrentRequests: settings.maxConcurrentRequests },
    createdAt: instant(settings.createdAt),
    updatedAt: instant(settings.updatedAt),
  }
}

function list(call: Call): Answer {
  requireApp(call)
  return ok({ results: [...call.portal.webhooks.subscriptions.values()].map(printSubscription) })
}

function create(call: Call): Answer {
  requireApp(call)
  const { webhooks, counters, clock } = call.portal
  const fields = body(call)
  const eventType = stringOf(fields['eventType'], 'eventType')
  if (ELSEWHERE.test(eventType)) throw notModelled(`The event type ${eventType}`)
  if (!EVENT_TYPES.has(eventType)) throw invalid(`Invalid event type ${eventType}`)
  const propertyName = eventType.endsWith('.propertyChange') ? watchedProperty(fields) : null
  const objectTypeId = eventType.startsWith('object.') ? watchedType(call, fields) : null
  requireReadScope(call, objectTypeId ?? eventType.slice(0, eventType.indexOf('.')))
  for (const held of webhooks.subscriptions.values()) {
    const same = held.eventType === eventType && held.propertyName === propertyName
    if (same && held.objectTypeId === objectTypeId) throw conflict('This subscription already exists')
  }
  if (webhooks.subscriptions.size >= SUBSCRIPTIONS_MAX) {
    throw invalid(`At most ${SUBSCRIPTIONS_MAX} subscriptions per app are possible`)
  }
  const subscription: Subscription = {
    id: String(++counters.subscription),
    eventType,
    propertyName,
    objectTypeId,
    // Created paused unless the caller says otherwise.
    active: fields['active'] === true,
    createdAt: clock(),
    updatedAt: clock(),
  }
  webhooks.subscriptions.set(subscription.id, subscription)
  return { status: 201, body: printSubscription(subscription) }
}

function watchedProperty(fields: Json): string {
  const name = stringOf(fields['propertyName'], 'propertyName')
  if (NOT_SUBSCRIBABLE.has(name)) throw invalid(`Property ${name} cannot be subscribed to`)
  return name
}

function watchedType(call: Call, fields: Json): string {
  return call.portal.types.resolve(stringOf(fields['objectTypeId'], 'objectTypeId')).typeId
}

function requireReadScope(call: Call, typeName: string): void {
  const { read: scope } = call.portal.types.resolve(typeName).scopes
  if (call.portal.settings.scopes.includes(scope)) return
  throw new Problem(403, 'One or more of the following scopes are required.', {
    context: { requiredGranularScopes: [scope] },
    category: 'MISSING_SCOPES',
  })
}

function find(call: Call, id: string): Subscription {
  requireApp(call)
  const subscription = call.portal.webhooks.subscriptions.get(id)
  if (subscription === undefined) throw notFound()
  return subscription
}

function read(call: Call): Answer {
  return ok(printSubscription(find(call, param(call, 'subscriptionId'))))
}

function update(call: Call): Answer {
  const subscription = find(call, param(call, 'subscriptionId'))
  return ok(setActive(call, subscription, body(call)['active']))
}

function setActive(call: Call, subscription: Subscription, active: unknown): unknown {
  if (typeof active !== 'boolean') throw missingFields('active')
  const next = { ...subscription, active, updatedAt: call.portal.clock() }
  call.portal.webhooks.subscriptions.set(next.id, next)
  return printSubscription(next)
}

function batchUpdate(call: Call): Answer {
  requireApp(call)
  const results: unknown[] = []
  const errors: BatchError[] = []
  for (const input of inputs(call)) {
    const id = idOf(input['id'])
    const subscription = call.portal.webhooks.subscriptions.get(id)
    if (subscription === undefined) errors.push(notFound().item({ id: [id] }))
    else results.push(setActive(call, subscription, input['active']))
  }
  return batchAnswer({ status: 200, now: call.portal.clock(), results, errors })
}

function remove(call: Call): Answer {
  const subscription = find(call, param(call, 'subscriptionId'))
  call.portal.webhooks.subscriptions.delete(subscription.id)
  return NO_CONTENT
}

function printSubscription(subscription: Subscription): unknown {
  return {
    id: subscription.id,
    eventType: subscription.eventType,
    ...(subscription.propertyName !== null && { propertyName: subscription.propertyName }),
    ...(subscription.objectTypeId !== null && { objectTypeId: subscription.objectTypeId }),
    active: subscription.active,
    createdAt: instant(subscription.createdAt),
    updatedAt: instant(subscription.updatedAt),
  }
}
