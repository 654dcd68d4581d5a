/**
 * What one field accepts and what it stores (Salesforce fact sheet 6.2, 17). Most values come back changed: e-mail
 * addresses in lower case, blanks cut off, empty text as null, numbers rounded, seconds without fractions.
 */
import type { Field } from '../catalogue/field.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { parseClock, parseDay, parseInstant, stamp } from '../times.ts'
import { jsonProblem, refusal, type Problem } from '../wire.ts'
import type { Scalar } from './row-store.ts'

/** ASCII blanks only: a no-break space survives (17). */
const BLANKS = /^[\t\n\v\f\r ]+|[\t\n\v\f\r ]+$/g
const EMAIL = /^[^\s@<>(),;:"[\]\\]+@[^\s@<>(),;:"[\]\\.]+(\.[^\s@<>(),;:"[\]\\.]+)+$/
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** The stored form of a JSON value, null for none. `allowed`: values of a picklist now. */
export function storedValue(
  field: Field,
  raw: unknown,
  allowed: (field: Field) => ReadonlySet<string>,
): Scalar | null {
  if (raw === null) {
    // A checkbox is never null (17); that `null` is refused rather than ignored is the stricter reading.
    if (field.type === 'boolean') {
      throw refusal('INVALID_TYPE_ON_FIELD_IN_RECORD', `${field.label}: value not of required type: null`, [
        field.name,
      ])
    }
    return null
  }
  switch (field.type) {
    case 'boolean':
      return storedFlag(field, raw)
    case 'int':
    case 'double':
    case 'currency':
    case 'percent':
      return storedNumber(field, raw)
    case 'date':
      return storedText(field, raw, (text) => parseDay(text))
    case 'datetime':
      return storedText(field, raw, (text) => {
        const ms = parseInstant(text)
        return ms === null ? null : stamp(ms)
      })
    case 'time':
      return storedText(field, raw, parseClock)
    case 'picklist':
      return storedOption(field, textOf(field, raw), allowed)
    case 'multipicklist':
      return storedOptions(field, textOf(field, raw), allowed)
    case 'email':
      return storedEmail(field, textOf(field, raw))
    case 'string':
    case 'textarea':
    case 'combobox':
    case 'phone':
    case 'url':
    case 'id':
    case 'reference':
      return fitting(field, textOf(field, raw))
    case 'address':
      throw jsonProblem(`Cannot deserialize instance of address from ${kindOf(raw)}`)
  }
}

/** Numbers and flags are taken for text, as the API coerces freely (fact sheet 4). */
function textOf(field: Field, raw: unknown): string {
  if (typeof raw === 'string') {
    const text = field.type === 'textarea' ? raw.replaceAll(/\r\n?/g, '\n') : raw
    return text.replace(BLANKS, '')
  }
  if (typeof raw === 'number' || typeof raw === 'boolean') return String(raw)
  throw wrongKind(field, raw)
}

function fitting(field: Field, text: string): string | null {
  if (text === '') return null
  if (field.length > 0 && text.length > field.length) {
    throw refusal(
      'STRING_TOO_LONG',
      `${field.label}: data value too large: ${text} (max length=${field.length})`,
      [field.name],
    )
  }
  return text
}

function storedFlag(field: Field, raw: unknown): boolean {
  if (typeof raw === 'boolean') return raw
  if (typeof raw === 'string' && /^(true|false)$/i.test(raw)) return raw.toLowerCase() === 'true'
  throw wrongKind(field, raw)
}

function storedNumber(field: Field, raw: unknown): number | null {
  if (raw === '') return null
  const isNumber = typeof raw === 'number' || (typeof raw === 'string' && DECIMAL.test(raw.trim()))
  if (!isNumber) throw wrongKind(field, raw)
  const value = Number(raw)
  if (field.type === 'int' && !Number.isInteger(value)) throw wrongKind(field, raw)
  const rounded = field.type === 'int' ? value : roundHalfUp(value, field.scale)
  const digits = field.type === 'int' ? field.digits : field.precision - field.scale
  if (Math.abs(rounded) >= 10 ** digits) {
    throw refusal('NUMBER_OUTSIDE_VALID_RANGE', `${field.label}: value outside of valid range: ${value}`, [
      field.name,
    ])
  }
  return rounded
}

/** Surplus decimals vanish (17). By way of text, as 1.005 is less than it looks. */
function roundHalfUp(value: number, scale: number): number {
  const size = Math.abs(value)
  if (size >= 1e15) return value
  const [digits = '0', exponent = '0'] = String(size).split('e')
  const shifted = Math.round(Number(`${digits}e${Number(exponent) + scale}`))
  const rounded = Number(`${shifted}e-${scale}`)
  return value < 0 ? -rounded || 0 : rounded
}

function storedText(field: Field, raw: unknown, parse: (text: string) => string | null): string | null {
  if (raw === '') return null
  const parsed = typeof raw === 'string' ? parse(raw.trim()) : null
  if (parsed === null) throw wrongKind(field, raw)
  return parsed
}

function storedEmail(field: Field, text: string): string | null {
  const fit = fitting(field, text)
  if (fit === null) return null
  if (!EMAIL.test(fit)) {
    throw refusal('INVALID_EMAIL_ADDRESS', `${field.label}: invalid email address: ${fit}`, [field.name])
  }
  return fit.toLowerCase()
}

/** Unrestricted picklists take any text (fact sheet 0.17). */
function storedOption(
  field: Field,
  text: string,
  allowed: (field: Field) => ReadonlySet<string>,
): string | null {
  const fit = fitting(field, text)
  if (fit === null || !field.restrictedPicklist || allowed(field).has(fit)) return fit
  throw badOption(field, fit)
}

/** Stored in the order of the definition, whatever the order of the input (17). */
function storedOptions(
  field: Field,
  text: string,
  allowed: (field: Field) => ReadonlySet<string>,
): string | null {
  const wanted = [...new Set(text.split(';').map((entry) => entry.trim()))].filter((entry) => entry !== '')
  const known = allowed(field)
  const unknown = wanted.filter((entry) => !known.has(entry))
  if (field.restrictedPicklist && unknown[0] !== undefined) throw badOption(field, unknown[0])
  const ordered = [...[...known].filter((entry) => wanted.includes(entry)), ...unknown]
  return fitting(field, ordered.join(';'))
}

function badOption(field: Field, value: string): Problem {
  return refusal(
    'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
    `${field.label}: bad value for restricted picklist field: ${value}`,
    [field.name],
  )
}

function wrongKind(field: Field, raw: unknown): Problem {
  const isScalar = typeof raw === 'string' || typeof raw === 'number' || typeof raw === 'boolean'
  const shown = isScalar ? ` value ${String(raw)}` : ''
  return jsonProblem(
    `Cannot deserialize instance of ${field.type} from ${kindOf(raw)}${shown} or request may be missing a required field at [line:1, column:1]`,
  )
}

function kindOf(raw: unknown): string {
  if (Array.isArray(raw)) return 'START_ARRAY'
  if (typeof raw === 'object') return 'START_OBJECT'
  if (typeof raw === 'number') return Number.isInteger(raw) ? 'VALUE_NUMBER_INT' : 'VALUE_NUMBER_FLOAT'
  return typeof raw === 'boolean' ? 'VALUE_TRUE' : 'VALUE_STRING'
}

/** Values a picklist takes now, in the order of its definition. */
export function definedOptions(field: Field): readonly string[] {
  return field.picklistValues.filter(({ active }) => active).map(({ value }) => value)
}

export function unknownColumn(type: ObjectType, name: string): Problem {
  return refusal('INVALID_FIELD', `No such column '${name}' on sobject of type ${type.name}`)
}
