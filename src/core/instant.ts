/**
 * Vendor timestamps as epoch milliseconds, without `Date`: the core has no clock, and `Date` parsing accepts
 * far more than ISO 8601.
 */

const ISO = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?$/

/**
 * Epoch milliseconds of an ISO 8601 instant; digits below a millisecond are dropped, a missing zone is UTC.
 * Null when the text is not such an instant.
 */
export function instantMs(text: string): number | null {
  const match = ISO.exec(text.trim())
  if (!match) return null
  const [, year, month, day, hour, minute, second = '0', fraction = '', zone = 'Z'] = match
  const days = daysFromCivil(Number(year), Number(month), Number(day))
  if (days === null || Number(hour) > 24 || Number(minute) > 59 || Number(second) > 60) return null
  const millis = Number(fraction.slice(0, 3).padEnd(3, '0'))
  const local = ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60_000 + Number(second) * 1000 + millis
  return local - zoneOffsetMs(zone)
}

function zoneOffsetMs(zone: string): number {
  if (zone === 'Z') return 0
  const digits = zone.slice(1).replace(':', '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar (Howard Hinnant's civil-days formula). */
function daysFromCivil(year: number, month: number, day: number): number | null {
  if (month < 1 || month > 12 || day < 1 || day > 31) return null
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}
