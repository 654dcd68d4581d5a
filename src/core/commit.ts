/**
 * What a write's outcome means for the base (algorithms 2.3). The base of the written side becomes what the
 * vendor is known to have stored, never what a later plain read shows: that could already be a user's edit (B1).
 */
import { pushRing } from './breaker.ts'
import type { FieldBase } from './base.ts'
import { pairHash } from './fingerprint.ts'
import type { Side } from './record.ts'
import { isEqual, type Canonical } from './value.ts'

/**
 * How the stored value became known: `post-image` from the answer of the write itself; `read-back-ours` from a
 * read whose provenance shows that our write was the last; `read-back-unknown` from any other read.
 */
export type Known = 'post-image' | 'read-back-ours' | 'read-back-unknown'

export interface WrittenField {
  readonly base: FieldBase | null
  readonly side: Side
  /** Canonical value of the other side that caused the write. */
  readonly source: Canonical
  readonly target: Canonical
  readonly agreedAs: { readonly value: Canonical } | null
  readonly stored: Canonical
  readonly known: Known
  readonly human: boolean
  readonly writeOnce: boolean
}

export interface CommittedField {
  readonly base: FieldBase
  /** The vendor stored something else than we sent: a stable divergence from now on, reported once. */
  readonly deviates: boolean
}

export function commitField(written: WrittenField): CommittedField {
  const { base, side, source, target, stored } = written
  const got = written.known === 'read-back-unknown' && !isEqual(stored, target) ? target : stored
  const own = written.agreedAs ? written.agreedAs.value : got
  const left = side === 'left' ? own : source
  const right = side === 'right' ? own : source
  const ring = pushRing(base?.ring ?? [], { pair: pairHash(left, right), side, human: written.human })
  return {
    base: {
      left,
      right,
      doubt: false,
      held: null,
      once: (base?.once ?? false) || written.writeOnce,
      ring,
    },
    deviates: !isEqual(got, target),
  }
}
