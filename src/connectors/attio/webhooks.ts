/**
 * Attio's webhooks: is it genuine, and what does it announce (Attio fact sheet 16.4, 16.5)? The body is signed and
 * nothing else: there is no timestamp, so a delivery that was recorded can be played again for ever. It then has
 * the key of the first one and is dropped by it. The key is not signed: whoever has a genuine body can make up
 * another key, and gains that one record is looked at once more.
 */
import { createHmac } from 'node:crypto'
import { z } from 'zod'
import { refused, type Bell, type Delivery, type Hearing } from '../../core/bell.ts'
import { isSameText, parsedBody } from '../signature.ts'
import { actorOf, type OwnActor } from './evidence.ts'
import { wireActor } from './wire.ts'

export interface AttioWebhookContext {
  readonly secret: string
  /** The workspace's id. */
  readonly account: string
  readonly own: OwnActor
  /** Object id → its name; events never carry one (16.4). */
  readonly objects: ReadonlyMap<string, string>
  /** Attribute id → its name. */
  readonly attributes: ReadonlyMap<string, string>
}

const SIGNATURE = /^[0-9a-f]{64}$/

/** Nothing says what a key looks like; so much is sane. */
const KEY = /^[\x21-\x7e]{1,128}$/

const body = z.object({ events: z.array(z.unknown()) })

const recordEvent = z.object({
  event_type: z.enum(['record.created', 'record.updated', 'record.merged', 'record.deleted']),
  id: z.object({
    workspace_id: z.string(),
    object_id: z.string(),
    record_id: z.string().min(1),
    attribute_id: z.string().optional(),
  }),
  actor: wireActor.nullish(),
  duplicate_record_id: z.string().min(1).optional(),
})

export function readAttioWebhook(delivery: Delivery, context: AttioWebhookContext): Hearing {
  const { headers } = delivery
  // Both headers hold the same text; either may be lost on the way.
  const signature = headers['attio-signature'] ?? headers['x-attio-signature'] ?? ''
  const expected = createHmac('sha256', context.secret).update(delivery.body).digest('hex')
  if (!SIGNATURE.test(signature) || !isSameText(signature, expected)) {
    return refused('forged', 'the signature does not match')
  }
  const key = headers['idempotency-key'] ?? ''
  if (!KEY.test(key)) return refused('malformed', 'there is no usable Idempotency-Key')
  const parsed = body.safeParse(parsedBody(delivery.body))
  if (!parsed.success) return refused('malformed', 'the body is not a list of events')

  const { events } = parsed.data
  // One event today, more one day (16.4): the place in the delivery tells them apart, retries keep it.
  const bells = events.flatMap((event, place) => bellOf(event, `${key}/${place}`, context) ?? [])
  return { kind: 'heard', bells, ignored: events.length - bells.length }
}

function bellOf(event: unknown, key: string, context: AttioWebhookContext): Bell | null {
  const parsed = recordEvent.safeParse(event)
  if (!parsed.success || parsed.data.id.workspace_id !== context.account) return null
  const { event_type: type, id, actor, duplicate_record_id: duplicate } = parsed.data
  // A merge is told twice, each time naming one original: the new record went nowhere (16.4).
  const attribute = context.attributes.get(id.attribute_id ?? '')
  const isMerge = type === 'record.merged' && duplicate !== undefined
  return {
    object: context.objects.get(id.object_id) ?? id.object_id,
    record: isMerge ? duplicate : id.record_id,
    kind: isMerge ? 'merged' : type === 'record.deleted' ? 'removed' : 'changed',
    into: isMerge ? id.record_id : null,
    at: null,
    version: null,
    actor: actorOf(actor, context.own),
    fields: attribute === undefined ? [] : [attribute],
    key,
  }
}
