/** One field of a pair as it is given to be decided, and which of its sides changed. */
import type { FieldBase } from './base.ts'
import type { EvidenceFrame } from './evidence.ts'
import type { Both, Evidence, Side } from './record.ts'
import type { FieldRule, SideContext } from './rules.ts'
import { isBlank, isEqual, type Canonical } from './value.ts'

export interface FieldInput {
  readonly rule: FieldRule
  /** Null when this link and field have never agreed. */
  readonly base: FieldBase | null
  readonly left: Canonical
  readonly right: Canonical
  /** Undefined until somebody looked. */
  readonly evidence: Both<Evidence | null> | undefined
  /** What the reads carried along of it, also while one side's is missing. */
  readonly seen?: Both<Evidence | null>
  readonly frame: EvidenceFrame
  readonly context: Both<SideContext>
  /** A person's decision about the open conflict; it counts only while the values are those of `base.held`. */
  readonly choice: Side | null
}

/** Which sides differ from their own base. Without a base, every value that is not blank is new. */
export function changedSides(base: FieldBase | null, left: Canonical, right: Canonical): Both<boolean> {
  if (!base) return { left: !isBlank(left), right: !isBlank(right) }
  return {
    left: base.doubt || !isEqual(base.left, left),
    right: base.doubt || !isEqual(base.right, right),
  }
}
