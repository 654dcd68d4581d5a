/**
 * What every transform is made of: a canoniser per side, a relation that says when two canonical values agree,
 * and a restorer per direction. `lens` gives all of them the same skin, so that the laws in `core/rules.ts`
 * hold by construction where they can.
 */
import type { Both } from '../../core/record.ts'
import type { FieldRule, Restored, SideContext, SideRule } from '../../core/rules.ts'
import {
  canonicalText,
  isEqual,
  type Canonical,
  type FieldValue,
  type FieldValues,
} from '../../core/value.ts'
import type { FieldEntry } from '../document.ts'
import type { FieldShape } from '../field-shape.ts'

/** What a transform is built from: the mapping entry and the shapes of its fields. */
export interface TransformSpec {
  readonly left: readonly FieldShape[]
  readonly right: readonly FieldShape[]
  readonly settings: Pick<
    FieldEntry,
    'values' | 'region' | 'scale' | 'precision' | 'currency' | 'parts' | 'fallback'
  >
}

export interface Transform extends Pick<
  FieldRule,
  'left' | 'right' | 'shape' | 'isReference' | 'agree' | 'forward' | 'backward' | 'compare'
> {
  /** How far along a declared order a value is, for `advance`; null where there is no order. */
  readonly rank: Both<(value: Canonical) => number> | null
}

export interface LensParts {
  readonly left: SideRule
  readonly right: SideRule
  readonly shape?: 'whole' | 'elements'
  readonly isReference?: boolean
  /** Equality of canonical values unless given. */
  readonly agree?: (left: Canonical, right: Canonical) => boolean
  /** Only asked for values that do not agree. */
  readonly forward: (left: Canonical, right: Canonical, context: Both<SideContext>) => Restored
  readonly backward: (right: Canonical, left: Canonical, context: Both<SideContext>) => Restored
  readonly compare?: (a: Canonical, b: Canonical) => number
  readonly rank?: Both<(value: Canonical) => number> | null
}

export function value(canonical: Canonical): Restored {
  return { kind: 'value', value: canonical }
}

export function keep(reason: string): Restored {
  return { kind: 'keep', reason }
}

/**
 * A transform out of its parts. Values that agree are never touched (hippocraticness), and a required field is
 * never cleared, as the vendor would refuse the whole write (Attio fact sheet 10.3).
 */
export function lens(spec: TransformSpec, parts: LensParts): Transform {
  const agree = parts.agree ?? isEqual
  const guard = (restored: Restored, target: readonly FieldShape[]): Restored => {
    const required =
      restored.kind === 'value' && restored.value === null && target.find((field) => field.required)
    return required ? keep(`${required.name} is required and cannot be cleared`) : restored
  }
  return {
    left: parts.left,
    right: parts.right,
    shape: parts.shape ?? 'whole',
    isReference: parts.isReference ?? false,
    agree,
    forward: (left, right, context) =>
      agree(left, right) ? value(right) : guard(parts.forward(left, right, context), spec.right),
    backward: (right, left, context) =>
      agree(left, right) ? value(left) : guard(parts.backward(right, left, context), spec.left),
    compare: parts.compare ?? compareText,
    rank: parts.rank ?? null,
  }
}

/** Blank lowest, then by text. A total order for values that have none of their own. */
export function compareText(a: Canonical, b: Canonical): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1
  const [first, second] = [canonicalText(a), canonicalText(b)]
  return first < second ? -1 : first > second ? 1 : 0
}

/** The only field of a side that has one; transforms of one field use it and `check` reports any other. */
export function onlyField(fields: readonly FieldShape[]): FieldShape {
  const [field] = fields
  if (!field) throw new TypeError('a mapping entry names at least one field on each side')
  return field
}

/** A field that was not read reads as blank. */
export function rawValue(values: FieldValues, field: FieldShape): FieldValue {
  return values[field.name] ?? null
}

export function fieldNamesOf(fields: readonly FieldShape[]): readonly string[] {
  return fields.map((field) => field.name)
}
