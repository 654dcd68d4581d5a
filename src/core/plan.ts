/** A plan: everything decided about one linked pair. Data only; dry run, commit and explain read the same one. */
import type { FieldBase } from './base.ts'
import type { Evidence, Side } from './record.ts'
import type { Canonical } from './value.ts'

/** One field's outcome. `because` is a short constant phrase that `explain` prints. */
export type Verdict =
  | { readonly kind: 'nothing'; readonly field: string; readonly because: string }
  /** Both sides are as they should be; remember what each holds. */
  | { readonly kind: 'rebase'; readonly field: string; readonly because: string; readonly base: FieldBase }
  /** Store `target` on `side`; commit with `source` as the other side's base. */
  | {
      readonly kind: 'write'
      readonly field: string
      readonly because: string
      readonly side: Side
      /** Canonical value of the other side that caused the write. */
      readonly source: Canonical
      /** Canonical value to store. */
      readonly target: Canonical
      /** Canonical value found on `side` before the write. */
      readonly before: Canonical
      /**
       * Set by a two-sided merge: the base of the written side becomes this value instead of what is stored,
       * as if both sides had agreed before and the written side had changed since. The other half then
       * follows as an ordinary propagation (B9).
       */
      readonly agreedAs: { readonly value: Canonical } | null
      /** The base to move from; committed values replace its sides. */
      readonly base: FieldBase
      /** Set when a policy settled a conflict: recorded with the losing value. */
      readonly conflict: ConflictReport | null
      /** Whether a person is known to have made the change that causes this write. */
      readonly human: boolean
    }
  /** An open conflict: nothing is written until a person decides or a value changes. */
  | {
      readonly kind: 'hold'
      readonly field: string
      readonly because: string
      readonly base: FieldBase
      readonly conflict: ConflictReport
    }

export interface ConflictReport {
  readonly kind: 'both-changed' | 'seed' | 'automation-fight' | 'drift' | 'overwritten'
  readonly left: Canonical
  readonly right: Canonical
  /** Null when the link is new. */
  readonly base: { readonly left: Canonical; readonly right: Canonical } | null
  /** Name of the policy that decided, or that asks. */
  readonly rule: string
  /** Side whose value was overwritten, when the rule decided. */
  readonly loser: Side | null
  readonly evidence: { readonly left: Evidence | null; readonly right: Evidence | null }
}

export interface Plan {
  /** One verdict per field, in mapping order. */
  readonly verdicts: readonly Verdict[]
  /** Fields whose decision or report wants to know who changed them and when, per side. */
  readonly wantsEvidence: { readonly left: readonly string[]; readonly right: readonly string[] }
}
