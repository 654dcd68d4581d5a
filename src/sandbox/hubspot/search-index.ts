/**
 * The search index: a delayed view of the records. Each of two replicas receives every change after a delay
 * of its own, and each request is answered by one of them, so that identical searches can differ until both
 * have caught up (observed: of 54 identical searches without a write in between, 27 got another answer).
 */
import { between } from '../chance.ts'
import { DueQueue, type Due } from '../due-queue.ts'
import type { StoredRecord, Values } from './record-store.ts'

/** A record as the index knows it. */
export interface IndexedRecord {
  readonly id: string
  readonly serial: number
  readonly createdAt: number
  readonly values: Values
  readonly revision: number
}

/** `record` null: remove it. */
interface Change {
  readonly typeId: string
  readonly id: string
  readonly revision: number
  readonly record: IndexedRecord | null
}

type FindRecord = (typeId: string, id: string) => StoredRecord | undefined

export const REPLICAS = 2

/** Sorted hits remembered per replica; a paging client asks for the same query again and again. */
const QUERIES_MAX = 32

export class SearchIndex {
  private readonly replicas = Array.from({ length: REPLICAS }, () => new Replica())

  /** Tells the index that a record changed, or (`values` null) that it is gone. */
  notice(
    record: StoredRecord,
    options: { values: Values | null; now: number; lagMs: readonly [number, number]; seed: number },
  ): void {
    const { id, revision, typeId } = record
    const indexed = options.values && indexedRecord(record, options.values, revision)
    for (const [number, replica] of this.replicas.entries()) {
      const lag = between(options.lagMs, options.seed, 'lag', number, id, revision)
      replica.queue({ typeId, id, revision, record: indexed }, options.now + lag, options.now)
    }
  }

  replica(number: number): Replica {
    return this.replicas[number % REPLICAS] as Replica
  }

  /** What is as in the store is saved by reference. */
  save(find: FindRecord): unknown {
    return this.replicas.map((replica) => replica.save(find))
  }

  load(saved: unknown, find: FindRecord): void {
    const states = saved as unknown[]
    for (const [number, replica] of this.replicas.entries()) replica.load(states[number], find)
  }
}

class Replica {
  private readonly types = new Map<string, Map<string, IndexedRecord>>()
  private readonly removed = new Map<string, number>()
  private readonly pending = new DueQueue<Change>()
  private readonly versions = new Map<string, number>()
  private readonly queries = new Map<string, { version: number; hits: readonly IndexedRecord[] }>()

  queue(change: Change, dueAt: number, now: number): void {
    if (dueAt <= now && this.pending.size === 0) this.apply(change)
    else this.pending.add(dueAt, change)
    // Nobody may ever search: do not let the queue grow without bound.
    if (this.pending.size % 4_096 === 0) this.catchUp(now)
  }

  /** Receives everything that is due. */
  catchUp(now: number): void {
    for (let next = this.pending.takeDue(now); next; next = this.pending.takeDue(now)) {
      this.apply(next.item)
    }
  }

  records(typeId: string): Iterable<IndexedRecord> {
    return this.types.get(typeId)?.values() ?? []
  }

  /** The sorted hits of a query, computed once until the view of this type changes. */
  hits(typeId: string, query: string, compute: () => readonly IndexedRecord[]): readonly IndexedRecord[] {
    const version = this.versions.get(typeId) ?? 0
    const kept = this.queries.get(query)
    if (kept?.version === version) return kept.hits
    const hits = compute()
    this.queries.delete(query)
    this.queries.set(query, { version, hits })
    if (this.queries.size > QUERIES_MAX) {
      for (const oldest of this.queries.keys()) {
        this.queries.delete(oldest)
        break
      }
    }
    return hits
  }

  save(find: FindRecord): unknown {
    const records = [...this.types].map(([typeId, held]) => [
      typeId,
      [...held.values()].map((indexed) => {
        const stored = find(typeId, indexed.id)
        return stored?.values === indexed.values ? [indexed.id, indexed.revision] : indexed
      }),
    ])
    return { records, removed: [...this.removed], pending: this.pending.toArray() }
  }

  load(saved: unknown, find: FindRecord): void {
    const state = saved as {
      records: [string, (IndexedRecord | [string, number])[]][]
      removed: [string, number][]
      pending: readonly Due<Change>[]
    }
    this.types.clear()
    this.removed.clear()
    this.queries.clear()
    for (const [typeId, held] of state.records) {
      const records = new Map<string, IndexedRecord>()
      for (const entry of held) {
        if (!Array.isArray(entry)) records.set(entry.id, entry)
        else {
          const [id, revision] = entry
          const stored = find(typeId, id)
          if (stored) records.set(id, indexedRecord(stored, stored.values, revision))
        }
      }
      this.types.set(typeId, records)
      this.versions.set(typeId, (this.versions.get(typeId) ?? 0) + 1)
    }
    for (const [record, revision] of state.removed) this.removed.set(record, revision)
    this.pending.load(state.pending)
  }

  /** Changes can overtake each other; an older one than what is known is dropped. */
  private apply(change: Change): void {
    const held = this.types.get(change.typeId) ?? new Map<string, IndexedRecord>()
    this.types.set(change.typeId, held)
    const key = `${change.typeId}/${change.id}`
    const known = held.get(change.id)?.revision ?? this.removed.get(key) ?? -1
    if (known >= change.revision) return
    if (change.record === null) {
      held.delete(change.id)
      this.removed.set(key, change.revision)
    } else {
      held.set(change.id, change.record)
      this.removed.delete(key)
    }
    this.versions.set(change.typeId, (this.versions.get(change.typeId) ?? 0) + 1)
  }
}

function indexedRecord(record: StoredRecord, values: Values, revision: number): IndexedRecord {
  return { id: record.id, serial: record.serial, createdAt: record.createdAt, values, revision }
}
