/** Records as answers print them (HubSpot fact sheet 7.2 to 7.6). */
import { valuesNow } from './association-counts.ts'
import { typeKey } from './association-store.ts'
import { inPrintOrder } from './association-types.ts'
import { queryList, requireScopes, type Call } from './call.ts'
import { printVersions, versionsOf } from './history.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { StoredRecord, Values } from './record-store.ts'
import { instant } from './wire.ts'
import type { Written } from './write.ts'

/** What a read asked for. */
export interface Selection {
  /** Existing properties, sorted. */
  readonly properties: readonly string[]
  readonly history: readonly string[]
  readonly associations: readonly ObjectType[]
}

/** Most association rows inside one record of a read. */
const INLINE_ASSOCIATIONS_MAX = 500

export function selection(
  portal: Portal,
  type: ObjectType,
  asked: { properties: readonly string[]; history?: readonly string[]; associations?: readonly ObjectType[] },
): Selection {
  const always = ['hs_object_id', type.createdProperty, type.modifiedProperty]
  const wanted = asked.properties.length === 0 ? type.defaults : asked.properties
  const history = portal.properties.known(type.typeId, asked.history ?? [])
  return {
    properties: portal.properties.known(type.typeId, [...always, ...wanted, ...history]),
    history,
    associations: asked.associations ?? [],
  }
}

export function querySelection(call: Call, type: ObjectType): Selection {
  const associations = queryList(call, 'associations').map((name) => call.portal.types.resolve(name))
  requireScopes(
    call,
    associations.map((target) => target.scopes.read),
  )
  return selection(call.portal, type, {
    properties: queryList(call, 'properties'),
    history: queryList(call, 'propertiesWithHistory'),
    associations,
  })
}

export function printRecord(
  portal: Portal,
  type: ObjectType,
  record: StoredRecord,
  asked: Selection,
): unknown {
  return {
    id: record.id,
    properties: printValues(valuesNow(portal, record), asked.properties),
    ...(asked.history.length > 0 && { propertiesWithHistory: printHistory(portal, record, asked.history) }),
    createdAt: instant(record.createdAt),
    updatedAt: instant(record.updatedAt),
    archived: record.state !== 'live',
    ...(record.archivedAt !== null && { archivedAt: instant(record.archivedAt) }),
    ...printAssociations(portal, record, asked.associations),
    url: recordUrl(portal, type, record.id),
  }
}

/**
 * Stage dates come as epoch milliseconds in the answers of writes, unlike in reads (7.5); those of companies do not come
 * at all (recorded).
 */
const LIFECYCLE_DATE = /^hs_lifecyclestage_.*_date$/

/**
 * The answer of a write: what was sent, what the server set, and the properties that are always there, but
 * not the whole record (7.5, 7.6).
 */
export function printWritten(portal: Portal, type: ObjectType, written: Written): Record<string, unknown> {
  const { record, sent, changed } = written
  const always = ['hs_object_id', type.createdProperty, type.modifiedProperty]
  const echoed = type.echoed.filter((name) => record.values[name] !== undefined)
  const shown = changed.filter((name) => isAnswered(portal, type, name))
  const names = portal.properties.known(type.typeId, [...always, ...sent, ...shown, ...echoed])
  const properties: Record<string, string | null> = {}
  for (const name of names) {
    const value = record.values[name] ?? null
    properties[name] = value !== null && LIFECYCLE_DATE.test(name) ? String(Date.parse(value)) : value
  }
  return {
    id: record.id,
    properties,
    createdAt: instant(record.createdAt),
    updatedAt: instant(record.updatedAt),
    archived: false,
    url: recordUrl(portal, type, record.id),
  }
}

/** When single stages were entered is for reads only; the present stage is among what is always repeated (recorded). */
function isAnswered(portal: Portal, type: ObjectType, name: string): boolean {
  if (LIFECYCLE_DATE.test(name)) return type.plural === 'contacts'
  return portal.properties.find(type.typeId, name)?.listed ?? false
}

/** Defined but empty properties are null (7.2). */
export function printValues(values: Values, names: readonly string[]): Record<string, string | null> {
  const printed: Record<string, string | null> = {}
  for (const name of names) printed[name] = values[name] ?? null
  return printed
}

/** The page of a record in the user interface. Tasks have one of their own; notes have none, so a list (7.2). */
export function recordUrl(portal: Portal, type: ObjectType, id: string): string {
  const { portalId } = portal.identity
  const host = 'https://app.hubspot.com'
  if (type.plural === 'tasks') return `${host}/tasks/${portalId}/view/all/task/${id}`
  if (type.plural !== 'notes') return `${host}/contacts/${portalId}/record/${type.typeId}/${id}`
  const filters = JSON.stringify([{ property: 'hs_object_id', operator: 'EQ', value: id }])
  const query = `filters=${encodeURIComponent(filters)}`
  return `${host}/contacts/${portalId}/objects/${type.typeId}/views/all/list?${query}`
}

function printHistory(portal: Portal, record: StoredRecord, names: readonly string[]): unknown {
  const printed: Record<string, unknown> = {}
  for (const name of names) {
    const derived = portal.properties.find(record.typeId, name)?.readOnly ?? false
    printed[name] = printVersions(versionsOf(record, name, derived))
  }
  return printed
}

/** Every target once per type, type by type: the primary company comes first, and again further down. */
export function associationNames(
  portal: Portal,
  record: StoredRecord,
  target: ObjectType,
): { readonly id: string; readonly type: string }[] {
  const rows = [...portal.associations.from(record, target.typeId)].filter((row) => portal.isVisible(row.to))
  const definitions = inPrintOrder(portal.associationTypes.between(record.typeId, target.typeId))
  return definitions.flatMap((definition) =>
    rows
      .filter((row) => row.types.includes(typeKey(definition)))
      .map((row) => ({ id: row.to.id, type: definition.name })),
  )
}

/** One row per type, so that a labelled target appears twice; no key where there are none (7.3). */
function printAssociations(
  portal: Portal,
  record: StoredRecord,
  targets: readonly ObjectType[],
): { associations?: Record<string, unknown> } {
  if (targets.length === 0 || record.state !== 'live') return {}
  const printed: Record<string, unknown> = {}
  for (const target of targets) {
    const results = associationNames(portal, record, target)
    if (results.length === 0) continue
    const next = results[INLINE_ASSOCIATIONS_MAX]
    printed[target.plural] = {
      results: results.slice(0, INLINE_ASSOCIATIONS_MAX),
      ...(next && { paging: { next: { after: next.id } } }),
    }
  }
  return Object.keys(printed).length > 0 ? { associations: printed } : {}
}
