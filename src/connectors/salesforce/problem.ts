/**
 * What Salesforce says when it refuses, in one shape: whole calls answer an array of errors, rows of a collection and
 * parts of a composite request the same with other names, bulk results one line of text, the token endpoint its own
 * two words, and whoever stands in front of it a page (Salesforce fact sheet 6.1, 16).
 */
import { toId18 } from './ids.ts'

export interface Problem {
  /** HTTP status; null for one row of a collection or of a bulk job, which carries none. */
  readonly status: number | null
  readonly code: string | null
  readonly message: string
  readonly fields: readonly string[]
  /** Records that a duplicate rule matched: object → ids. */
  readonly duplicates: Readonly<Record<string, readonly string[]>>
  /** Further errors of the same refusal; several values of a record may be wrong at once. */
  readonly also: readonly Problem[]
}

/** A refused call, or a refused part of a composite request. */
export function parseProblem(status: number, body: unknown): Problem {
  const [first, ...also] = asList(body).map((entry) => parseEntry(status, entry))
  if (first) return { ...first, also }
  if (isObject(body) && typeof body['error'] === 'string') {
    return {
      ...plain(status, text(body['error_description']) ?? body['error']),
      code: body['error'],
    }
  }
  return plain(status, typeof body === 'string' ? pageText(body) : '')
}

/** The errors of one row of a collection. */
export function parseRowProblem(errors: unknown): Problem {
  const [first, ...also] = asList(errors).map((entry) => parseEntry(null, entry))
  return first ? { ...first, also } : plain(null, 'the row failed without an explanation')
}

/** `CODE:message:FIELD --`, as bulk results have it (16). */
export function parseBulkProblem(line: string): Problem {
  const [, code, message, fields] =
    /^([A-Z][A-Z0-9_]*):(.*?)(?::([\w.,\s]*?))?(?:\s*--)?\s*$/s.exec(line) ?? []
  if (code === undefined || message === undefined) return plain(null, line)
  return {
    ...plain(null, message),
    code,
    fields: blamed(
      (fields ?? '').split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
      message,
    ),
  }
}

function parseEntry(status: number | null, value: unknown): Problem {
  const entry = isObject(value) ? value : {}
  // The misspelling is the vendor's (0.13).
  const duplicates = entry['duplicateResut'] ?? entry['duplicateResult']
  return {
    status,
    code: text(entry['errorCode']) ?? text(entry['statusCode']),
    message: text(entry['message']) ?? '',
    fields: blamed(
      asList(entry['fields']).filter((name) => typeof name === 'string'),
      text(entry['message']) ?? '',
    ),
    duplicates: duplicatesIn(duplicates),
    also: [],
  }
}

/** A taken unique value is only named in the text (6.2). */
function blamed(fields: readonly string[], message: string): readonly string[] {
  if (fields.length > 0) return fields
  const [, taken] = /^duplicate value found: (\w+) duplicates value/.exec(message) ?? []
  return taken === undefined ? [] : [taken]
}

function duplicatesIn(value: unknown): Problem['duplicates'] {
  const found: Record<string, string[]> = {}
  for (const result of asList(isObject(value) ? value['matchResults'] : null)) {
    if (!isObject(result)) continue
    const object = text(result['entityType']) ?? ''
    for (const match of asList(result['matchRecords'])) {
      const record = isObject(match) && isObject(match['record']) ? match['record'] : {}
      const id = toId18(text(record['Id']) ?? '')
      if (id !== null) (found[object] ??= []).push(id)
    }
  }
  return found
}

function plain(status: number | null, message: string): Problem {
  return { status, code: null, message, fields: [], duplicates: {}, also: [] }
}

/** The first words of an HTML or plain page. */
function pageText(page: string): string {
  return page
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 120)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
