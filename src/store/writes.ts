/** Writes: about to be sent, and done. */
import type { ConflictReport } from '../core/plan.ts'
import type { Evidence, RecordId, Side } from '../core/record.ts'
import type { Canonical, FieldValues, Json } from '../core/value.ts'
import type { LinkId } from './links.ts'

export type IntentKind = 'create' | 'update' | 'associate' | 'remove'

/** One write that was about to be sent, durable before the call (algorithms 5.1). */
export interface Intent {
  readonly id: string
  readonly link: LinkId
  readonly mapping: string
  readonly epoch: number
  readonly run: string
  readonly side: Side
  readonly kind: IntentKind
  /** Null for `create` until known; a record that is made anew names here the one it replaces. */
  readonly record: RecordId | null
  /** Stamp by which a created record can be found. */
  readonly stamp: { readonly field: string; readonly value: string } | null
  /** Field values sent. */
  readonly payload: FieldValues
  /** Per field key: the canonical source, target and pre-image of this write. */
  readonly fields: Readonly<Record<string, IntentField>>
  /** Version token of the target before the write. */
  readonly versionBefore: string | null
  readonly sentAtMs: number
}

export interface IntentField {
  readonly source: Canonical
  readonly target: Canonical
  readonly before: Canonical
  /** See `Verdict.agreedAs`. */
  readonly agreedAs: { readonly value: Canonical } | null
  readonly human: boolean
  readonly because: string
  /**
   * What this write does to conflicts once it is applied, whether or not its answer arrives: the value that a rule
   * decided against is reported, and a person's decision is carried out. Null where it can settle none.
   */
  readonly settles: { readonly report: ConflictReport | null; readonly decided: boolean } | null
  /** Whose change it carries, and from when, where other pairings keep the written record, too. */
  readonly origin?: Evidence
}

export interface JournalEntry {
  readonly id: number
  readonly run: string
  /** Empty for `apart` and `release`, which are about a record without a pair. */
  readonly link: LinkId
  readonly mapping: string
  readonly side: Side
  /** `apart`: a person said that the record is to stay alone. `release`: that word was taken back. */
  readonly kind: IntentKind | 'link' | 'unlink' | 'relink' | 'apart' | 'release'
  readonly record: RecordId | null
  /**
   * By field key, what the write changed. `remove` has everything that was mapped before and nothing after. For
   * `link`, `unlink` and `relink` it is the link itself: `left`, `right` and `state`, nothing where there was none.
   */
  readonly before: Readonly<Record<string, Canonical>>
  readonly after: Readonly<Record<string, Canonical>>
  /** Why, per field or in one word for links. */
  readonly cause: Json
  readonly version: string | null
  readonly atMs: number
}

/** An entry with what tells a first load from everyday work. */
export interface JournalLine extends JournalEntry {
  /** What its run is for; null when the run was not announced. */
  readonly runKind: string | null
  /** The same run made the pair. */
  readonly ofNewPair: boolean
}

/** One pass or other undertaking, and what the journal says that it did. */
export interface Run {
  readonly id: string
  readonly kind: string
  readonly pairing: string | null
  readonly startedMs: number
  /** Null while it lasts, and when it was cut off. */
  readonly endedMs: number | null
  readonly summary: Json
  readonly did: readonly {
    readonly kind: JournalEntry['kind']
    readonly mapping: string
    readonly side: Side
    readonly count: number
  }[]
}
