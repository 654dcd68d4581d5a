/**
 * A person wants a value back that a write of ours overwrote unseen. It is stored where it was lost and then carried to
 * the other side like any edit there: the base says that the side held what we had written (B9).
 */
import type { FieldInput } from './field.ts'
import type { Verdict } from './plan.ts'
import { otherSide, type Side } from './record.ts'
import { isEqual, type Canonical } from './value.ts'

export interface LostValue {
  readonly side: Side
  readonly value: Canonical
  /** What the other side held when the person was asked. */
  readonly prevailed: Canonical
}

/** Null when either side was changed since: the person did not decide about what stands there now. */
export function restoreField(
  { rule, base, left, right }: Pick<FieldInput, 'rule' | 'base' | 'left' | 'right'>,
  { side, value, prevailed }: LostValue,
): Extract<Verdict, { kind: 'write' }> | null {
  if (!base || base.doubt || base.held !== null) return null
  if (!isEqual(base.left, left) || !isEqual(base.right, right)) return null
  const values = { left, right }
  const before = values[side]
  const source = values[otherSide(side)]
  if (!isEqual(source, prevailed) || isEqual(before, value)) return null
  return {
    kind: 'write',
    field: rule.key,
    because: 'a person wants the overwritten value back',
    side,
    source,
    target: value,
    before,
    agreedAs: { value: before },
    base,
    conflict: null,
    human: true,
  }
}
