/**
 * Accepted writes of every attribute type, with the vendor's coercions. Attio fact sheet 8 and 8.1. A value is
 * the bare scalar or an object; the object forms refuse extra keys exactly where the published schema does.
 */
import { COUNTRY_CODES, countryCodeOf } from './countries.ts'
import { invalidValue, isObject } from './invalid-value.ts'
import { dateText, parseInstant, timestampText } from './instants.ts'
import { parseDomain, parseEmail, parsePhone } from './parse-contact.ts'
import { parseActorReference, parseOption, parseRecordReference } from './parse-reference.ts'
import { LOCATION_KEYS } from './value.ts'
import type { Location, ValueData } from './value.ts'
import type { Attribute, Workspace } from './workspace.ts'

/** The one value of `{key: …}`, or the bare value itself. Extra keys are refused. */
function unwrap(attribute: Attribute, input: unknown, key: string): unknown {
  if (!isObject(input)) return input
  const extra = Object.keys(input).filter((each) => each !== key)
  if (!(key in input) || extra.length > 0) {
    throw invalidValue(attribute, `expected only the key "${key}", got ${Object.keys(input).join(', ')}.`)
  }
  return input[key]
}

/** Like `unwrap`, for the types whose schema lets further keys pass. */
function unwrapLoosely(input: unknown, key: string): unknown {
  return isObject(input) ? input[key] : input
}

function text(attribute: Attribute, value: unknown): string {
  if (typeof value !== 'string') throw invalidValue(attribute, `expected a string, got ${describe(value)}.`)
  return value
}

const describe = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value

const TEXT_MAX_BYTES = 10 * 1024 * 1024

/** One value of an attribute, ready to store. Throws `AttioFault`. */
export function parseValue(workspace: Workspace, attribute: Attribute, input: unknown): ValueData {
  if (input === null || input === undefined) throw invalidValue(attribute, 'null is not a value.')
  switch (attribute.type) {
    case 'text': {
      const value = text(attribute, unwrap(attribute, input, 'value'))
      if (value.length > TEXT_MAX_BYTES) throw invalidValue(attribute, 'text is limited to 10 MB.')
      return { kind: 'text', value }
    }
    case 'number':
      return { kind: 'number', value: parseNumber(attribute, unwrap(attribute, input, 'value')) }
    case 'currency':
      return parseCurrency(attribute, input)
    case 'rating':
      return parseRating(attribute, unwrap(attribute, input, 'value'))
    case 'checkbox':
      return parseCheckbox(attribute, unwrap(attribute, input, 'value'))
    case 'date':
    case 'timestamp':
      return parseTime(attribute, attribute.type, unwrap(attribute, input, 'value'))
    case 'select':
    case 'status':
      return parseOption(
        attribute,
        unwrap(attribute, input, attribute.type === 'select' ? 'option' : 'status'),
      )
    case 'record-reference':
      return parseRecordReference(workspace, attribute, input, parseValue)
    case 'actor-reference':
      return parseActorReference(workspace, attribute, input)
    case 'location':
      return { kind: 'location', location: parseLocation(attribute, input) }
    case 'domain': {
      const value = text(attribute, unwrapLoosely(input, 'domain'))
      const data = parseDomain(value, { stripWww: workspace.settings.stripWww })
      if (!data) throw invalidValue(attribute, `"${value}" is not a domain.`)
      return data
    }
    case 'email-address': {
      const value = text(attribute, unwrapLoosely(input, 'email_address'))
      const data = parseEmail(value)
      if (!data) throw invalidValue(attribute, `"${value}" is not an email address.`)
      return data
    }
    case 'phone-number':
      return parsePhoneValue(attribute, input)
    case 'personal-name':
      return parseName(workspace, attribute, input)
    case 'interaction':
      throw invalidValue(attribute, 'interactions are written by Attio only.')
  }
}

function parseNumber(attribute: Attribute, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidValue(attribute, `expected a number, got ${describe(value)}.`)
  }
  // Documented as a float of four decimals; rounding rather than refusing is a guess.
  return Math.round(value * 10_000) / 10_000
}

function parseCurrency(attribute: Attribute, input: unknown): ValueData {
  const isWrapped = isObject(input)
  const raw = unwrap(attribute, input, 'currency_value')
  const isNumeric = !isWrapped && typeof raw === 'string' && /^-?\d+(\.\d+)?$/.test(raw.trim())
  const value = isNumeric ? Number(raw) : raw
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidValue(attribute, `expected an amount, got ${describe(raw)}.`)
  }
  if (Math.abs(value * 10_000 - Math.round(value * 10_000)) > 1e-4) {
    throw invalidValue(attribute, 'an amount has at most four decimals.')
  }
  return { kind: 'currency', value }
}

function parseRating(attribute: Attribute, value: unknown): ValueData {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 5) {
    throw invalidValue(attribute, 'expected a whole number from 0 to 5.')
  }
  return { kind: 'rating', value }
}

function parseCheckbox(attribute: Attribute, value: unknown): ValueData {
  if (value === true || value === 'true') return { kind: 'checkbox', value: true }
  if (value === false || value === 'false') return { kind: 'checkbox', value: false }
  throw invalidValue(attribute, `expected a boolean, got ${describe(value)}.`)
}

function parseTime(attribute: Attribute, kind: 'date' | 'timestamp', value: unknown): ValueData {
  const instant = parseInstant(text(attribute, value))
  if (!instant) throw invalidValue(attribute, 'expected an ISO 8601 date or time.')
  return { kind, value: kind === 'date' ? dateText(instant) : timestampText(instant) }
}

function parsePhoneValue(attribute: Attribute, input: unknown): ValueData {
  const original = text(attribute, unwrapLoosely(input, 'original_phone_number'))
  const country = (isObject(input) ? input['country_code'] : null) ?? null
  if (country !== null && (typeof country !== 'string' || !COUNTRY_CODES.has(country))) {
    throw invalidValue(attribute, 'country_code is not an ISO 3166-1 code.')
  }
  const data = parsePhone(original, country)
  if (!data) throw invalidValue(attribute, `"${original}" is not a valid phone number.`)
  return data
}

const NAME_KEYS = ['first_name', 'last_name', 'full_name'] as const

function parseName(workspace: Workspace, attribute: Attribute, input: unknown): ValueData {
  if (typeof input === 'string') {
    // "Last, First"; later commas stay in the first name, and without a comma everything is first name.
    const comma = input.indexOf(',')
    const first = (comma < 0 ? input : input.slice(comma + 1)).trim()
    const last = comma < 0 ? '' : input.slice(0, comma).trim()
    return { kind: 'personal-name', first, last, full: [first, last].filter(Boolean).join(' ') }
  }
  if (!isObject(input)) throw invalidValue(attribute, `expected a name, got ${describe(input)}.`)
  const absent = NAME_KEYS.filter((key) => input[key] === undefined)
  if (absent.length === 3 || (workspace.settings.nameNeedsAllParts && absent.length > 0)) {
    throw invalidValue(attribute, `missing ${absent.join(', ')}.`)
  }
  const first = text(attribute, input['first_name'] ?? '')
  const last = text(attribute, input['last_name'] ?? '')
  const full = text(attribute, input['full_name'] ?? [first, last].filter(Boolean).join(' '))
  return { kind: 'personal-name', first, last, full }
}

const LATITUDE = /^[-+]?([1-8]?\d(\.\d{1,9})?|90(\.0{1,9})?)$/
const LONGITUDE = /^[-+]?(180(\.0{1,9})?|((1[0-7]\d)|([1-9]?\d))(\.\d{1,9})?)$/

function parseLocation(attribute: Attribute, input: unknown): Location {
  if (typeof input === 'string') return guessLocation(input)
  if (!isObject(input)) throw invalidValue(attribute, `expected a location, got ${describe(input)}.`)
  const extra = Object.keys(input).filter((key) => !LOCATION_KEYS.some((known) => known === key))
  if (extra.length > 0) throw invalidValue(attribute, `unexpected ${extra.join(', ')}.`)
  const location: Record<string, string | null> = {}
  for (const key of LOCATION_KEYS) {
    const part = input[key]
    if (part === undefined) throw invalidValue(attribute, `missing ${key}; send null for an unknown part.`)
    if (part !== null && typeof part !== 'string') throw invalidValue(attribute, `${key} must be a string.`)
    location[key] = part
  }
  const { country_code: country, latitude, longitude } = location
  if (country && !COUNTRY_CODES.has(country)) throw invalidValue(attribute, `unknown country "${country}".`)
  if (latitude && !LATITUDE.test(latitude)) throw invalidValue(attribute, 'latitude is out of range.')
  if (longitude && !LONGITUDE.test(longitude)) throw invalidValue(attribute, 'longitude is out of range.')
  return location as Location
}

/**
 * The vendor parses a bare string with a geocoder; here the parts between commas are read from the end:
 * country, region with postcode, locality, and the rest as address lines.
 */
function guessLocation(input: string): Location {
  const parts = input
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)
  const country = parts.length > 1 ? countryCodeOf(parts.at(-1) ?? '') : null
  if (country) parts.pop()
  const regionPart = parts.length > 1 ? (parts.pop() ?? '') : ''
  const postcode = /\b[A-Z0-9]*\d[A-Z0-9 -]*$/i.exec(regionPart)?.[0] ?? null
  const region = regionPart.slice(0, regionPart.length - (postcode?.length ?? 0)).trim()
  const locality = parts.pop() ?? null
  const [line1 = null, line2 = null, line3 = null, ...more] = parts
  return {
    line_1: line1,
    line_2: line2,
    line_3: line3,
    line_4: more.length > 0 ? more.join(', ') : null,
    locality,
    region: region || null,
    postcode,
    country_code: country,
    latitude: null,
    longitude: null,
  }
}
