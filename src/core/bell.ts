/**
 * Bells: a vendor says that something happened to a record. Claims, never facts: a bell makes somebody look, and
 * what is decided comes from looking. So late, doubled, reordered and lost bells are normal.
 */
import type { Actor, RecordId } from './record.ts'

/** A webhook as it came in. Nothing in it is trusted before its signature was verified. */
export interface Delivery {
  readonly method: string
  /** The URL that the vendor called, query included, exactly as it wrote it: some vendors sign it. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** Signatures cover these bytes, and not what they are parsed into. */
  readonly body: Uint8Array
}

export interface Bell {
  /** As the mapping spells it; in the vendor's own word where no mapping keeps it. */
  readonly object: string
  readonly record: RecordId
  /** `merged`: the record went into another one, `into`. */
  readonly kind: 'changed' | 'removed' | 'merged'
  readonly into: RecordId | null
  /** The vendor's own time of the change as ISO text, where it tells. */
  readonly at: string | null
  /**
   * What the record's version token became with this change, where the vendor tells. A reader that is not sure
   * says null: a wrong token would silence a bell.
   */
  readonly version: string | null
  readonly actor: Actor
  /** The fields that changed, where the vendor names them; empty otherwise. */
  readonly fields: readonly string[]
  /** Equal for equal events, however often they are delivered; different for different ones. */
  readonly key: string
}

/**
 * - `forged`: the signature is missing or is not the one that our secret makes.
 * - `stale`: genuine, but signed too long ago: somebody may be playing it again.
 * - `malformed`: genuine, but not in the form that the vendor documents.
 */
export type RefusalReason = 'forged' | 'stale' | 'malformed'

export type Hearing =
  | {
      readonly kind: 'heard'
      readonly bells: readonly Bell[]
      /** Events about something else than records of this account, or in words that nobody knows. */
      readonly ignored: number
    }
  | { readonly kind: 'refused'; readonly reason: RefusalReason; readonly because: string }

export function refused(reason: RefusalReason, because: string): Hearing {
  return { kind: 'refused', reason, because }
}
