/** Composite and Composite Batch (Salesforce fact sheet 15). */
import type { HttpRequest } from '../../../connectors/transport.ts'
import {
  asFlag,
  asList,
  asObject,
  asText,
  badRequest,
  base,
  bodyObject,
  type Call,
  type Route,
} from '../call.ts'
import { ok, type Answer } from '../wire.ts'
import { partsOf, printResult, runParts, type Part } from './composite-parts.ts'

const ROOT = '/services/data/{version}/composite'

export const compositeRoutes: readonly Route[] = [
  { method: 'GET', template: ROOT, mutates: false, handle: resources },
  { method: 'POST', template: ROOT, mutates: carriesWrites, handle: composite },
  { method: 'POST', template: `${ROOT}/batch`, mutates: carriesWrites, handle: batch },
]

const PARTS_MAX = 25
/** Queries and collections among the parts. */
const HEAVY_MAX = 5

/** A composite request changes data when one of its parts does. */
function carriesWrites(request: HttpRequest): boolean {
  return /"method"\s*:\s*"(POST|PATCH|PUT|DELETE)"/i.test(request.body ?? '')
}

function resources(call: Call): Answer {
  const names = ['tree', 'batch', 'sobjects', 'graph']
  return ok(Object.fromEntries(names.map((name) => [name, `${base(call)}/composite/${name}`])))
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
      inheritsWishes: true,
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

function isHeavy({ url }: Part): boolean {
  return /\/(query|queryAll|composite\/sobjects)(\/|\?|$)/.test(url)
}
