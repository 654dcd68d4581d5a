/** One codec per attribute type: an element on the wire and in neutral shape. Attio fact sheet 8. */
import type { FieldType } from '../../core/schema.ts'
import { isList } from '../../core/value.ts'
import type { FieldValue, Json } from '../../core/value.ts'
import { decimalText, exactNumber } from './decimal.ts'
import type { WireAttribute, WireValue } from './wire.ts'

/** A value that does not look as documented. Taking it for blank could clear the other side, so we stop. */
export class UnreadableValue extends Error {
  override readonly name = 'UnreadableValue'
}

export interface Codec {
  readonly type: FieldType
  /** One element. Null when the element holds nothing. */
  read(value: WireValue): FieldValue
  /** One element, never blank. A string names what is expected instead. Absent: not writable. */
  readonly write?: (value: FieldValue, attribute: WireAttribute) => Written
  /** What `$eq` compares this type with, from a text. Absent: cannot be searched by. */
  readonly filter?: (text: string) => Json | number
}

type Written = { readonly wire: unknown } | { readonly expected: string }

const NAME_PARTS = ['first_name', 'last_name', 'full_name'] as const

const LOCATION_PARTS = [
  'line_1',
  'line_2',
  'line_3',
  'line_4',
  'locality',
  'region',
  'postcode',
  'country_code',
  'latitude',
  'longitude',
] as const

/** The envelope of a value (7); everything else belongs to the type. */
const ENVELOPE = new Set(['active_from', 'active_until', 'created_by_actor', 'attribute_type'])

const CODECS: Readonly<Record<string, Codec>> = {
  text: textCodec('text', 'value', (text) => ({ value: text })),
  date: textCodec('date', 'value', (text) => ({ value: text })),
  timestamp: textCodec('instant', 'value', (text) => ({ value: text })),
  domain: textCodec('domain', 'domain', (text) => ({ domain: text })),
  'email-address': textCodec('email', 'email_address', (text) => ({ email_address: text })),
  // The object form wants a country code beside it; a bare string in E.164 says everything.
  'phone-number': textCodec('phone', 'phone_number', (text) => text),
  number: numberCodec(),
  rating: numberCodec(),
  checkbox: {
    type: 'boolean',
    read: (value) => {
      const checked = value['value']
      if (typeof checked === 'boolean' || checked === null) return checked
      throw new UnreadableValue('no boolean "value"')
    },
    write: (value) => (typeof value === 'boolean' ? { wire: { value } } : { expected: 'true or false' }),
  },
  currency: {
    type: 'money',
    read: (value) => {
      const amount = readDecimal(value['currency_value'], 'currency_value')
      return amount === null ? null : { amount, currency: readText(value, 'currency_code') }
    },
    write: writeMoney,
    filter: numberFilter,
  },
  select: {
    type: 'option',
    read: (value) => readTitle(value, 'option'),
    write: (value) =>
      typeof value === 'string' ? { wire: { option: value } } : { expected: 'an option title' },
    filter: (text) => text,
  },
  status: {
    type: 'option',
    read: (value) => readTitle(value, 'status'),
    write: (value) =>
      typeof value === 'string' ? { wire: { status: value } } : { expected: 'a status title' },
    filter: (text) => text,
  },
  'record-reference': {
    type: 'reference',
    read: (value) => ({ object: readText(value, 'target_object'), id: readText(value, 'target_record_id') }),
    write: (value) => {
      const { object, id } = members(value)
      if (typeof object !== 'string' || typeof id !== 'string')
        return { expected: 'an object and a record id' }
      return { wire: { target_object: object, target_record_id: id } }
    },
  },
  'actor-reference': {
    type: 'user',
    // Only members are people who can own something; "created by" may also name a token or the system.
    read: (value) =>
      value['referenced_actor_type'] === 'workspace-member' ? readText(value, 'referenced_actor_id') : null,
    write: (value) =>
      typeof value === 'string'
        ? { wire: { referenced_actor_type: 'workspace-member', referenced_actor_id: value } }
        : { expected: 'a workspace member id' },
  },
  'personal-name': {
    type: 'person-name',
    read: (value) => readParts(value, NAME_PARTS),
    write: writeName,
    filter: (text) => text,
  },
  location: {
    type: 'location',
    read: (value) => readParts(value, LOCATION_PARTS),
    // All ten keys or a 400 (8).
    write: (value) => {
      const parts = members(value)
      return { wire: Object.fromEntries(LOCATION_PARTS.map((part) => [part, parts[part] ?? null])) }
    },
  },
}

/** Interactions, formulas and types that Attio has yet to invent: shown, never mapped. */
const OPAQUE: Codec = {
  type: 'opaque',
  read: (value) =>
    JSON.stringify(Object.fromEntries(Object.entries(value).filter(([key]) => !ENVELOPE.has(key)))),
}

export function codecOf(attribute: WireAttribute): Codec {
  return CODECS[attribute.type] ?? OPAQUE
}

function textCodec(type: FieldType, property: string, wire: (text: string) => unknown): Codec {
  return {
    type,
    read: (value) => readText(value, property),
    write: (value) => (typeof value === 'string' ? { wire: wire(value) } : { expected: 'text' }),
    filter: (text) => text,
  }
}

function numberCodec(): Codec {
  return {
    type: 'number',
    read: (value) => readDecimal(value['value'], 'value'),
    write: (value) => {
      const number = typeof value === 'string' ? exactNumber(value) : null
      return number === null
        ? { expected: 'a decimal number of at most 15 digits' }
        : { wire: { value: number } }
    },
    filter: numberFilter,
  }
}

/** The currency belongs to the attribute and cannot be sent (8), so another one would be silently renamed. */
function writeMoney(value: FieldValue, attribute: WireAttribute): Written {
  const { amount, currency } = members(value)
  const kept = attribute.config?.currency?.default_currency_code
  if (typeof currency === 'string' && kept && currency !== kept) {
    return { expected: `an amount in ${kept}, the currency of this attribute, and got one in ${currency}` }
  }
  const number = typeof amount === 'string' ? exactNumber(amount) : null
  return number === null
    ? { expected: 'a decimal amount of at most 15 digits' }
    : { wire: { currency_value: number } }
}

/** Attio wants all three parts (8); a missing full name is made of the others, as its own forms do. */
function writeName(value: FieldValue): Written {
  const [first, last, full] = NAME_PARTS.map((part) => members(value)[part]).map((part) =>
    typeof part === 'string' ? part : '',
  )
  const whole = full?.trim() ? full : [first, last].filter(Boolean).join(' ')
  return { wire: { first_name: first, last_name: last, full_name: whole } }
}

function members(value: FieldValue): Readonly<Record<string, Json>> {
  return value !== null && typeof value === 'object' && !isList(value) ? { ...value } : {}
}

function readText(value: WireValue, property: string): string | null {
  const text = value[property]
  if (typeof text === 'string' || text === null) return text
  throw new UnreadableValue(`no text "${property}"`)
}

/** Documentation shows some numbers as text, live answers carry numbers (8): both are read. */
function readDecimal(value: unknown, property: string): string | null {
  if (value === null) return null
  if (typeof value === 'number') return decimalText(value)
  if (typeof value === 'string' && exactNumber(value) !== null) return value
  throw new UnreadableValue(`no number "${property}"`)
}

function readTitle(value: WireValue, property: string): string {
  const option = value[property]
  if (
    option !== null &&
    typeof option === 'object' &&
    'title' in option &&
    typeof option.title === 'string'
  ) {
    return option.title
  }
  throw new UnreadableValue(`no titled "${property}"`)
}

function readParts(value: WireValue, parts: readonly string[]): FieldValue {
  return Object.fromEntries(parts.map((part) => [part, readText(value, part)]))
}

function numberFilter(text: string): Json | number {
  return exactNumber(text) ?? text
}
