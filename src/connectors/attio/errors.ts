/** Attio's refusals in our taxonomy: one table from (status, code) to kind (Attio fact sheet 4.2). */
import { z } from 'zod'
import { ConnectorError } from '../../errors.ts'
import type { ConnectorErrorKind } from '../../errors.ts'
import { retryAfterMs } from '../retry-after.ts'
import type { HttpResponse } from '../transport.ts'

interface ErrorRow {
  readonly status: number
  /** Null covers every code of that status without a row of its own. */
  readonly code: string | null
  readonly kind: ConnectorErrorKind
  readonly hint: string
}

const HINTS = {
  token: 'Create a new access token in Attio (Workspace settings, Developers) and set it in the environment.',
  scope: 'Give the token the missing scope in Attio (Workspace settings, Developers).',
  plan: 'The Attio plan does not include this; upgrade it or take the object out of the mapping.',
  disabled: 'Switch the object on in Attio (Workspace settings, Objects) or take it out of the mapping.',
  merging: 'Attio is still merging this record; it is read again later.',
  raced: 'Another write to this record was under way; it is tried again.',
  notUnique: 'Another Attio record already holds this value; the pair is matched again.',
  slow: 'Attio asked for a pause; the request is repeated.',
} as const

export const ERROR_TABLE: readonly ErrorRow[] = [
  { status: 400, code: 'uniqueness_conflict', kind: 'not-unique', hint: HINTS.notUnique },
  { status: 400, code: 'multiple_match_results', kind: 'not-unique', hint: HINTS.notUnique },
  { status: 400, code: 'standard_object_disabled', kind: 'unavailable', hint: HINTS.disabled },
  { status: 400, code: 'particle_gate_violation', kind: 'unavailable', hint: HINTS.plan },
  { status: 400, code: 'quota_exceeded', kind: 'unavailable', hint: HINTS.plan },
  { status: 400, code: 'merge_in_progress', kind: 'transient', hint: HINTS.merging },
  {
    status: 400,
    code: 'missing_value',
    kind: 'rejected',
    hint: 'Attio requires a value for an attribute that is blank here; fill it in or make it optional in Attio.',
  },
  {
    status: 400,
    code: 'value_not_found',
    kind: 'rejected',
    hint: 'An option, status, member, record or attribute that the values name does not exist in Attio.',
  },
  {
    status: 400,
    code: 'matching_attribute_definition_not_unique',
    kind: 'rejected',
    hint: 'The stamp attribute is no longer unique in Attio; run the check and the setup again.',
  },
  {
    status: 400,
    code: 'validation_type',
    kind: 'rejected',
    hint: 'Attio cannot store a value of this form.',
  },
  { status: 400, code: null, kind: 'rejected', hint: 'Attio refuses the request as it is.' },
  { status: 401, code: null, kind: 'unauthorized', hint: HINTS.token },
  { status: 403, code: 'billing_error', kind: 'unavailable', hint: HINTS.plan },
  { status: 403, code: 'quota_exceeded', kind: 'unavailable', hint: HINTS.plan },
  { status: 403, code: null, kind: 'unauthorized', hint: HINTS.scope },
  { status: 404, code: 'merge_in_progress', kind: 'transient', hint: HINTS.merging },
  {
    status: 404,
    code: 'value_not_found',
    kind: 'rejected',
    hint: 'A record that the request names is gone.',
  },
  { status: 404, code: null, kind: 'not-found', hint: 'It no longer exists in Attio.' },
  { status: 409, code: 'concurrent_write_conflict', kind: 'transient', hint: HINTS.raced },
  { status: 409, code: 'uniqueness_conflict', kind: 'not-unique', hint: HINTS.notUnique },
  {
    status: 409,
    code: 'slug_conflict',
    kind: 'rejected',
    hint: 'Something with this name exists in Attio already, possibly archived.',
  },
  { status: 409, code: null, kind: 'rejected', hint: 'Attio refuses the request as it is.' },
  { status: 413, code: null, kind: 'rejected', hint: 'The value is too large for Attio.' },
  { status: 429, code: null, kind: 'rate-limited', hint: HINTS.slow },
]

/** The documented error body (4.1); an edge server may answer with HTML instead, which counts as empty. */
const errorBody = z.object({
  code: z.string().nullish().catch(null),
  message: z.string().catch(''),
  validation_errors: z
    .array(z.object({ path: z.array(z.union([z.string(), z.number()])).catch([]) }))
    .catch([]),
})

export interface FailedRequest {
  readonly connection: string
  readonly method: string
  /** Without query: shown to people. */
  readonly path: string
  readonly mutating: boolean
  /** What the token needs for this request, for the hint of a 403. */
  readonly scopes: readonly string[]
  /** Fields that the request carried: only those can be blamed. */
  readonly fields: readonly string[]
  readonly nowMs: number
}

/** The error for an answer outside 200–299, in Attio's own words with the values it quotes masked. */
export function attioError(response: HttpResponse, request: FailedRequest): ConnectorError {
  const raw = parsedJson(response.body)
  const parsed = errorBody.safeParse(raw)
  const body = parsed.success ? parsed.data : null
  const code = body?.code ?? null
  const { kind, hint } = classify(response.status, code, request)
  const words = body ? maskValues(body.message ?? '', request.fields) : ''
  const answered = `${request.method} ${request.path} was answered ${response.status}${code ? ` ${code}` : ''}`
  return new ConnectorError(kind, words === '' ? answered : `Attio: ${words} (${answered})`, {
    connection: request.connection,
    hint,
    status: response.status,
    code,
    retryAfterMs: kind === 'rate-limited' ? retryAfterMs(response, request.nowMs) : null,
    fields: body ? blamedFields(body, request.fields) : [],
    existingId: kind === 'not-unique' ? conflictingId(raw) : null,
    cause: raw ?? response.body.slice(0, 2000),
  })
}

const MASK = '‹value›'
const WORDS_MAX = 400

/** Quoted text stays when it names a field of the request or a record; everything else may be what people typed. */
export function maskValues(message: string, fields: readonly string[]): string {
  return message
    .replace(/"([^"]*)"/g, (quoted, text: string) =>
      fields.includes(text) || UUID.test(text) ? quoted : `"${MASK}"`,
    )
    .replace(/[^\s"'<>(),;:[\]]+@[^\s"'<>(),;:[\]]+/g, MASK)
    .replace(/\+\d[\d\s().-]{5,}\d/g, MASK)
    .slice(0, WORDS_MAX)
}

function classify(
  status: number,
  code: string | null,
  request: FailedRequest,
): { kind: ConnectorErrorKind; hint: string } {
  const row =
    ERROR_TABLE.find((each) => each.status === status && each.code === code) ??
    ERROR_TABLE.find((each) => each.status === status && each.code === null)
  if (row && status === 403 && row.kind === 'unauthorized') {
    return { kind: row.kind, hint: `${row.hint} This request needs ${request.scopes.join(', ')}.` }
  }
  if (row) return row
  if (status >= 500 || status === 408) {
    // A server that failed while writing may have written (4.2): only looking tells.
    return request.mutating
      ? { kind: 'ambiguous', hint: 'Whether Attio applied this write is looked up before it is sent again.' }
      : { kind: 'transient', hint: 'Attio had a problem of its own; the request is repeated.' }
  }
  if (status >= 300 && status < 400) {
    return { kind: 'unavailable', hint: 'Attio does not redirect: check the base URL of the connection.' }
  }
  return { kind: 'rejected', hint: 'Attio refuses the request as it is.' }
}

/** Attribute names appear as parts of a validation path or quoted in the message; anything else is a guess. */
function blamedFields(body: z.infer<typeof errorBody>, sent: readonly string[]): readonly string[] {
  const paths = new Set(body.validation_errors.flatMap((each) => each.path.map(String)))
  const quoted = new Set(Array.from(body.message.matchAll(/["'`]([^"'`]+)["'`]/g), (match) => match[1]))
  return sent.filter((field) => paths.has(field) || quoted.has(field))
}

/**
 * Late-2026 uniqueness conflicts carry the id of the other record, under a key nobody has documented (4.1):
 * taken from whatever is called a record id, and only when there is exactly one.
 */
function conflictingId(body: unknown): string | null {
  const ids = new Set<string>()
  collectRecordIds(body, false, ids)
  const [only, ...others] = ids
  return only !== undefined && others.length === 0 ? only : null
}

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

function collectRecordIds(node: unknown, isRecordId: boolean, into: Set<string>): void {
  if (typeof node === 'string') {
    if (isRecordId && UUID.test(node)) into.add(node)
  } else if (Array.isArray(node)) {
    for (const each of node) collectRecordIds(each, isRecordId, into)
  } else if (node !== null && typeof node === 'object') {
    for (const [key, child] of Object.entries(node)) {
      collectRecordIds(child, /record_?ids?$/i.test(key), into)
    }
  }
}

/** Null for a body that is not JSON. */
export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // An HTML page from the edge, or nothing: the caller decides what an unreadable body means.
    return null
  }
}
