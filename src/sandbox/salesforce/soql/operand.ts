/** Left sides of conditions and sort keys: how to get their value, and how literals compare with it. */
import type { Field } from '../catalogue/field.ts'
import { normalId } from '../ids.ts'
import type { Scalar, Values } from '../rows/row-store.ts'
import { dayIn, midnightIn, stamp } from '../times.ts'
import type { Problem } from '../wire.ts'
import type { Literal, Path, PathFunction } from './ast.ts'
import { dateFunction } from './date-functions.ts'
import { queryError } from './malformed.ts'
import { relativeDays } from './relative-dates.ts'
import { follow, resolve, type Scope } from './scope.ts'
import { plainText } from './tokens.ts'

/** A value that compares with others of the same field: text in lower case, ids with 15 characters. */
export type Key = string | number | boolean | null

export interface BoundOperand {
  readonly field: Field
  /** Where it stands in the query; the vendor shows this place when the literal beside it does not fit. */
  readonly at: number
  /** Directly on the object of the query, so that an index may help. */
  readonly isOwn: boolean
  /** Raw value, null for none. */
  readonly value: (values: Values) => Scalar | null
  readonly key: (values: Values) => Key
}

/** A literal as a key, or for relative dates as a range: from `start` on, before `end`. */
export type BoundLiteral =
  | { readonly kind: 'key'; readonly key: Key }
  | { readonly kind: 'range'; readonly start: string; readonly end: string }

const NUMBERS = new Set<Field['type']>(['int', 'double', 'currency', 'percent'])
const IDS = new Set<Field['type']>(['id', 'reference'])

export function bindOperand(scope: Scope, path: Path): BoundOperand {
  const { steps, field } = resolve(scope, path)
  const { org } = scope
  const { name } = field
  const value =
    steps.length === 0
      ? (values: Values) => values[name] ?? null
      : (values: Values) => follow(org, steps, values)?.[name] ?? null
  if (path.fn !== null) return bindFunction(scope, path, path.fn, { field, value })
  const toKey = keyOf(field)
  return {
    field,
    at: path.at,
    isOwn: steps.length === 0,
    value,
    key: (values) => {
      const raw = value(values)
      return raw === null ? null : toKey(raw)
    },
  }
}

function bindFunction(
  { org, soql }: Scope,
  path: Path,
  { name, inUserZone }: PathFunction,
  { field, value }: Pick<BoundOperand, 'field' | 'value'>,
): BoundOperand {
  const fn = dateFunction(name, field, inUserZone ? org.settings.timeZone : 'UTC')
  if (fn === null) {
    throw queryError('INVALID_FIELD', soql, {
      at: path.at,
      message: `field '${field.name}' does not support date function ${name.toUpperCase()}`,
    })
  }
  const taken = (values: Values): Scalar | null => {
    const raw = value(values)
    return raw === null ? null : fn.take(raw)
  }
  return { field: fn.field, at: path.at, isOwn: false, value: taken, key: taken }
}

/** How a stored value of this field becomes a key. */
function keyOf(field: Field): (value: Scalar) => Key {
  if (IDS.has(field.type)) return (value) => String(value).slice(0, 15)
  if (NUMBERS.has(field.type) || field.type === 'boolean') return (value) => value
  if (field.type === 'date' || field.type === 'datetime' || field.type === 'time') return (value) => value
  return field.caseSensitive ? (value) => String(value) : (value) => String(value).toLowerCase()
}

export function requireFilterable(scope: Scope, { field, at }: BoundOperand): void {
  if (field.filterable && field.type !== 'address') return
  throw queryError('INVALID_FIELD', scope.soql, {
    at,
    message: `field '${field.name}' can not be filtered in a query call`,
  })
}

/** The literal as the field reads it; a literal of another type is an error that names the type wanted. */
export function bindLiteral(scope: Scope, operand: BoundOperand, literal: Literal): BoundLiteral {
  if (literal.kind === 'null') return key(null)
  const { field } = operand
  switch (field.type) {
    case 'id':
    case 'reference':
      return key(idKey(scope, operand, literal))
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      if (literal.kind !== 'number') throw wrongLiteral(scope, operand)
      return key(literal.value)
    case 'boolean':
      if (literal.kind !== 'boolean') throw wrongLiteral(scope, operand)
      return key(literal.value)
    case 'date':
    case 'datetime':
    case 'time':
      return timeLiteral(scope, operand, literal)
    case 'string':
    case 'textarea':
    case 'picklist':
    case 'multipicklist':
    case 'combobox':
    case 'phone':
    case 'email':
    case 'url':
    case 'address': {
      if (literal.kind !== 'text') throw wrongLiteral(scope, operand)
      const text = plainText(literal.value)
      // Empty text is null (9).
      if (text === '') return key(null)
      return key(field.caseSensitive ? text : text.toLowerCase())
    }
  }
}

function idKey(scope: Scope, operand: BoundOperand, literal: Literal): string | null {
  if (literal.kind !== 'text') throw wrongLiteral(scope, operand)
  if (literal.value === '') return null
  const id = normalId(literal.value)
  if (id === null) {
    throw badFilter(scope, operand, `invalid ID field: ${literal.value}`)
  }
  return id.slice(0, 15)
}

function timeLiteral(scope: Scope, operand: BoundOperand, literal: Literal): BoundLiteral {
  const { field } = operand
  if (literal.kind === 'relative') {
    const { org } = scope
    const { timeZone } = org.settings
    const { start, end } = relativeDays(literal.name, literal.count, dayIn(timeZone, org.now()))
    if (field.type === 'date') return { kind: 'range', start, end }
    if (field.type === 'time') throw wrongLiteral(scope, operand)
    const instant = (day: string): string => stamp(midnightIn(timeZone, day))
    return { kind: 'range', start: instant(start), end: instant(end) }
  }
  if (literal.kind !== field.type) throw wrongLiteral(scope, operand)
  return key(literal.value as string)
}

/** A condition that its field does not take, with the place of the field. */
export function badFilter({ soql }: Scope, { at }: BoundOperand, message: string): Problem {
  return queryError('INVALID_QUERY_FILTER_OPERATOR', soql, { at, message })
}

export function wrongLiteral({ soql }: Scope, { field, at }: BoundOperand): Problem {
  const isText = field.soapType === 'xsd:string' || field.soapType === 'tns:ID'
  const type = field.soapType.split(':')[1] ?? field.type
  return queryError('INVALID_FIELD', soql, {
    at,
    message: `value of filter criterion for field '${field.name}' must be of type ${type} and should ${isText ? '' : 'not '}be enclosed in quotes`,
  })
}

function key(value: Key): BoundLiteral {
  return { kind: 'key', key: value }
}
