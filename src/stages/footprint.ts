/** What a run did to each link, from its journal: everything that taking it back has to look at. Pure. */
import type { Both, RecordId, Side } from '../core/record.ts'
import type { Written } from '../core/undo.ts'
import type { Canonical } from '../core/value.ts'
import type { LinkId } from '../store/links.ts'
import type { JournalEntry } from '../store/writes.ts'
import { identityIn, type Identity } from './link-changes.ts'

export interface Footprint {
  readonly link: LinkId
  readonly mapping: string
  readonly sides: Both<SideFootprint>
  /** What happened to the link itself, newest first. */
  readonly steps: readonly LinkStep[]
}

export interface SideFootprint {
  /** The record that the run wrote to last. */
  readonly record: RecordId | null
  /** Field key → its writes, newest first. Empty where the run made the record. */
  readonly writes: ReadonlyMap<string, readonly Written[]>
  readonly created: {
    readonly record: RecordId
    /** As the run left it, where the vendor told. */
    readonly version: string | null
    readonly left: Readonly<Record<string, Canonical>>
  } | null
  readonly removed: {
    readonly record: RecordId
    /** What it held. */
    readonly image: Readonly<Record<string, Canonical>>
  } | null
}

export interface LinkStep {
  readonly kind: 'link' | 'unlink' | 'relink'
  readonly because: string
  /** Null where there was no link. */
  readonly before: Identity | null
  readonly after: Identity | null
}

/** One per link, the link that was written to last first; `journal` newest first. */
export function footprintsOf(journal: readonly JournalEntry[]): readonly Footprint[] {
  const ofLinks = journal.filter(({ kind }) => kind !== 'apart' && kind !== 'release')
  return [...Map.groupBy(ofLinks, ({ link }) => link)].map(([link, entries]) => ({
    link,
    mapping: entries[0]?.mapping ?? '',
    sides: { left: sideOf(entries, 'left'), right: sideOf(entries, 'right') },
    steps: entries.flatMap(stepOf),
  }))
}

function stepOf({ kind, before, after, cause }: JournalEntry): LinkStep[] {
  if (kind !== 'link' && kind !== 'unlink' && kind !== 'relink') return []
  const because = typeof cause === 'string' ? cause : ''
  return [{ kind, because, before: identityIn(before), after: identityIn(after) }]
}

function sideOf(entries: readonly JournalEntry[], side: Side): SideFootprint {
  const writes = new Map<string, Written[]>()
  let record: RecordId | null = null
  let version: string | null = null
  let removed: SideFootprint['removed'] = null
  for (const entry of entries) {
    if (entry.side !== side || entry.record === null) continue
    switch (entry.kind) {
      case 'update':
      case 'associate':
        for (const [key, after] of Object.entries(entry.after)) {
          writes.set(key, [...(writes.get(key) ?? []), { before: entry.before[key] ?? null, after }])
        }
        break
      case 'remove':
        removed = { record: entry.record, image: entry.before }
        break
      case 'create': {
        // Made and taken away within the run: nothing of it is left, and nothing was there before.
        if (removed) return { record: null, writes: new Map(), created: null, removed: null }
        const newest = [...writes].map(([key, [last]]) => [key, last?.after ?? null] as const)
        const left = { ...entry.after, ...Object.fromEntries(newest) }
        const created = { record: entry.record, version: version ?? entry.version, left }
        return { record: entry.record, writes: new Map(), created, removed: null }
      }
      case 'link':
      case 'unlink':
      case 'relink':
      case 'apart':
      case 'release':
        continue
    }
    record ??= entry.record
    version ??= entry.version
  }
  return { record, writes, created: null, removed }
}
