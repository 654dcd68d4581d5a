/**
 * Addresses, one value: a part changed on each side is a conflict about the whole address, since a street from
 * one and a town from the other is an address nobody lives at.
 *
 * Text fields of the other side are listed in the order of `parts`. Countries are compared as ISO codes; a
 * text field keeps or gets the English name that people expect there.
 */
import type { Restored, SideRule } from '../../core/rules.ts'
import { isList, type Canonical, type FieldValue, type FieldValues } from '../../core/value.ts'
import type { LocationPart } from '../document.ts'
import type { FieldShape } from '../field-shape.ts'
import { countryCode, countryName, isCountryCode } from './country.ts'
import { collapsedText } from './plain-text.ts'
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

/** HubSpot's `address, city, state, zip, country`, in its own order. */
export const DEFAULT_PARTS: readonly LocationPart[] = [
  'line_1',
  'locality',
  'region',
  'postcode',
  'country_code',
]

const FURTHER_LINES = ['line_2', 'line_3', 'line_4'] as const

export function locationTransform(spec: TransformSpec): Transform {
  const parts = spec.settings.parts ?? DEFAULT_PARTS
  return lens(spec, {
    left: locationSide(spec.left, parts),
    right: locationSide(spec.right, parts),
    forward: (source) => fit(source, spec.right),
    backward: (source) => fit(source, spec.left),
  })
}

/** An address field takes known countries only (Attio fact sheet 11); text fields take any. */
function fit(source: Canonical, target: readonly FieldShape[]): Restored {
  const country = partOf(source, 'country_code')
  const isStrict = onlyField(target).type === 'location'
  return isStrict && country !== null && !isCountryCode(country) ? keep('not a country') : value(source)
}

function locationSide(fields: readonly FieldShape[], parts: readonly LocationPart[]): SideRule {
  return fields.length === 1 && onlyField(fields).type === 'location'
    ? wholeLocation(onlyField(fields), parts)
    : textFields(fields, parts)
}

function wholeLocation(field: FieldShape, parts: readonly LocationPart[]): SideRule {
  const rawOf = (values: FieldValues): Record<string, FieldValue> => {
    const raw = rawValue(values, field)
    return raw !== null && typeof raw === 'object' && !isList(raw) ? { ...raw } : {}
  }
  const read = (values: FieldValues): Canonical =>
    addressOf(parts, (part) => partText(part, rawOf(values)[part] ?? null))
  return {
    fields: [field.name],
    channel: field.channel,
    read,
    write: (target, current) => {
      if (target === null) return { [field.name]: null }
      const raw = rawOf(current)
      const isNewStreet = partOf(target, 'line_1') !== partOf(read(current), 'line_1')
      const further = FURTHER_LINES.map((line) => [line, isNewStreet ? null : (raw[line] ?? null)] as const)
      const mapped = parts.map((part) => [part, partOf(target, part)] as const)
      return {
        [field.name]: {
          ...EMPTY_LOCATION,
          ...pick(raw, ['locality', 'region', 'postcode', 'country_code']),
          ...Object.fromEntries(further),
          ...Object.fromEntries(mapped),
        },
      }
    },
  }
}

/** All ten members must be sent (Attio fact sheet 8). Coordinates of the old place would be wrong for the new. */
const EMPTY_LOCATION = {
  line_1: null,
  line_2: null,
  line_3: null,
  line_4: null,
  locality: null,
  region: null,
  postcode: null,
  country_code: null,
  latitude: null,
  longitude: null,
}

function textFields(fields: readonly FieldShape[], parts: readonly LocationPart[]): SideRule {
  const named = parts.flatMap((part, index) => {
    const field = fields[index]
    return field ? [{ part, field }] : []
  })
  return {
    fields: fieldNamesOf(fields),
    channel: 'value',
    read: (values) => {
      const byPart = new Map(named.map(({ part, field }) => [part, rawValue(values, field)]))
      return addressOf(parts, (part) => partText(part, byPart.get(part) ?? null))
    },
    write: (target, current) =>
      Object.fromEntries(
        named.map(({ part, field }) => {
          const raw = rawValue(current, field)
          const wanted = partOf(target, part)
          if (partText(part, raw) === wanted) return [field.name, raw]
          return [field.name, part === 'country_code' && wanted !== null ? countryName(wanted) : wanted]
        }),
      ),
  }
}

function addressOf(parts: readonly LocationPart[], text: (part: LocationPart) => string | null): Canonical {
  const address = Object.fromEntries(parts.map((part) => [part, text(part)]))
  return Object.values(address).every((part) => part === null) ? null : address
}

function partText(part: LocationPart, raw: FieldValue): string | null {
  const text = collapsedText(raw)
  return part === 'country_code' && text !== null ? countryCode(text) : text
}

function partOf(address: Canonical, part: LocationPart): string | null {
  if (address === null || typeof address !== 'object' || isList(address)) return null
  const text = address[part]
  return typeof text === 'string' ? text : null
}

function pick(raw: Record<string, FieldValue>, parts: readonly LocationPart[]): Record<string, FieldValue> {
  return Object.fromEntries(parts.map((part) => [part, raw[part] ?? null]))
}
