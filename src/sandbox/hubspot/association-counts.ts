/**
 * What the properties of a record tell about its associations. Recorded creations of companies and deals begin with
 * zeroes; from then on the numbers follow what is associated and not archived. They move without the modified date, as
 * associations do not reliably touch it (HubSpot fact sheet 10).
 */
import { typeKey, type AssociationChange, type End } from './association-store.ts'
import { CALCULATED, remember } from './history.ts'
import type { Portal } from './portal.ts'
import type { StoredRecord, Values } from './record-store.ts'

/** Undefined: no value. */
type Telling = (portal: Portal, record: StoredRecord) => string | undefined

const number =
  (typeId: string): Telling =>
  (portal, record) =>
    String(visible(portal, record, typeId).length)

const PARENT_TO_CHILD = typeKey({ category: 'HUBSPOT_DEFINED', associationTypeId: 13 })
const CHILD_TO_PARENT = typeKey({ category: 'HUBSPOT_DEFINED', associationTypeId: 14 })

const TOLD: Readonly<Record<string, Readonly<Record<string, Telling>>>> = {
  '0-1': { associatedcompanyid: primaryCompany, num_associated_deals: dealsOnceAny },
  '0-2': {
    hs_num_child_companies: (portal, record) => String(relatives(portal, record, PARENT_TO_CHILD).length),
    hs_num_open_deals: openDeals,
    hs_parent_company_id: (portal, record) => relatives(portal, record, CHILD_TO_PARENT)[0],
    num_associated_contacts: number('0-1'),
    num_associated_deals: dealsOnceAny,
  },
  '0-3': { num_associated_contacts: number('0-1') },
}

/** Names of all properties that follow associations. */
export const TOLD_BY_ASSOCIATIONS: ReadonlySet<string> = new Set(Object.values(TOLD).flatMap(Object.keys))

/** What a record that is associated with nothing begins with (recorded). */
const AT_BIRTH: Readonly<Record<string, readonly string[]>> = {
  '0-2': ['hs_num_child_companies', 'hs_num_open_deals', 'num_associated_contacts'],
  '0-3': ['hs_number_of_overdue_tasks', 'num_associated_contacts'],
}

export function countsAtBirth(typeId: string): Record<string, string> {
  return Object.fromEntries((AT_BIRTH[typeId] ?? []).map((name) => [name, '0']))
}

/** Both ends of what changed. */
export function recountEnds(portal: Portal, changes: readonly AssociationChange[]): void {
  const ends = new Map(changes.map(({ from }) => [`${from.typeId}/${from.id}`, from]))
  for (const end of ends.values()) recount(portal, end)
}

/** Everything associated with a record that comes, goes, opens or closes. */
export function recountAround(portal: Portal, record: StoredRecord): void {
  for (const { to } of portal.associations.all(record)) recount(portal, to)
}

function recount(portal: Portal, end: End): void {
  const told = TOLD[end.typeId]
  const record = portal.records.find(end.typeId, end.id)
  if (told === undefined || record?.state !== 'live') return
  const next: Record<string, string> = { ...record.values }
  const changes = Object.keys(told).filter((name) => {
    const value = told[name]?.(portal, record)
    if (value === undefined) delete next[name]
    else next[name] = value
    return value !== record.values[name]
  })
  if (changes.length === 0) return
  const type = portal.types.byTypeId(record.typeId)
  const at = portal.clock()
  remember(record, { type, changes, next, at, source: CALCULATED, isDerived: () => true })
  portal.records.replaceValues(record, next)
  portal.reindex(record, next)
}

/** The values of a record as a read finds them: tasks become overdue while nobody writes anything. */
export function valuesNow(portal: Portal, record: StoredRecord): Values {
  if (record.values['hs_number_of_overdue_tasks'] === undefined) return record.values
  const overdue = visible(portal, record, '0-27').filter(({ typeId, id }) => {
    const task = portal.records.find(typeId, id)?.values
    return task?.['hs_task_is_completed'] !== '1' && Date.parse(task?.['hs_timestamp'] ?? '') < portal.clock()
  })
  return { ...record.values, hs_number_of_overdue_tasks: String(overdue.length) }
}

function visible(portal: Portal, record: StoredRecord, typeId: string): End[] {
  return [...portal.associations.from(record, typeId)]
    .map(({ to }) => to)
    .filter((to) => portal.isVisible(to))
}

function relatives(portal: Portal, record: StoredRecord, key: string): string[] {
  return [...portal.associations.from(record, '0-2')]
    .filter(({ to, types }) => types.includes(key) && portal.isVisible(to))
    .map(({ to }) => to.id)
}

function primaryCompany(portal: Portal, record: StoredRecord): string | undefined {
  const row = portal.associations.primaryOf(record, '0-2')
  return row !== undefined && portal.isVisible(row.to) ? row.to.id : undefined
}

/** Blank until the first deal; a zero after the last one. */
function dealsOnceAny(portal: Portal, record: StoredRecord): string | undefined {
  const { length } = visible(portal, record, '0-3')
  return length === 0 && record.values['num_associated_deals'] === undefined ? undefined : String(length)
}

function openDeals(portal: Portal, record: StoredRecord): string {
  const open = visible(portal, record, '0-3').filter(
    ({ typeId, id }) => portal.records.find(typeId, id)?.values['hs_is_closed'] !== 'true',
  )
  return String(open.length)
}
