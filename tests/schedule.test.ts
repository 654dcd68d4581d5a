import { describe, expect, test } from 'vitest'
import { every, NEVER, parseDuration, parseSchedule, type Schedule } from '../src/schedule.ts'

function schedule(text: string, timezone = 'UTC'): Schedule {
  const parsed = parseSchedule(text, timezone)
  if ('wrong' in parsed) throw new Error(parsed.wrong)
  return parsed
}

const next = (text: string, after: string, timezone?: string) =>
  new Date(schedule(text, timezone).next(Date.parse(after))).toISOString()

test.each([
  ['15s', 15_000],
  ['5m', 300_000],
  ['6 h', 21_600_000],
  ['1d', 86_400_000],
  ['0s', null],
  ['5', null],
  ['-5m', null],
  ['5 minutes', null],
])('%s as a duration', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test('a duration comes that much later, whatever the clock says', () => {
  expect(every(15_000).next(7)).toBe(15_007)
  expect(every(15_000).text).toBe('15s')
  expect(every(7_200_000).text).toBe('2h')
  expect(schedule('never').next(0)).toBe(NEVER.next(0))
})

describe('a cron expression', () => {
  test.each([
    ['0 */6 * * *', '2026-11-01T09:00:00Z', '2026-11-01T12:00:00.000Z'],
    ['0 */6 * * *', '2026-11-01T12:00:00Z', '2026-11-01T18:00:00.000Z'],
    ['*/5 * * * *', '2026-11-01T09:04:59.999Z', '2026-11-01T09:05:00.000Z'],
    ['20 3 * * *', '2026-11-01T03:20:00Z', '2026-11-02T03:20:00.000Z'],
    ['0 4 * * 0', '2026-11-02T00:00:00Z', '2026-11-08T04:00:00.000Z'],
    ['30 2 29 2 *', '2027-03-01T00:00:00Z', '2028-02-29T02:30:00.000Z'],
  ])('%s after %s', (text, after, expected) => {
    expect(next(text, after)).toBe(expected)
  })

  test('goes by the clocks on the wall, also where they are half an hour off and change', () => {
    expect(next('20 3 * * *', '2026-07-01T00:00:00Z', 'Asia/Kolkata')).toBe('2026-07-01T21:50:00.000Z')
    expect(next('20 3 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin')).toBe('2026-10-25T02:20:00.000Z')
  })
})

test.each(['soon', '61 * * * *', '* * * * * *', '* * *', '0 0 31 2 *', ''])(
  '`%s` is refused with a reason',
  (text) => {
    expect(parseSchedule(text, 'UTC')).toEqual({ wrong: expect.stringContaining(`\`${text}\``) })
  },
)
