/** How rows change: values as a whole, stamps moved, the transaction told. */
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import type { Row, Scalar, Values } from './row-store.ts'
import { systemValues } from './system-values.ts'
import type { Transaction } from './transaction.ts'

/** Puts a new row into the org; `next` has every value but those of the platform. */
export function insertRow(
  transaction: Transaction,
  type: ObjectType,
  next: Readonly<Record<string, Scalar>>,
): Row {
  const { org, actor } = transaction
  const id = org.ids.next(type.definition.keyPrefix)
  const extras: Record<string, Scalar> = {}
  if (type.byName.has('isdeleted')) extras['IsDeleted'] = false
  if (type.byName.has('photourl')) extras['PhotoUrl'] = `/services/images/photo/${id}`
  const row: Row = {
    id,
    object: type.name,
    values: { ...systemValues(org, id, actor.userId), ...extras, ...next },
    deletedAt: null,
    deletedWith: null,
    pending: null,
  }
  org.rows.insert(row)
  transaction.note({ row, kind: 'CREATE', before: null })
  return row
}

/** New values of a row, stamps included. */
export function changeRow(transaction: Transaction, row: Row, { values }: { values: Values }): Row {
  const before = row.values
  transaction.org.rows.replace(row, values)
  transaction.note({ row, kind: 'UPDATE', before })
  return row
}

/** Directly in the database: no stamp moves, and whoever listens is told that something happened and not what (21.1). */
export function archiveRow(transaction: Transaction, row: Row): void {
  const before = row.values
  transaction.org.rows.replace(row, { ...before, IsArchived: true })
  transaction.note({ row, kind: 'UPDATE', before, isUntold: true })
}

export function editStamps(org: Org, userId: string): Record<string, Scalar> {
  const now = org.stamp()
  return { LastModifiedDate: now, LastModifiedById: userId, SystemModstamp: now }
}

/** A change that the platform makes by itself: the system stamp moves, the user's does not (11). */
export function touchRow(
  transaction: Transaction,
  row: Row,
  changes: Readonly<Record<string, Scalar>>,
): void {
  const values = { ...row.values, ...changes, SystemModstamp: transaction.org.stamp() }
  changeRow(transaction, row, { values })
}
