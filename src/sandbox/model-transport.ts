/** Reaches a vendor model without sockets: the transport of the simulator and of in-process tests. */
import { TransportError } from '../connectors/transport.ts'
import type { Transport } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import type { FaultLayer } from './faults.ts'
import { holdRequest } from './hold.ts'
import type { VendorModel } from './model.ts'

/** Virtual time costs nothing, but every nap is a step of the simulator. */
const NAP_MS = 250

/**
 * A `Transport` that asks `model`, through `faults` when given (made with `createFaults(model, …)`). Whatever
 * breaks the connection is a `TransportError` with `sent: true`: from here nobody can tell whether the request
 * had arrived, and a real client cannot either. An aborted request rejects with the signal's reason before it
 * reaches the model. Long polls wait on the vendor's clock when `now` is given.
 */
export function modelTransport(
  model: Pick<VendorModel, 'vendor' | 'handle' | 'waits'>,
  options: {
    readonly runtime: Pick<Runtime, 'sleep'>
    readonly faults?: FaultLayer
    /** The vendor's clock; without it nothing is kept open. */
    readonly now?: () => number
  },
): Transport {
  const { runtime, faults, now } = options
  return async (request, signal) => {
    signal?.throwIfAborted()
    if (now) await holdRequest(model, request, { runtime, now, napMs: NAP_MS, signal })
    if (!faults) return model.handle(request)
    const outcome = await faults.answer(request, signal)
    switch (outcome.kind) {
      case 'answer':
        return outcome.response
      case 'cut':
        throw new TransportError(`The answer from ${model.vendor} broke off`, { sent: true })
      case 'reset':
        throw new TransportError(`The connection to ${model.vendor} was reset`, { sent: true })
      case 'silence':
        if (outcome.ms !== null) await runtime.sleep(outcome.ms, signal)
        throw new TransportError(`${model.vendor} did not answer`, { sent: true })
    }
  }
}
