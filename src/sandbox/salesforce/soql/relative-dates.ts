/** `TODAY`, `LAST_N_DAYS:7` … as days of the user's calendar (Salesforce fact sheet 9). */
import { addDays } from '../times.ts'

/** From `start` on, before `end`; both `YYYY-MM-DD`. */
export interface DayRange {
  readonly start: string
  readonly end: string
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year'

export function relativeDays(name: string, count: number, today: string): DayRange {
  switch (name) {
    case 'today':
      return days(today, 0, 1)
    case 'yesterday':
      return days(today, -1, 1)
    case 'tomorrow':
      return days(today, 1, 1)
    case 'last_90_days':
      return { start: addDays(today, -90), end: addDays(today, 1) }
    case 'next_90_days':
      return { start: addDays(today, 1), end: addDays(today, 91) }
    default:
      // The fiscal year of the org begins in January, as that of a new org does.
      return relativeUnits(name.replace('fiscal_', ''), count, today)
  }
}

function relativeUnits(name: string, count: number, today: string): DayRange {
  const [, direction, , unitName = 'days', ago] =
    /^(last|this|next)?_?(n_)?(day|week|month|quarter|year)s?(_ago)?$/.exec(name) ?? []
  const unit = unitName as Unit
  const isCounted = name.includes('n_')
  if (ago !== undefined) return period(unit, today, -count, 1)
  if (!isCounted) return period(unit, today, { last: -1, this: 0, next: 1 }[direction ?? 'this'] ?? 0, 1)
  // Days reach up to today and include it; longer units count whole ones and leave out the present one.
  if (direction === 'last') {
    if (unit === 'day') return { start: addDays(today, -count), end: addDays(today, 1) }
    return period(unit, today, -count, count)
  }
  if (unit === 'day') return { start: addDays(today, 1), end: addDays(today, count + 1) }
  return period(unit, today, 1, count)
}

/** `length` units, the first of them `offset` units from the one that today is in. */
function period(unit: Unit, today: string, offset: number, length: number): DayRange {
  return { start: startOf(unit, today, offset), end: startOf(unit, today, offset + length) }
}

/** First day of the unit that is `offset` units from today's. Weeks start on Sunday, as in the US. */
function startOf(unit: Unit, today: string, offset: number): string {
  const [year = 0, month = 1] = today.split('-').map(Number)
  switch (unit) {
    case 'day':
      return addDays(today, offset)
    case 'week': {
      const weekday = new Date(Date.parse(`${today}T00:00:00Z`)).getUTCDay()
      return addDays(today, offset * 7 - weekday)
    }
    case 'month':
      return firstOfMonth(year, month - 1 + offset)
    case 'quarter':
      return firstOfMonth(year, Math.floor((month - 1) / 3) * 3 + offset * 3)
    case 'year':
      return firstOfMonth(year + offset, 0)
  }
}

function firstOfMonth(year: number, monthIndex: number): string {
  return new Date(Date.UTC(year, monthIndex, 1)).toISOString().slice(0, 10)
}

function days(today: string, offset: number, length: number): DayRange {
  return { start: addDays(today, offset), end: addDays(today, offset + length) }
}
