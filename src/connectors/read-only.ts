/** Read-only mode: a dry run cannot change anything, because no request that could is ever sent (I21). */
import { InvariantError } from '../errors.ts'
import type { Traffic } from './traffic.ts'
import type { Transport } from './transport.ts'

/**
 * Refuses every request that is not known to be a read. That one gets here at all is a bug of ours, hence an
 * `InvariantError`: it must not be mistaken for a vendor's answer and handled.
 */
export function readOnly(transport: Transport, traffic: Traffic, connection: string): Transport {
  return async (request, signal) => {
    if (traffic.classify(request).mutating) {
      const path = new URL(request.url).pathname
      throw new InvariantError(
        'I21',
        `${request.method} ${path} would change data on ${connection}, which is open read-only`,
      )
    }
    return transport(request, signal)
  }
}
