/**
 * When something is to be done again: after so long, or at times of the day. Pure: a schedule is asked for the next
 * time after any moment, so that it runs on virtual time as well. Of node-cron only the reading of expressions is
 * used; its own tasks look at the system's clock.
 */
import { createTask, validateDetailed } from 'node-cron'

export interface Schedule {
  /** As it was written. */
  readonly text: string
  /** The first time after `afterMs`, epoch ms; `Infinity` when there is none. */
  next(afterMs: number): number
}

/** When each look of a pairing is due: see `stages/follow.ts`. */
export interface Looks {
  readonly poll: Schedule
  readonly listing: Schedule
  readonly delayedPoll: Schedule
  readonly sweep: Schedule
}

export function every(ms: number): Schedule {
  return { text: durationText(ms), next: (afterMs) => afterMs + ms }
}

/** The same, but never sooner than `leastMs` asks for at that moment. */
export function atLeastEvery(schedule: Schedule, leastMs: () => number): Schedule {
  return {
    text: schedule.text,
    next: (afterMs) => Math.max(schedule.next(afterMs), afterMs + leastMs()),
  }
}

export const NEVER: Schedule = { text: 'never', next: () => Infinity }

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `15s`, `5m`, `6h`, `1d` as milliseconds; null for anything else, and for no time at all. */
export function parseDuration(text: string): number | null {
  const [, count = '', unit = ''] = /^(\d{1,9})\s?(s|m|h|d)$/.exec(text) ?? []
  const ms = Number(count) * (UNITS[unit as keyof typeof UNITS] ?? 0)
  return ms > 0 ? ms : null
}

function durationText(ms: number): string {
  const [unit, size] = (Object.entries(UNITS) as [string, number][]).findLast(
    ([, each]) => ms % each === 0,
  ) ?? ['s', 1_000]
  return `${ms / size}${unit}`
}

/**
 * A duration, `never`, or a cron expression of five fields in `timezone` (IANA name). Returns what is wrong as text
 * for a person.
 */
export function parseSchedule(text: string, timezone: string): Schedule | { readonly wrong: string } {
  if (text === 'never') return NEVER
  const ms = parseDuration(text)
  if (ms !== null) return { ...every(ms), text }
  if (text.trim().split(/\s+/).length !== 5) {
    return {
      wrong: `\`${text}\` is neither a duration such as 15s, 5m or 6h nor a cron expression of five fields`,
    }
  }
  const { errors } = validateDetailed(text)
  const [first] = errors
  if (first) return { wrong: `\`${text}\` is not a cron expression: ${first.message}` }
  return cron(text, timezone)
}

const MINUTE_MS = 60_000
/** Wherever people live, an hour of theirs begins at a quarter of an hour of UTC. */
const QUARTER_MS = 15 * MINUTE_MS
/** Some expressions name a day that never comes. */
const FAR_MS = 366 * UNITS.d

function cron(text: string, timezone: string): Schedule {
  const at = createTask(text, () => undefined, { timezone })
  const inHour = createTask(`* ${text.trim().split(/\s+/).slice(1).join(' ')}`, () => undefined, { timezone })
  return {
    text,
    next(afterMs) {
      const endMs = afterMs + FAR_MS
      let ms = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS
      while (ms < endMs) {
        const date = new Date(ms)
        if (at.match(date)) return ms
        ms = inHour.match(date) ? ms + MINUTE_MS : (Math.floor(ms / QUARTER_MS) + 1) * QUARTER_MS
      }
      return Infinity
    },
  }
}
