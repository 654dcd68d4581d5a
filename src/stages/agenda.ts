/**
 * What is left of a plan while it is carried out: which operations are still open, and which decision of now is one
 * of them, on the same grounds.
 */
import { otherSide } from '../core/record.ts'
import { canonicalText } from '../core/value.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { JournalEntry } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { item, refsOf, unitsOf, type Item } from './agenda-items.ts'
import { identityIn } from './link-changes.ts'
import { planNames } from './plan-names.ts'
import {
  differenceBetween,
  plannedLink,
  plannedWrite,
  type OperationOutcome,
  type PlannedConflict,
  type PlannedLink,
  type PlannedOperations,
  type PlannedWrite,
} from './planned.ts'
import type { Pair, Task, Write } from './work.ts'

export type Agenda = ReturnType<typeof openAgenda>

export function openAgenda(planned: PlannedOperations) {
  const writes = planned.writes.map(item)
  const links = planned.links.map(item)
  const names = planNames(planned.writes)
  const byRecord = Map.groupBy(writes, ({ operation }) => writeKey(operation))
  const byPair = new Map(links.map((each) => [pairKey(each.operation), each]))
  const byRef = Map.groupBy(
    writes.flatMap((found) => refsOf(found.operation).map((ref) => ({ found, ref }))),
    ({ found, ref }) => refKeyOf(found.operation.mapping, ref),
  )
  const asked = new Set(planned.conflicts.map(conflictKey))
  const units = unitsOf(planned, links, writes)
  const sending = new Map<string, Item<PlannedWrite>>()

  /** The operation that this write is, on the same grounds; what speaks against it is noted with the operation. */
  function matching(engine: Engine, mapping: MappingRuntime, write: Write): Item<PlannedWrite> | null {
    const key = writeKey(plannedWrite(engine, mapping, write, names))
    const found = byRecord.get(key)?.find(({ state }) => state === 'open')
    if (!found) return null
    const { left, right } = { left: null, right: null }
    // A pair that the plan makes has an id of its own here; the operation says which one it is.
    if (write.kind === 'create') names.learn(mapping, found.operation.link, { id: write.link, left, right })
    const difference = differenceBetween(found.operation, plannedWrite(engine, mapping, write, names))
    if (difference !== null) found.because = difference
    return difference === null ? found : null
  }

  return {
    /**
     * Records of open operations, as far as they exist, about `limit` of them; none when every open operation was
     * looked at since `reopen`.
     */
    next(mapping: string, limit: number): readonly RecordRef[] {
      const refs = new Map<string, RecordRef>()
      for (const unit of units.get(mapping) ?? []) {
        if (refs.size >= limit) break
        if (unit.isVisited || unit.item?.state === 'sending' || unit.item?.state === 'applied') continue
        unit.isVisited = true
        for (const ref of unit.refs) if (!ref.id.startsWith('$')) refs.set(`${ref.side}/${ref.id}`, ref)
      }
      return [...refs.values()]
    },

    /** A record that the plan creates may have been made for this task: writes to it are recognised from now on. */
    refresh(mapping: MappingRuntime, task: Task): void {
      names.refresh(mapping, task.link)
    },

    /** Whether this write is an open operation. */
    holds(engine: Engine, mapping: MappingRuntime, write: Write): boolean {
      return matching(engine, mapping, write) !== null
    },

    /** The same, and the operation is under way from now on. */
    take(engine: Engine, mapping: MappingRuntime, write: Write): boolean {
      const found = matching(engine, mapping, write)
      if (!found) return false
      found.state = 'sending'
      sending.set(write.id, found)
      return true
    },

    /** Whether the plan makes this pair; then its name is known from now on. */
    links(mapping: MappingRuntime, pair: Pair): boolean {
      const now = plannedLink(mapping, pair)
      const found = byPair.get(pairKey(now))
      if (!found) return false
      if (found.operation.guard !== now.guard) {
        found.because = 'the rules changed since the plan was made'
        return false
      }
      names.learn(mapping, found.operation.link, { id: now.link, left: now.left, right: now.right })
      return true
    },

    /** Whether the plan says that this conflict would be opened, on the same values. */
    asks(conflict: Omit<PlannedConflict, 'link' | 'rule' | 'because'>): boolean {
      return asked.has(conflictKey(conflict))
    },

    /** The CRM did not take a write that was under way. */
    refused(write: Write, because: string): void {
      const found = sending.get(write.id)
      if (!found) return
      found.failed = true
      found.because = because
    },

    /** What was under way and did not arrive is open again. */
    reopen(): void {
      for (const found of sending.values()) if (found.state === 'sending') found.state = 'open'
      sending.clear()
      // A conflict is asked once; nothing of it is sent that might not arrive.
      for (const unit of [...units.values()].flat()) unit.isVisited = unit.item === null
    },

    /** Why open operations on this record are not decided like that now, where nothing better is known. */
    explain(mapping: string, record: RecordRef, because: (field: string | undefined) => string): void {
      for (const { found } of byRef.get(refKeyOf(mapping, record)) ?? []) {
        if (found.state !== 'open' || found.because !== '') continue
        found.because = because(found.operation.fields[0]?.field)
      }
    },

    /** Settles what the journal has, oldest first. Returns how many operations that were. */
    note(
      mapping: MappingRuntime,
      entries: readonly { readonly entry: JournalEntry; readonly link: Link }[],
    ): number {
      let settled = 0
      for (const { entry, link } of entries) {
        const found = entry.kind === 'link' ? pairIn(entry) : writeIn(mapping, entry, link)
        if (!found || found.state === 'applied') continue
        found.state = 'applied'
        settled += 1
        names.learn(mapping, found.operation.link, link)
      }
      return settled
    },

    /** Operations that are applied or under way. */
    underWay(): number {
      return [...links, ...writes].filter(({ state }) => state !== 'open').length
    },

    outcomes(): readonly OperationOutcome[] {
      return [...links, ...writes].map(({ operation, state, failed, because }) => {
        if (state === 'applied') return { operation, outcome: 'applied', because: '' }
        return { operation, outcome: failed ? 'failed' : 'stale', because: because || NOT_DECIDED }
      })
    },
  }

  function pairIn({ mapping, after }: JournalEntry): Item<PlannedLink> | undefined {
    const { left, right } = identityIn(after) ?? { left: null, right: null }
    return byPair.get(pairKey({ mapping, left: left ?? '', right: right ?? '' }))
  }

  function writeIn(mapping: MappingRuntime, entry: JournalEntry, link: Link): Item<PlannedWrite> | undefined {
    const { side, kind } = entry
    const far = otherSide(side)
    const { object } = mapping.rules
    const key = writeKey({
      mapping: entry.mapping,
      side,
      kind: kind as PlannedWrite['kind'],
      record: names.record(side, object[side], entry.record ?? ''),
      source: names.record(far, object[far], link[far] ?? ''),
    })
    const written = Object.keys(kind === 'remove' ? entry.before : entry.after)
    return byRecord
      .get(key)
      ?.find(({ operation, state }) => state !== 'applied' && isSameSet(fieldsOf(operation), written))
  }
}

const NOT_DECIDED = 'the engine would not do this any more: its records changed, were linked or are gone'

/** A record that is to be created is known by the one that it is made for. */
function writeKey(write: Pick<PlannedWrite, 'mapping' | 'side' | 'kind' | 'record' | 'source'>): string {
  const { mapping, side, kind, record, source } = write
  return `${mapping} ${side} ${kind} ${kind === 'create' ? source : record}`
}

function pairKey({ mapping, left, right }: Pick<PlannedLink, 'mapping' | 'left' | 'right'>): string {
  return `${mapping} ${left} ${right}`
}

function conflictKey(conflict: Omit<PlannedConflict, 'link' | 'rule' | 'because'>): string {
  const { mapping, leftRecord, rightRecord, field, left, right } = conflict
  return `${mapping} ${leftRecord} ${rightRecord} ${field} ${canonicalText([left, right])}`
}

function refKeyOf(mapping: string, { side, id }: RecordRef): string {
  return `${mapping}/${side}/${id}`
}

function fieldsOf({ fields }: PlannedWrite): readonly string[] {
  return fields.map(({ field }) => field)
}

function isSameSet(some: readonly string[], others: readonly string[]): boolean {
  return some.toSorted().join('\n') === others.toSorted().join('\n')
}
