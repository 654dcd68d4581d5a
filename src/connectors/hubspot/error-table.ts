/**
 * HubSpot's refusals in the words of our taxonomy: one table from status, category, code and text to a kind,
 * tried in order, as the vendor's own advice goes (HubSpot fact sheet 5.2, 5.3, 5.6).
 */
import type { ConnectorErrorKind } from '../../errors.ts'
import type { Problem } from './problem.ts'

export interface Row {
  /** What the row recognises; it is the error's `code` when the vendor gives none. */
  readonly name: string
  readonly status?: number | readonly [number, number]
  readonly category?: RegExp
  /** Matches one of the detail codes. */
  readonly code?: RegExp
  readonly message?: RegExp
  /** `lost`: the outcome is unknown, so a write is `ambiguous` and a read `transient`. */
  readonly kind: ConnectorErrorKind | 'lost'
  readonly hint: string
}

const RECONNECT = 'Check the access token of this connection and its scopes in HubSpot, then start again.'
const FIX_VALUE = 'Change the value in one of the two records, or the mapping of the field.'
const WAITS = 'Nothing to do: the request is repeated later.'
export const LOOKS = 'Nothing to do: the outcome is looked up before anything is sent again.'

export const ERROR_TABLE: readonly Row[] = [
  { name: 'INVALID_AUTHENTICATION', status: 401, kind: 'unauthorized', hint: RECONNECT },
  {
    name: 'FEATURE_NOT_IN_PLAN',
    status: 402,
    kind: 'unavailable',
    hint: 'The HubSpot plan does not include this.',
  },
  {
    name: 'MISSING_SCOPES',
    status: 403,
    category: /MISSING_SCOPES/,
    kind: 'unauthorized',
    hint: 'Grant the missing scopes to the app in HubSpot, then start again.',
  },
  { name: 'FORBIDDEN', status: 403, kind: 'unauthorized', hint: RECONNECT },
  { name: 'NOT_FOUND', status: 404, kind: 'not-found', hint: 'The record is not in HubSpot any more.' },
  {
    name: 'CONFLICT',
    status: 409,
    kind: 'not-unique',
    hint: 'Another record already holds a unique value; the records are matched again.',
  },
  { name: 'LOCKED', status: 423, kind: 'rate-limited', hint: WAITS },
  { name: 'RATE_LIMIT', status: 429, kind: 'rate-limited', hint: WAITS },
  {
    name: 'ACCOUNT_MOVING',
    status: 477,
    kind: 'rate-limited',
    hint: 'HubSpot is moving this account to another data centre; the connection rests until then.',
  },
  {
    name: 'UNKNOWN_OBJECT_TYPE',
    status: 400,
    message: /Unable to infer object type|Invalid object or event type id/,
    kind: 'unavailable',
    hint: 'This account has no such object; check its name in the mapping.',
  },
  {
    name: 'NOT_A_KEY',
    status: 400,
    message: /by non-unique \S+ property/,
    kind: 'unavailable',
    hint: 'The stamp property must be unique in HubSpot; delete it there and let the setup create it.',
  },
  {
    name: 'CONFLICTING_UNIQUE_VALUE',
    code: /^CONFLICTING_UNIQUE_VALUE$/,
    kind: 'not-unique',
    hint: 'Another record already holds this unique value; the records are matched again.',
  },
  {
    name: 'CONFLICT_ITEM',
    category: /^CONFLICT$/,
    kind: 'not-unique',
    hint: 'Another record already holds a unique value; the records are matched again.',
  },
  {
    name: 'ALREADY_EXISTS',
    message: /Existing ID: \d+/,
    kind: 'not-unique',
    hint: 'Another record already holds a unique value; the records are matched again.',
  },
  {
    name: 'OBJECT_NOT_FOUND',
    status: 207,
    category: /^OBJECT_NOT_FOUND$/,
    kind: 'not-found',
    hint: 'The record is not in HubSpot any more.',
  },
  { name: 'RATE_LIMIT_ITEM', status: 207, category: /^RATE_LIMITS?$/, kind: 'rate-limited', hint: WAITS },
  { name: 'INTERNAL_ERROR_ITEM', status: 207, category: /INTERNAL_ERROR/, kind: 'lost', hint: LOOKS },
  {
    name: 'PROPERTY_DOESNT_EXIST',
    code: /^PROPERTY_DOESNT_EXIST$/,
    kind: 'rejected',
    hint: 'HubSpot has no such property; create it or correct the mapping.',
  },
  {
    name: 'READ_ONLY_VALUE',
    code: /^READ_ONLY_VALUE$/,
    kind: 'rejected',
    hint: 'HubSpot calculates this property; map it from HubSpot only.',
  },
  {
    name: 'INVALID_OPTION',
    code: /^INVALID_OPTION$/,
    kind: 'rejected',
    hint: 'Add the option in HubSpot, or map the value to one of its options.',
  },
  { name: 'INVALID_VALUE', code: /^INVALID_/, kind: 'rejected', hint: FIX_VALUE },
  {
    name: 'REQUIRED_PROPERTIES',
    message: /required properties were not set/i,
    kind: 'rejected',
    hint: 'Map the required properties, or give them a default value.',
  },
  {
    name: 'NOT_IMPLEMENTED',
    status: 501,
    kind: 'unavailable',
    hint: 'This server does not offer the request.',
  },
  { name: 'SERVER_ERROR', status: [500, 599], kind: 'lost', hint: LOOKS },
  {
    name: 'REDIRECT',
    status: [300, 399],
    kind: 'unauthorized',
    hint: 'A redirect means that the base URL of this connection is wrong.',
  },
  { name: 'REJECTED', status: [200, 499], kind: 'rejected', hint: FIX_VALUE },
]

/** Undefined for a status that is no HTTP status. */
export function rowFor(problem: Problem): Row | undefined {
  return ERROR_TABLE.find((candidate) => matches(candidate, problem))
}

function matches(row: Row, problem: Problem): boolean {
  return (
    matchesStatus(row.status, problem.status) &&
    (row.category === undefined || row.category.test(problem.category ?? '')) &&
    (row.code === undefined || problem.details.some((detail) => row.code?.test(detail.code ?? ''))) &&
    (row.message === undefined || row.message.test(problem.message))
  )
}

function matchesStatus(wanted: Row['status'], status: number): boolean {
  if (wanted === undefined) return true
  if (typeof wanted === 'number') return wanted === status
  return status >= wanted[0] && status <= wanted[1]
}
