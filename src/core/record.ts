/** Records as they are read, with the evidence that came along. */
import type { FieldValue, FieldValues } from './value.ts'

export type Side = 'left' | 'right'

export const SIDES = ['left', 'right'] as const

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left'
}

/** Both halves of something two-sided. */
export interface Both<T> {
  readonly left: T
  readonly right: T
}

/** A vendor's record id, opaque, never parsed as a number. */
export type RecordId = string

/** Identifies one record in one CRM. */
export interface RecordKey {
  readonly connection: string
  readonly object: string
  readonly id: RecordId
}

/**
 * Who made a change. `us` is our own credential; `integration` any other API client; `automation` a workflow that
 * people set up in the CRM; `system` the vendor itself (enrichment, calculation).
 */
export interface Actor {
  readonly kind: 'human' | 'us' | 'integration' | 'automation' | 'system' | 'unknown'
  readonly id: string | null
}

/** What a side knows about the last change of one field. `at` keeps the vendor's own timestamp text. */
export interface Evidence {
  readonly at: string | null
  readonly actor: Actor
  /**
   * Set where the vendor stamps whole records only: some field changed at `at`, and this one not later than that. The
   * instant before which it did not change, or null where nobody knows.
   */
  readonly notBefore?: string | null
  /** The connection in which the change was made, where that is not the one that shows it: it came through us. */
  readonly via?: string
}

/** What a field held from one moment on, until its next version. `at` orders the versions of one record. */
export interface Version {
  readonly value: FieldValue
  /** The vendor's own timestamp text: text order is time order. */
  readonly at: string
  readonly actor: Actor
}

/** Field → its versions, oldest first. A field that is missing has no history that could be read. */
export type History = Readonly<Record<string, readonly Version[]>>

/** A record as read at one moment. */
export interface Snapshot {
  readonly key: RecordKey
  readonly values: FieldValues
  /** Opaque version token: equal tokens mean nothing changed. Null when the vendor gives none. */
  readonly version: string | null
  /** When our request for it was sent, epoch ms: nothing later than this can be missing from it for sure. */
  readonly readAtMs: number
  /** Per field, where the read itself carries it; otherwise asked for with `Connector.evidence`. */
  readonly evidence: Readonly<Record<string, Evidence>>
  /** Ids of records that were merged into it, where the vendor tells them with the record. */
  readonly absorbed?: readonly RecordId[]
}
