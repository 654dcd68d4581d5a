/**
 * Accepted writes of every attribute type, with the vendor's coercions. Attio fact sheet 8 and 8.1. A value is
 * the bare scalar or an object; the object forms refuse extra keys exactly where the published schema does.
 */
import { COUNTRY_CODES, countryCodeOf } from './countries.ts'
import { wrongType } from './fault.ts'
import type { AttioFault } from './fault.ts'
import { invalidType, invalidValue, isObject } from './invalid-value.ts'
import { dateText, parseInstant, timestampText } from './instants.ts'
import { parseDomain, parseEmail, parsePhone } from './parse-contact.ts'
import { parseActorReference, parseOption, parseRecordReference } from './parse-reference.ts'
import { LOCATION_KEYS } from './value.ts'
import type { Location, ValueData } from './value.ts'
import type { Attribute, Workspace } from './workspace.ts'

/** The one value of `{key: …}`, undefined when it is absent, or the bare value itself. Extra keys are refused. */
function unwrap(attribute: Attribute, input: unknown, key: string): unknown {
  if (!isObject(input)) return input
  refuseExtraKeys(attribute, input, [key])
  return input[key]
}

function refuseExtraKeys(
  attribute: Attribute,
  input: Readonly<Record<string, unknown>>,
  known: readonly string[],
): void {
  const extra = Object.keys(input).filter((key) => !known.includes(key))
  if (extra.length === 0) return
  const message = `Unrecognized key(s) in object: ${extra.map((key) => `'${key}'`).join(', ')}`
  throw invalidValue(attribute, [{ code: 'unrecognized_keys', path: [], message }])
}

/** Like `unwrap`, for the types whose schema lets further keys pass. */
function unwrapLoosely(input: unknown, key: string): unknown {
  return isObject(input) ? input[key] : input
}

/** The part of a value under `key`, which must be a string. */
function text(attribute: Attribute, value: unknown, key: string): string {
  if (typeof value === 'string') return value
  throw invalidType(attribute, { key, expected: 'string', received: value })
}

/** A part that has the right type and is refused all the same. */
const invalidPart = (attribute: Attribute, key: string, message: string): AttioFault =>
  invalidValue(attribute, [{ code: 'invalid', path: [key], message }])

const TEXT_MAX_BYTES = 10 * 1024 * 1024

/** One value of an attribute, ready to store. Throws `AttioFault`. */
export function parseValue(workspace: Workspace, attribute: Attribute, input: unknown): ValueData {
  if (input === null || input === undefined)
    throw invalidType(attribute, { expected: 'value', received: input })
  switch (attribute.type) {
    case 'text': {
      const value = text(attribute, unwrap(attribute, input, 'value'), 'value')
      if (Buffer.byteLength(value) > TEXT_MAX_BYTES)
        throw invalidValue(attribute, 'Text is limited to 10 MB.')
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
      const value = text(attribute, unwrapLoosely(input, 'domain'), 'domain')
      const data = parseDomain(value, { stripWww: workspace.settings.stripWww })
      if (!data) throw invalidPart(attribute, 'domain', 'Invalid domain')
      return data
    }
    case 'email-address': {
      const value = text(attribute, unwrapLoosely(input, 'email_address'), 'email_address')
      const data = parseEmail(value)
      if (!data) throw invalidPart(attribute, 'email_address', 'Invalid email address')
      return data
    }
    case 'phone-number':
      return parsePhoneValue(attribute, input)
    case 'personal-name':
      return parseName(workspace, attribute, input)
    case 'interaction':
      throw invalidValue(attribute, 'Interactions are written by Attio only.')
  }
}

function parseNumber(attribute: Attribute, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidType(attribute, { key: 'value', expected: 'number', received: value })
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
    throw invalidType(attribute, { key: 'currency_value', expected: 'number', received: raw })
  }
  if (Math.abs(value * 10_000 - Math.round(value * 10_000)) > 1e-4) {
    throw invalidPart(attribute, 'currency_value', 'An amount has at most four decimals')
  }
  return { kind: 'currency', value }
}

function parseRating(attribute: Attribute, value: unknown): ValueData {
  if (typeof value !== 'number') {
    throw invalidType(attribute, { key: 'value', expected: 'number', received: value })
  }
  if (!Number.isInteger(value) || value < 0 || value > 5) {
    throw invalidPart(attribute, 'value', 'Expected a whole number from 0 to 5')
  }
  return { kind: 'rating', value }
}

function parseCheckbox(attribute: Attribute, value: unknown): ValueData {
  if (value === true || value === 'true') return { kind: 'checkbox', value: true }
  if (value === false || value === 'false') return { kind: 'checkbox', value: false }
  throw invalidType(attribute, { key: 'value', expected: 'boolean', received: value })
}

function parseTime(attribute: Attribute, kind: 'date' | 'timestamp', value: unknown): ValueData {
  const instant = parseInstant(text(attribute, value, 'value'))
  if (!instant) throw invalidPart(attribute, 'value', 'Expected an ISO 8601 date or time')
  return { kind, value: kind === 'date' ? dateText(instant) : timestampText(instant) }
}

function parsePhoneValue(attribute: Attribute, input: unknown): ValueData {
  const key = 'original_phone_number'
  const original = text(attribute, unwrapLoosely(input, key), key)
  const country = (isObject(input) ? input['country_code'] : null) ?? null
  if (country !== null && (typeof country !== 'string' || !COUNTRY_CODES.has(country))) {
    throw invalidPart(attribute, 'country_code', 'Invalid country code')
  }
  const data = parsePhone(original, country)
  if (!data) throw invalidPart(attribute, key, 'Invalid phone number')
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
  if (!isObject(input)) throw invalidType(attribute, { expected: 'object', received: input })
  const absent = NAME_KEYS.filter((key) => input[key] === undefined)
  if (absent.length === 3 || (workspace.settings.nameNeedsAllParts && absent.length > 0)) {
    const issues = absent.map((key) => wrongType({ path: [key], expected: 'string', received: undefined }))
    throw invalidValue(attribute, issues)
  }
  const part = (key: (typeof NAME_KEYS)[number], fallback: string): string =>
    input[key] === undefined ? fallback : text(attribute, input[key], key)
  const [first, last] = [part('first_name', ''), part('last_name', '')]
  const full = part('full_name', [first, last].filter(Boolean).join(' '))
  return { kind: 'personal-name', first, last, full }
}

const LATITUDE = /^[-+]?([1-8]?\d(\.\d{1,9})?|90(\.0{1,9})?)$/
const LONGITUDE = /^[-+]?(180(\.0{1,9})?|((1[0-7]\d)|([1-9]?\d))(\.\d{1,9})?)$/

function parseLocation(attribute: Attribute, input: unknown): Location {
  if (typeof input === 'string') return guessLocation(input)
  if (!isObject(input)) throw invalidType(attribute, { expected: 'object', received: input })
  refuseExtraKeys(attribute, input, LOCATION_KEYS)
  const wrong = LOCATION_KEYS.filter((key) => input[key] !== null && typeof input[key] !== 'string')
  if (wrong.length > 0) {
    const issues = wrong.map((key) => wrongType({ path: [key], expected: 'string', received: input[key] }))
    throw invalidValue(attribute, issues)
  }
  const location = Object.fromEntries(LOCATION_KEYS.map((key) => [key, input[key]])) as Location
  const { country_code: country, latitude, longitude } = location
  if (country && !COUNTRY_CODES.has(country))
    throw invalidPart(attribute, 'country_code', 'Invalid country code')
  if (latitude && !LATITUDE.test(latitude)) throw invalidPart(attribute, 'latitude', 'Invalid latitude')
  if (longitude && !LONGITUDE.test(longitude)) throw invalidPart(attribute, 'longitude', 'Invalid longitude')
  return location
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
