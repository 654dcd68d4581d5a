import { describe, expect, test } from 'vitest'
import { RETRY_AFTER_MAX_MS, RETRY_AFTER_MIN_MS, retryAfterMs } from '../../src/connectors/retry-after.ts'

const now = Date.UTC(2023, 4, 23, 14, 42, 0)
const inTwoSeconds = 'Tue, 23 May 2023 14:42:02 GMT'

const wait = (headers: Record<string, string>) => retryAfterMs({ status: 429, headers, body: '' }, now)

describe('Retry-After', () => {
  test.each([
    ['whole seconds', '7', 7000],
    ['decimal seconds', '0.25', 250],
    ['an HTTP date', inTwoSeconds, 2000],
    ['an ISO 8601 instant', '2023-05-23T14:42:03.500Z', 3500],
    ['less than the shortest wait', '0', RETRY_AFTER_MIN_MS],
    ['an instant in the past', 'Tue, 23 May 2023 14:00:00 GMT', RETRY_AFTER_MIN_MS],
    ['more than the longest wait', '86400', RETRY_AFTER_MAX_MS],
    ['a date years ahead', 'Fri, 23 May 2053 14:42:02 GMT', RETRY_AFTER_MAX_MS],
  ])('%s', (_form, text, expected) => {
    expect(wait({ 'retry-after': text })).toBe(expected)
  })

  test.each([
    ['absent', {}],
    ['blank', { 'retry-after': ' ' }],
    ['unreadable', { 'retry-after': 'soon' }],
  ])('%s says nothing', (_form, headers) => {
    expect(wait(headers)).toBeNull()
  })

  test('a date is taken relative to the vendor clock, not ours', () => {
    const oursIsTenMinutesAhead = {
      date: 'Tue, 23 May 2023 14:32:00 GMT',
      'retry-after': 'Tue, 23 May 2023 14:32:01 GMT',
    }
    expect(wait(oursIsTenMinutesAhead)).toBe(1000)
    expect(wait({ date: 'nonsense', 'retry-after': inTwoSeconds })).toBe(2000)
  })
})
