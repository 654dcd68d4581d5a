/**
 * Names of people: a structured name on one side, two fields or one text on the other. Spelling is the
 * person's own business: only stray blanks are removed, letters are never re-cased.
 *
 * Splitting one text is a guess, so the first word becomes the first name and the rest the last name; a
 * structured name that already reads the same is kept as it is split.
 */
import type { SideRule } from '../../core/rules.ts'
import { isList, type Canonical, type FieldValue, type FieldValues } from '../../core/value.ts'
import type { FieldShape } from '../field-shape.ts'
import { collapsedText } from './plain-text.ts'
import {
  fieldNamesOf,
  lens,
  onlyField,
  rawValue,
  value,
  type Transform,
  type TransformSpec,
} from './transform.ts'

export function personNameTransform(spec: TransformSpec): Transform {
  const left = nameSide(spec.left)
  const right = nameSide(spec.right)
  const convert = (source: Canonical, from: NameSide, to: NameSide): Canonical => {
    if (from.isStructured === to.isStructured) return source
    return to.isStructured ? splitName(fullName(source)) : fullName(source)
  }
  return lens(spec, {
    left: left.rule,
    right: right.rule,
    agree: (a, b) =>
      left.isStructured && right.isStructured ? sameParts(a, b) : fullName(a) === fullName(b),
    forward: (source) => value(convert(source, left, right)),
    backward: (source) => value(convert(source, right, left)),
  })
}

/** The whole name as one text, null when blank. Takes structured canonical values and plain text alike. */
export function fullName(canonical: Canonical): string | null {
  if (typeof canonical === 'string') return canonical
  if (canonical === null || typeof canonical !== 'object' || isList(canonical)) return null
  const parts = [canonical['first'], canonical['last']].filter((part) => typeof part === 'string')
  return parts.length === 0 ? null : parts.join(' ')
}

function splitName(text: string | null): Canonical {
  if (text === null) return null
  const blank = text.indexOf(' ')
  return blank < 0
    ? { first: text, last: null }
    : { first: text.slice(0, blank), last: text.slice(blank + 1) }
}

interface NameSide {
  readonly rule: SideRule
  /** Canonical values are `{ first, last }`; otherwise one text. */
  readonly isStructured: boolean
}

export function nameSide(fields: readonly FieldShape[]): NameSide {
  const [first, last] = fields
  if (first && last) return { rule: twoFields(first, last), isStructured: true }
  const field = onlyField(fields)
  return field.type === 'person-name'
    ? { rule: structuredField(field), isStructured: true }
    : { rule: textField(field), isStructured: false }
}

function twoFields(first: FieldShape, last: FieldShape): SideRule {
  return {
    fields: fieldNamesOf([first, last]),
    channel: 'value',
    read: (values) => parts(rawValue(values, first), rawValue(values, last)),
    write: (target, current) => ({
      [first.name]: spelling(partOf(target, 'first'), current, first),
      [last.name]: spelling(partOf(target, 'last'), current, last),
    }),
  }
}

function structuredField(field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: 'value',
    read: (values) => {
      const raw = rawValue(values, field)
      if (raw === null || typeof raw !== 'object' || isList(raw)) return splitName(collapsedText(raw))
      const read = parts(raw['first_name'] ?? null, raw['last_name'] ?? null)
      // A string written without a comma becomes a first name only (Attio fact sheet 8): read it alike.
      return read ?? parts(raw['full_name'] ?? null, null)
    },
    write: (target) => ({
      [field.name]:
        target === null
          ? null
          : {
              first_name: partOf(target, 'first'),
              last_name: partOf(target, 'last'),
              full_name: fullName(target),
            },
    }),
  }
}

function textField(field: FieldShape): SideRule {
  return {
    fields: [field.name],
    channel: 'value',
    read: (values) => collapsedText(rawValue(values, field)),
    write: (target, current) => ({ [field.name]: spelling(fullName(target), current, field) }),
  }
}

function parts(first: FieldValue, last: FieldValue): Canonical {
  const name = { first: collapsedText(first), last: collapsedText(last) }
  return name.first === null && name.last === null ? null : name
}

function partOf(canonical: Canonical, part: 'first' | 'last'): string | null {
  if (canonical === null || typeof canonical !== 'object' || isList(canonical)) return null
  const text = canonical[part]
  return typeof text === 'string' ? text : null
}

/** Leaves a text alone that already means the target. */
function spelling(target: string | null, current: FieldValues, field: FieldShape): FieldValue {
  const raw = rawValue(current, field)
  return collapsedText(raw) === target ? raw : target
}

function sameParts(a: Canonical, b: Canonical): boolean {
  return partOf(a, 'first') === partOf(b, 'first') && partOf(a, 'last') === partOf(b, 'last')
}
