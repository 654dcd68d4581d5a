/** Composite Graph (Salesforce fact sheet 7, 15): each graph is a transaction of its own. */
import { asList, asObject, asText, badRequest, bodyObject, type Call, type Route } from '../call.ts'
import { ok, type Answer } from '../wire.ts'
import { partsOf, printResult, runParts, TAKEN_BACK, type Part } from './composite-parts.ts'
import { referencesIn } from './references.ts'

export const graphRoutes: readonly Route[] = [
  {
    method: 'POST',
    template: '/services/data/{version}/composite/graph',
    mutates: true,
    handle: graph,
  },
]

const GRAPHS_MAX = 75
/** Of a graph, and of all of a request together. */
const NODES_MAX = 500
/** Objects and methods that differ. */
const KINDS_MAX = 15
/** Nodes that refer to each other in a row. */
const DEPTH_MAX = 15
/** After so many failures the rest is left alone. */
const FAILED_MAX = 14

interface Graph {
  readonly graphId: string
  readonly parts: readonly Part[]
}

function graph(call: Call): Answer {
  const graphs = asList(bodyObject(call)['graphs'], 'graphs').map(asObject)
  if (graphs.length > GRAPHS_MAX) throw tooMany(`A payload can have at most ${GRAPHS_MAX} graphs`)
  const read = graphs.map((each): Graph => {
    const parts = partsOf(each['compositeRequest'], NODES_MAX)
    const graphId = asText(each['graphId'], 'graphId')
    requireSimple({ graphId, parts })
    return { graphId, parts }
  })
  const nodes = read.reduce((total, { parts }) => total + parts.length, 0)
  if (nodes > NODES_MAX) throw tooMany(`A payload can have at most ${NODES_MAX} nodes`)
  let failures = 0
  const answers = read.map(({ graphId, parts }) => {
    const { results, failed } =
      failures < FAILED_MAX
        ? runParts(call, parts, true)
        : { results: parts.map((part) => ({ part, answer: TAKEN_BACK })), failed: true }
    if (failed) failures++
    return {
      graphId,
      graphResponse: { compositeResponse: results.map(printResult) },
      isSuccessful: !failed,
    }
  })
  return ok({ graphs: answers })
}

/** Only record URLs, and limits that the vendor checks before it runs anything. */
function requireSimple({ graphId, parts }: Graph): void {
  const foreign = parts.find(({ url }) => !/^\/+services\/data\/v\d+\.\d\/sobjects\//.test(url))
  if (foreign) throw badRequest('INVALID_INPUT', `A graph cannot contain ${foreign.url}`)
  const kinds = new Set(parts.map(({ method, url }) => `${method} ${objectOf(url)}`))
  if (kinds.size > KINDS_MAX) {
    throw tooMany(`The graph ${graphId} has more than ${KINDS_MAX} different nodes`)
  }
  const depths = new Map<string, number>()
  for (const { referenceId, url, body } of parts) {
    const parents = [...referencesIn(url), ...referencesIn(body)].map((name) => depths.get(name) ?? 0)
    depths.set(referenceId, 1 + Math.max(0, ...parents))
  }
  if (Math.max(0, ...depths.values()) > DEPTH_MAX) {
    throw tooMany(`The graph ${graphId} is deeper than ${DEPTH_MAX}`)
  }
}

function objectOf(url: string): string {
  return /\/sobjects\/([^/?]+)/.exec(url)?.[1]?.toLowerCase() ?? ''
}

function tooMany(message: string): Error {
  return badRequest('LIMIT_EXCEEDED', message)
}
