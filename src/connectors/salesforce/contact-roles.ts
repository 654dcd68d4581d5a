/** The people of opportunities, read and written as the records that join them (Salesforce fact sheet 18). */
import type { RecordId } from '../../core/record.ts'
import type { SalesforceClient } from './client.ts'
import { ROLE_COLUMNS, roleOf, ROLES, type RoleRow } from './edges.ts'
import { queryAllPages, quoted } from './soql.ts'

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
