/**
 * What differs between HubSpot object types and no API call tells: spellings, the property that holds the
 * modification time, what a create needs, which pairs of objects are usually associated.
 * HubSpot accepts singular, plural and type id in paths (HubSpot fact sheet 3), and answers in any of them.
 */

interface StandardObject {
  readonly plural: string
  readonly singular: string
  readonly typeId: string
}

/** HubSpot fact sheet 7.1; the objects that a mapping can reasonably name. */
const STANDARD_OBJECTS: readonly StandardObject[] = [
  { plural: 'contacts', singular: 'contact', typeId: '0-1' },
  { plural: 'companies', singular: 'company', typeId: '0-2' },
  { plural: 'deals', singular: 'deal', typeId: '0-3' },
  { plural: 'tickets', singular: 'ticket', typeId: '0-5' },
  { plural: 'products', singular: 'product', typeId: '0-7' },
  { plural: 'line_items', singular: 'line_item', typeId: '0-8' },
  { plural: 'tasks', singular: 'task', typeId: '0-27' },
  { plural: 'notes', singular: 'note', typeId: '0-46' },
  { plural: 'meetings', singular: 'meeting', typeId: '0-47' },
  { plural: 'calls', singular: 'call', typeId: '0-48' },
  { plural: 'emails', singular: 'email', typeId: '0-49' },
  { plural: 'leads', singular: 'lead', typeId: '0-136' },
]

const BY_ANY_NAME = new Map(
  STANDARD_OBJECTS.flatMap((object) => [
    [object.plural, object],
    [object.singular, object],
    [object.typeId, object],
  ]),
)

/** The plural name of a standard object however it is spelled; any other name (a custom object) as it is. */
export function canonicalObject(name: string): string {
  return BY_ANY_NAME.get(name.toLowerCase())?.plural ?? name
}

/** `contacts` → `contact`, as association type names and error contexts spell it. */
export function singularObject(name: string): string {
  return BY_ANY_NAME.get(name.toLowerCase())?.singular ?? name
}

export function isStandardObject(name: string): boolean {
  return BY_ANY_NAME.has(name.toLowerCase())
}

/** Objects with event types of their own; all others are told of by generic ones (HubSpot fact sheet 20.2). */
const OWN_EVENTS = new Set(['contacts', 'companies', 'deals', 'tickets', 'products', 'line_items'])

/** `contact` of `contact.creation`; null where the generic types name the object by its type id. */
export function eventPrefix(object: string): string | null {
  return OWN_EVENTS.has(canonicalObject(object)) ? singularObject(object) : null
}

/** `0-27`; null for a custom object, whose type id the account has to be asked for. */
export function standardTypeId(name: string): string | null {
  return BY_ANY_NAME.get(name.toLowerCase())?.typeId ?? null
}

/** A custom object under a name that people gave it, rather than its type id (HubSpot fact sheet 7.1). */
export function isNamedByPeople(name: string): boolean {
  return !isStandardObject(name) && !/^\d+-\d+$/.test(name)
}

/**
 * Contacts define `hs_lastmodifieddate` too, but it is empty: a filter on it silently matches nothing
 * (HubSpot fact sheet 10).
 */
export function modifiedProperty(object: string): string {
  return canonicalObject(object) === 'contacts' ? 'lastmodifieddate' : 'hs_lastmodifieddate'
}

/** Properties without which HubSpot refuses a create (HubSpot fact sheet 7.5); custom objects have their own. */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  deals: ['dealname', 'dealstage'],
  tickets: ['subject', 'hs_pipeline_stage'],
  notes: ['hs_timestamp'],
  tasks: ['hs_timestamp'],
}

export function requiredProperties(object: string): readonly string[] {
  return REQUIRED[canonicalObject(object)] ?? []
}

/** Property → what its options are, for objects whose stages live in pipelines (HubSpot fact sheet 13). */
const PIPELINE_PROPERTIES: Readonly<Record<string, { readonly pipeline: string; readonly stage: string }>> = {
  deals: { pipeline: 'pipeline', stage: 'dealstage' },
  tickets: { pipeline: 'hs_pipeline', stage: 'hs_pipeline_stage' },
}

export function pipelineProperties(object: string): { pipeline: string; stage: string } | null {
  return PIPELINE_PROPERTIES[canonicalObject(object)] ?? null
}

/** Objects that a record of this type is offered to be associated with. Custom objects: the four main ones. */
const PARTNERS: Readonly<Record<string, readonly string[]>> = {
  contacts: ['companies', 'deals', 'tickets'],
  companies: ['contacts', 'deals', 'tickets'],
  deals: ['contacts', 'companies', 'tickets'],
  tickets: ['contacts', 'companies', 'deals'],
}

export function associationPartners(object: string): readonly string[] {
  return PARTNERS[canonicalObject(object)] ?? ['contacts', 'companies', 'deals', 'tickets']
}

/** Reference pages list no upsert for these (HubSpot fact sheet 7.8), so a stamp cannot make creates safe. */
const WITHOUT_UPSERT = new Set(['leads', 'line_items'])

export function canUpsert(object: string): boolean {
  return !WITHOUT_UPSERT.has(canonicalObject(object))
}
