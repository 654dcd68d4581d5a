/** How Salesforce writes answers and errors (Salesforce fact sheet 4, 6.1). */

/** What a handler answers; the door adds the transport headers. A null body is an empty one. */
export interface Answer {
  readonly status: number
  /** JSON, or the text of a `Text`. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** A body that is not JSON. */
export class Text {
  readonly type: string
  readonly content: string

  constructor(type: string, content: string) {
    this.type = type
    this.content = content
  }
}

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export function csvAnswer(text: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, body: new Text('text/csv', text), headers }
}

export const NO_CONTENT: Answer = { status: 204, body: null }

/** One entry of an error body; in sObject Collections the code is called `statusCode` (6.1). */
export interface ErrorEntry {
  readonly message: string
  readonly errorCode: string
  readonly fields?: readonly string[]
  /** The vendor's own spelling (6.3). */
  readonly duplicateResut?: unknown
}

/** A refusal; thrown by handlers, caught once by the door, or per row by collections and bulk jobs. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly entries: readonly ErrorEntry[]
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    entries: readonly ErrorEntry[],
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(entries.map(({ errorCode, message }) => `${errorCode}: ${message}`).join('; '))
    this.status = status
    this.entries = entries
    this.headers = headers
  }

  get code(): string {
    return this.entries[0]?.errorCode ?? 'UNKNOWN_EXCEPTION'
  }
}

export function refusal(errorCode: string, message: string, fields?: readonly string[]): Problem {
  const status = STATUSES[errorCode] ?? 400
  return new Problem(status, [{ message, errorCode, ...(fields && { fields }) }])
}

/** Codes whose HTTP status is not 400 (6.2). */
const STATUSES: Readonly<Record<string, number>> = {
  INVALID_SESSION_ID: 401,
  INVALID_AUTH_HEADER: 401,
  API_DISABLED_FOR_ORG: 403,
  REQUEST_LIMIT_EXCEEDED: 403,
  INSUFFICIENT_ACCESS: 403,
  FUNCTIONALITY_NOT_ENABLED: 403,
  ENTITY_IS_DELETED: 404,
  NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  UNKNOWN_EXCEPTION: 500,
}

export function notFound(): Problem {
  return refusal('NOT_FOUND', 'The requested resource does not exist')
}

/** An id that nobody holds is told apart from one that somebody deleted (13.7). */
export function unknownRecord(segment: string): Problem {
  return refusal('NOT_FOUND', `Provided external ID field does not exist or is not accessible: ${segment}`)
}

export function isDeleted(): Problem {
  return refusal('ENTITY_IS_DELETED', 'entity is deleted', [])
}

export function notModelled(what: string): Problem {
  return new Problem(501, [
    { message: `${what} is not modelled by this sandbox.`, errorCode: 'NOT_MODELLED' },
  ])
}

export function jsonProblem(message: string): Problem {
  return refusal('JSON_PARSER_ERROR', message)
}
