/**
 * Property values between HubSpot's wire, where everything is text or null, and our neutral shapes. `type`
 * decides the value, `fieldType` is only the widget; pairs nobody documented degrade to text (HubSpot fact
 * sheet 11).
 */
import type { FieldType } from '../../core/schema.ts'
import { isList, type FieldValue } from '../../core/value.ts'
import type { PropertyDefinition } from './catalogue-calls.ts'

export interface ValueKind {
  readonly type: FieldType
  readonly multiple: boolean
}

const TEXT: ValueKind = { type: 'text', multiple: false }

/** Text properties whose name says what they hold; the type system of HubSpot does not. */
const BY_NAME: Readonly<Record<string, ValueKind>> = {
  email: { type: 'email', multiple: false },
  work_email: { type: 'email', multiple: false },
  hs_additional_emails: { type: 'email', multiple: true },
  phone: { type: 'phone', multiple: false },
  mobilephone: { type: 'phone', multiple: false },
  domain: { type: 'domain', multiple: false },
  hs_email_domain: { type: 'domain', multiple: false },
  hs_additional_domains: { type: 'domain', multiple: true },
  website: { type: 'url', multiple: false },
  hs_linkedin_url: { type: 'url', multiple: false },
  linkedin_company_page: { type: 'url', multiple: false },
  facebook_company_page: { type: 'url', multiple: false },
}

/** Properties that hold an id although HubSpot calls them numbers: never to be read as numbers (fact sheet 8). */
function isId(definition: PropertyDefinition): boolean {
  return (
    definition.name === 'hs_object_id' ||
    definition.name === 'associatedcompanyid' ||
    (definition.hubspotDefined === true && /_(id|key)$/.test(definition.name))
  )
}

export function valueKind(definition: PropertyDefinition | undefined): ValueKind {
  if (!definition) return TEXT
  const multiple = definition.fieldType === 'checkbox'
  if (definition.referencedObjectType === 'OWNER' || definition.name === 'hubspot_owner_id') {
    return { type: 'user', multiple }
  }
  switch (definition.type) {
    case 'number':
      return isId(definition) || definition.referencedObjectType ? TEXT : { type: 'number', multiple: false }
    case 'bool':
      return { type: 'boolean', multiple: false }
    case 'date':
      return { type: 'date', multiple: false }
    case 'datetime':
      return { type: 'instant', multiple: false }
    case 'enumeration':
      return BY_NAME[definition.name] ?? enumerationKind(definition, multiple)
    case 'phone_number':
      return { type: 'phone', multiple: false }
    case 'object_coordinates':
    case 'json':
      return { type: 'opaque', multiple: false }
    default:
      return BY_NAME[definition.name] ?? stringKind(definition)
  }
}

function enumerationKind(definition: PropertyDefinition, multiple: boolean): ValueKind {
  const isSwitch =
    definition.fieldType === 'booleancheckbox' &&
    definition.options.every(({ value }) => value === 'true' || value === 'false')
  return isSwitch ? { type: 'boolean', multiple: false } : { type: 'option', multiple }
}

function stringKind(definition: PropertyDefinition): ValueKind {
  return definition.fieldType === 'phonenumber' ? { type: 'phone', multiple: false } : TEXT
}

/** A value as HubSpot printed it, in the neutral shape. Never fails: what does not parse stays text. */
export function decodeValue(kind: ValueKind, wire: string | null): FieldValue {
  if (kind.multiple) return wire === null ? [] : wire.split(';').filter((element) => element !== '')
  if (wire === null || wire === '') return null
  switch (kind.type) {
    case 'number':
      return decimalText(wire)
    case 'boolean':
      return wire === 'true' ? true : wire === 'false' ? false : wire
    case 'date':
      return isEpochMs(wire) ? new Date(Number(wire)).toISOString().slice(0, 10) : wire
    case 'instant':
      // Write answers print some times as epoch milliseconds (HubSpot fact sheet 7.5).
      return isEpochMs(wire) ? new Date(Number(wire)).toISOString() : wire
    default:
      return wire
  }
}

/**
 * A value as HubSpot takes it; `''` clears. Throws a `RangeError` that says what cannot be written: an option
 * with the separator in it would come back as two.
 */
export function encodeValue(value: FieldValue): string {
  if (value === null) return ''
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (isList(value)) {
    const elements = value.map(encodeValue).filter((element) => element !== '')
    if (elements.some((element) => element.includes(';'))) {
      throw new RangeError('an element of a list contains ";", which separates elements in HubSpot')
    }
    return elements.join(';')
  }
  const amount = value['amount']
  if (amount === null || typeof amount === 'string') return amount ?? ''
  throw new RangeError('HubSpot has no property that could hold this composite value')
}

/** Digits alone are never ISO text; the bound is the latest instant that a JavaScript date can hold. */
function isEpochMs(wire: string): boolean {
  return /^-?\d+$/.test(wire) && Math.abs(Number(wire)) <= 8.64e15
}

/** Decimal text without exponent; digits are moved as text, because a double cannot hold them all. */
function decimalText(wire: string): string {
  const match = /^([+-]?)(\d*)\.?(\d*)[eE]([+-]?\d{1,3})$/.exec(wire)
  if (!match) return wire
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  const digits = whole + fraction
  const point = whole.length + Number(exponent)
  const text =
    point <= 0
      ? `0.${'0'.repeat(-point)}${digits}`
      : `${digits.slice(0, point).padEnd(point, '0')}.${digits.slice(point)}`
  const trimmed = text.replace(/\.?0*$/, '').replace(/^0+(?=\d)/, '')
  return `${sign === '-' ? '-' : ''}${trimmed}`
}
