/** Storing a prepared write: stamps, ids, and what follows from it in the same transaction. */
import type { Actor } from '../actor.ts'
import { followWrite } from './consequences.ts'
import { requireUnlocked } from './locks.ts'
import { prepareWrite, type Draft } from './prepare.ts'
import type { Row } from './row-store.ts'
import { changeRow, editStamps, insertRow } from './store-row.ts'
import type { Transaction } from './transaction.ts'
import type { ObjectType } from '../schema/object-type.ts'

export interface Written {
  readonly row: Row
  readonly created: boolean
}

/** Creates or updates one record; all or nothing, whatever else the transaction does. */
export function writeRecord(
  transaction: Transaction,
  options: {
    readonly type: ObjectType
    readonly row: Row | null
    readonly body: Readonly<Record<string, unknown>>
    /** Whose rights count, if not those of the transaction's actor. */
    readonly as?: Actor
  },
): Written {
  const { org } = transaction
  const { as: actor = transaction.actor, ...write } = options
  return org.rows.transact(() => {
    const draft = prepareWrite(org, { ...write, actor })
    return store(transaction, draft)
  })
}

function store(transaction: Transaction, draft: Draft): Written {
  const { org, actor } = transaction
  const { type, row } = draft.intent
  requireUnlocked(org, type, { row, next: draft.next })
  const before = row?.values ?? null
  const stored =
    row === null
      ? insertRow(transaction, type, draft.next)
      : // A save with equal values counts as an edit all the same: stamps move, events follow (13.2).
        changeRow(transaction, row, { values: { ...draft.next, ...editStamps(org, actor.userId) } })
  followWrite(transaction, { type, row: stored, before, draft })
  return { row: stored, created: row === null }
}
