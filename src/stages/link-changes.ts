/** Small parts of store changes that every stage writing links needs. */
import type { RecordId, Side } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Change } from '../store/change.ts'
import type { Link, LinkState } from '../store/links.ts'
import type { JournalEntry } from '../store/writes.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** The id of one side of a link, for `set-link`. */
export function idOn(
  side: Side,
  id: RecordId | null,
): { left: RecordId | null } | { right: RecordId | null } {
  return side === 'left' ? { left: id } : { right: id }
}

/**
 * Makes a record known that no listing has shown yet, so that a later one misses it when it is gone. Nothing is
 * agreed about it: no listing has an empty fingerprint.
 */
export function noteRecord(mapping: MappingRuntime, side: Side, id: RecordId): Change {
  const record = { side, id }
  return { kind: 'agree-record', mapping: mapping.rules.mapping, record, fingerprint: '', version: null }
}

/** What makes a link stand for its records. */
export type Identity = Pick<Link, 'left' | 'right' | 'state'>

/** Why a pair was made, moved or dissolved, for `explain`, and from what to what, for `undo`. */
export function linkJournal(
  engine: Engine,
  mapping: MappingRuntime,
  entry: {
    readonly link: Pick<Link, 'id'>
    /** Null where the link is made by this very step. */
    readonly from: Identity | null
    readonly to: Identity
    readonly kind: 'link' | 'unlink' | 'relink'
    readonly side: Side
    readonly record: RecordId | null
    readonly because: string
  },
): Change {
  return {
    kind: 'journal',
    entry: {
      run: engine.run,
      link: entry.link.id,
      mapping: mapping.rules.mapping,
      side: entry.side,
      kind: entry.kind,
      record: entry.record,
      before: entry.from ? { ...identityOf(entry.from) } : {},
      after: { ...identityOf(entry.to) },
      cause: entry.because,
      version: null,
      atMs: engine.runtime.now(),
    },
  }
}

function identityOf({ left, right, state }: Identity): Identity {
  return { left, right, state }
}

const STATES: readonly LinkState[] = ['half', 'live', 'paused', 'unlinked', 'tomb']

/** The link as one side of such a journal entry has it; null where there was none. */
export function identityIn({ left = null, right = null, state }: JournalEntry['before']): Identity | null {
  const known = STATES.find((each) => each === state)
  if (known === undefined) return null
  const id = (value: Canonical) => (typeof value === 'string' ? value : null)
  return { left: id(left), right: id(right), state: known }
}

/** A link's step from what it is to `to`, with its place in the journal. */
export function stepLink(
  engine: Engine,
  mapping: MappingRuntime,
  step: {
    readonly link: Identity & Pick<Link, 'id'>
    readonly to: Partial<Identity>
    readonly kind: 'link' | 'unlink' | 'relink'
    readonly side: Side
    readonly record: RecordId | null
    readonly because: string
  },
): readonly Change[] {
  const { link, to, kind, side, record, because } = step
  return [
    { kind: 'set-link', link: link.id, ...to },
    linkJournal(engine, mapping, { link, from: link, to: { ...link, ...to }, kind, side, record, because }),
  ]
}
