/**
 * Phone numbers: E.164 by the numbering plans, national forms read in the declared region. What no plan knows
 * stays text with single blanks: it is compared, and written only where free text is allowed, because Attio
 * refuses numbers that cannot exist (Attio fact sheet 11).
 */
import { isSupportedCountry, parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js/max'
import type { Canonical } from '../../core/value.ts'
import { remembered } from '../../remembered.ts'
import type { ElementKind } from './element.ts'
import { elementTransform } from './arrangement.ts'
import { collapsedText } from './plain-text.ts'
import { keep, value, type Transform, type TransformSpec } from './transform.ts'

const E164 = /^(\+\d+)(?: ext\. (\d+))?$/

export function phoneTransform(spec: TransformSpec): Transform {
  return elementTransform(phoneKind(spec.settings.region), spec)
}

export function isPhoneRegion(region: string): region is CountryCode {
  return isSupportedCountry(region)
}

/** Whether a canonical value is a number that some numbering plan knows. */
export function isPhoneNumber(canonical: string): boolean {
  return E164.test(canonical)
}

export function phoneKind(region: string | undefined): ElementKind {
  const home = region !== undefined && isPhoneRegion(region) ? region : undefined
  const canonicalNumber = readerFor(home)
  return {
    canonise: (raw) => {
      const text = collapsedText(raw)
      return text === null ? null : canonicalNumber(text)
    },
    fit: (canonical, target) => {
      if (target.type !== 'phone') return value(canonical)
      const [, number] = typeof canonical === 'string' ? (E164.exec(canonical) ?? []) : []
      return number === undefined ? keep('not a phone number that exists') : value(number)
    },
    encode: (canonical) => canonical,
    agree: agreeOnNumber,
  }
}

/**
 * Reading a number takes as long as everything else about a record's fields, and a batch reads each one several
 * times: as listed, as read, as sent and as stored. Some batches' worth are remembered for every region.
 */
const NUMBERS_MAX = 2_000
const REGIONS_MAX = 300

const readerFor = remembered(
  (home: CountryCode | undefined) => remembered((text: string) => numberIn(text, home), NUMBERS_MAX),
  REGIONS_MAX,
)

/** In E.164, with its extension if it has one; text that is no number stays as it is. */
function numberIn(text: string, home: CountryCode | undefined): string {
  const phone = parsePhoneNumberFromString(text, home)
  if (!phone?.isValid()) return text
  return phone.ext === undefined ? phone.number : `${phone.number} ext. ${phone.ext}`
}

/** A side without an extension does not contradict one that has it: phone fields cannot store extensions. */
function agreeOnNumber(a: Canonical, b: Canonical): boolean {
  if (a === b) return true
  const [first, second] = [a, b].map((text) => (typeof text === 'string' ? E164.exec(text) : null))
  if (!first || !second || first[1] !== second[1]) return false
  return first[2] === undefined || second[2] === undefined
}
