/** The parts of a composite request: read, run in order, and printed (Salesforce fact sheet 15). */
import { asList, asObject, asText, badRequest, type Call, type Json, type SubRequest } from '../call.ts'
import { refusal, type Answer } from '../wire.ts'
import { MissingReference, withReferences } from './references.ts'

export interface Part extends SubRequest {
  readonly referenceId: string
}

export interface PartResult {
  readonly part: Part
  readonly answer: Answer
}

export function partsOf(list: unknown, max: number): Part[] {
  const parts = asList(list, 'compositeRequest').map(asObject)
  if (parts.length > max) throw badRequest('LIMIT_EXCEEDED', `Limit of ${max} subrequests exceeded`)
  const seen = new Set<string>()
  return parts.map((each) => {
    const referenceId = asText(each['referenceId'], 'referenceId')
    requireReferenceId(referenceId, seen)
    seen.add(referenceId)
    return {
      referenceId,
      method: asText(each['method'], 'method').toUpperCase(),
      url: asText(each['url'], 'url'),
      headers: headersOf(each['httpHeaders']),
      // Not for all resources, is documented (15): for none, is the reading that is harder on clients.
      inheritsWishes: false,
      body: each['body'],
    }
  })
}

/** Before version 52.0 it failed later, where it was referred to (documented); here it always fails at once. */
function requireReferenceId(referenceId: string, seen: ReadonlySet<string>): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9_]*$/.test(referenceId)) {
    throw badRequest(
      'INVALID_INPUT',
      `Provided referenceId ('${referenceId}') must start with a letter or a number, and it can contain only letters, numbers and underscores ('_').`,
    )
  }
  if (seen.has(referenceId)) {
    throw badRequest('INVALID_INPUT', `Provided referenceId ('${referenceId}') is used more than once`)
  }
}

function headersOf(raw: unknown): Record<string, string> {
  if (raw === undefined || raw === null) return {}
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(asObject(raw) as Json)) {
    const lower = name.toLowerCase()
    // The session is that of the outer request.
    if (lower === 'authorization') throw badRequest('INVALID_INPUT', `The header ${name} cannot be set`)
    headers[lower] = asText(value, name)
  }
  return headers
}

/** Ends the transaction of a request that is all or nothing. */
class RolledBack extends Error {}

export function runParts(
  call: Call,
  parts: readonly Part[],
  allOrNone: boolean,
): { results: readonly PartResult[]; failed: boolean } {
  let results: PartResult[] = []
  const work = (): void => {
    results = inOrder(call, parts, allOrNone)
    if (allOrNone && results.some(({ answer }) => answer.status >= 400)) throw new RolledBack()
  }
  try {
    if (allOrNone) call.org.rows.transact(work)
    else work()
    return { results, failed: false }
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
    return { results: results.map(rolledBack), failed: true }
  }
}

/** In order; when it is all or nothing, nothing is run after a failure. */
function inOrder(call: Call, parts: readonly Part[], allOrNone: boolean): PartResult[] {
  const answers = new Map<string, Answer>()
  let failed = false
  return parts.map((part) => {
    const answer = failed && allOrNone ? TAKEN_BACK : runPart(call, part, answers)
    failed ||= answer.status >= 400
    answers.set(part.referenceId, answer)
    return { part, answer }
  })
}

/** A part whose reference has failed or does not exist is not run. */
function runPart(call: Call, part: Part, answers: ReadonlyMap<string, Answer>): Answer {
  const results = { answers, nullsCount: Number(call.version) >= 52 }
  try {
    const url = String(withReferences(part.url, results))
    const body = withReferences(part.body ?? null, results)
    if (!/^\/+services\/data\/v\d+\.\d\//.test(url) || /\/composite\/?(\?|$|graph|batch)/.test(url)) {
      return refused(`The URL ${url} is not allowed in a composite request`)
    }
    return call.dispatch({ ...part, url, body })
  } catch (error) {
    if (!(error instanceof MissingReference)) throw error
    return halted(error.message)
  }
}

function halted(message: string): Answer {
  return { status: 400, body: [{ errorCode: 'PROCESSING_HALTED', message }] }
}

export const TAKEN_BACK = halted(
  'The transaction was rolled back since another operation in the same transaction failed.',
)

function refused(message: string): Answer {
  return { status: 400, body: refusal('INVALID_INPUT', message).entries }
}

function rolledBack({ part, answer }: PartResult): PartResult {
  return { part, answer: answer.status >= 400 ? answer : TAKEN_BACK }
}

const SHOWN_HEADERS: Readonly<Record<string, string>> = {
  location: 'Location',
  etag: 'ETag',
  'last-modified': 'Last-Modified',
}

export function printResult({ part, answer }: PartResult): unknown {
  const httpHeaders = Object.fromEntries(
    Object.entries(answer.headers ?? {}).flatMap(([name, value]) => {
      const shown = SHOWN_HEADERS[name]
      return shown === undefined ? [] : [[shown, value]]
    }),
  )
  return {
    body: answer.body,
    httpHeaders,
    httpStatusCode: answer.status,
    referenceId: part.referenceId,
  }
}
