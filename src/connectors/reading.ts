/** What the engine asks of a CRM's records and people, and gets told. */
import type { ConnectorError } from '../errors.ts'
import type { RecordId, Snapshot } from '../core/record.ts'

export interface Account {
  /** The vendor's account or workspace id. */
  readonly id: string
  readonly name: string
  /** The user on whose behalf the token acts, when the vendor tells. */
  readonly tokenOwner: string | null
}

export interface User {
  readonly id: string
  /** Lower-case. */
  readonly email: string
  readonly active: boolean
}

export interface ListRequest {
  readonly object: string
  readonly fields: readonly string[]
  readonly cursor: string | null
  /** List the recycle bin instead; empty where `capabilities.archives` is false. */
  readonly archived?: boolean
}

export interface ListPage {
  readonly records: readonly Snapshot[]
  /** Null on the last page. */
  readonly next: string | null
}

export interface ReadRequest {
  readonly object: string
  readonly ids: readonly RecordId[]
  readonly fields: readonly string[]
}

/**
 * `found`: `snapshot.key.id` differs from `requestedId` when the record was merged into another.
 * `moved`: it lives on as a record of another object (a lead that became a contact), and does not change any more.
 * `gone`: positive evidence (404 by id, archived flag). `hidden`: not visible to us; never a deletion.
 */
export type Reading =
  | { readonly kind: 'found'; readonly requestedId: RecordId; readonly snapshot: Snapshot }
  | {
      readonly kind: 'moved'
      readonly requestedId: RecordId
      readonly to: { readonly object: string; readonly id: RecordId }
    }
  | { readonly kind: 'gone'; readonly requestedId: RecordId; readonly how: 'deleted' | 'archived' }
  | { readonly kind: 'hidden'; readonly requestedId: RecordId; readonly error: ConnectorError }

export interface FindRequest {
  readonly object: string
  readonly field: string
  readonly values: readonly string[]
  readonly fields: readonly string[]
  /** The answer must show every change up to this moment (epoch ms, our clock), and every write of our own. */
  readonly asOfMs?: number
}

export interface EvidenceRequest {
  readonly object: string
  readonly records: readonly { readonly id: RecordId; readonly fields: readonly string[] }[]
}

/** Each record once. */
export interface HistoryRequest {
  readonly object: string
  readonly records: readonly { readonly id: RecordId; readonly fields: readonly string[] }[]
}

export interface ChangesRequest {
  readonly object: string
  readonly cursor: string | null
  /**
   * Only what was changed at least so long ago, by a cursor of its own: what the feed shows late is then there. Absent
   * or 0: everything up to now.
   */
  readonly settledMs?: number
}

export interface ChangesPage {
  readonly changes: readonly {
    readonly id: RecordId
    /** The vendor's modification time, ISO text; null when it gives none. */
    readonly at: string | null
    /** The version it has now, where that is not `at` itself; null where it cannot be told. */
    readonly version?: string | null
    readonly kind: 'changed' | 'removed'
  }[]
  readonly cursor: string
  readonly more: boolean
}
