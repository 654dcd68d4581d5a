/**
 * The error taxonomy. Each class answers one question: who acts?
 *
 * An error a person may see carries two texts: `hint`, what to do (safe to show), and `message`, what
 * happened. The vendor's original stays in `cause`; it may hold personal data and is never printed.
 */

export interface SourcePosition {
  readonly file: string
  readonly line: number
  readonly column: number
}

/** One of several things that are wrong with a file. */
export interface Fault {
  readonly at: SourcePosition
  readonly message: string
  readonly hint: string
}

/** The operator acts, before start: a file, an environment variable or an argument is wrong. Exit 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly at: SourcePosition | null
  readonly hint: string
  /** What else is wrong in the same place, in the order in which it stands there. */
  readonly others: readonly Fault[]

  constructor(
    message: string,
    options: {
      at?: SourcePosition | null
      hint: string
      others?: readonly Fault[]
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.at = options.at ?? null
    this.hint = options.hint
    this.others = options.others ?? []
  }
}

/**
 * What a connector call can end in, besides success:
 * - `rate-limited`: not processed; the budget waits `retryAfterMs`.
 * - `transient`: certainly not applied (connection refused, a read that failed); back off and repeat.
 * - `ambiguous`: a write was sent and its outcome is unknown; look before sending again.
 * - `unauthorized`: token dead or scope missing; the whole connection pauses until an operator acts.
 * - `unavailable`: this object or feature is switched off in the account; skip the stream, warn.
 * - `rejected`: the vendor refuses these values; quarantine this record only.
 * - `not-unique`: rejected because another record already holds a unique value; match again.
 * - `not-found`: positive evidence that the record is gone.
 * - `stale`: the precondition failed; drop the write and reconcile again.
 */
export type ConnectorErrorKind =
  | 'rate-limited'
  | 'transient'
  | 'ambiguous'
  | 'unauthorized'
  | 'unavailable'
  | 'rejected'
  | 'not-unique'
  | 'not-found'
  | 'stale'

export class ConnectorError extends Error {
  override readonly name = 'ConnectorError'
  readonly kind: ConnectorErrorKind
  readonly connection: string
  readonly hint: string
  /** HTTP status, or null when no answer arrived. */
  readonly status: number | null
  /** The vendor's own error code, when it gave one. */
  readonly code: string | null
  readonly retryAfterMs: number | null
  /** Fields the vendor blames, in our field names; empty when it names none. */
  readonly fields: readonly string[]
  /** The record that already holds the unique value, when the vendor names it (`not-unique`). */
  readonly existingId: string | null
  /** Scopes the vendor says are missing (`unauthorized`). */
  readonly scopes: readonly string[]

  constructor(
    kind: ConnectorErrorKind,
    message: string,
    options: {
      connection: string
      hint?: string
      status?: number | null
      code?: string | null
      retryAfterMs?: number | null
      fields?: readonly string[]
      existingId?: string | null
      scopes?: readonly string[]
      cause?: unknown
    },
  ) {
    super(message, { cause: options.cause })
    this.kind = kind
    this.connection = options.connection
    this.hint = options.hint ?? ''
    this.status = options.status ?? null
    this.code = options.code ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
    this.fields = options.fields ?? []
    this.existingId = options.existingId ?? null
    this.scopes = options.scopes ?? []
  }
}

/** An admin acts: a batch would delete or change suspiciously much. The pairing halts until told to go on. */
export class GuardTripped extends Error {
  override readonly name = 'GuardTripped'
  readonly guard: string
  readonly hint: string

  constructor(guard: string, message: string, hint: string) {
    super(message)
    this.guard = guard
    this.hint = hint
  }
}

/** We act: a promise of ours is broken. The worker stops loudly and keeps the evidence. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError'
  readonly invariant: string

  constructor(invariant: string, message: string) {
    super(`${invariant}: ${message}`)
    this.invariant = invariant
  }
}

/** What the operating system calls a failure, such as `ENOENT` or `EADDRINUSE`; for people. */
export function systemCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
}
