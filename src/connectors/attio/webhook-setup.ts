/**
 * Registering at Attio (Attio fact sheet 16.1): one webhook per target URL. The URL is what makes it ours: webhooks
 * have no names, and those of other applications are in the same list.
 */
import type {
  WebhookChange,
  WebhookInstallOptions,
  WebhookRequest,
  WebhookState,
  WebhookSubscription,
} from '../bells.ts'
import type { AttioClient } from './client.ts'
import type { AttributeCatalog } from './schema.ts'
import { namesOf, subscriptionsFor, type Names } from './subscriptions.ts'
import type { WireSubscription, WireWebhook } from './wire.ts'

interface Wishes {
  readonly subscriptions: readonly WireSubscription[]
  readonly names: Names
}

export async function listWebhooks(
  client: AttioClient,
  catalog: AttributeCatalog,
  request: WebhookRequest,
): Promise<WebhookState> {
  const { subscriptions, names } = await wishesOf(client, catalog, request)
  const own = await ownWebhooks(client, request.target)
  const wanted = new Set(namesOf(subscriptions, names))
  const told = new Set(own.flatMap((webhook) => namesOf(webhook.subscriptions, names)))
  const troubled = own.find(({ status }) => status !== 'active')
  const isSilent = own.length > 0 && own.every(({ status }) => status === 'inactive')
  const states: WebhookSubscription[] = [
    ...[...wanted].map((name) => ({
      name,
      state: told.has(name) ? (isSilent ? ('paused' as const) : ('present' as const)) : ('missing' as const),
    })),
    ...[...told].filter((name) => !wanted.has(name)).map((name) => ({ name, state: 'unneeded' as const })),
  ]
  return { kind: 'known', subscriptions: states, trouble: troubled ? troubleOf(troubled) : null }
}

/** 16.6: after three days without an answer it is degraded, after a week more it stops. */
function troubleOf({ status }: WireWebhook): string {
  return status === 'inactive'
    ? 'Attio has stopped delivering after failing for more than a week'
    : `Attio calls the webhook ${status}: deliveries fail`
}

export async function installWebhook(
  client: AttioClient,
  catalog: AttributeCatalog,
  request: WebhookRequest & WebhookInstallOptions,
): Promise<WebhookChange> {
  const { subscriptions, names } = await wishesOf(client, catalog, request)
  const own = await ownWebhooks(client, request.target)
  const told = new Set(own.flatMap((webhook) => namesOf(webhook.subscriptions, names)))
  const wanted = namesOf(subscriptions, names)
  const usable = request.secretIsKnown ? own.find(({ status }) => status !== 'inactive') : undefined
  // A webhook whose secret nobody knows, that has stopped, or that is one too many: unique is URL, event and filter.
  for (const webhook of own) {
    if (webhook !== usable) await client.deleteWebhook(webhook.id.webhook_id)
  }
  let secret: string | null = null
  if (subscriptions.length > 0 && !usable) {
    secret = (await client.createWebhook(request.target, subscriptions)).secret ?? null
  } else if (usable && subscriptions.length === 0) {
    await client.deleteWebhook(usable.id.webhook_id)
  } else if (usable && !isSame(usable.subscriptions, subscriptions)) {
    await client.updateWebhook(usable.id.webhook_id, subscriptions)
  }
  const before = usable ? new Set(namesOf(usable.subscriptions, names)) : new Set<string>()
  return {
    kind: 'done',
    created: wanted.filter((name) => !before.has(name)),
    removed: [...told].filter((name) => !wanted.includes(name)),
    kept: wanted.filter((name) => before.has(name)),
    secret,
  }
}

export async function removeWebhooks(
  client: AttioClient,
  catalog: AttributeCatalog,
  request: WebhookRequest,
): Promise<WebhookChange> {
  const own = await ownWebhooks(client, request.target)
  if (own.length === 0) return { kind: 'done', created: [], removed: [], kept: [], secret: null }
  const { names } = await wishesOf(client, catalog, request)
  for (const webhook of own) await client.deleteWebhook(webhook.id.webhook_id)
  const removed = [...new Set(own.flatMap((webhook) => namesOf(webhook.subscriptions, names)))]
  return { kind: 'done', created: [], removed, kept: [], secret: null }
}

async function ownWebhooks(client: AttioClient, target: string): Promise<readonly WireWebhook[]> {
  return (await client.webhooks()).filter((webhook) => webhook.target_url === target)
}

/** Objects and attributes that do not exist cannot be told of, and are left to `check`. */
async function wishesOf(
  client: AttioClient,
  catalog: AttributeCatalog,
  { wanted }: WebhookRequest,
): Promise<Wishes> {
  const rows = await client.objects()
  const names = new Map<string, string>()
  const objects: string[] = []
  const attributes: string[] = []
  for (const { object, fields } of wanted) {
    const row = rows.find(({ id, api_slug: slug }) => slug === object || id.object_id === object)
    if (!row) continue
    objects.push(row.id.object_id)
    names.set(row.id.object_id, object)
    for (const [slug, { id }] of await catalog.attributes(object, fields)) {
      if (!id) continue
      names.set(id.attribute_id, `${object}.${slug}`)
      if (fields.includes(slug)) attributes.push(id.attribute_id)
    }
  }
  for (const { id, api_slug: slug } of rows) {
    if (!names.has(id.object_id)) names.set(id.object_id, slug ?? id.object_id)
  }
  return { subscriptions: subscriptionsFor({ objects, attributes }), names }
}

/** Attio may give filters back in another order than they were sent. */
function isSame(left: readonly WireSubscription[], right: readonly WireSubscription[]): boolean {
  const print = (subscriptions: readonly WireSubscription[]) =>
    namesOf(subscriptions, new Map()).toSorted().join('\n')
  return print(left) === print(right)
}
