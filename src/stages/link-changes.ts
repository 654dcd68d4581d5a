/** Small parts of store changes that every stage writing links needs. */
import type { RecordId, Side } from '../core/record.ts'
import type { Change, Link } from '../store/store.ts'
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

/** Why a pair was made, moved or dissolved, for `explain`. */
export function linkJournal(
  engine: Engine,
  mapping: MappingRuntime,
  entry: {
    readonly link: Pick<Link, 'id'>
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
      before: {},
      after: {},
      cause: entry.because,
      version: null,
      atMs: engine.runtime.now(),
    },
  }
}
