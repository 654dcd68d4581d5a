/**
 * What the API's user has looked at: `LastViewedDate` and `LastReferencedDate` (Salesforce fact sheet 11). Reading
 * alone is no looking; a query says so by `FOR VIEW` or `FOR REFERENCE`, a single call by `Sforce-Mru` (4). The dates
 * are of each user; people's own are not seen through the API, so those of one user are all there are.
 */
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { nameFieldOf } from '../schema/object-type.ts'
import { printRow, type Printed } from './print.ts'
import type { Row } from './row-store.ts'

/** Neither date moves `SystemModstamp` or any other stamp (11). */
export function noteViewed(org: Org, row: Row, kind: 'view' | 'reference'): void {
  const type = org.schema.type(row.object)
  // Objects that keep no list, and rows that a running transaction holds.
  if (!type.byName.has('lastvieweddate') || row.pending !== null) return
  const LastReferencedDate = org.stamp()
  const dates =
    kind === 'view' ? { LastReferencedDate, LastViewedDate: LastReferencedDate } : { LastReferencedDate }
  org.rows.transact(() => org.rows.replace(row, { ...row.values, ...dates }))
}

/** The newest first, with id and name, as the lists of the API show them. */
export function recentlyViewed(
  org: Org,
  types: readonly ObjectType[],
  { limit, version }: { limit: number; version: string },
): Printed[] {
  const viewed = types.flatMap((type) =>
    [...org.rows.all(type.name)].flatMap((row) => {
      const at = row.values['LastReferencedDate']
      return row.deletedAt !== null || typeof at !== 'string' ? [] : [{ type, row, at }]
    }),
  )
  return viewed
    .toSorted((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .slice(0, limit)
    .map(({ type, row }) => {
      const fields = [type.byName.get('id'), nameFieldOf(type)].filter((field) => field !== undefined)
      return printRow(type, row.values, { fields, version })
    })
}
