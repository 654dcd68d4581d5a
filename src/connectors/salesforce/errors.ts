/** What Salesforce refused, as our errors: the kind from the table, the words for a person without any values. */
import { ConnectorError, type ConnectorErrorKind } from '../../errors.ts'
import { rowFor } from './error-table.ts'
import { toId18 } from './ids.ts'
import type { Problem } from './problem.ts'

export interface ErrorOrigin {
  readonly connection: string
  /** Whether the request would have changed data. */
  readonly mutating: boolean
  /** The object that was written, for what a duplicate rule matched. */
  readonly object?: string
}

/** What is left of a day is asked again after so long; whatever else is busy, much sooner (24). */
const DAY_PAUSE_MS = 900_000
const BUSY_PAUSE_MS = 5_000

export function toConnectorError(problem: Problem, origin: ErrorOrigin): ConnectorError {
  const row = rowFor(problem)
  return new ConnectorError(kindOf(row.kind, problem, origin), explain(problem), {
    connection: origin.connection,
    hint: row.hint,
    status: problem.status,
    code: problem.code ?? row.name,
    retryAfterMs: row.kind === 'rate-limited' ? pauseMs(problem) : null,
    fields: blamedFields(problem),
    existingId: existingId(problem, origin.object),
    cause: problem,
  })
}

/** A row that is told that it failed was not stored, whatever it failed of. */
function kindOf(
  kind: ConnectorErrorKind | 'lost',
  { status }: Problem,
  { mutating }: ErrorOrigin,
): ConnectorErrorKind {
  if (kind !== 'lost') return kind
  return mutating && status !== null ? 'ambiguous' : 'transient'
}

function pauseMs({ message }: Problem): number {
  return /TotalRequests/i.test(message) ? DAY_PAUSE_MS : BUSY_PAUSE_MS
}

/** All errors of the refusal count: several values can be wrong at once. */
function blamedFields(problem: Problem): readonly string[] {
  const named = [problem, ...problem.also].flatMap(({ fields, message, code }) => [
    ...fields,
    ...(code === 'INVALID_FIELD' ? namedColumns(message) : []),
  ])
  return [...new Set(named)]
}

function namedColumns(message: string): readonly string[] {
  return [...message.matchAll(/No such column '([^']+)'/g)].flatMap(([, name]) => name ?? [])
}

function existingId(problem: Problem, object: string | undefined): string | null {
  const [only, ...others] = problem.duplicates[object ?? ''] ?? []
  if (only !== undefined) return others.length === 0 ? only : null
  const [, named] = /record with id: ?([A-Za-z0-9]{15,18})/.exec(problem.message) ?? []
  return named === undefined ? null : toId18(named)
}

/**
 * The vendor's words with the quoted values taken out: they go to logs and reports, which hold no personal data. Names
 * of fields, options, codes and ids stay.
 */
function explain(problem: Problem): string {
  const words = [problem, ...problem.also].map(({ message }) => maskValues(message)).filter(Boolean)
  const marks = [problem.status, problem.code].filter((mark) => mark !== null).join(' ')
  const text = shorten([...new Set(words)].join('; ') || 'no explanation')
  return `Salesforce: ${text}${marks === '' ? '' : ` (${marks})`}`
}

const MASK = '‹value›'

/** The patterns in which Salesforce is known to quote a value (6.2), then anything like an e-mail address or number. */
export function maskValues(message: string): string {
  return message
    .replace(/(data value too large: ).*(?= \(max length)/gs, `$1${MASK}`)
    .replace(/(invalid email address: ).*/gs, `$1${MASK}`)
    .replace(/(bad value for restricted picklist field: ).*/gs, `$1${MASK}`)
    .replace(/(value outside of valid range[^:]*: ).*/gs, `$1${MASK}`)
    .replace(/(from VALUE_\w+ value ).*?(?= or request|$)/gs, `$1${MASK}`)
    .replace(/(Duplicate external id specified: ).*/gs, `$1${MASK}`)
    .replace(/(Foreign key external ID: ).*?(?= not found)/gs, `$1${MASK}`)
    .replace(/[^\s"'<>(),;:[\]]+@[^\s"'<>(),;:[\]]+/g, MASK)
    .replace(/\+\d[\d\s().-]{5,}\d/g, MASK)
}

const WORDS_MAX = 400

function shorten(words: string): string {
  return words.length <= WORDS_MAX ? words : `${words.slice(0, WORDS_MAX)}…`
}
