import { describe, expect, test } from 'vitest'
import type { ConnectorErrorKind } from '../../../src/errors.ts'
import { attioError, ERROR_TABLE, maskValues } from '../../../src/connectors/attio/errors.ts'
import type { HttpResponse } from '../../../src/connectors/transport.ts'
import { refusal } from './answers.ts'

const PATH = '/v2/objects/people/records'
const OTHER_RECORD = '891dcbfc-9141-415d-9b2a-2238a6cc012d'

function errorFor(response: HttpResponse, options: { mutating?: boolean; fields?: readonly string[] } = {}) {
  return attioError(response, {
    connection: 'attio',
    method: 'POST',
    path: PATH,
    mutating: options.mutating ?? true,
    scopes: ['record_permission:read-write'],
    fields: options.fields ?? [],
    nowMs: 0,
  })
}

const expected: readonly (readonly [number, string, ConnectorErrorKind])[] = [
  [400, 'uniqueness_conflict', 'not-unique'],
  [400, 'multiple_match_results', 'not-unique'],
  [400, 'standard_object_disabled', 'unavailable'],
  [400, 'particle_gate_violation', 'unavailable'],
  [400, 'quota_exceeded', 'unavailable'],
  [400, 'merge_in_progress', 'transient'],
  [400, 'missing_value', 'rejected'],
  [400, 'value_not_found', 'rejected'],
  [400, 'matching_attribute_definition_not_unique', 'rejected'],
  [400, 'validation_type', 'rejected'],
  [400, 'a_code_of_next_year', 'rejected'],
  [401, 'unauthorized', 'unauthorized'],
  [403, 'unauthorized', 'unauthorized'],
  [403, 'billing_error', 'unavailable'],
  [403, 'quota_exceeded', 'unavailable'],
  [404, 'not_found', 'not-found'],
  [404, 'merge_in_progress', 'transient'],
  [404, 'value_not_found', 'rejected'],
  [409, 'concurrent_write_conflict', 'transient'],
  [409, 'uniqueness_conflict', 'not-unique'],
  [409, 'slug_conflict', 'rejected'],
  [409, 'another_conflict', 'rejected'],
  [413, 'validation_type', 'rejected'],
  [429, 'rate_limit_exceeded', 'rate-limited'],
  [302, 'moved', 'unavailable'],
  [418, 'teapot', 'rejected'],
]

describe('status and code to kind', () => {
  test.each(expected)('%d %s is %s', (status, code, kind) => {
    const error = errorFor(refusal(status, code))
    expect(error).toMatchObject({ kind, status, code, connection: 'attio' })
    expect(error.hint).not.toBe('')
  })

  test('the list above has every row of the table', () => {
    for (const row of ERROR_TABLE) {
      const isCovered = expected.some(
        ([status, code, kind]) => status === row.status && kind === row.kind && (row.code ?? code) === code,
      )
      expect(isCovered, `${row.status} ${row.code}`).toBe(true)
    }
  })

  test.each([500, 502, 503, 504, 408])(
    '%d leaves the outcome of a write open, and of a read not',
    (status) => {
      expect(errorFor({ status, headers: {}, body: '' }, { mutating: true }).kind).toBe('ambiguous')
      expect(errorFor({ status, headers: {}, body: '' }, { mutating: false }).kind).toBe('transient')
    },
  )

  test('an HTML page from the edge is an error without a code', () => {
    const error = errorFor({ status: 502, headers: {}, body: '<html>Bad gateway</html>' })
    expect(error).toMatchObject({ kind: 'ambiguous', status: 502, code: null })
  })
})

describe('what else an error says', () => {
  test('a missing scope is named', () => {
    expect(errorFor(refusal(403, 'unauthorized')).hint).toContain('record_permission:read-write')
  })

  test('fields are blamed by validation path or by being quoted, and only those that were sent', () => {
    const sent = { fields: ['name', 'job_title', 'email_addresses'] }
    const byPath = refusal(400, 'validation_type', {
      message: 'Invalid name given',
      validation_errors: [{ code: 'invalid', path: ['data', 'values', 'job_title', 0], message: 'x' }],
    })
    expect(errorFor(byPath, sent).fields).toEqual(['job_title'])
    const byQuote = refusal(400, 'uniqueness_conflict', {
      message: 'The attribute "email_addresses" must be unique.',
    })
    expect(errorFor(byQuote, sent).fields).toEqual(['email_addresses'])
    expect(errorFor(byQuote).fields).toEqual([])
  })

  test('the record that holds a unique value is taken from wherever it is called a record id', () => {
    const named = refusal(400, 'uniqueness_conflict', {
      conflict: { object_id: '00000000-0000-4000-8000-000000000000', conflicting_record_id: OTHER_RECORD },
    })
    expect(errorFor(named).existingId).toBe(OTHER_RECORD)
    expect(errorFor(refusal(400, 'uniqueness_conflict')).existingId).toBeNull()
    const two = refusal(400, 'uniqueness_conflict', {
      record_ids: [OTHER_RECORD, '00000000-0000-4000-8000-000000000000'],
    })
    expect(errorFor(two).existingId).toBeNull()
  })

  test('a refusal for its rate says how long to wait', () => {
    expect(
      errorFor({ ...refusal(429, 'rate_limit_exceeded'), headers: { 'retry-after': '2' } }).retryAfterMs,
    ).toBe(2000)
  })

  test("the vendor's words stay out of the message: they may quote people's data", () => {
    const error = errorFor(refusal(400, 'validation_type', { message: 'ada@x.org is not an address' }))
    expect(`${error.message} ${error.hint}`).not.toContain('ada@x.org')
    expect(JSON.stringify(error.cause)).toContain('ada@x.org')
  })
})

describe("Attio's own words", () => {
  test('name the field, and never the value that was typed', () => {
    const words =
      'An invalid value "ada@example.com" was passed to attribute with slug "job_title". Call "+1 415 555 0100".'
    const masked = maskValues(words, ['job_title'])
    expect(masked).toContain('"job_title"')
    expect(masked).not.toMatch(/ada|555/)
  })
})
