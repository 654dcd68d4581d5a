/** Calendar arithmetic without a clock: reading and printing days and UTC instants. */
import { instantMs } from '../../core/instant.ts'

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const EPOCH_MS = /^-?\d{11,14}$/
const DAY_MS = 86_400_000

/** Whether the text is a day that exists, `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const match = DAY.exec(text)
  if (!match) return false
  const [year, month, day] = match.slice(1).map(Number)
  return (
    year !== undefined && month !== undefined && day !== undefined && day > 0 && day <= daysIn(year, month)
  )
}

/**
 * Epoch milliseconds of an ISO 8601 instant, of a bare day (its midnight, UTC: HubSpot fact sheet 11) or of
 * epoch milliseconds as text, which HubSpot uses for some values in write answers. Null for anything else.
 */
export function readInstantMs(text: string): number | null {
  if (EPOCH_MS.test(text)) return Number(text)
  if (isDay(text)) return instantMs(`${text}T00:00:00Z`)
  return isDay(text.slice(0, 10)) ? instantMs(text) : null
}

/** `YYYY-MM-DD` of an instant, in UTC. Null outside the years 0 to 9999. */
export function dayOf(ms: number): string | null {
  const days = Math.floor(ms / DAY_MS) + 719_468
  const era = Math.floor(days / 146_097)
  const dayOfEra = days - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  if (year < 0 || year > 9999) return null
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`
}

/** `YYYY-MM-DDTHH:MM:SS.mmmZ` of an instant. Null outside the years 0 to 9999. */
export function instantText(ms: number): string | null {
  const day = dayOf(ms)
  if (day === null) return null
  const rest = ms - Math.floor(ms / DAY_MS) * DAY_MS
  const clock = [Math.floor(rest / 3_600_000), Math.floor(rest / 60_000) % 60, Math.floor(rest / 1000) % 60]
  return `${day}T${clock.map((part) => pad(part, 2)).join(':')}.${pad(rest % 1000, 3)}Z`
}

function daysIn(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  if (month < 1 || month > 12) return 0
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0')
}
