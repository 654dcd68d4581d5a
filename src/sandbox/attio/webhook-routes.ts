/** Management of webhooks. Attio fact sheet 16.1 and 16.2. */
import { z } from 'zod'
import { nextHex, nextUuid } from './chance.ts'
import { data, idOfCall, inData, parseBody, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { AttioFault, invalid, notFound } from './fault.ts'
import { stamp } from './instants.ts'
import { emptyPayload } from './object-routes.ts'
import type { Json } from './render.ts'
import { EVENT_TYPES } from './webhook.ts'
import type { Subscription, Webhook } from './webhook.ts'
import type { Workspace } from './workspace.ts'

const condition = z.strictObject({
  field: z.string().min(1),
  operator: z.enum(['equals', 'not_equals']),
  value: z.string(),
})

/** One level only, and a key that must be there even when it is null. */
const filter = z
  .union([z.strictObject({ $and: z.array(condition) }), z.strictObject({ $or: z.array(condition) })])
  .nullable()

const subscriptions = z.array(z.object({ event_type: z.enum(EVENT_TYPES), filter }))

/** https only, except for a receiver on this machine: the sandbox has no certificates. */
const targetUrl = z.string().refine((text) => {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return protocol === 'https:' || (protocol === 'http:' && isLoopback)
}, 'target_url must be an https URL')

const createSchema = inData(z.object({ target_url: targetUrl, subscriptions }))

const updateSchema = inData(
  z.object({ target_url: targetUrl.optional(), subscriptions: subscriptions.optional() }),
)

const renderWebhook = (workspace: Workspace, webhook: Webhook): Json => ({
  id: { workspace_id: workspace.id, webhook_id: webhook.id },
  target_url: webhook.targetUrl,
  status: webhook.status,
  subscriptions: webhook.subscriptions,
  created_at: stamp(webhook.createdAtMs),
})

export function listWebhooks(call: Call): Answer {
  const limit = queryNumber(call, 'limit', { fallback: 10, min: 10, max: 100 })
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  // The newest comes first (recorded).
  const webhooks = [...call.workspace.webhooks.values()].toReversed().slice(offset, offset + limit)
  return data(webhooks.map((webhook) => renderWebhook(call.workspace, webhook)))
}

export function getWebhook(call: Call): Answer {
  return data(renderWebhook(call.workspace, webhookOf(call)))
}

/** The secret is shown here and never again. */
export function createWebhook(call: Call): Answer {
  const { workspace, act } = call
  const body = parseBody(createSchema, call.body).data
  checkLists(workspace, body.subscriptions)
  checkUnique(workspace, { targetUrl: body.target_url, subscriptions: body.subscriptions, self: null })
  const webhook: Webhook = {
    id: nextUuid(workspace.chance),
    secret: nextHex(workspace.chance, 64),
    createdAtMs: act.atMs,
    targetUrl: body.target_url,
    subscriptions: body.subscriptions,
    status: 'active',
    degradedAtMs: null,
  }
  workspace.webhooks.set(webhook.id, webhook)
  return data({ ...renderWebhook(workspace, webhook), secret: webhook.secret })
}

export function updateWebhook(call: Call): Answer {
  const { workspace } = call
  const webhook = webhookOf(call)
  const body = parseBody(updateSchema, call.body).data
  if (Object.keys(body).length === 0) throw emptyPayload()
  const changed = {
    targetUrl: body.target_url ?? webhook.targetUrl,
    subscriptions: body.subscriptions ?? webhook.subscriptions,
  }
  checkLists(workspace, changed.subscriptions)
  checkUnique(workspace, { ...changed, self: webhook })
  Object.assign(webhook, changed)
  return data(renderWebhook(workspace, webhook))
}

export function deleteWebhook(call: Call): Answer {
  const { id } = webhookOf(call)
  call.workspace.webhooks.delete(id)
  call.workspace.messages.delete(id)
  return { body: {} }
}

function webhookOf(call: Call): Webhook {
  const id = idOfCall(call, 'webhook_id')
  const webhook = call.workspace.webhooks.get(id)
  if (!webhook) throw notFound(`Webhook with ID "${id}" was not found.`)
  return webhook
}

/** A filter may name existing lists only (recorded). */
function checkLists(workspace: Workspace, subscriptions: readonly Subscription[]): void {
  const conditions = subscriptions.flatMap(({ filter: each }) =>
    each === null ? [] : '$and' in each ? each.$and : each.$or,
  )
  const isUnknown = conditions.some(
    ({ field, value }) => field === 'id.list_id' && !workspace.lists.some((list) => list.id === value),
  )
  if (isUnknown) throw invalid('Related list not found')
}

/** Unique in the workspace by URL, event type and filter; no filter equals an empty `$and`. */
function checkUnique(
  workspace: Workspace,
  options: { targetUrl: string; subscriptions: readonly Subscription[]; self: Webhook | null },
): void {
  const taken = new Set(
    [...workspace.webhooks.values()]
      .filter((webhook) => webhook !== options.self)
      .flatMap((webhook) => webhook.subscriptions.map((each) => identity(webhook.targetUrl, each))),
  )
  for (const subscription of options.subscriptions) {
    const key = identity(options.targetUrl, subscription)
    if (taken.has(key)) {
      throw new AttioFault(
        409,
        'uniqueness_conflict',
        `A webhook for "${subscription.event_type}" with this target_url and filter already exists.`,
      )
    }
    taken.add(key)
  }
}

const identity = (url: string, { event_type: type, filter: each }: Subscription): string =>
  JSON.stringify([url, type, each ?? { $and: [] }])
