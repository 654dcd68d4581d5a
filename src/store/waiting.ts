/** What waits for a person, or for a CRM to take it. */
import type { Both, Evidence, RecordId, Side } from '../core/record.ts'
import type { LostValue } from '../core/restore.ts'
import type { Canonical } from '../core/value.ts'
import type { LinkId } from './links.ts'
import type { RecordRef } from './records.ts'

export interface ConflictDecision {
  readonly conflict: string
  readonly choice: 'left' | 'right'
  /** Of a conflict of the kind `overwritten`: what was lost, and where. Choosing that side asks for it back. */
  readonly lost: LostValue | null
}

/**
 * `overwritten`: a value that nobody had seen when the decision was made was replaced by its write. The side it stood on
 * holds it here, with its evidence; the other side holds what prevailed, without evidence.
 */
export type ConflictKind =
  'both-changed' | 'seed' | 'automation-fight' | 'drift' | 'delete-vs-update' | 'overwritten'

export interface Conflict {
  readonly id: string
  readonly mapping: string
  readonly link: LinkId
  /** Field key; `*` where the whole record is concerned. */
  readonly field: string
  readonly kind: ConflictKind
  readonly left: Canonical
  readonly right: Canonical
  readonly base: Both<Canonical> | null
  readonly records: Both<RecordId | null>
  readonly evidence: Both<Evidence | null>
  readonly rule: string
  /** The overwritten side, where a rule or a person decided. */
  readonly loser: Side | null
  /** `open` waits for a person; `decided` waits for the engine to write the choice; the others are closed. */
  readonly state: 'open' | 'decided' | 'resolved' | 'auto' | 'superseded'
  readonly openedAtMs: number
  readonly closedAtMs: number | null
}

export interface Review {
  readonly id: string
  readonly mapping: string
  readonly record: RecordRef
  readonly kind: 'ambiguous' | 'duplicate' | 'not-unique' | 'delete-vs-update'
  readonly candidates: readonly RecordRef[]
  readonly because: string
  readonly atMs: number
}

/** A record without a pair that is to stay without one. */
export interface KeptAlone {
  readonly mapping: string
  readonly record: RecordRef
  readonly reason: string
  readonly atMs: number
}

/** All that is known of a record which has no pair. */
export interface Unpaired {
  readonly reviews: readonly Review[]
  readonly quarantined: readonly Quarantine[]
  readonly keptAlone: readonly KeptAlone[]
}

export interface Quarantine {
  readonly mapping: string
  readonly record: RecordRef
  readonly link: LinkId | null
  /** Fields the vendor blames; empty when it blames the record. */
  readonly fields: readonly string[]
  /** The vendor's words, without values. */
  readonly reason: string
  /** What has to change before another try makes sense: source fingerprint and target schema. */
  readonly cause: string
  readonly attempts: number
  readonly retryAtMs: number
  readonly atMs: number
}
