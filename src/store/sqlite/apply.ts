/** Applies changes, in their order, inside the caller's transaction. Shared by reconcile and deliver. */
import type { Change } from '../change.ts'
import { LinkTaken, type Link, type LinkId } from '../links.ts'
import type { RecordRef } from '../records.ts'
import { isPair } from '../links.ts'
import type { Database } from './database.ts'
import { refuseOverruled } from './expectations.ts'
import { openLinkDrafts } from './link-drafts.ts'
import type { Tables } from './tables.ts'

type ReleaseWaiting = Extract<Change, { kind: 'release-waiting' }>
type AgreeRecord = Extract<Change, { kind: 'agree-record' }>

/** Returns the new epoch of every link that the changes touched: raised once per transaction, made as 1. */
export function applyChanges(
  database: Database,
  tables: Tables,
  changes: readonly Change[],
): ReadonlyMap<LinkId, number> {
  const { identity, records, dirty, edges, facts, intents, logs, conflicts, origins, setAside, streams } =
    tables
  refuseOverruled(tables, changes)
  const links = openLinkDrafts(database, linksIn(changes))
  const mark = dirty.marker()
  const waiting = edges.changes()
  const sweepOf = streams.sweeps()

  const awaited: Omit<ReleaseWaiting, 'kind'>[] = []
  /** The last word about each record: one that is made is noted first, and agreed on with what it became. */
  const agreed = new Map<string, AgreeRecord>()

  function release(target: Omit<ReleaseWaiting, 'kind'>): void {
    for (const link of waiting.take(target)) {
      const found = tables.links.find(link)
      const record = found && recordOf(found)
      if (record) mark({ mapping: found.mapping, record, reason: 'released', lane: 0, atMs: target.atMs })
    }
  }

  function hasPair({ targetMapping, side, target }: Omit<ReleaseWaiting, 'kind'>): boolean {
    const id = identity.resolve(targetMapping, side, [target]).get(target) ?? target
    const found = tables.links.ofRecords(targetMapping, side, [id]).get(id)
    return found !== undefined && isPair(found)
  }

  function apply(change: Change): void {
    switch (change.kind) {
      case 'expect':
        return
      case 'put-link':
        return links.put(change.link)
      case 'set-link':
        if (change.epoch !== undefined && intents.ofLinks([change.link]).has(change.link))
          throw new LinkTaken(change.link)
        return links.set(change)
      case 'set-base':
        return links.setBase(change)
      case 'close-intent':
        return links.touch(intents.close(change.intent))
      case 'agree-record':
        agreed.set(recordKey(change), change)
        return
      case 'forget-record':
        agreed.delete(recordKey(change))
        return records.forget(change.mapping, change.record)
      case 'put-alias':
        return identity.putAlias(change)
      case 'drop-alias':
        return identity.dropAlias(change.mapping, change.record)
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
      case 'unclaim':
        return dirty.unclaim(change.mapping, change.record)
      case 'await-targets':
        for (const edge of change.edges) awaited.push({ ...edge, atMs: change.atMs })
        return waiting.replace(change)
      case 'release-waiting':
        return release(change)
      case 'note-origins':
        return origins.put(change)
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
      case 'remember':
        return facts.put(change.key, change.value)
    }
  }

  for (const change of changes) apply(change)
  for (const { mapping, record, fingerprint, version } of agreed.values()) {
    const sweep = sweepOf({ mapping, side: record.side })
    records.agree(mapping, record, { fingerprint, version, sweep })
  }
  const epochs = links.finish()
  for (const edge of awaited) if (hasPair(edge)) release(edge)
  return epochs
}

function recordKey({ mapping, record }: Pick<AgreeRecord, 'mapping' | 'record'>): string {
  return `${mapping}/${record.side}/${record.id}`
}

/** Links that are named by their id and exist already. */
function linksIn(changes: readonly Change[]): readonly LinkId[] {
  const named = new Set<LinkId>()
  for (const change of changes) {
    if (change.kind === 'set-link' || change.kind === 'set-base') named.add(change.link)
  }
  for (const change of changes) if (change.kind === 'put-link') named.delete(change.link.id)
  return [...named]
}

/** The record by which a link is looked at: one is enough, the other is read along with it. */
export function recordOf(link: Link): RecordRef | null {
  if (link.left !== null) return { side: 'left', id: link.left }
  if (link.right !== null) return { side: 'right', id: link.right }
  return null
}
