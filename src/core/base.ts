/**
 * The base of a link: per field, what *each side* held when both last agreed, in that side's canonical form.
 * A side has changed when it differs from its own base (never from the other side's), which is why an echo
 * of our own write shows no difference and why refused or normalised values stay stable.
 */
import type { Side } from './record.ts'
import type { Canonical } from './value.ts'

export interface FieldBase {
  readonly left: Canonical
  readonly right: Canonical
  /**
   * Set when a write's outcome stays unknown although somebody changed its target: whether these values were ever
   * agreed on is not certain any more, so that both sides count as changed until a base is committed (B3, B4).
   */
  readonly doubt: boolean
  /** `pairHash` of the values an open conflict holds; nothing is decided again on exactly these. */
  readonly held: string | null
  /** `write-once` has written. */
  readonly once: boolean
  /** The last commits, oldest first, for the breaker (at most `RING_MAX`). */
  readonly ring: readonly RingEntry[]
}

/** What a base that has to be made before anything was agreed starts from. */
export const NEVER_AGREED: FieldBase = {
  left: null,
  right: null,
  doubt: false,
  held: null,
  once: false,
  ring: [],
}

export interface RingEntry {
  /** Hash of the canonical pair after the commit. */
  readonly pair: string
  /** Side that was written. */
  readonly side: Side
  /** Whether a person is known to have caused it. */
  readonly human: boolean
}

export const RING_MAX = 8

/** Field key → base. A field without an entry has no base: its first differences follow the seed policy. */
export type LinkBase = Readonly<Record<string, FieldBase>>
