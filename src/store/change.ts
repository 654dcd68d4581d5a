/** The steps that transactions consist of. */
import type { LinkBase } from '../core/base.ts'
import type { Lane } from '../core/lane.ts'
import type { Both, Evidence, RecordId, Side } from '../core/record.ts'
import type { Json } from '../core/value.ts'
import type { LinkId, LinkState, Link, PendingEdge } from './links.ts'
import type { RecordRef, Reason } from './records.ts'
import type { ConflictKind, Conflict, Review, Quarantine } from './waiting.ts'
import type { JournalEntry } from './writes.ts'

export interface ObservedChange {
  /** A repeated observation with the same key is a no-op. */
  readonly key: string
  readonly mapping: string
  readonly side: Side
  readonly record: RecordId
  readonly source: 'poll' | 'sweep' | 'webhook'
  readonly kind: 'changed' | 'removed'
  readonly actor: Json
  readonly vendorAt: string | null
  readonly atMs: number
  /** When the record is known at exactly this version, it is not marked (our own write coming back). */
  readonly version: string | null
}

/** One step of a transaction. The order of an array is the order of application. */
export type Change =
  /**
   * What was decided rests on this: asked before anything is applied, wherever it stands. Rejects with `LinkTaken` unless
   * the record is half of a pair of one of these mappings (`pair`), or of none of them (`alone`).
   */
  | {
      readonly kind: 'expect'
      readonly record: RecordRef
      readonly mappings: readonly string[]
      readonly to: 'pair' | 'alone'
    }
  | { readonly kind: 'put-link'; readonly link: Omit<Link, 'epoch'> }
  | {
      readonly kind: 'set-link'
      readonly link: LinkId
      /**
       * The link as it was decided about. Rejects with `LinkTaken` when it has changed since, or when a write of it is
       * under way, which is about to change it.
       */
      readonly epoch?: number
      readonly left?: RecordId | null
      readonly right?: RecordId | null
      readonly state?: LinkState
      readonly rules?: string
      readonly versions?: Partial<Both<string | null>>
    }
  /** Replaces the given fields' bases; `null` forgets one. */
  | {
      readonly kind: 'set-base'
      readonly link: LinkId
      readonly fields: Readonly<Record<string, LinkBase[string] | null>>
    }
  /** Nothing is left to do at this fingerprint and version. */
  | {
      readonly kind: 'agree-record'
      readonly mapping: string
      readonly record: RecordRef
      readonly fingerprint: string
      readonly version: string | null
    }
  /** The record is gone: forget its fingerprint and keys. */
  | { readonly kind: 'forget-record'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'put-alias'
      readonly mapping: string
      readonly side: Side
      readonly from: RecordId
      readonly to: RecordId
      readonly atMs: number
    }
  /** The record was not merged away: it goes by its own id again. */
  | { readonly kind: 'drop-alias'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'suppress'
      readonly mapping: string
      readonly record: RecordRef
      readonly reason: string
      readonly atMs: number
    }
  | { readonly kind: 'release'; readonly mapping: string; readonly record: RecordRef }
  | {
      readonly kind: 'mark'
      readonly mapping: string
      readonly record: RecordRef
      readonly reason: Reason
      readonly lane: Lane
      readonly dueMs: number
      readonly atMs: number
    }
  /** Removes the dirty row if nobody marked the record since. */
  | { readonly kind: 'settle'; readonly mapping: string; readonly record: RecordRef; readonly seq: number }
  /** Gives a claimed row back for later. */
  | {
      readonly kind: 'postpone'
      readonly mapping: string
      readonly record: RecordRef
      readonly dueMs: number
    }
  /** Gives a claimed row back as it was: nothing was tried with it. */
  | { readonly kind: 'unclaim'; readonly mapping: string; readonly record: RecordRef }
  /**
   * Replaces every pending edge of one link's field that leads from these sides. A target that has its pair by now, which
   * whoever decided about the link could not know, releases it at once.
   */
  | {
      readonly kind: 'await-targets'
      readonly link: LinkId
      readonly field: string
      readonly sides: readonly Side[]
      readonly edges: readonly PendingEdge[]
      readonly atMs: number
    }
  /** A target became linked: marks every link that waits for it (lane 0) and removes the edges. */
  | {
      readonly kind: 'release-waiting'
      readonly targetMapping: string
      readonly side: Side
      readonly target: RecordId
      readonly atMs: number
    }
  /**
   * Whose change these fields of a record are, when it was made and where: as the vendor told it, or as we know since we
   * wrote them. It replaces what was noted about them before, except that what a vendor tells of an earlier moment than
   * what is known of its own (neither has `via`) says nothing new.
   */
  | {
      readonly kind: 'note-origins'
      readonly connection: string
      readonly object: string
      readonly record: RecordId
      /** By the vendor's field name. */
      readonly fields: Readonly<Record<string, Evidence>>
    }
  /**
   * Opens a conflict unless one is open for the same link and field, which is then replaced when its values differ. An
   * `overwritten` one replaces only its like: beside another open question it is stored as `auto`.
   */
  | { readonly kind: 'open-conflict'; readonly conflict: Conflict }
  /** Closes whatever is open or decided for this link and field; with `only`, if it is of that kind. */
  | {
      readonly kind: 'close-conflict'
      readonly only?: ConflictKind
      readonly link: LinkId
      readonly field: string
      readonly state: 'resolved' | 'superseded'
      readonly loser: Side | null
      readonly atMs: number
    }
  | { readonly kind: 'put-review'; readonly review: Review }
  | { readonly kind: 'drop-review'; readonly mapping: string; readonly record: RecordRef }
  | { readonly kind: 'quarantine'; readonly entry: Quarantine }
  | { readonly kind: 'heal'; readonly mapping: string; readonly record: RecordRef }
  | { readonly kind: 'journal'; readonly entry: Omit<JournalEntry, 'id'> }
  | { readonly kind: 'log'; readonly change: ObservedChange }
  | { readonly kind: 'close-intent'; readonly intent: string }
  /** Keeps a small fact (`meta`) together with what it is true of. */
  | { readonly kind: 'remember'; readonly key: string; readonly value: string }
