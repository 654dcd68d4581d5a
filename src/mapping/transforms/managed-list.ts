/**
 * Many values on one side, one (the primary) on the other: Attio's e-mail addresses against HubSpot's `email`.
 * The single side *manages* the first element of the list; the others are the list's own (algorithms 2.6).
 *
 * The single side may bring a second field with further values that the vendor keeps by itself and that is
 * never written (HubSpot's `hs_additional_emails`, HubSpot fact sheet 8). Values found there are added to the
 * list. One thing cannot be repaired: a value that the list has dropped stays in that read-only field, so
 * after such a removal the two sides differ for good and the difference is left in peace.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import {
  canonicalText,
  isEqual,
  type Canonical,
  type FieldValue,
  type FieldValues,
} from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { elementsOf, encodeList, singleSide, type ElementKind } from './element.ts'
import { rawElements } from './plain-text.ts'
import {
  fieldNamesOf,
  keep,
  lens,
  onlyField,
  rawValue,
  value,
  type Transform,
  type TransformSpec,
} from './transform.ts'

export function managedList(kind: ElementKind, spec: TransformSpec): Transform {
  const listIsLeft = onlyField(spec.left).multiple === true || spec.right.length > 1
  const list = onlyField(listIsLeft ? spec.left : spec.right)
  const single = listIsLeft ? spec.right : spec.left
  const primary = onlyField(single)
  const same = (a: Canonical, b: Canonical): boolean => kind.agree?.(a, b) ?? isEqual(a, b)

  const agree = (many: Canonical, one: Canonical): boolean => {
    const [first = null, ...further] = elementsOf(one)
    const members = elementsOf(many)
    const [head = null] = members
    if (first === null || head === null) return first === head
    return same(head, first) && further.every((element) => members.some((member) => same(member, element)))
  }

  const toSingle = (many: Canonical, one: Canonical): Restored => {
    const [head] = elementsOf(many)
    const [first, ...further] = elementsOf(one)
    if (head === undefined) return value(further.length === 0 ? null : [null, ...further])
    // Only the vendor's own field differs: nothing to store, so the difference becomes part of the base.
    if (first !== undefined && same(head, first)) return value(one)
    const fitted = kind.fit(head, primary)
    if (fitted.kind === 'keep' || single.length === 1) return fitted
    return value([fitted.value, ...further.filter((element) => !isEqual(element, fitted.value))])
  }

  const toList = (one: Canonical, many: Canonical): Restored => {
    const [first = null, ...further] = elementsOf(one)
    const [head, ...rest] = elementsOf(many)
    if (first === null) {
      // Nobody removed the others, and moving one of them up would write it back to the cleared field.
      return rest.length === 0 ? value(null) : keep('only the first value was cleared; the list has others')
    }
    const fitted = kind.fit(first, list)
    if (fitted.kind === 'keep') return fitted
    const members = head === undefined ? [] : [head, ...rest]
    const promoted = members.find((member) => same(member, first))
    const others = promoted === undefined ? rest : members.filter((member) => member !== promoted)
    const chosen = promoted ?? fitted.value
    const extras = further.filter((element) => ![chosen, ...others].some((member) => same(member, element)))
    return value(orderedList(chosen, [...others, ...extras]))
  }

  const listRule = listSide(kind, list)
  const singleRule = single.length === 1 ? singleSide(kind, primary) : primarySide(kind, single, list)
  return listIsLeft
    ? lens(spec, { left: listRule, right: singleRule, agree, forward: toSingle, backward: toList })
    : lens(spec, {
        left: singleRule,
        right: listRule,
        agree: (left, right) => agree(right, left),
        forward: toList,
        backward: toSingle,
      })
}

/** Canonical: the first element, then the others in a fixed order, because only the first one's place means anything. */
function orderedList(first: Canonical, others: readonly Canonical[]): Canonical {
  if (others.length === 0) return [first]
  const byText = new Map(others.map((element) => [canonicalText(element), element]))
  byText.delete(canonicalText(first))
  return [
    first,
    ...[...byText.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, element]) => element),
  ]
}

function listSide(kind: ElementKind, field: FieldShape): SideRule {
  const canonical = (values: FieldValues): Canonical => {
    const elements = rawElements(rawValue(values, field)).map((raw) => kind.canonise(raw, field))
    const [first, ...others] = elements.filter((element) => element !== null)
    return first === undefined ? null : orderedList(first, others)
  }
  return {
    fields: [field.name],
    channel: field.channel,
    read: canonical,
    write: (target, current) => {
      const raw = rawValue(current, field)
      if (isEqual(canonical(current), target)) return { [field.name]: raw }
      return { [field.name]: encodeList(kind, field, elementsOf(target), raw) }
    },
  }
}

/** The primary field and the further values that the vendor keeps beside it; only the primary is ever written. */
function primarySide(kind: ElementKind, single: readonly FieldShape[], list: FieldShape): SideRule {
  const [primary, ...additional] = single
  if (!primary) throw new TypeError('a managed list has a primary field')
  return {
    fields: fieldNamesOf(single),
    channel: primary.channel,
    read: (values) => {
      const first = kind.canonise(rawValue(values, primary), primary)
      const further = additional.flatMap((field) =>
        rawElements(rawValue(values, field))
          .flatMap((raw): readonly FieldValue[] => (typeof raw === 'string' ? raw.split(';') : [raw]))
          .map((raw) => kind.canonise(raw, field)),
      )
      const usable = further.filter((element) => element !== null && kind.fit(element, list).kind === 'value')
      return first === null && usable.length === 0 ? null : orderedList(first, usable)
    },
    write: (target, current, context) => {
      const [first = null] = elementsOf(target)
      return singleSide(kind, primary).write(first, current, context)
    },
  }
}
