/** What HubSpot has to tell us, narrowly: one subscription per kind of event, and one per property (20.2). */
import type { WebhookRequest } from '../bells.ts'
import { parseEdge } from './edges.ts'
import { canonicalObject, eventPrefix, standardTypeId } from './objects.ts'

export interface Subscription {
  readonly eventType: string
  readonly propertyName: string | null
  readonly objectTypeId: string | null
}

const RECORD_EVENTS = ['creation', 'deletion', 'merge', 'restore']

/** HubSpot refuses these (20.2). */
const NOT_SUBSCRIBABLE = new Set(['num_unique_conversion_events', 'hs_lastmodifieddate'])

/** `contact.propertyChange jobtitle`, `object.creation 2-77`: equal subscriptions, equal names. */
export function nameOf({ eventType, propertyName, objectTypeId }: Subscription): string {
  return [eventType, objectTypeId, propertyName].filter((part) => part !== null).join(' ')
}

/** `custom`: type ids of custom objects by lower-case name. An object nobody knows is left to `check`. */
export function subscriptionsFor(
  wanted: WebhookRequest['wanted'],
  custom: ReadonlyMap<string, string>,
): readonly Subscription[] {
  const subscriptions = wanted.flatMap(({ object, fields }) => {
    const prefix = eventPrefix(object)
    const typeId = prefix ? null : (standardTypeId(object) ?? custom.get(object.toLowerCase()) ?? object)
    const of = (kind: string, propertyName: string | null = null): Subscription => ({
      eventType: `${prefix ?? 'object'}.${kind}`,
      propertyName,
      objectTypeId: typeId,
    })
    const properties = fields.filter((field) => parseEdge(field) === null && !NOT_SUBSCRIBABLE.has(field))
    // Products have no associations of their own.
    const hasEdges =
      fields.some((field) => parseEdge(field) !== null) && canonicalObject(object) !== 'products'
    return [
      ...RECORD_EVENTS.map((kind) => of(kind)),
      ...(hasEdges ? [of('associationChange')] : []),
      ...properties.map((property) => of('propertyChange', property)),
    ]
  })
  return [...new Map(subscriptions.map((each) => [nameOf(each), each])).values()]
}

/** What a person has to click where no API does it, one step per line. */
export function stepsFor(target: string, subscriptions: readonly Subscription[]): readonly string[] {
  const byObject = Map.groupBy(subscriptions, ({ eventType, objectTypeId }) => {
    return objectTypeId ?? eventType.split('.')[0] ?? ''
  })
  const events = [...byObject].map(([object, all]) => {
    const properties = all.flatMap(({ propertyName }) => propertyName ?? [])
    const kinds = new Set(all.map(({ eventType }) => eventType.split('.')[1] ?? ''))
    kinds.delete('propertyChange')
    const changes = properties.length === 0 ? '' : `, and propertyChange of ${properties.join(', ')}`
    return `Subscribe to ${object}: ${[...kinds].join(', ')}${changes}.`
  })
  return [
    'In HubSpot, open Settings, Integrations, Private Apps, the app whose token is used here, and its Webhooks.',
    `Set the target URL to ${target}`,
    ...events,
    'Activate the subscriptions and save.',
    "Copy the app's client secret into the variable that the settings name for it.",
  ]
}
