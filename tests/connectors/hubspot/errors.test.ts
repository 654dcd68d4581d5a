import { describe, expect, test } from 'vitest'
import { ERROR_TABLE, rowFor } from '../../../src/connectors/hubspot/error-table.ts'
import { maskValues, toConnectorError } from '../../../src/connectors/hubspot/errors.ts'
import { parseProblem } from '../../../src/connectors/hubspot/problem.ts'
import type { ConnectorErrorKind } from '../../../src/errors.ts'
import { NOW_MS } from './scripted.ts'

function errorOf(
  status: number,
  body: unknown,
  options: { mutating?: boolean; headers?: Record<string, string>; utcOffsetMs?: number } = {},
) {
  return toConnectorError(parseProblem(status, body), {
    connection: 'hubspot',
    mutating: options.mutating ?? true,
    headers: options.headers ?? {},
    nowMs: NOW_MS,
    utcOffsetMs: options.utcOffsetMs ?? 0,
  })
}

const invalid = (code: string, message: string, property = 'industry') => ({
  status: 'error',
  message: `Property values were not valid: [{"isValid":false,"message":"…","error":"${code}","name":"${property}"}]`,
  errors: [{ message, code, context: { propertyName: [property] } }],
  category: 'VALIDATION_ERROR',
})

/** One case per row of the table, by the row's name. */
const CASES: Record<string, [status: number, body: unknown, kind: ConnectorErrorKind]> = {
  INVALID_AUTHENTICATION: [401, { category: 'EXPIRED_AUTHENTICATION' }, 'unauthorized'],
  FEATURE_NOT_IN_PLAN: [402, {}, 'unavailable'],
  MISSING_SCOPES: [403, { category: 'MISSING_SCOPES' }, 'unauthorized'],
  FORBIDDEN: [403, { message: 'You do not have permissions to view object type DEAL.' }, 'unauthorized'],
  NOT_FOUND: [404, { message: 'resource not found' }, 'not-found'],
  CONFLICT: [
    409,
    { category: 'CONFLICT', message: 'Contact already exists. Existing ID: 12345' },
    'not-unique',
  ],
  LOCKED: [423, {}, 'rate-limited'],
  RATE_LIMIT: [429, { errorType: 'RATE_LIMIT', policyName: 'SECONDLY' }, 'rate-limited'],
  ACCOUNT_MOVING: [477, {}, 'rate-limited'],
  UNKNOWN_OBJECT_TYPE: [400, { message: 'Unable to infer object type from: widgets' }, 'unavailable'],
  NOT_A_KEY: [
    400,
    { message: 'Unable to perform update/upsert by non-unique 0-3 property dealname' },
    'unavailable',
  ],
  CONFLICTING_UNIQUE_VALUE: [400, invalid('CONFLICTING_UNIQUE_VALUE', 'taken'), 'not-unique'],
  CONFLICT_ITEM: [207, { category: 'CONFLICT', context: { existingId: ['77'] } }, 'not-unique'],
  ALREADY_EXISTS: [400, { message: 'Contact already exists. Existing ID: 12345' }, 'not-unique'],
  OBJECT_NOT_FOUND: [207, { category: 'OBJECT_NOT_FOUND' }, 'not-found'],
  RATE_LIMIT_ITEM: [207, { category: 'RATE_LIMITS' }, 'rate-limited'],
  INTERNAL_ERROR_ITEM: [207, { category: 'INTERNAL_ERROR' }, 'ambiguous'],
  PROPERTY_DOESNT_EXIST: [
    400,
    invalid('PROPERTY_DOESNT_EXIST', 'Property "nope" does not exist', 'nope'),
    'rejected',
  ],
  READ_ONLY_VALUE: [
    400,
    invalid('READ_ONLY_VALUE', '"createdate" is a calculated/read only property'),
    'rejected',
  ],
  INVALID_OPTION: [
    400,
    invalid('INVALID_OPTION', 'X was not one of the allowed options: [A, B]'),
    'rejected',
  ],
  INVALID_VALUE: [400, invalid('INVALID_EMAIL', 'Email address x is invalid'), 'rejected'],
  REQUIRED_PROPERTIES: [
    400,
    {
      message: 'Error creating TICKET. Some required properties were not set.',
      context: { properties: ['subject'] },
    },
    'rejected',
  ],
  NOT_IMPLEMENTED: [501, {}, 'unavailable'],
  SERVER_ERROR: [502, '<html><body>Bad Gateway</body></html>', 'ambiguous'],
  REDIRECT: [302, '', 'unauthorized'],
  REJECTED: [400, { message: 'Invalid input JSON on line 1, column 2' }, 'rejected'],
}

describe('the error table', () => {
  test('has a case for every row', () => {
    expect(Object.keys(CASES).toSorted()).toEqual(ERROR_TABLE.map(({ name }) => name).toSorted())
  })

  test.each(Object.entries(CASES))('%s', (name, [status, body, kind]) => {
    const error = errorOf(status, body)
    expect(rowFor(parseProblem(status, body))?.name).toBe(name)
    expect(error).toMatchObject({ kind, status })
    expect(error.code).not.toBeNull()
  })

  test.each([500, 502, 503, 504, 521, 523, 524])(
    '%i loses the outcome of a write, not of a read',
    (status) => {
      expect(errorOf(status, '', { mutating: true }).kind).toBe('ambiguous')
      expect(errorOf(status, '', { mutating: false }).kind).toBe('transient')
    },
  )
})

describe('what an error tells', () => {
  test('the record that holds the value already', () => {
    expect(errorOf(409, { message: 'Contact already exists. Existing ID: 12345' }).existingId).toBe('12345')
    expect(errorOf(207, { category: 'CONFLICT', context: { existingId: ['77'] } }).existingId).toBe('77')
  })

  test('missing scopes, in both forms', () => {
    const requiredGranularScopes = ['crm.objects.deals.read']
    const category = 'MISSING_SCOPES'
    const inDetail = errorOf(403, {
      category,
      errors: [{ message: 'x', context: { requiredGranularScopes } }],
    })
    const inContext = errorOf(403, { category, context: { requiredGranularScopes } })
    expect(inDetail.scopes).toEqual(requiredGranularScopes)
    expect(inContext.scopes).toEqual(requiredGranularScopes)
  })

  test('the blamed properties, also when only the embedded JSON names them', () => {
    const details = [
      {
        isValid: false,
        message: 'Property "nope" does not exist',
        error: 'PROPERTY_DOESNT_EXIST',
        name: 'nope',
      },
      { isValid: false, message: 'abc was not a valid number', error: 'INVALID_INTEGER', name: 'amount' },
    ]
    const error = errorOf(400, {
      category: 'VALIDATION_ERROR',
      message: `Property values were not valid: ${JSON.stringify(details)}`,
    })
    expect(error).toMatchObject({
      kind: 'rejected',
      code: 'PROPERTY_DOESNT_EXIST',
      fields: ['nope', 'amount'],
    })
    expect(error.message).not.toContain('abc')
  })

  test('the correlation id', () => {
    expect(errorOf(500, { correlationId: '0199-77' }).message).toContain('0199-77')
  })
})

describe('how long to wait', () => {
  const limit = (policyName: string | undefined, message: string) =>
    errorOf(429, { errorType: 'RATE_LIMIT', message, policyName }).retryAfterMs

  test('by policy, or by the text where the policy has no name', () => {
    expect(limit('TEN_SECONDLY_ROLLING', 'You have reached your ten_secondly_rolling limit.')).toBe(10_000)
    expect(limit('SECONDLY', 'You have reached your secondly limit.')).toBe(1_000)
    expect(limit(undefined, 'You have reached your secondly limit.')).toBe(1_000)
    expect(limit(undefined, 'slow down')).toBe(10_000)
  })

  test("a used-up day until midnight in the account's time zone", () => {
    const body = { message: 'You have reached your daily limit.', policyName: 'DAILY' }
    expect(errorOf(429, body).retryAfterMs).toBe(12 * 3_600_000)
    expect(errorOf(429, body, { utcOffsetMs: -5 * 3_600_000 }).retryAfterMs).toBe(17 * 3_600_000)
  })

  test('as told, when told', () => {
    expect(errorOf(477, {}, { headers: { 'retry-after': '7200' } }).retryAfterMs).toBe(7_200_000)
    expect(errorOf(423, {}).retryAfterMs).toBe(2_000)
  })
})

describe('the words for a person hold no values', () => {
  test.each([
    ['Email address ada@example.com is invalid', /^Email address ‹value› is invalid$/],
    ['Email address ada lovelace is invalid', /^Email address ‹value› is invalid$/],
    ['Secret was not one of the allowed options: [label: "A"\nvalue: "a"]', /^‹value› was not one of/],
    ['+49 171 1234567 was not a valid long.', /^‹value› was not a valid long\.$/],
    ['1795312800123 is at 10:00:00.123 UTC, not midnight!', /^‹value› is at 10:00:00/],
    ['The value "Ada Lovelace" is taken by ada@example.com', /^The value ‹value› is taken by ‹value›$/],
    ['call +49 171 1234567 now', /^call ‹value› now$/],
  ])('%s', (message, masked) => {
    expect(maskValues(message)).toMatch(masked)
  })

  test.each(['Property "jobtitle" does not exist', 'Contact already exists. Existing ID: 12345678901'])(
    '%s stays',
    (message) => expect(maskValues(message)).toBe(message),
  )
})
