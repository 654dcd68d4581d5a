/** When it is looked, and how long things are kept. */
import { ConfigError } from '../errors.ts'
import { parseDuration, parseSchedule, type Looks } from '../schedule.ts'
import type { ConfigDocument } from './file.ts'
import type { RetentionSettings } from './settings.ts'

/** Where nothing is said. */
export const DEFAULT_TIMES = { poll: '15s', listing: '1m', 'delayed-poll': '10m', sweep: '6h' } as const

/** The times of one pairing: its own, else those of all, else ours. */
export function looksOf(document: ConfigDocument, pairing: string): Looks {
  const { schedule: shared, pairings } = document.body
  if (!isTimezone(shared.timezone)) {
    throw new ConfigError(`there is no time zone \`${shared.timezone}\``, {
      at: document.at(['schedule', 'timezone']),
      hint: 'use an IANA name such as Europe/Berlin or America/New_York',
    })
  }
  const look = (name: keyof typeof DEFAULT_TIMES) => {
    const own = pairings[pairing]?.schedule[name]
    const text = own ?? shared[name] ?? DEFAULT_TIMES[name]
    const parsed = parseSchedule(text, shared.timezone)
    if (!('wrong' in parsed)) return parsed
    throw new ConfigError(parsed.wrong, {
      at: document.at([...(own === undefined ? [] : ['pairings', pairing]), 'schedule', name]),
      hint: 'for example 15s, 6h, "0 3 * * *" (at three every night) or never',
    })
  }
  return {
    poll: look('poll'),
    listing: look('listing'),
    delayedPoll: look('delayed-poll'),
    sweep: look('sweep'),
  }
}

/** Where nothing is said. */
export const DEFAULT_RETENTION = { changes: '30d', journal: '180d', conflicts: '180d' } as const

/** Vendors deliver again for days, and a value that was overwritten is looked for that long. */
const RETENTION_MIN = '7d'

export function retentionOf(document: ConfigDocument): RetentionSettings {
  const kept = (name: keyof typeof DEFAULT_RETENTION): number => {
    const text = document.body.retention[name] ?? DEFAULT_RETENTION[name]
    const ms = parseDuration(text)
    if (ms !== null && ms >= (parseDuration(RETENTION_MIN) ?? 0)) return ms
    const message =
      ms === null ? `\`${text}\` is not a time to keep something` : `${text} is too short to keep it`
    throw new ConfigError(message, {
      at: document.at(['retention', name]),
      hint: `give days, such as ${DEFAULT_RETENTION[name]}; ${RETENTION_MIN} at least`,
    })
  }
  return { changesMs: kept('changes'), journalMs: kept('journal'), conflictsMs: kept('conflicts') }
}

function isTimezone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}
