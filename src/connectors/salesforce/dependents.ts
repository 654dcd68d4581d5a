/**
 * What Salesforce would delete along with a record although it is of its own account: an account takes its contacts and
 * opportunities with it into the recycle bin (Salesforce fact sheet 20). Activities and roles belong to their record.
 */
import type { RecordId } from '../../core/record.ts'
import type { SalesforceClient } from './client.ts'
import { queryAllPages, quoted } from './soql.ts'
import { textIn } from './wire.ts'

interface Dependents {
  readonly object: string
  /** Field that names the record they go with. */
  readonly field: string
  readonly label: string
}

const DEPENDENTS: Readonly<Record<string, readonly Dependents[]>> = {
  Account: [
    { object: 'Contact', field: 'AccountId', label: 'contacts' },
    { object: 'Opportunity', field: 'AccountId', label: 'opportunities' },
  ],
}

const IDS_PER_QUERY = 200

/** Which of these records have any, and of which kind in words of the user interface. One request per 200 ids and kind. */
export async function dependentsOf(
  client: SalesforceClient,
  object: string,
  ids: readonly RecordId[],
): Promise<ReadonlyMap<RecordId, readonly string[]>> {
  const found = new Map<RecordId, readonly string[]>()
  for (const { object: child, field, label } of DEPENDENTS[object] ?? []) {
    for (let start = 0; start < ids.length; start += IDS_PER_QUERY) {
      const list = ids
        .slice(start, start + IDS_PER_QUERY)
        .map(quoted)
        .join(', ')
      const soql = `SELECT ${field} FROM ${child} WHERE ${field} IN (${list}) GROUP BY ${field}`
      for (const row of await queryAllPages(client, soql)) {
        const id = textIn(row, field) ?? ''
        found.set(id, [...(found.get(id) ?? []), label])
      }
    }
  }
  return found
}
