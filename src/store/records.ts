/** Single records as the store knows them: seen, due for a look, about to be decided about. */
import type { LinkBase } from '../core/base.ts'
import type { Lane } from '../core/lane.ts'
import type { RecordId, Side } from '../core/record.ts'
import type { Link } from './links.ts'
import type { ConflictDecision, Quarantine } from './waiting.ts'
import type { Intent } from './writes.ts'

export interface RecordRef {
  readonly side: Side
  readonly id: RecordId
}

/** Why a record is looked at; several collapse into one dirty row. */
export type Reason =
  'listed' | 'polled' | 'webhook' | 'unseen' | 'archived' | 'released' | 'follow-up' | 'retry' | 'manual'

export interface DirtyRecord extends RecordRef {
  /** Settling needs this number: a mark that arrived meanwhile has a higher one and survives. */
  readonly seq: number
  readonly lane: Lane
  readonly reasons: readonly Reason[]
  readonly attempts: number
  readonly firstAtMs: number
}

/** A record as a listing showed it, reduced to what matching and sweeping need. */
export interface Sighting extends KeyedRecord {
  /** Fingerprint of the fields the mapping reads, and of the rules version. */
  readonly fingerprint: string
  readonly version: string | null
}

/** What matching needs of a record. */
export interface KeyedRecord {
  readonly id: RecordId
  /**
   * `<rule number>:<canonical key>`, e.g. `0:ada@example.com`, and `stamp:<record id>` of the counterpart that
   * the record's stamp names. Of records outside the scope only the strong ones, as `outsiderKey`. Components only follow
   * the numbered ones.
   */
  readonly keys: readonly string[]
}

/** How a record outside the scope holds a numbered key. */
export function outsiderKey(key: string): string {
  return `outside:${key}`
}

/** Everything known about one record before it is read. */
export interface Subject extends RecordRef {
  /** What `id` was before aliases were followed. */
  readonly askedId: RecordId
  readonly link: Link | null
  readonly base: LinkBase
  readonly openIntent: Intent | null
  readonly suppressed: string | null
  readonly quarantine: Quarantine | null
  /** Fingerprint at which nothing was left to do; null when there was none yet. */
  readonly agreed: string | null
  /** Canonical values chosen by a person for held conflicts, by field; applied by the next reconcile. */
  readonly decisions: Readonly<Record<string, ConflictDecision>>
}

/** How long a record that is touched is left alone before it is looked at; `debounce.ts` says how. All in ms. */
export interface Debounce {
  /** After a touch: one save of a person arrives as several bells. */
  readonly restMs: number
  /** Touched again within this time: wait until it was left alone for as long. */
  readonly flurryMs: number
  /** The same for a record that was touched more than `touchesMax` times within `withinMs`. */
  readonly busyMs: number
  readonly touchesMax: number
  readonly withinMs: number
  /** A record that is never left alone is looked at so often at least. */
  readonly waitMaxMs: number
  /** After a change of our own, which is expected. */
  readonly ownMs: number
}
