/**
 * Salesforce's refusals in the words of our taxonomy: one table from code, text and status to a kind, tried in order.
 * The code decides, because statuses differ between resources and rows have none (Salesforce fact sheet 6.2).
 */
import type { ConnectorErrorKind } from '../../errors.ts'
import type { Problem } from './problem.ts'

export interface Row {
  /** What the row recognises. */
  readonly name: string
  readonly code?: RegExp
  readonly message?: RegExp
  readonly status?: number | readonly [number, number]
  /**
   * `lost`: the answer to a whole call does not say whether it was carried out, so a write is `ambiguous` and a read
   * `transient`; of a row, which is told that it failed, it is `transient`.
   */
  readonly kind: ConnectorErrorKind | 'lost'
  readonly hint: string
}

const RECONNECT =
  'Check the credentials of this connection and the policies of its app and user in Salesforce, then start again.'
const FIX_VALUE = 'Change the value in one of the two records, or the mapping of the field.'
const GRANT =
  'Give the user of this connection access to the object or field in Salesforce (Setup, Permission Sets).'
const WAITS = 'Nothing to do: the request is repeated later.'
const REMATCHED = 'Another record already holds it; the records are matched again.'
const AGAIN = 'Nothing to do: the change is decided again.'
const LOOKS = 'Nothing to do: the outcome is looked up before anything is sent again.'

export const ERROR_TABLE: readonly Row[] = [
  // Who we are
  {
    name: 'INVALID_SESSION_ID',
    code: /^INVALID_(SESSION_ID|AUTH_HEADER)$/,
    kind: 'unauthorized',
    hint: RECONNECT,
  },
  {
    name: 'INVALID_GRANT',
    code: /^(invalid_grant|invalid_client(_id)?|unsupported_grant_type|redirect_uri_mismatch|invalid_app_access|unauthorized_client)$/,
    kind: 'unauthorized',
    hint: 'Log in anew: the refresh token or the app behind it is not valid any more.',
  },
  {
    name: 'API_DISABLED_FOR_ORG',
    code: /^(API_(DISABLED_FOR_ORG|CURRENTLY_DISABLED)|FUNCTIONALITY_NOT_ENABLED|TXN_SECURITY_\w+)$/,
    kind: 'unauthorized',
    hint: 'The edition of the org, the user or a security policy does not allow the API: an admin has to allow it.',
  },
  {
    name: 'UNSUPPORTED_API_VERSION',
    code: /^UNSUPPORTED_API_VERSION$/,
    kind: 'unauthorized',
    hint: 'Salesforce has retired the version of the API that this program speaks; look for a newer version of it.',
  },

  // Not now
  {
    name: 'REQUEST_LIMIT_EXCEEDED',
    code: /^REQUEST_LIMIT_EXCEEDED$/,
    kind: 'rate-limited',
    hint: WAITS,
  },
  {
    name: 'UNABLE_TO_LOCK_ROW',
    code: /^UNABLE_TO_LOCK_ROW$/,
    kind: 'transient',
    hint: 'Nothing to do: somebody else is changing the record or its parent; it is repeated later.',
  },
  {
    // Triggers and flows wrap the lock that they have met.
    name: 'LOCK_WITHIN_AUTOMATION',
    code: /^CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY$/,
    message: /UNABLE_TO_LOCK_ROW/,
    kind: 'transient',
    hint: 'Nothing to do: somebody else is changing the record or its parent; it is repeated later.',
  },
  {
    name: 'MAINTENANCE',
    code: /^(ORG_IN_MAINTENANCE|INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE)$/,
    kind: 'transient',
    hint: WAITS,
  },
  {
    name: 'ROLLED_BACK',
    code: /^(ALL_OR_NONE_OPERATION_ROLLED_BACK|PROCESSING_HALTED|BATCH_PROCESSING_HALTED)$/,
    kind: 'transient',
    hint: WAITS,
  },
  {
    name: 'QUERY_TOO_LARGE',
    code: /^(QUERY_TIMEOUT|OPERATION_TOO_LARGE|QUERY_TOO_COMPLICATED|EXCEEDED_ID_LIMIT)$/,
    kind: 'unavailable',
    hint: 'Salesforce cannot answer this much at once; map fewer fields of this object.',
  },
  {
    name: 'INVALID_QUERY_LOCATOR',
    code: /^INVALID_QUERY_LOCATOR$/,
    kind: 'transient',
    hint: WAITS,
  },
  { name: 'SERVER_ERROR', code: /^(SERVER_UNAVAILABLE|UNKNOWN_EXCEPTION)$/, kind: 'lost', hint: LOOKS },

  // Somebody else's record
  { name: 'DUPLICATE_VALUE', code: /^DUPLICATE_VALUE$/, kind: 'not-unique', hint: REMATCHED },
  {
    name: 'DUPLICATES_DETECTED',
    code: /^DUPLICATES_DETECTED$/,
    kind: 'not-unique',
    hint: 'A duplicate rule of the org matches another record. Pair the two, or allow it with `duplicates: allow` for this connection.',
  },
  {
    name: 'SEVERAL_MATCH',
    code: /^(DUPLICATE_EXTERNAL_ID|MULTIPLE_CHOICES)$/,
    kind: 'rejected',
    hint: 'Several records carry the same Attio record id; make the field unique and clear it on all but one.',
  },

  // The record itself
  {
    name: 'ENTITY_IS_DELETED',
    code: /^ENTITY_IS_DELETED$/,
    kind: 'not-found',
    hint: 'The record is in the recycle bin.',
  },
  {
    name: 'NO_SUCH_RECORD',
    code: /^NOT_FOUND$/,
    message: /Provided external ID field does not exist/,
    kind: 'not-found',
    hint: 'The record is not in Salesforce any more.',
  },
  { name: 'NOT_FOUND', code: /^NOT_FOUND$/, kind: 'not-found', hint: GRANT },
  {
    name: 'CANNOT_UPDATE_CONVERTED_LEAD',
    code: /^CANNOT_UPDATE_CONVERTED_LEAD$/,
    kind: 'stale',
    hint: AGAIN,
  },
  { name: 'PRECONDITION_FAILED', code: /^(PRECONDITION_FAILED|MODIFIED)$/, kind: 'stale', hint: AGAIN },
  {
    name: 'INVALID_CROSS_REFERENCE_KEY',
    code: /^INVALID_CROSS_REFERENCE_KEY$/,
    kind: 'rejected',
    hint: 'The record, or one that it points at, is gone or hidden from the user of this connection.',
  },

  // The schema
  {
    name: 'INVALID_TYPE',
    code: /^INVALID_TYPE$/,
    kind: 'unavailable',
    hint: GRANT,
  },
  { name: 'INVALID_FIELD', code: /^INVALID_FIELD(_FOR_INSERT_UPDATE)?$/, kind: 'rejected', hint: GRANT },
  {
    name: 'STORAGE_LIMIT_EXCEEDED',
    code: /^(STORAGE_LIMIT_EXCEEDED|LIMIT_EXCEEDED|TOO_MANY_\w+)$/,
    kind: 'unavailable',
    hint: 'A limit of the org is reached: an admin has to free storage, or raise it.',
  },
  {
    name: 'INSUFFICIENT_ACCESS',
    code: /^(INSUFFICIENT_ACCESS\w*|TRANSFER_REQUIRES_READ)$/,
    kind: 'rejected',
    hint: GRANT,
  },

  // The values
  {
    name: 'INACTIVE_OWNER_OR_USER',
    code: /^INACTIVE_OWNER_OR_USER$/,
    kind: 'rejected',
    hint: 'The owner is not active in Salesforce: give the record to somebody who is.',
  },
  {
    name: 'REQUIRED_FIELD_MISSING',
    code: /^REQUIRED_FIELD_MISSING$/,
    kind: 'rejected',
    hint: 'Fill the field on the other side, map it, or give it a default in the mapping.',
  },
  {
    name: 'INVALID_OPTION',
    code: /^INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST$/,
    kind: 'rejected',
    hint: 'Add the option in Salesforce, or map the value to one of its options.',
  },
  {
    name: 'INVALID_VALUE',
    code: /^(STRING_TOO_LONG|INVALID_EMAIL_ADDRESS|NUMBER_OUTSIDE_VALID_RANGE|INVALID_TYPE_ON_FIELD_IN_RECORD|JSON_PARSER_ERROR|FIELD_INTEGRITY_EXCEPTION|FIELD_FILTER_VALIDATION_EXCEPTION|FIELD_CUSTOM_VALIDATION_EXCEPTION|MALFORMED_ID)$/,
    kind: 'rejected',
    hint: FIX_VALUE,
  },
  {
    name: 'AUTOMATION_REFUSED',
    code: /^(CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY|CANNOT_EXECUTE_FLOW_TRIGGER|CUSTOM_APEX_ERROR)$/,
    kind: 'rejected',
    hint: 'A trigger or a flow of the org refuses the record; its words say why.',
  },
  {
    name: 'CANNOT_DELETE',
    code: /^(DELETE_FAILED|CANNOT_DELETE_ENTITY|DEPENDENCY_EXISTS|DELETE_NOT_ALLOWED)$/,
    kind: 'rejected',
    hint: 'Other records depend on it; delete it in Salesforce.',
  },

  // Answers without a code that we know
  { name: 'HTTP_401', status: 401, kind: 'unauthorized', hint: RECONNECT },
  { name: 'HTTP_404', status: 404, kind: 'not-found', hint: GRANT },
  { name: 'HTTP_410', status: 410, kind: 'unauthorized', hint: RECONNECT },
  { name: 'HTTP_412', status: 412, kind: 'stale', hint: AGAIN },
  { name: 'HTTP_420', status: 420, kind: 'rate-limited', hint: WAITS },
  { name: 'HTTP_429', status: 429, kind: 'rate-limited', hint: WAITS },
  {
    name: 'NOT_IMPLEMENTED',
    status: 501,
    kind: 'unavailable',
    hint: 'This server does not offer the request.',
  },
  { name: 'HTTP_5XX', status: [500, 599], kind: 'lost', hint: LOOKS },
  {
    name: 'REDIRECT',
    status: [300, 399],
    kind: 'unauthorized',
    hint: 'A redirect means that the instance URL of this connection is wrong.',
  },
  { name: 'HTTP_403', status: 403, kind: 'unauthorized', hint: RECONNECT },
  { name: 'REJECTED', kind: 'rejected', hint: FIX_VALUE },
]

export function rowFor(problem: Problem): Row {
  const row = ERROR_TABLE.find((candidate) => matches(candidate, problem))
  if (!row) throw new Error('the last row of the table matches everything')
  return row
}

function matches(row: Row, { code, message, status }: Problem): boolean {
  return (
    (row.code === undefined || row.code.test(code ?? '')) &&
    (row.message === undefined || row.message.test(message)) &&
    (row.status === undefined || (status !== null && within(row.status, status)))
  )
}

function within(wanted: number | readonly [number, number], status: number): boolean {
  if (typeof wanted === 'number') return wanted === status
  return status >= wanted[0] && status <= wanted[1]
}
