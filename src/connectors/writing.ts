/** What the engine writes to a CRM, and what becomes of it. */
import type { ConnectorError } from '../errors.ts'
import type { RecordId } from '../core/record.ts'
import type { FieldValues } from '../core/value.ts'

export interface CreateItem {
  /** Identifies this intended write across retries. */
  readonly writeId: string
  readonly values: FieldValues
  /** Field and value by which a second try finds the record of the first. Part of `values` too. */
  readonly stamp: { readonly field: string; readonly value: string } | null
}

export interface UpdateItem {
  readonly writeId: string
  readonly id: RecordId
  /** Whole target values: a multi-valued field is made equal to what is given. */
  readonly values: FieldValues
  /**
   * What the decision saw in these fields. A vendor that can add to a list then keeps what somebody else added since;
   * where it is absent, or something is taken away, the list is made equal.
   */
  readonly seen?: FieldValues
  /**
   * The version that the decision saw. A connector that can compares and sets: an item whose record moved on since is
   * `stale`. Null or absent: not known.
   */
  readonly version?: string | null
}

export interface AssociateItem {
  readonly writeId: string
  readonly id: RecordId
  readonly field: string
  readonly add: readonly { readonly object: string; readonly id: RecordId }[]
  readonly remove: readonly { readonly object: string; readonly id: RecordId }[]
}

export interface RemoveItem {
  readonly writeId: string
  readonly id: RecordId
  readonly mode: 'archive' | 'delete'
}

/**
 * `done`: `image` holds stored values as the answer of the write showed them (the atomic post-image): at least the
 * written fields, and every other field the answer carries. A written field whose stored value is not known for
 * certain is left out (an answer that cannot be read; a read-back that somebody else's change came before), and the
 * engine goes by the value sent; a field missing from the image of a *create* is blank. `failed`: `error.kind` says
 * whether it was applied: `ambiguous` may have been, every other kind was not.
 */
export type WriteOutcome =
  | {
      readonly kind: 'done'
      readonly writeId: string
      readonly id: RecordId
      readonly image: FieldValues
      readonly version: string | null
    }
  | { readonly kind: 'failed'; readonly writeId: string; readonly error: ConnectorError }

export interface NewField {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly unique: boolean
}
