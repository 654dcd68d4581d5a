/**
 * Field values between Salesforce's JSON and our neutral shapes. The type of the describe decides (Salesforce fact
 * sheet 8, 17): numbers travel as text, several choices as one text with semicolons, references as bare ids.
 */
import type { FieldType } from '../../core/schema.ts'
import { isList, type FieldValue } from '../../core/value.ts'
import { toId18 } from './ids.ts'
import { isObject } from './wire.ts'

/** What has to be known of a field to read and write it. */
export interface ValueKind {
  readonly type: FieldType
  readonly multiple: boolean
  /** The object that a reference points at. */
  readonly target?: string
  /** Id ↔ name of what a choice is stored as: record types are chosen by name and stored as ids. */
  readonly names?: ReadonlyMap<string, string>
}

export interface DescribedField {
  readonly name: string
  readonly type: string
  readonly referenceTo: readonly string[]
}

const OWNERS = new Set(['User', 'Group'])

const TYPES: Readonly<Record<string, FieldType>> = {
  id: 'text',
  string: 'text',
  textarea: 'text',
  combobox: 'text',
  encryptedstring: 'text',
  time: 'text',
  picklist: 'option',
  multipicklist: 'option',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  double: 'number',
  currency: 'number',
  percent: 'number',
  date: 'date',
  datetime: 'instant',
  phone: 'phone',
  email: 'email',
  url: 'url',
  address: 'location',
}

export function valueKind({ type, referenceTo }: DescribedField): ValueKind {
  if (type === 'reference') {
    if (
      referenceTo.some((object) => object === 'User') &&
      referenceTo.every((object) => OWNERS.has(object))
    ) {
      return { type: 'user', multiple: false }
    }
    const [target, ...others] = referenceTo
    // One of many objects is only known by the id, and never writable for certain (`WhatId`).
    if (target === undefined || others.length > 0) return { type: 'opaque', multiple: false }
    return { type: 'reference', multiple: false, target }
  }
  return { type: TYPES[type] ?? 'opaque', multiple: type === 'multipicklist' }
}

/** A value as Salesforce prints it, in the neutral shape. What has an unexpected form stays text. */
export function decodeValue(kind: ValueKind, wire: unknown): FieldValue {
  if (kind.type === 'reference') {
    return typeof wire === 'string' && wire !== '' && kind.target ? [{ object: kind.target, id: wire }] : []
  }
  if (kind.multiple) return typeof wire === 'string' ? wire.split(';').filter((each) => each !== '') : []
  if (wire === null || wire === undefined || wire === '') return null
  if (kind.names && typeof wire === 'string') return kind.names.get(wire) ?? wire
  switch (kind.type) {
    case 'number':
      return typeof wire === 'string' || typeof wire === 'number'
        ? decimalText(String(wire))
        : JSON.stringify(wire)
    case 'boolean':
      return wire === true || wire === 'true'
    case 'location':
      return isObject(wire) ? decodeAddress(wire) : null
    case 'opaque':
      return JSON.stringify(wire)
    default:
      return typeof wire === 'string' ? wire : JSON.stringify(wire)
  }
}

/** A value as Salesforce takes it; null clears. Throws a `RangeError` that says what cannot be written. */
export function encodeValue(kind: ValueKind, value: FieldValue): string | boolean | null {
  if (isList(value)) return encodeList(kind, value)
  if (value === null) return null
  if (kind.type === 'reference') throw new RangeError('a reference is a list of records')
  if (kind.multiple) return encodeList(kind, [value])
  if (kind.names && typeof value === 'string') return idOf(kind.names, value)
  if (typeof value === 'boolean' || typeof value === 'string') return value === '' ? null : value
  const amount = value['amount']
  if (amount === null || typeof amount === 'string') return amount
  throw new RangeError('Salesforce has no field that could hold this composite value')
}

function encodeList(kind: ValueKind, value: readonly FieldValue[]): string | null {
  if (kind.type === 'reference') {
    const [first, ...others] = value
    if (first === undefined) return null
    if (others.length > 0) throw new RangeError('a lookup holds one record')
    const id = isObject(first) ? first['id'] : undefined
    if (typeof id !== 'string') throw new RangeError('a reference is a list of records')
    const known = toId18(id)
    if (known === null) throw new RangeError('the record referred to has no Salesforce id')
    return known
  }
  const words = value.map((element) => {
    if (typeof element !== 'string') throw new RangeError('a list of choices holds texts')
    if (element.includes(';')) {
      throw new RangeError('an element of a list contains ";", which separates elements in Salesforce')
    }
    return element
  })
  if (!kind.multiple && words.length > 1) throw new RangeError('the field holds one value')
  return words.length === 0 ? null : words.join(';')
}

function idOf(names: ReadonlyMap<string, string>, name: string): string {
  for (const [id, known] of names) if (known === name) return id
  throw new RangeError('the org has no such record type')
}

/** Lines of a street are lines of the address; codes exist where state and country picklists are on (17). */
function decodeAddress(address: Readonly<Record<string, unknown>>): FieldValue {
  const text = (member: string): string | null => {
    const found = address[member]
    return typeof found === 'string' && found !== ''
      ? found
      : typeof found === 'number'
        ? String(found)
        : null
  }
  const lines = (text('street') ?? '').split(/\r?\n/).filter((line) => line.trim() !== '')
  const [line1 = null, line2 = null, line3 = null, ...rest] = lines
  return {
    line_1: line1,
    line_2: line2,
    line_3: line3,
    line_4: rest.length === 0 ? null : rest.join(', '),
    locality: text('city'),
    region: text('state'),
    postcode: text('postalCode'),
    country_code: text('countryCode') ?? text('country'),
    latitude: text('latitude'),
    longitude: text('longitude'),
  }
}

/** Decimal text without exponent; digits are moved as text, because a double cannot hold them all. */
function decimalText(wire: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)[eE]([+-]?\d{1,3})$/.exec(wire)
  const plain = match ? withoutExponent(match) : wire
  // 15000.0 and 15000 are one number, and both forms are printed (17).
  return plain.includes('.') ? plain.replace(/\.?0*$/, '') : plain
}

function withoutExponent([, sign = '', whole = '', fraction = '', exponent = '0']: RegExpExecArray): string {
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : `${digits.slice(0, point).padEnd(point, '0')}.${digits.slice(point)}`
  const shown = text.replace(/^0+(?=\d)/, '')
  return sign === '-' && /[1-9]/.test(shown) ? `-${shown}` : shown
}
