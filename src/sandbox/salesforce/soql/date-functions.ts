/**
 * Functions that take a part of a date: `CALENDAR_YEAR(CloseDate)`. Instants are read in UTC unless `convertTimezone()`
 * is put around the field, which reads them in the user's zone. The fiscal year begins in January.
 */
import { field as defineField } from '../catalogue/define.ts'
import type { Field } from '../catalogue/field.ts'
import type { Scalar } from '../rows/row-store.ts'
import { clockIn, dayIn, stampMs } from '../times.ts'

interface DateFunction {
  readonly result: 'int' | 'date'
  /** Of a day without a time there is no hour, and nothing to cut off. */
  readonly instantsOnly: boolean
  readonly take: (day: string, hour: number) => Scalar
}

const part =
  (take: (year: number, month: number, day: number) => number) =>
  (day: string): number => {
    const [year = 0, month = 0, date = 0] = day.split('-').map(Number)
    return take(year, month, date)
  }

const year = part((year) => year)
const quarter = part((_year, month) => Math.ceil(month / 3))
const month = part((_year, month) => month)
const dayOfYear = part(
  (year, month, day) => (Date.UTC(year, month - 1, day) - Date.UTC(year, 0, 0)) / 86_400_000,
)

const whole = (take: (day: string) => number): DateFunction => ({ result: 'int', instantsOnly: false, take })

const FUNCTIONS: ReadonlyMap<string, DateFunction> = new Map([
  ['calendar_month', whole(month)],
  ['calendar_quarter', whole(quarter)],
  ['calendar_year', whole(year)],
  ['day_in_month', whole(part((_year, _month, day) => day))],
  // Sunday is 1.
  ['day_in_week', whole((day) => new Date(`${day}T00:00:00Z`).getUTCDay() + 1)],
  ['day_in_year', whole(dayOfYear)],
  ['day_only', { result: 'date', instantsOnly: true, take: (day) => day }],
  ['fiscal_month', whole(month)],
  ['fiscal_quarter', whole(quarter)],
  ['fiscal_year', whole(year)],
  ['hour_in_day', { result: 'int', instantsOnly: true, take: (_day, hour) => hour }],
  // The first week begins with the first day, whichever day of the week that is.
  ['week_in_month', whole(part((_year, _month, day) => Math.ceil(day / 7)))],
  ['week_in_year', whole((day) => Math.ceil(dayOfYear(day) / 7))],
])

export function isDateFunction(name: string): boolean {
  return FUNCTIONS.has(name.toLowerCase())
}

/** What the function makes of values of this field; null where it cannot be used on it. */
export function dateFunction(
  name: string,
  field: Field,
  zone: string,
): { readonly field: Field; readonly take: (value: Scalar) => Scalar } | null {
  const fn = FUNCTIONS.get(name.toLowerCase())
  const isInstant = field.type === 'datetime'
  if (fn === undefined || (!isInstant && (field.type !== 'date' || fn.instantsOnly))) return null
  const result = { ...defineField(name, name, fn.result), groupable: true }
  return {
    field: result,
    take: (value) => {
      if (!isInstant) return fn.take(String(value), 0)
      const ms = stampMs(String(value))
      return fn.take(dayIn(zone, ms), Number(clockIn(zone, ms).slice(0, 2)))
    },
  }
}
