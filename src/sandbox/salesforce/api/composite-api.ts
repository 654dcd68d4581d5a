/** Composite, Composite Graph and Composite Batch (Salesforce fact sheet 15). */
import type { HttpRequest } from '../../../connectors/transport.ts'
import {
  asFlag,
  asList,
  asObject,
  asText,
  badRequest,
  bodyObject,
  type Call,
  type Json,
  type Route,
  type SubRequest,
} from '../call.ts'
import { ok, refusal, type Answer } from '../wire.ts'
import { referencesIn, withReferences } from './references.ts'

const ROOT = '/services/data/{version}/composite'

export const compositeRoutes: readonly Route[] = [
  { method: 'POST', template: ROOT, mutates: carriesWrites, handle: composite },
  { method: 'POST', template: `${ROOT}/graph`, mutates: true, handle: graph },
  { method: 'POST', template: `${ROOT}/batch`, mutates: carriesWrites, handle: batch },
]

const PARTS_MAX = 25
/** Queries and collections among the parts. */
const HEAVY_MAX = 5
const GRAPHS_MAX = 75
const NODES_MAX = 500

/** A composite request changes data when one of its parts does. */
function carriesWrites(request: HttpRequest): boolean {
  return /"method"\s*:\s*"(POST|PATCH|PUT|DELETE)"/i.test(request.body ?? '')
}

interface Part extends SubRequest {
  readonly referenceId: string
}

interface PartResult {
  readonly part: Part
  readonly answer: Answer
}

function composite(call: Call): Answer {
  const body = bodyObject(call)
  const parts = partsOf(body['compositeRequest'], PARTS_MAX)
  if (parts.filter(isHeavy).length > HEAVY_MAX) {
    throw badRequest(
      'PROCESSING_HALTED',
      `The composite request contains more than ${HEAVY_MAX} queries and collections`,
    )
  }
  const { results } = runParts(call, parts, asFlag(body['allOrNone'], false))
  return ok({ compositeResponse: results.map(printResult) })
}

/** Each graph is a transaction of its own; only record URLs are allowed in it. */
function graph(call: Call): Answer {
  const graphs = asList(bodyObject(call)['graphs'], 'graphs').map(asObject)
  if (graphs.length > GRAPHS_MAX) {
    throw badRequest('LIMIT_EXCEEDED', `A payload can have at most ${GRAPHS_MAX} graphs`)
  }
  const answers = graphs.map((each) => {
    const graphId = asText(each['graphId'], 'graphId')
    const parts = partsOf(each['compositeRequest'], NODES_MAX)
    const foreign = parts.find(({ url }) => !/^\/+services\/data\/v\d+\.\d\/sobjects\//.test(url))
    if (foreign) throw badRequest('INVALID_INPUT', `A graph cannot contain ${foreign.url}`)
    const { results, failed } = runParts(call, parts, true)
    return {
      graphId,
      graphResponse: { compositeResponse: results.map(printResult) },
      isSuccessful: !failed,
    }
  })
  return ok({ graphs: answers })
}

/** Parts run one after the other; each counts against the allowance. */
function batch(call: Call): Answer {
  const body = bodyObject(call)
  const requests = asList(body['batchRequests'], 'batchRequests').map(asObject)
  if (requests.length > PARTS_MAX) {
    throw badRequest('LIMIT_EXCEEDED', `A batch can have at most ${PARTS_MAX} requests`)
  }
  // The batch itself is counted already.
  call.charge(Math.max(0, requests.length - 1))
  const halts = asFlag(body['haltOnError'], false)
  let halted = false
  const results = requests.map((each) => {
    if (halted) return { statusCode: 412, result: [HALTED] }
    const url = asText(each['url'], 'url')
    const answer = call.dispatch({
      method: asText(each['method'], 'method').toUpperCase(),
      // `v64.0/sobjects/…` is enough.
      url: url.startsWith('/') ? url : `/services/data/${url}`,
      headers: {},
      body: each['richInput'],
    })
    if (answer.status >= 400 && halts) halted = true
    return { statusCode: answer.status, result: answer.body }
  })
  return ok({ hasErrors: results.some(({ statusCode }) => statusCode >= 400), results })
}

const HALTED = {
  errorCode: 'BATCH_PROCESSING_HALTED',
  message: 'Batch processing halted per request',
}

function partsOf(list: unknown, max: number): Part[] {
  const parts = asList(list, 'compositeRequest').map(asObject)
  if (parts.length > max) throw badRequest('LIMIT_EXCEEDED', `Limit of ${max} subrequests exceeded`)
  const seen = new Set<string>()
  return parts.map((each) => {
    const referenceId = asText(each['referenceId'], 'referenceId')
    if (!/^[A-Za-z0-9_]+$/.test(referenceId) || seen.has(referenceId)) {
      throw badRequest(
        'INVALID_INPUT',
        `Provided referenceId ('${referenceId}') must be unique and alphanumeric`,
      )
    }
    seen.add(referenceId)
    return {
      referenceId,
      method: asText(each['method'], 'method').toUpperCase(),
      url: asText(each['url'], 'url'),
      headers: headersOf(each['httpHeaders']),
      body: each['body'],
    }
  })
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

function isHeavy({ url }: Part): boolean {
  return /\/(query|queryAll|composite\/sobjects)(\/|\?|$)/.test(url)
}

/** Ends the transaction of a request that is all or nothing. */
class RolledBack extends Error {}

function runParts(
  call: Call,
  parts: readonly Part[],
  allOrNone: boolean,
): { results: readonly PartResult[]; failed: boolean } {
  let results: PartResult[] = []
  const work = (): void => {
    results = inOrder(call, parts)
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

function inOrder(call: Call, parts: readonly Part[]): PartResult[] {
  const answers = new Map<string, Answer>()
  return parts.map((part) => {
    const answer = runPart(call, part, answers)
    answers.set(part.referenceId, answer)
    return { part, answer }
  })
}

/** A part whose reference has failed or does not exist is not run. */
function runPart(call: Call, part: Part, answers: ReadonlyMap<string, Answer>): Answer {
  const names = [...referencesIn(part.url), ...referencesIn(part.body)]
  const broken = names.some((name) => (answers.get(name)?.status ?? 500) >= 400)
  const url = withReferences(part.url, answers)
  const body = withReferences(part.body ?? null, answers)
  if (broken || typeof url !== 'string' || body === undefined) {
    return {
      status: 400,
      body: [
        {
          errorCode: 'PROCESSING_HALTED',
          message: 'Invalid reference specified. No value for the reference found.',
        },
      ],
    }
  }
  if (!/^\/+services\/data\/v\d+\.\d\//.test(url) || /\/composite\/?(\?|$|graph|batch)/.test(url)) {
    return refused(`The URL ${url} is not allowed in a composite request`)
  }
  return call.dispatch({ ...part, url, body })
}

function refused(message: string): Answer {
  return { status: 400, body: refusal('INVALID_INPUT', message).entries }
}

function rolledBack({ part, answer }: PartResult): PartResult {
  if (answer.status >= 400) return { part, answer }
  const body = [
    {
      errorCode: 'PROCESSING_HALTED',
      message: 'The transaction was rolled back since another operation in the same transaction failed.',
    },
  ]
  return { part, answer: { status: 400, body } }
}

const SHOWN_HEADERS: Readonly<Record<string, string>> = {
  location: 'Location',
  etag: 'ETag',
  'last-modified': 'Last-Modified',
}

function printResult({ part, answer }: PartResult): unknown {
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
