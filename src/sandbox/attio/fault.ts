/**
 * Everything the vendor can refuse, as one exception that knows its status and code. Codes and the split
 * between 400, 404 and 409 follow the Attio fact sheet 4.2; texts are not contract (4.1) but stay close to
 * those of the published document, because people read them.
 */

/** One entry of `validation_errors`. What was expected and received is told of wrong types, as seen live. */
export interface ValidationIssue {
  readonly code: string
  readonly path: readonly (string | number)[]
  readonly message: string
  readonly expected?: string
  readonly received?: string
  readonly string_validation?: string
}

export class AttioFault extends Error {
  override readonly name = 'AttioFault'
  readonly status: number
  readonly type: 'invalid_request_error' | 'auth_error' | 'rate_limit_error'
  readonly code: string
  readonly issues: readonly ValidationIssue[] | null
  /** Where in a filter the trouble is; only one code carries it. */
  readonly path: readonly string[] | null
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: number,
    code: string,
    message: string,
    more: {
      type?: AttioFault['type']
      issues?: readonly ValidationIssue[]
      path?: readonly string[] | null
      headers?: Readonly<Record<string, string>>
    } = {},
  ) {
    super(message)
    this.status = status
    this.code = code
    this.type = more.type ?? 'invalid_request_error'
    this.issues = more.issues ?? null
    this.path = more.path ?? null
    this.headers = more.headers ?? {}
  }

  body(): Record<string, unknown> {
    return {
      status_code: this.status,
      type: this.type,
      code: this.code,
      message: this.message,
      ...(this.path ? { path: this.path } : {}),
      ...(this.issues ? { validation_errors: this.issues } : {}),
    }
  }

  /** For people: what was refused and, where the vendor tells, which parts of it. */
  explain(): string {
    const details = (this.issues ?? []).map(({ path, message }) => [...path, message].join(': '))
    return [`${this.code}: ${this.message}`, ...details].join(' ')
  }
}

export const invalid = (message: string): AttioFault => new AttioFault(400, 'validation_type', message)

/** The live wording and shape of a body that fails its schema. Attio fact sheet 4.1. */
export const invalidBody = (issues: readonly ValidationIssue[]): AttioFault =>
  new AttioFault(400, 'validation_type', 'Body payload validation error.', { issues })

/** A parameter of the path or the query; failed validations list their reasons. Attio fact sheet 4.1. */
export const invalidParameter = (
  name: string,
  message: string,
  issue: Partial<ValidationIssue> = {},
): AttioFault =>
  new AttioFault(400, 'validation_type', message, {
    issues: [{ code: 'invalid', path: [name], message: 'Invalid input', ...issue }],
  })

export const missing = (message: string): AttioFault => new AttioFault(400, 'missing_value', message)

export const missingAttribute = (attributeId: string): AttioFault =>
  missing(`Required value for attribute with ID "${attributeId}" was not provided.`)

/** What a value of the wrong type, or none, is reported as. */
export function wrongType(options: {
  path: readonly (string | number)[]
  expected: string
  received: unknown
}): ValidationIssue {
  const received = typeName(options.received)
  const { path, expected } = options
  const message = received === 'undefined' ? 'Required' : `Expected ${expected}, received ${received}`
  return { code: 'invalid_type', path, message, expected, received }
}

const typeName = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value

/** Something named inside the payload does not exist. */
export const valueNotFound = (message: string): AttioFault => new AttioFault(400, 'value_not_found', message)

export const notFound = (message: string): AttioFault => new AttioFault(404, 'not_found', message)

export const objectNotFound = (key: string): AttioFault => notFound(`Object with slug/ID "${key}" not found.`)

export const recordNotFound = (id: string): AttioFault => notFound(`Record with ID "${id}" not found.`)

export const slugConflict = (message: string): AttioFault => new AttioFault(409, 'slug_conflict', message)

export const systemEdit = (message: string): AttioFault =>
  new AttioFault(400, 'system_edit_unauthorized', message)

export const badFilter = (code: string, message: string): AttioFault => new AttioFault(400, code, message)

export const unauthorized = (): AttioFault =>
  new AttioFault(401, 'unauthorized', 'The access token is missing, unknown or revoked.', {
    type: 'auth_error',
  })

export const wrongLevel = (): AttioFault =>
  new AttioFault(403, 'unauthorized', 'This endpoint accepts workspace-level access tokens only.', {
    type: 'auth_error',
  })

export const forbidden = (scopes: readonly string[]): AttioFault =>
  new AttioFault(403, 'unauthorized', `The access token lacks the required scopes: ${scopes.join(', ')}.`, {
    type: 'auth_error',
  })
