/** Small parts of store changes that every stage writing links needs. */
import type { RecordId, Side } from '../core/record.ts'
import type { Change, Link } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'

/** The id of one side of a link, for `set-link`. */
export function idOn(side: Side, id: RecordId | null): { left: RecordId | null } | { right: RecordId | null } {
  return side === 'left' ? { left: id } : { right: id }
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
