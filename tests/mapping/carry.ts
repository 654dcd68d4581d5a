/** Values carried through one transform, from either side to the other. */
import type { Canonical, FieldValue } from '../../src/core/value.ts'
import type { TransformName } from '../../src/mapping/document.ts'
import { TRANSFORMS } from '../../src/mapping/transforms/registry.ts'
import type { Transform, TransformSpec } from '../../src/mapping/transforms/transform.ts'
import { CONTEXT, shape, spec } from './shapes.ts'

/** Canonical value of one raw value in the field `l`. */
export function readLeft(rule: Transform, raw: FieldValue): Canonical {
  return rule.left.read({ l: raw }, CONTEXT.left)
}

/** What the right side holds after the left value was carried over. */
export function carryRight(
  rule: Transform,
  left: FieldValue,
  right: Record<string, FieldValue> = {},
): unknown {
  const current = rule.right.read(right, CONTEXT.right)
  const restored = rule.forward(readLeft(rule, left), current, CONTEXT)
  return restored.kind === 'keep'
    ? restored.reason
    : { ...right, ...rule.right.write(restored.value, right, CONTEXT.right) }
}

export function carryLeft(
  rule: Transform,
  right: Record<string, FieldValue>,
  left: FieldValue = null,
): unknown {
  const current = readLeft(rule, left)
  const restored = rule.backward(rule.right.read(right, CONTEXT.right), current, CONTEXT)
  return restored.kind === 'keep'
    ? restored.reason
    : { l: left, ...rule.left.write(restored.value, { l: left }, CONTEXT.left) }['l']
}

export function plain(name: TransformName, settings: TransformSpec['settings'] = {}): Transform {
  const type =
    name === 'option' ? 'option' : name === 'phone' ? 'phone' : name === 'domain' ? 'domain' : 'text'
  return TRANSFORMS[name](spec(shape('l', type), shape('r', 'text'), settings))
}
