/** Applies changes, in their order, inside the caller's transaction. Shared by reconcile and deliver. */
import type { Change, Link, LinkId, RecordRef } from '../store.ts'
import type { Tables } from './tables.ts'

/** Returns the new epoch of every link that the changes touched: raised once per transaction, made as 1. */
export function applyChanges(tables: Tables, changes: readonly Change[]): ReadonlyMap<LinkId, number> {
  const { links, identity, records, dirty, edges, intents, logs, conflicts, setAside } = tables
  const epochs = new Map<LinkId, number>()
  const mark = dirty.marker()

  function touch(link: LinkId): void {
    if (!epochs.has(link)) epochs.set(link, links.raiseEpoch(link))
  }

  function apply(change: Change): void {
    switch (change.kind) {
      case 'put-link':
        links.put(change.link)
        epochs.set(change.link.id, 1)
        return
      case 'set-link':
        touch(change.link)
        return links.set(change)
      case 'set-base':
        touch(change.link)
        return links.setBase(change)
      case 'close-intent':
        return touch(intents.close(change.intent))
      case 'agree-record':
        return records.agree(change.mapping, change.record, change)
      case 'forget-record':
        return records.forget(change.mapping, change.record)
      case 'put-alias':
        return identity.putAlias(change)
      case 'suppress':
        return identity.suppress(change)
      case 'release':
        return identity.release(change.mapping, change.record)
      case 'mark':
        return mark(change)
      case 'settle':
        return dirty.settle(change.mapping, change.record, change.seq)
      case 'postpone':
        return dirty.postpone(change.mapping, change.record, change.dueMs)
      case 'await-targets':
        return edges.replace(change)
      case 'release-waiting':
        for (const waiting of edges.take(change)) {
          const found = links.find(waiting)
          const record = found && recordOf(found)
          if (!record) continue
          mark({ mapping: found.mapping, record, reason: 'released', lane: 0, atMs: change.atMs })
        }
        return
      case 'open-conflict':
        return conflicts.open(change.conflict)
      case 'close-conflict':
        return conflicts.close(change)
      case 'put-review':
        return setAside.putReview(change.review)
      case 'drop-review':
        return setAside.dropReview(change.mapping, change.record)
      case 'quarantine':
        return setAside.quarantine(change.entry)
      case 'heal':
        return setAside.heal(change.mapping, change.record)
      case 'journal':
        return logs.appendWrite(change.entry)
      case 'log':
        logs.appendChange(change.change)
        return
    }
  }

  for (const change of changes) apply(change)
  return epochs
}

/** The record by which a link is looked at: one is enough, the other is read along with it. */
export function recordOf(link: Link): RecordRef | null {
  if (link.left !== null) return { side: 'left', id: link.left }
  if (link.right !== null) return { side: 'right', id: link.right }
  return null
}
