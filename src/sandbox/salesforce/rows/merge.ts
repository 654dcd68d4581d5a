/** Merging records: SOAP, Apex and the user interface only (Salesforce fact sheet 20). */
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import { writeRecord } from './commit.ts'
import { liveRows } from './consequences.ts'
import { deleteRecord } from './delete.ts'
import type { Row } from './row-store.ts'
import { changeRow, editStamps } from './store-row.ts'
import type { Transaction } from './transaction.ts'

/** Records in one merge, the winner included. */
const MERGE_MAX = 3

/**
 * The winner stays with the values given, the losers go to the bin with `MasterRecordId`, and what pointed to them
 * points to the winner. Nothing fills the winner's blanks: the user interface asks, an API client decides itself.
 */
export function mergeRecords(
  transaction: Transaction,
  options: {
    readonly type: ObjectType
    readonly master: Row
    readonly losers: readonly Row[]
    readonly values?: Readonly<Record<string, unknown>>
  },
): Row {
  const { type, master, losers, values = {} } = options
  if (!type.definition.traits.mergeable) {
    throw refusal('INVALID_OPERATION', `${type.name} records cannot be merged`)
  }
  if (losers.length === 0 || losers.length >= MERGE_MAX || losers.some(({ id }) => id === master.id)) {
    throw refusal('INVALID_OPERATION', `Between one and ${MERGE_MAX - 1} other records can be merged`)
  }
  if ([master, ...losers].some(({ values: held }) => held['IsConverted'] === true)) {
    throw refusal('CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', [])
  }
  for (const loser of losers) {
    adoptChildren(transaction, type, { from: loser.id, to: master.id })
    deleteRecord(transaction, { type, row: loser, into: master.id })
  }
  // The winner is updated even when nothing about it changes.
  writeRecord(transaction, { type, row: master, body: values })
  return master
}

/** Children move to the winner; their stamps move with them. */
function adoptChildren(
  transaction: Transaction,
  type: ObjectType,
  { from, to }: { from: string; to: string },
): void {
  const { org, actor } = transaction
  for (const { child, field } of org.schema.childrenOf(type)) {
    if (field.name === 'MasterRecordId') continue
    for (const row of liveRows(org, child.name, field.name, from)) {
      // The winner itself may have pointed to the loser.
      if (row.id === to || (child.name === 'OpportunityContactRole' && isTaken(org, row, to))) continue
      const values = { ...row.values, [field.name]: to, ...editStamps(org, actor.userId) }
      changeRow(transaction, row, { values })
    }
  }
}

/** The winner takes part in that deal already: the loser's role goes with the loser. */
function isTaken(org: Org, role: Row, contact: string): boolean {
  return liveRows(org, role.object, 'OpportunityId', String(role.values['OpportunityId'])).some(
    ({ values }) => values['ContactId'] === contact && values['Role'] === role.values['Role'],
  )
}
