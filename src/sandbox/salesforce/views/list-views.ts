/**
 * The list views that a new org has for its tabs: all records, one's own, those looked at lately. Each is a query; what
 * people would add to them in the user interface is not modelled.
 */
import type { Org } from '../org.ts'
import type { Scalar, Values } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'

/** Columns of the standard views, as a new org shows them. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  Account: ['Name', 'BillingState', 'Phone', 'Type', 'Owner.Alias'],
  Contact: ['Name', 'Account.Name', 'Title', 'Phone', 'Email', 'Owner.Alias'],
  Lead: ['Name', 'Title', 'Company', 'Phone', 'Email', 'Status', 'Owner.Alias'],
  Opportunity: ['Name', 'Account.Name', 'Amount', 'CloseDate', 'StageName', 'Owner.Alias'],
}

export const LISTED: readonly string[] = Object.keys(COLUMNS)

/** Selected in every view, and not shown. */
const HIDDEN = ['Id', 'CreatedDate', 'LastModifiedDate', 'SystemModstamp']

export interface ListView {
  readonly id: string
  readonly object: string
  readonly label: string
  readonly developerName: string
  readonly scope: 'everything' | 'mine'
  readonly columns: readonly { readonly path: string; readonly hidden: boolean }[]
  readonly orderBy: { readonly path: string; readonly direction: 'ascending' | 'descending' }
  readonly soql: string
}

/** The rows that `SELECT … FROM ListView` finds. */
export function listViewRows(): Record<string, Scalar>[] {
  return LISTED.flatMap((object) => {
    const plural = object === 'Opportunity' ? 'Opportunities' : `${object}s`
    return ['All', 'My', 'RecentlyViewed'].map((kind) => ({
      Name: `${kind === 'RecentlyViewed' ? 'Recently Viewed' : kind} ${plural}`,
      DeveloperName: `${kind}${plural}`,
      SobjectType: object,
      IsSoqlCompatible: true,
    }))
  })
}

export function listViewsOf(org: Org, type: ObjectType): ListView[] {
  return [...org.rows.all('ListView')]
    .filter(({ values }) => values['SobjectType'] === type.name)
    .map(({ values }) => listView(values))
}

/** By id, for the resources of a view and for its plan. */
export function findListView(org: Org, id: string): ListView {
  const row = org.rows.find('ListView', id)
  if (row === undefined) throw refusal('INVALID_ID', `invalid list view id: ${id}`)
  return listView(row.values)
}

function listView(values: Values): ListView {
  const object = String(values['SobjectType'])
  const developerName = String(values['DeveloperName'])
  const isRecent = developerName.startsWith('RecentlyViewed')
  const scope = developerName.startsWith('My') ? 'mine' : 'everything'
  const shown = COLUMNS[object] ?? []
  const orderBy = isRecent
    ? ({ path: 'LastViewedDate', direction: 'descending' } as const)
    : ({ path: 'Name', direction: 'ascending' } as const)
  const paths = [...shown, ...HIDDEN, ...(isRecent ? ['LastViewedDate'] : [])]
  const columns = paths.map((path) => ({ path, hidden: !shown.includes(path) }))
  const order = isRecent ? 'LastViewedDate DESC NULLS LAST' : 'Name ASC NULLS FIRST'
  const soql = [
    `SELECT ${paths.join(', ')} FROM ${object}`,
    ...(scope === 'mine' ? ['USING SCOPE mine'] : []),
    ...(isRecent ? ['WHERE LastViewedDate != null'] : []),
    `ORDER BY ${order}, Id ASC NULLS FIRST`,
  ].join(' ')
  return {
    id: String(values['Id']),
    object,
    label: String(values['Name']),
    developerName,
    scope,
    columns,
    orderBy,
    soql,
  }
}
