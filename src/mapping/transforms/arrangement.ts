/**
 * A kind of value in every arrangement of cardinalities: one to one, many to one, many to many.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import { toSet } from '../../core/sets.ts'
import type { Canonical } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { elementsOf, encodeList, singleSide, type ElementKind } from './element.ts'
import { managedList } from './managed-list.ts'
import { rawElements } from './plain-text.ts'
import {
  compareText,
  lens,
  onlyField,
  rawValue,
  value,
  type Transform,
  type TransformSpec,
} from './transform.ts'

/** The arrangement that the two sides call for. */
export function elementTransform(kind: ElementKind, spec: TransformSpec): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  if (left.multiple === true && right.multiple === true) return setTransform(kind, spec)
  if (left.multiple === true || right.multiple === true) return managedList(kind, spec)
  if (spec.left.length > 1 || spec.right.length > 1) return managedList(kind, spec)
  return oneToOne(kind, spec)
}

function oneToOne(kind: ElementKind, spec: TransformSpec): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  const restore = (canonical: Canonical, target: FieldShape): Restored =>
    canonical === null ? value(null) : kind.fit(canonical, target)
  return lens(spec, {
    left: singleSide(kind, left),
    right: singleSide(kind, right),
    ...(kind.agree ? { agree: kind.agree } : {}),
    forward: (source) => restore(source, right),
    backward: (source) => restore(source, left),
    compare: kind.compare ?? compareText,
  })
}

/** Two multi-valued fields: sets over one universe, merged element by element. */
function setTransform(kind: ElementKind, spec: TransformSpec): Transform {
  const left = onlyField(spec.left)
  const right = onlyField(spec.right)
  const restore = (source: Canonical, target: FieldShape): Restored => {
    for (const element of elementsOf(source)) {
      const fitted = kind.fit(element, target)
      if (fitted.kind === 'keep') return fitted
    }
    return value(source)
  }
  return lens(spec, {
    left: setSide(kind, left),
    right: setSide(kind, right),
    shape: 'elements',
    forward: (source) => restore(source, right),
    backward: (source) => restore(source, left),
  })
}

function setSide(kind: ElementKind, field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values) =>
      toSet(
        rawElements(rawValue(values, field))
          .map((raw) => kind.canonise(raw, field))
          .filter((element) => element !== null),
      ),
    write: (target, current) => ({
      [field.name]: encodeList(kind, field, elementsOf(target), rawValue(current, field)),
    }),
  }
}
