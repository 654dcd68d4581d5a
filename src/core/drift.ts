/**
 * Do the two sides of a field agree, as far as they have to? Asked by what looks over the engine's shoulder, so it is
 * written from what the mapping says and shares nothing with the merge that decides what to write.
 */
import { SIDES, type Both } from './record.ts'
import type { FieldBase } from './base.ts'
import type { FieldRule, Restored, SideContext } from './rules.ts'
import { isBlank, isEqual, type Canonical } from './value.ts'

/**
 * `known`: they differ, and our own books say that they were left so, as after an undo or under `never-overwrite`.
 * `differs`: nothing explains it.
 */
export type Comparison = 'agrees' | 'known' | 'differs'

export function compareField(
  rule: FieldRule,
  values: Both<Canonical>,
  base: FieldBase | undefined,
  context: Both<SideContext>,
): Comparison {
  if (rule.agree(values.left, values.right) || isAtRest(rule, values, context)) return 'agrees'
  const isLeftSo = base && !base.doubt && SIDES.every((side) => isEqual(values[side], base[side]))
  return isLeftSo ? 'known' : 'differs'
}

/**
 * Some values cannot be carried over ("call reception" is no number for a CRM that insists on numbers) and may stay
 * beside whatever the other side holds. Who wrote last is not asked here, so in a two-way field one direction that has
 * nothing to carry is enough.
 */
function isAtRest(rule: FieldRule, { left, right }: Both<Canonical>, context: Both<SideContext>): boolean {
  const carries = (way: 'left-to-right' | 'right-to-left', source: Canonical) =>
    (rule.direction === 'both' || rule.direction === way) && !(rule.blank === 'ignore' && isBlank(source))
  const rests = (restored: Restored, target: Canonical) =>
    restored.kind === 'keep' || isEqual(restored.value, target)
  const forward = carries('left-to-right', left)
  const backward = carries('right-to-left', right)
  if (!forward && !backward) return true
  return (
    (forward && rests(rule.forward(left, right, context), right)) ||
    (backward && rests(rule.backward(right, left, context), left))
  )
}
