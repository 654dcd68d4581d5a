/** A network on which single requests can be made to fail in the ways that matter to a writer. */
import { TransportError } from '../../../src/connectors/transport.ts'
import type { HttpRequest, Transport } from '../../../src/connectors/transport.ts'

/**
 * - `unsent`: the connection is refused; the vendor never sees the request.
 * - `lost`: sent, but never arrives; no answer.
 * - `applied`: arrives and takes effect, but the answer is lost.
 */
export type Interruption = 'unsent' | 'lost' | 'applied'

export interface Interruptible {
  readonly transport: Transport
  /** Everything sent so far. */
  readonly requests: readonly HttpRequest[]
  /** Interrupts the next request that changes data; reads around it pass. */
  readonly interruptNextWrite: (how: Interruption) => void
}

export function interruptible(
  transport: Transport,
  isMutating: (request: HttpRequest) => boolean,
): Interruptible {
  let next: Interruption | null = null
  const requests: HttpRequest[] = []
  return {
    requests,
    transport: async (request, signal) => {
      requests.push(request)
      if (next === null || !isMutating(request)) return transport(request, signal)
      const how = next
      next = null
      if (how === 'applied') await transport(request, signal)
      throw new TransportError(`the answer was interrupted (${how})`, { sent: how !== 'unsent' })
    },
    interruptNextWrite: (how) => {
      next = how
    },
  }
}
