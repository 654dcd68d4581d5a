/** The people of opportunities, read and written as the records that join them (Salesforce fact sheet 18). */
import type { RecordId } from '../../core/record.ts'
import type { FieldValues } from '../../core/value.ts'
import type { SalesforceClient } from './client.ts'
import {
  edgeValues,
  ROLE_COLUMNS,
  roleOf,
  ROLES,
  ROLES_RELATIONSHIP,
  type Edge,
  type RoleRow,
} from './edges.ts'
import { pageOf, queryAllPages, quoted, type Row } from './soql.ts'
import { isObject, listIn, textIn } from './wire.ts'

const IDS_PER_QUERY = 400

/** By opportunity; one without roles has no entry. */
export async function readRoles(
  client: SalesforceClient,
  opportunities: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, readonly RoleRow[]>> {
  const rows: RoleRow[] = []
  for (let start = 0; start < opportunities.length; start += IDS_PER_QUERY) {
    const list = opportunities
      .slice(start, start + IDS_PER_QUERY)
      .map(quoted)
      .join(', ')
    const soql = `SELECT ${ROLE_COLUMNS.join(', ')} FROM ${ROLES} WHERE OpportunityId IN (${list}) ORDER BY CreatedDate, Id`
    rows.push(...(await queryAllPages(client, soql)).map(roleOf))
  }
  return Map.groupBy(rows, ({ opportunity }) => opportunity)
}

/** The edge fields of rows: out of the rows where they came along, asked for otherwise. */
export async function edgesOf(
  client: SalesforceClient,
  rows: readonly Row[],
  edges: readonly Edge[],
): Promise<ReadonlyMap<RecordId, FieldValues>> {
  if (edges.length === 0 || rows.length === 0) return new Map()
  const complete = new Map<RecordId, FieldValues>()
  const asking: RecordId[] = []
  for (const row of rows) {
    const id = textIn(row, 'Id') ?? ''
    const nested = row[ROLES_RELATIONSHIP]
    const isWhole = nested === null || (isObject(nested) && pageOf(client, nested).done)
    if (ROLES_RELATIONSHIP in row && isWhole) {
      complete.set(id, edgeValues(edges, listIn(nested, 'records').map(roleOf)))
    } else asking.push(id)
  }
  const roles = await readRoles(client, asking)
  for (const id of asking) complete.set(id, edgeValues(edges, roles.get(id) ?? []))
  return complete
}

/** Roles along with the opportunities that they belong to. */
export function rolesSubquery(): string {
  return `(SELECT ${ROLE_COLUMNS.join(', ')} FROM ${ROLES_RELATIONSHIP})`
}
