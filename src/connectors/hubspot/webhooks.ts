/** What a genuine webhook announces: all events of a delivery, as bells (HubSpot fact sheet 20.2, 20.3). */
import { createHash } from 'node:crypto'
import { z } from 'zod'
import { refused, type Bell, type Delivery, type Hearing } from '../../core/bell.ts'
import type { RecordId } from '../../core/record.ts'
import { parsedBody } from '../signature.ts'
import { actorOf } from './history.ts'
import { canonicalObject, isStandardObject } from './objects.ts'
import { refusalOf } from './webhook-signature.ts'

export interface HubSpotWebhookContext {
  readonly secret: string
  /** The portal's id: one app's deliveries can mix events of all accounts that installed it (20.3). */
  readonly account: string
  /** Our app's id, once known: its changes are our own (20.6). */
  readonly appId: string | null
  /** Any spelling of an object → the mapping's, see `objectSpellings`. */
  readonly spellings: ReadonlyMap<string, string>
}

/** Ids are numbers on the wire; one that a double cannot hold would name another record. */
const id = z.union([z.number().refine(Number.isSafeInteger), z.string().min(1)]).transform(String)

const event = z.object({
  eventId: id.optional(),
  subscriptionId: id,
  portalId: id,
  occurredAt: z.number(),
  // One table of the vendor's documents calls it otherwise.
  subscriptionType: z.string().optional(),
  eventType: z.string().optional(),
  changeSource: z.string().optional(),
  sourceId: z.string().nullish(),
  objectId: id.optional(),
  objectTypeId: z.string().optional(),
  propertyName: z.string().optional(),
  propertyValue: z.string().nullish(),
  associationType: z.string().optional(),
  associationTypeId: id.optional(),
  associationRemoved: z.boolean().optional(),
  isPrimaryAssociation: z.boolean().optional(),
  fromObjectTypeId: z.string().optional(),
  toObjectTypeId: z.string().optional(),
  fromObjectId: id.optional(),
  toObjectId: id.optional(),
  primaryObjectId: id.optional(),
  mergedObjectIds: z.array(id).optional(),
  newObjectId: id.optional(),
})
type Event = z.infer<typeof event>

export function readHubSpotWebhook(
  delivery: Delivery,
  context: HubSpotWebhookContext,
  nowMs: number,
): Hearing {
  const refusal = refusalOf(delivery, { secret: context.secret, nowMs })
  if (refusal) return refusal
  const parsed = z.array(z.unknown()).safeParse(parsedBody(delivery.body))
  if (!parsed.success) return refused('malformed', 'the body is not a list of events')
  const read = parsed.data.map((each) => bellsOf(each, context))
  return {
    kind: 'heard',
    bells: read.flat(),
    ignored: read.filter((bells) => bells.length === 0).length,
  }
}

function bellsOf(raw: unknown, context: HubSpotWebhookContext): readonly Bell[] {
  const parsed = event.safeParse(raw)
  if (!parsed.success || parsed.data.portalId !== context.account) return []
  const happened = parsed.data
  const { subscriptionType, eventType, changeSource = '', sourceId = null, occurredAt } = happened
  const [prefix = '', kind = ''] = (subscriptionType ?? eventType ?? '').split('.')
  const at = isoText(occurredAt)
  const common = {
    into: null,
    at,
    version: null,
    fields: [],
    actor: actorOf({ sourceType: changeSource, sourceId, userId: null }, context.appId),
    key: keyOf(happened, `${prefix}.${kind}`),
  }
  const own = spelled(context, prefix === 'object' ? happened.objectTypeId : prefix)
  const record = happened.objectId
  switch (kind) {
    case 'creation':
    case 'restore':
      return record && own ? [{ ...common, object: own, record, kind: 'changed' }] : []
    case 'propertyChange': {
      // The time of a property's change is the record's modification time, which is its version.
      const more = { version: at, fields: happened.propertyName === undefined ? [] : [happened.propertyName] }
      return record && own ? [{ ...common, ...more, object: own, record, kind: 'changed' }] : []
    }
    case 'deletion':
    case 'privacyDeletion':
      return record && own ? [{ ...common, object: own, record, kind: 'removed' }] : []
    case 'associationChange':
      return endsOf(happened, own, context).map((end) => ({ ...common, ...end, kind: 'changed' }))
    case 'merge':
      return own ? mergesIn(happened).map((merge) => ({ ...common, ...merge, object: own })) : []
    default:
      return []
  }
}

type End = Pick<Bell, 'object' | 'record'>

/** Both ends, as an event names them; the one whose object stays untold is left to its own event (20.3). */
function endsOf(happened: Event, own: string | null, context: HubSpotWebhookContext): readonly End[] {
  const [from, to] = happened.associationType?.split('_TO_') ?? []
  const ends = [
    [happened.fromObjectTypeId ?? from?.toLowerCase() ?? own, happened.fromObjectId],
    [happened.toObjectTypeId ?? to?.toLowerCase(), happened.toObjectId],
  ] as const
  return ends.flatMap(([name, record]) => {
    const object = spelled(context, name ?? undefined)
    return object !== null && record !== undefined ? [{ object, record }] : []
  })
}

/** A new record replaces all of them, or the primary one stays and takes in the others (18.1). */
function mergesIn(happened: Event): readonly Pick<Bell, 'record' | 'kind' | 'into'>[] {
  const { primaryObjectId: primary, mergedObjectIds: others = [], newObjectId, objectId } = happened
  const into: RecordId | undefined = newObjectId ?? primary ?? objectId
  if (into === undefined) return []
  const originals = new Set([...(primary === undefined ? [] : [primary]), ...others])
  originals.delete(into)
  return [...originals].map((record) => ({ record, kind: 'merged', into }))
}

function spelled({ spellings }: HubSpotWebhookContext, name: string | undefined): string | null {
  if (name === undefined || name === '') return null
  const canonical = canonicalObject(name)
  return spellings.get(canonical) ?? canonical
}

/**
 * `eventId` and `subscriptionId` alone would not do: event ids repeat (20.3), and an event dropped as known is an
 * edit lost until the next poll. So everything that tells events apart is part of it; the attempt, which only
 * numbers the repetitions of one delivery (20.4), is not. Hashed, since values are what people typed.
 */
function keyOf(happened: Event, type: string): string {
  const { eventId = null, subscriptionId } = happened
  const told = [
    type,
    happened.portalId,
    happened.occurredAt,
    happened.objectTypeId,
    happened.objectId,
    happened.propertyName,
    happened.propertyValue,
    happened.changeSource,
    happened.sourceId,
    happened.fromObjectId,
    happened.toObjectId,
    happened.associationType,
    happened.associationTypeId,
    happened.associationRemoved,
    happened.isPrimaryAssociation,
    happened.primaryObjectId,
    happened.newObjectId,
    happened.mergedObjectIds,
  ]
  const digest = createHash('sha256').update(JSON.stringify(told)).digest('base64url').slice(0, 22)
  return `${subscriptionId}/${eventId ?? ''}/${digest}`
}

function isoText(epochMs: number): string | null {
  const date = new Date(epochMs)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/**
 * Any spelling of an object that an event may use → the mapping's own. Events call standard objects by their
 * singular name or type id, and custom ones by type id only; a mapping may name a custom one by its name.
 */
export function objectSpellings(
  mapped: readonly string[],
  custom: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map(
    mapped.map((name) => [
      isStandardObject(name) ? canonicalObject(name) : (custom.get(name.toLowerCase()) ?? name),
      name,
    ]),
  )
}
