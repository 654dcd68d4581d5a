/**
 * One kind of value (an e-mail address, a decimal …): how it is read, compared, fitted and written. Both sides
 * of a field of such a kind share one universe of canonical values; `arrangement.ts` deals with how many of
 * them each side can hold.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import { isEqual, isList, type Canonical, type FieldValue } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { rawElements } from './plain-text.ts'
import { rawValue, value } from './transform.ts'

export interface ElementKind {
  /** Total and idempotent over its own output; null for blank. Never a list. */
  readonly canonise: (raw: FieldValue, field: FieldShape) => Canonical
  /** What `target` can store of a canonical value: the value itself, a coarser one that agrees, or why nothing. */
  readonly fit: (canonical: Canonical, target: FieldShape) => Restored
  /** Canonical → raw, in the shape of the field's type. */
  readonly encode: (canonical: Canonical, field: FieldShape) => FieldValue
  /** Equality unless given; looser where one side can hold less (a phone number without its extension). */
  readonly agree?: (a: Canonical, b: Canonical) => boolean
  readonly compare?: (a: Canonical, b: Canonical) => number
}

/** Text that is its own raw form and fits everywhere. */
export const AS_IS: Pick<ElementKind, 'fit' | 'encode'> = {
  fit: (canonical) => value(canonical),
  encode: (canonical) => canonical,
}

/** A field that holds at most one element. A raw value that already means the target is left as it is typed. */
export function singleSide(kind: ElementKind, field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: field.channel,
    read: (values) => kind.canonise(rawValue(values, field), field),
    write: (target, current) => {
      const raw = rawValue(current, field)
      if (isEqual(kind.canonise(raw, field), target)) return { [field.name]: raw }
      const encoded = target === null ? null : kind.encode(target, field)
      return { [field.name]: field.multiple === true ? rawElements(encoded) : encoded }
    },
  }
}

/** Raw elements for canonical ones; elements that are there already keep their spelling. */
export function encodeList(
  kind: ElementKind,
  field: FieldShape,
  target: readonly Canonical[],
  current: FieldValue,
): readonly FieldValue[] {
  const present = rawElements(current)
  return target.map(
    (element) =>
      present.find((raw) => isEqual(kind.canonise(raw, field), element)) ?? kind.encode(element, field),
  )
}

export function elementsOf(canonical: Canonical): readonly Canonical[] {
  if (canonical === null) return []
  return isList(canonical) ? canonical : [canonical]
}
