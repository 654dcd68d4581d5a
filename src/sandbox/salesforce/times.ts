/**
 * Times and dates as Salesforce writes and reads them (Salesforce fact sheet 4, 17). Stored values are text in the
 * form of the answer, so that comparing the text compares the time.
 */

const ISO_DAY = /^(\d{4})-(\d{2})-(\d{2})$/
/** The zone is required; seconds are not. */
const ISO_TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})(?::(\d{2})(?:\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$/i
const CLOCK = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.(\d{1,3}))?)?Z?$/

const FIRST_YEAR = 1700
const LAST_YEAR = 4000

/** `2026-05-01T07:25:37.000+0000`: whole seconds, always UTC, no colon in the zone. */
export function stamp(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}.000+0000`
}

export function stampMs(text: string): number {
  return Date.parse(`${text.slice(0, 19)}Z`)
}

/** Epoch milliseconds of ISO text with a zone, or null. Fractions of seconds are dropped, as on save. */
export function parseInstant(text: string): number | null {
  const [, day = '', hourAndMinute = '', second = '00', zone = ''] = ISO_TIME.exec(text) ?? []
  if (parseDay(day) === null) return null
  const offset = /^z$/i.test(zone) ? 'Z' : zone.replace(/^([+-]\d{2}):?(\d{2})$/, '$1:$2')
  const ms = Date.parse(`${day}T${hourAndMinute}:${second}${offset}`)
  return Number.isNaN(ms) ? null : ms
}

/** The same day when it is one in the calendar, otherwise null. */
export function parseDay(text: string): string | null {
  const [, year] = ISO_DAY.exec(text) ?? []
  if (year === undefined || Number(year) < FIRST_YEAR || Number(year) > LAST_YEAR) return null
  const ms = Date.parse(`${text}T00:00:00Z`)
  // Some parsers take 31 February for 3 March: the printed day must be the same.
  return Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== text ? null : text
}

/** `HH:MM:SS.mmmZ`, or null. */
export function parseClock(text: string): string | null {
  const [, hours, minutes, seconds = '00', millis = ''] = CLOCK.exec(text) ?? []
  if (hours === undefined || minutes === undefined) return null
  return `${hours}:${minutes}:${seconds}.${millis.padEnd(3, '0')}Z`
}

/** The date of `ms` on a calendar in this zone. */
export function dayIn(timeZone: string, ms: number): string {
  return dayFormat(timeZone).format(ms)
}

/** Midnight of a day in this zone, as epoch milliseconds. */
export function midnightIn(timeZone: string, day: string): number {
  const guess = Date.parse(`${day}T00:00:00Z`)
  // The offset at midnight: what the zone's clock shows at the guess, compared with the guess; once more, as the
  // offset may be another one there.
  const once = guess - offsetAt(timeZone, guess)
  return guess - offsetAt(timeZone, once)
}

/** The same day moved by a number of days. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** The time of `ms` on a clock in this zone: `HH:MM:SS`. */
export function clockIn(timeZone: string, ms: number): string {
  return new Date(Math.floor(ms / 1000) * 1000 + offsetAt(timeZone, ms)).toISOString().slice(11, 19)
}

const dayFormats = new Map<string, Intl.DateTimeFormat>()
const clockFormats = new Map<string, Intl.DateTimeFormat>()

function dayFormat(timeZone: string): Intl.DateTimeFormat {
  let format = dayFormats.get(timeZone)
  if (format === undefined) {
    // Swedish dates are ISO dates.
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short' })
    dayFormats.set(timeZone, format)
  }
  return format
}

function offsetAt(timeZone: string, ms: number): number {
  let format = clockFormats.get(timeZone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' })
    clockFormats.set(timeZone, format)
  }
  const shown = format.format(ms).replace(' ', 'T')
  return Date.parse(`${shown}Z`) - Math.floor(ms / 1000) * 1000
}
