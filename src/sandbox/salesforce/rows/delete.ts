/** The way into the recycle bin and out of it (Salesforce fact sheet 13.6, 20). */
import type { Org } from '../org.ts'
import { share } from '../../chance.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import { requireUnlocked } from './locks.ts'
import type { Row, Scalar } from './row-store.ts'
import { editStamps } from './store-row.ts'
import type { Transaction } from './transaction.ts'
import { indexKey } from './value-index.ts'

/** Deletes a record and what goes with it. `into`: the winner, when it is merged away. */
export function deleteRecord(
  transaction: Transaction,
  { type, row, into = null }: { type: ObjectType; row: Row; into?: string | null },
): void {
  const { org } = transaction
  if (!type.definition.traits.deletable) {
    throw refusal('INSUFFICIENT_ACCESS_OR_READONLY', 'entity type cannot be deleted', [])
  }
  org.rows.transact(() => {
    requireUnlocked(org, type, { row, next: row.values })
    if (into === null) requireNothingWon(org, type, row)
    if (!hasBin(type)) {
      removeRow(transaction, row)
      return
    }
    const group = `${transaction.key}/${row.id}`
    bin(transaction, row, { group, into })
    for (const child of cascade(org, type, row.id)) bin(transaction, child, { group, into: null })
  })
}

/** An account stays while it has won opportunities, whoever deletes it; as recorded of an administrator's Batch. */
function requireNothingWon(org: Org, type: ObjectType, { id, values }: Row): void {
  if (type.name !== 'Account' || !org.settings.wonHoldsAccount) return
  const won = [...org.rows.withValue('Opportunity', 'AccountId', indexKey(id))]
    .filter((each) => each.deletedAt === null && each.values['IsWon'] === true)
    .map((each) => String(each.values['Name']))
  if (won.length === 0) return
  throw refusal(
    'DELETE_FAILED',
    `Your attempt to delete ${String(values['Name'])} could not be completed because some opportunities in that account were closed won. The opportunities that could not be deleted are shown below.: ${won.toSorted().join(', ')}\n`,
  )
}

/** Objects without `IsDeleted` have no recycle bin. */
function hasBin(type: ObjectType): boolean {
  return type.byName.has('isdeleted')
}

/** Everything below a record that is deleted with it, each once. */
function cascade(org: Org, type: ObjectType, id: string, found = new Map<string, Row>()): Iterable<Row> {
  for (const { child, field, cascadeDelete } of org.schema.childrenOf(type)) {
    if (!cascadeDelete) continue
    for (const row of org.rows.withValue(child.name, field.name, indexKey(id))) {
      if (row.deletedAt !== null || found.has(row.id)) continue
      found.set(row.id, row)
      cascade(org, child, row.id, found)
    }
  }
  return found.values()
}

function bin(
  transaction: Transaction,
  row: Row,
  { group, into }: { group: string; into: string | null },
): void {
  const { org, actor } = transaction
  const before = row.values
  const now = org.now()
  const merged: Record<string, Scalar> = into === null ? {} : { MasterRecordId: into }
  org.rows.replace(row, {
    ...before,
    IsDeleted: true,
    ...merged,
    ...editStamps(org, actor.userId),
  })
  org.rows.mark(row, now, group)
  transaction.note({ row, kind: 'DELETE', before })
  org.rows.afterCommit(() => {
    // The log can lose entries (12).
    if (share(org.seed, 'delete log', row.id, now) >= org.settings.deleteLogLosses) {
      org.deleteLog.add({ id: row.id, object: row.object, at: now })
    }
    if (!org.chores.has('purge')) org.chores.add(now + org.settings.binMs, { kind: 'purge' })
  })
}

/** Gone without a trace: no event, nothing in the delete log that was not there before (20). */
export function purgeRow(org: Org, row: Row): void {
  org.rows.remove(row)
}

/** For rows that have no bin. */
function removeRow(transaction: Transaction, row: Row): void {
  transaction.org.rows.remove(row)
  transaction.note({ row, kind: 'DELETE', before: row.values })
}

/** The bin lets go of what has been there long enough. */
export function purgeExpired(org: Org): void {
  const { binMs } = org.settings
  const horizon = org.now() - binMs
  let next = Number.POSITIVE_INFINITY
  for (const object of org.rows.objects()) {
    for (const row of org.rows.all(object)) {
      if (row.deletedAt === null) continue
      if (row.deletedAt <= horizon) purgeRow(org, row)
      else next = Math.min(next, row.deletedAt + binMs)
    }
  }
  if (next !== Number.POSITIVE_INFINITY) org.chores.add(next, { kind: 'purge' })
}

/** The same id, readable again, with everything that was deleted with it. */
export function undeleteRecord(transaction: Transaction, type: ObjectType, row: Row): void {
  const { org, actor } = transaction
  if (row.deletedAt === null) throw refusal('UNDELETE_FAILED', 'Entity is not in the recycle bin', [])
  if (!type.definition.traits.undeletable)
    throw refusal('UNDELETE_FAILED', 'entity type cannot be undeleted', [])
  const group = row.deletedWith
  // A loser of a merge comes back alone: its children have moved on (20).
  const withIt = row.values['MasterRecordId'] === undefined ? rowsOfGroup(org, group) : [row]
  for (const each of withIt) {
    const before = each.values
    const { MasterRecordId: _master, ...kept } = before
    org.rows.replace(each, { ...kept, IsDeleted: false, ...editStamps(org, actor.userId) })
    org.rows.mark(each, null, null)
    transaction.note({ row: each, kind: 'UNDELETE', before })
    org.rows.afterCommit(() => org.deleteLog.forget(each.id))
  }
}

function rowsOfGroup(org: Org, group: string | null): Row[] {
  return [...org.rows.objects()].flatMap((object) =>
    [...org.rows.all(object)].filter((row) => row.deletedAt !== null && row.deletedWith === group),
  )
}
