/**
 * The vendor's times: nine fractional digits on output (Attio fact sheet 3), generous input with the coercions
 * of 8.1, and ISO 8601 durations for default values.
 */
import { remembered } from '../../remembered.ts'

const STAMPS_MAX = 10_000

/** `2026-05-09T21:43:08.480000000Z`. Many values share one instant. */
export const stamp = remembered(
  (ms: number) => `${new Date(ms).toISOString().slice(0, -1)}000000Z`,
  STAMPS_MAX,
)

export interface Instant {
  readonly ms: number
  /** Digits below the millisecond, up to three kept: the vendor stores microseconds at best. */
  readonly micros: string
  readonly hasTime: boolean
}

const ISO =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

/** Reads an ISO 8601 date or time; missing parts are their smallest value, a missing offset is UTC. */
export function parseInstant(text: string): Instant | null {
  const match = ISO.exec(text.trim())
  if (!match) return null
  const part = (index: number, fallback: number): number => Number(match[index] ?? fallback)
  const [year, month, day] = [part(1, 1), part(2, 1), part(3, 1)]
  const [hour, minute, second] = [part(4, 0), part(5, 0), part(6, 0)]
  if (hour > 23 || minute > 59 || second > 59) return null
  const fraction = (match[7] ?? '').padEnd(9, '0')
  const local = Date.UTC(year, month - 1, day, hour, minute, second, Number(fraction.slice(0, 3)))
  const check = new Date(local)
  if (check.getUTCFullYear() !== year || check.getUTCMonth() !== month - 1 || check.getUTCDate() !== day) {
    return null
  }
  const ms = local - offsetMinutes(match[8]) * 60_000
  const utcYear = new Date(ms).getUTCFullYear()
  if (utcYear > 9999 || utcYear < 0) return null
  return { ms, micros: fraction.slice(3, 6), hasTime: match[4] !== undefined }
}

function offsetMinutes(offset: string | undefined): number {
  if (offset === undefined || offset === 'Z') return 0
  const digits = offset.slice(1).replace(':', '')
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)
  return offset.startsWith('-') ? -minutes : minutes
}

export const timestampText = (instant: Instant): string =>
  `${new Date(instant.ms).toISOString().slice(0, -1)}${instant.micros}000Z`

/** The UTC day: an offset that moves the instant to another day wins. Attio fact sheet 8.1. */
export const dateText = (instant: Instant): string => new Date(instant.ms).toISOString().slice(0, 10)

const DURATION = /^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/

/** `ms` plus an ISO 8601 duration, or null when the text is none. */
export function addDuration(ms: number, text: string): number | null {
  const match = DURATION.exec(text)
  if (!match || text === 'P' || text.endsWith('T')) return null
  const part = (index: number): number => Number(match[index] ?? 0)
  const date = new Date(ms)
  date.setUTCFullYear(date.getUTCFullYear() + part(1), date.getUTCMonth() + part(2))
  const days = part(3) * 7 + part(4)
  return date.getTime() + ((days * 24 + part(5)) * 3600 + part(6) * 60 + part(7)) * 1000
}
