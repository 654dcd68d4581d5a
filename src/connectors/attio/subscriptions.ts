/**
 * What Attio has to tell us, narrowly: filters name the objects and attributes that the mappings keep (Attio fact
 * sheet 16.2). One webhook carries them all: four kinds of events, each with one filter, and for people a name per
 * object or attribute.
 */
import type { WireSubscription } from './wire.ts'

export interface WantedIds {
  readonly objects: readonly string[]
  readonly attributes: readonly string[]
}

const OBJECT = 'id.object_id'
const ATTRIBUTE = 'id.attribute_id'

const WHOLE_RECORD_EVENTS = ['record.created', 'record.merged', 'record.deleted']

/** Sorted, so that equal wishes are equal subscriptions. Empty when nothing is wanted. */
export function subscriptionsFor({ objects, attributes }: WantedIds): readonly WireSubscription[] {
  const about = (field: string, ids: readonly string[]) => ({
    $or: [...new Set(ids)].toSorted().map((value) => ({ field, operator: 'equals', value })),
  })
  return [
    ...(objects.length === 0
      ? []
      : WHOLE_RECORD_EVENTS.map((event_type) => ({ event_type, filter: about(OBJECT, objects) }))),
    ...(attributes.length === 0
      ? []
      : [{ event_type: 'record.updated', filter: about(ATTRIBUTE, attributes) }]),
  ]
}

/** Ids → names, of objects (`people`) and of attributes (`people.job_title`). */
export type Names = ReadonlyMap<string, string>

/** Each thing that these subscriptions tell of by itself, such as `record.updated people.job_title`. */
export function namesOf(subscriptions: readonly WireSubscription[], names: Names): readonly string[] {
  return subscriptions.flatMap(({ event_type: type, filter }) => {
    const items = filter === null || '$and' in filter ? null : filter.$or
    // Not of our making: told in its own words, and as a whole.
    const isOurs = items?.every(
      ({ field, operator }) => [OBJECT, ATTRIBUTE].includes(field) && operator === 'equals',
    )
    if (!items || !isOurs) return [`${type} where ${JSON.stringify(filter)}`]
    return items.map(({ value }) => `${type} ${names.get(value) ?? value}`)
  })
}
