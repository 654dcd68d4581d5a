import { describe, expect, test } from 'vitest'
import type { ConnectorErrorKind } from '../../../src/errors.ts'
import { ERROR_TABLE, rowFor } from '../../../src/connectors/salesforce/error-table.ts'
import { maskValues, toConnectorError } from '../../../src/connectors/salesforce/errors.ts'
import {
  parseBulkProblem,
  parseProblem,
  parseRowProblem,
  type Problem,
} from '../../../src/connectors/salesforce/problem.ts'

/** One refusal per row of the table, and what it is when a write meets it. */
const expected: readonly (readonly [number, string, string, ConnectorErrorKind])[] = [
  [401, 'INVALID_SESSION_ID', 'Session expired or invalid', 'unauthorized'],
  [401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE', 'unauthorized'],
  [400, 'invalid_grant', 'expired access/refresh token', 'unauthorized'],
  [403, 'API_DISABLED_FOR_ORG', 'API is not enabled for this Organization or Partner', 'unauthorized'],
  [410, 'UNSUPPORTED_API_VERSION', 'retired', 'unauthorized'],
  [403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.', 'rate-limited'],
  [400, 'UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access to this record', 'transient'],
  [400, 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY', 'T: caused by: UNABLE_TO_LOCK_ROW', 'transient'],
  [503, 'ORG_IN_MAINTENANCE', 'maintenance', 'transient'],
  [400, 'PROCESSING_HALTED', 'halted', 'transient'],
  [400, 'QUERY_TIMEOUT', 'took too long', 'unavailable'],
  [400, 'INVALID_QUERY_LOCATOR', 'invalid query locator', 'transient'],
  [500, 'UNKNOWN_EXCEPTION', 'An unexpected error occurred', 'ambiguous'],
  [503, 'SERVER_UNAVAILABLE', 'busy', 'ambiguous'],
  [400, 'DUPLICATE_VALUE', 'duplicate value found', 'not-unique'],
  [400, 'DUPLICATES_DETECTED', 'Use one of these records?', 'not-unique'],
  [300, 'DUPLICATE_EXTERNAL_ID', 'several', 'rejected'],
  [404, 'ENTITY_IS_DELETED', 'entity is deleted', 'not-found'],
  [404, 'NOT_FOUND', 'Provided external ID field does not exist or is not accessible: X', 'not-found'],
  [404, 'NOT_FOUND', 'The requested resource does not exist', 'not-found'],
  [400, 'CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead', 'stale'],
  [412, 'PRECONDITION_FAILED', 'modified', 'stale'],
  [400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id', 'rejected'],
  [400, 'INVALID_TYPE', "sObject type 'X' is not supported", 'unavailable'],
  [400, 'INVALID_FIELD', "No such column 'X__c' on entity 'Account'", 'rejected'],
  [400, 'INVALID_FIELD_FOR_INSERT_UPDATE', 'Unable to create/update fields: X', 'rejected'],
  [400, 'STORAGE_LIMIT_EXCEEDED', 'storage limit exceeded', 'unavailable'],
  [403, 'INSUFFICIENT_ACCESS_OR_READONLY', 'insufficient access rights', 'rejected'],
  [400, 'INACTIVE_OWNER_OR_USER', 'operation performed with inactive user', 'rejected'],
  [400, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [LastName]', 'rejected'],
  [400, 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', 'bad value', 'rejected'],
  [400, 'STRING_TOO_LONG', 'too large', 'rejected'],
  [400, 'CUSTOM_APEX_ERROR', 'the trigger says no', 'rejected'],
  [400, 'DELETE_FAILED', 'cases depend on it', 'rejected'],
  [401, '', 'no', 'unauthorized'],
  [404, '', 'no', 'not-found'],
  [410, '', 'no', 'unauthorized'],
  [412, '', 'no', 'stale'],
  [420, '', 'no', 'rate-limited'],
  [429, '', 'no', 'rate-limited'],
  [501, '', 'no', 'unavailable'],
  [502, '', 'no', 'ambiguous'],
  [302, '', 'no', 'unauthorized'],
  [403, '', 'no', 'unauthorized'],
  [400, 'A_CODE_OF_NEXT_YEAR', 'no', 'rejected'],
]

const problemOf = (status: number, code: string, message: string): Problem =>
  parseProblem(status, code === '' ? message : [{ errorCode: code, message }])

describe('code, words and status to kind', () => {
  test.each(expected)('%d %s "%s" is %s', (status, code, message, kind) => {
    const error = toConnectorError(problemOf(status, code, message), {
      connection: 'salesforce',
      mutating: true,
    })
    expect(error).toMatchObject({ kind, status, connection: 'salesforce' })
    expect(error.hint).not.toBe('')
  })

  test('the list above has every row of the table', () => {
    const covered = new Set(
      expected.map(([status, code, message]) => rowFor(problemOf(status, code, message))),
    )
    expect(ERROR_TABLE.filter((row) => !covered.has(row)).map(({ name }) => name)).toEqual([])
  })

  test('what is lost about a call is passing for a read, and for a row that is told that it failed', () => {
    const lost = problemOf(500, 'UNKNOWN_EXCEPTION', 'unexpected')
    expect(toConnectorError(lost, { connection: 's', mutating: false }).kind).toBe('transient')
    const row = parseRowProblem([{ statusCode: 'UNKNOWN_EXCEPTION', message: 'x', fields: [] }])
    expect(toConnectorError(row, { connection: 's', mutating: true }).kind).toBe('transient')
  })

  test('a used-up day waits longer than a busy moment', () => {
    const pause = (message: string) =>
      toConnectorError(problemOf(403, 'REQUEST_LIMIT_EXCEEDED', message), {
        connection: 's',
        mutating: false,
      }).retryAfterMs
    expect(pause('TotalRequests Limit exceeded.')).toBe(900_000)
    expect(pause('ConcurrentRequests Limit exceeded.')).toBe(5_000)
  })
})

describe('what a refusal is about', () => {
  test('every error of a row names its fields', () => {
    const row = parseRowProblem([
      {
        statusCode: 'STRING_TOO_LONG',
        message: 'Title: data value too large: x (max length=128)',
        fields: ['Title'],
      },
      { statusCode: 'INVALID_EMAIL_ADDRESS', message: 'Email: invalid email address: x', fields: ['Email'] },
    ])
    expect(toConnectorError(row, { connection: 's', mutating: true }).fields).toEqual(['Title', 'Email'])
  })

  test('a column that is not there is named by the words', () => {
    const message =
      "\nSELECT Id, Gone__c FROM Account\n           ^\nERROR at Row:1:Column:12\nNo such column 'Gone__c' on entity 'Account'."
    const error = toConnectorError(problemOf(400, 'INVALID_FIELD', message), {
      connection: 's',
      mutating: false,
    })
    expect(error.fields).toEqual(['Gone__c'])
  })

  const duplicate = (...ids: string[]) =>
    parseProblem(400, [
      {
        errorCode: 'DUPLICATES_DETECTED',
        message: 'Use one of these records?',
        duplicateResut: {
          matchResults: [
            { entityType: 'Contact', matchRecords: ids.map((Id) => ({ record: { Id } })) },
            { entityType: 'Lead', matchRecords: [{ record: { Id: '00Q000000000001EAA' } }] },
          ],
        },
      },
    ])
  const existing = (problem: Problem, object: string) =>
    toConnectorError(problem, { connection: 's', mutating: true, object }).existingId

  test('a duplicate rule names the record that it means, of the object that was written', () => {
    expect(existing(duplicate('003000000000001AAA'), 'Contact')).toBe('003000000000001AAA')
    expect(existing(duplicate('003000000000001AAA'), 'Lead')).toBe('00Q000000000001EAA')
    expect(existing(duplicate('003000000000001AAA', '003000000000002AAA'), 'Contact')).toBeNull()
    expect(existing(duplicate('003000000000001AAA'), 'Account')).toBeNull()
  })

  test('a taken value names its record in the words', () => {
    const words =
      'duplicate value found: Attio_Record_Id__c duplicates value on record with id: 003000000000001'
    expect(existing(problemOf(400, 'DUPLICATE_VALUE', words), 'Contact')).toMatch(/^003000000000001.{3}$/)
  })

  test('a line of a bulk result says the same as a row', () => {
    expect(parseBulkProblem('INVALID_EMAIL_ADDRESS:Email: invalid email address: x:Email --')).toMatchObject({
      code: 'INVALID_EMAIL_ADDRESS',
      message: 'Email: invalid email address: x',
      fields: ['Email'],
    })
    expect(parseBulkProblem('something else')).toMatchObject({ code: null, message: 'something else' })
  })
})

describe('words for people', () => {
  test.each([
    ['Title: data value too large: Chief of things (max length=128)', 'Chief of things'],
    ['Email: invalid email address: ada at example', 'ada at example'],
    ['Industry: bad value for restricted picklist field: Cheese', 'Cheese'],
    ['Cannot deserialize instance of double from VALUE_STRING value lots or request may be missing', 'lots'],
    ['Call ada@example.com or +49 30 1234567', 'ada@example.com'],
    ['Call +49 30 1234567', '1234567'],
  ])('%s says no value', (message, value) => {
    expect(maskValues(message)).not.toContain(value)
    expect(maskValues(message)).toContain('‹value›')
  })

  test('names of fields and options of the org stay', () => {
    const words = 'Required fields are missing: [LastName]'
    expect(maskValues(words)).toBe(words)
  })

  test('of a page are its first words, without its marks', () => {
    const error = toConnectorError(
      parseProblem(503, `<html><h1>Down for maintenance</h1>${'x'.repeat(5_000)}`),
      {
        connection: 's',
        mutating: false,
      },
    )
    expect(error.message).toContain('Down for maintenance')
    expect(error.message.length).toBeLessThan(300)
  })
})
