/**
 * A transaction: everything one call, one chunk of a job or one click of a person changes. Its change events come
 * when it has committed, one per row with the final values (Salesforce fact sheet 21).
 */
import type { Actor } from '../actor.ts'
import { between } from '../../chance.ts'
import type { Org } from '../org.ts'
import type { Row, Values } from './row-store.ts'

export type ChangeKind = 'CREATE' | 'UPDATE' | 'DELETE' | 'UNDELETE'

export interface Change {
  readonly row: Row
  readonly kind: ChangeKind
  /** Before the transaction; null for a new row. */
  readonly before: Values | null
  /** Changed past everything that could say what changed. */
  readonly isUntold?: boolean
}

export class Transaction {
  readonly org: Org
  readonly actor: Actor
  /** As events name it. */
  readonly key: string
  /** When it commits, if that is later than now. */
  readonly until: number | null
  private changes: Change[] = []
  /** By row id: the place in the list above. */
  private readonly places = new Map<string, number>()

  constructor(org: Org, actor: Actor) {
    this.org = org
    this.actor = actor
    const number = ++org.counters.transaction
    this.key = `0002${number.toString(16).padStart(8, '0')}-5b7c-${(org.seed & 0xffff).toString(16).padStart(4, '0')}`
    const delayMs =
      actor.kind === 'person' ? between(org.settings.commitDelayMs, org.seed, 'commit', number) : 0
    this.until = delayMs > 0 ? org.now() + delayMs : null
  }

  /** Notes what happened to a row; several changes of one row become one. */
  note(change: Change): void {
    const { row } = change
    const place = this.places.get(row.id)
    const earlier = place === undefined ? undefined : this.changes[place]
    if (earlier === undefined || place === undefined) {
      this.places.set(row.id, this.changes.length)
      this.changes.push(change)
      this.org.rows.onRollback(() => {
        this.places.delete(row.id)
        this.changes = this.changes.filter((each) => each !== change)
        for (const [index, each] of this.changes.entries()) this.places.set(each.row.id, index)
      })
      return
    }
    const merged = {
      row,
      before: earlier.before,
      kind: earlier.kind === 'CREATE' ? earlier.kind : change.kind,
    }
    this.changes[place] = merged
    this.org.rows.onRollback(() => (this.changes[place] = earlier))
  }

  list(): readonly Change[] {
    return this.changes
  }
}

/** Runs a transaction; when `work` throws, nothing has happened. */
export function inTransaction<T>(org: Org, actor: Actor, work: (transaction: Transaction) => T): T {
  return org.rows.transact(() => {
    const transaction = new Transaction(org, actor)
    const result = work(transaction)
    commit(org, transaction)
    return result
  })
}

function commit(org: Org, transaction: Transaction): void {
  const { until, key } = transaction
  const changes = transaction.list()
  if (until === null) {
    org.rows.afterCommit(() => {
      org.events.publish(org, transaction, changes)
      org.channels.publish(org, changes)
    })
    return
  }
  for (const { row, before } of changes) org.rows.hold(row, until, before)
  org.rows.afterCommit(() => {
    org.events.hold(org, transaction, changes)
    org.channels.hold(org, transaction, changes)
    org.chores.add(until, { kind: 'commit', transaction: key })
  })
}
