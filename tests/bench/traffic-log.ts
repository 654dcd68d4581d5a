/** Records the calls of a run, so that they can be sent again without the engine. */
import type { HttpRequest, Transport } from '../../src/connectors/transport.ts'

export interface Call {
  readonly request: HttpRequest
  readonly status: number
  readonly answer: string
}

export interface TrafficLog {
  /** In the order in which the calls left. */
  readonly calls: readonly Call[]
  /** Most calls under way at once. */
  readonly concurrency: () => number
  record(transport: Transport): Transport
}

export function openTrafficLog(): TrafficLog {
  const calls: Call[] = []
  let underWay = 0
  let most = 0
  return {
    calls,
    concurrency: () => most,
    record: (transport) => async (request, signal) => {
      const place = calls.push({ request, status: 0, answer: '' }) - 1
      underWay += 1
      most = Math.max(most, underWay)
      try {
        const response = await transport(request, signal)
        calls[place] = { request, status: response.status, answer: response.body }
        return response
      } finally {
        underWay -= 1
      }
    },
  }
}
