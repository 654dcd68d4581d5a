/**
 * Carries due webhook deliveries from the models to their targets. The models decide what is due, sign it and
 * schedule repeats; this loop only posts and reports the status back.
 */
import PQueue from 'p-queue'
import { TransportError } from '../connectors/transport.ts'
import type { Transport } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import type { SandboxClock } from './clock.ts'
import type { Delivery, VendorModel } from './model.ts'

/** Posts under way per vendor. More would only queue up in the receiver of a small test. */
const CONCURRENCY = 16

/** Longest nap: how late a delivery can be that became due through a request which this loop does not see. */
const NAP_MS = 50

export interface DelivererOptions {
  /** `transport` must give up when the vendor would (Attio fact sheet 16.6 and HubSpot 20: 5 seconds). */
  readonly vendors: readonly { readonly model: VendorModel; readonly transport: Transport }[]
  readonly clock: Pick<SandboxClock, 'now'>
  readonly runtime: Pick<Runtime, 'sleep'>
  readonly signal: AbortSignal
}

/**
 * Runs until `signal` aborts; then waits for the posts under way, which are aborted with it, and resolves.
 * Rejects when a model throws, which is a bug of the sandbox.
 */
export async function runDeliverer(options: DelivererOptions): Promise<void> {
  const { clock, runtime, signal } = options
  const failed = new AbortController()
  const stop = AbortSignal.any([signal, failed.signal])
  const lanes = options.vendors.map(({ model, transport }) => ({
    model,
    transport,
    queue: new PQueue({ concurrency: CONCURRENCY }),
  }))

  while (!stop.aborted) {
    let napMs = NAP_MS
    for (const { model, transport, queue } of lanes) {
      // What a vendor holds back stays with the model, where a snapshot sees it.
      if (queue.size === 0) {
        for (const delivery of model.takeDeliveries()) {
          queue
            .add(() => post(model, delivery, transport, signal))
            .catch((error: unknown) => failed.abort(error))
        }
      }
      const dueAt = model.nextDeliveryAt()
      if (dueAt !== null) napMs = Math.max(1, Math.min(napMs, dueAt - clock.now()))
    }
    try {
      await runtime.sleep(napMs, stop)
    } catch (error) {
      if (!stop.aborted) throw error
    }
  }
  await Promise.all(lanes.map(({ queue }) => queue.onIdle()))
  if (failed.signal.aborted) throw failed.signal.reason
}

/**
 * Posts everything that is due now and returns how many deliveries that were. For in-process worlds, where the
 * test or the simulator decides when bells ring; `transport` leads to the receiver under test.
 */
export async function deliverDue(model: VendorModel, transport: Transport): Promise<number> {
  const due = model.takeDeliveries()
  for (const delivery of due) await post(model, delivery, transport)
  return due.length
}

async function post(
  model: VendorModel,
  delivery: Delivery,
  transport: Transport,
  signal?: AbortSignal,
): Promise<void> {
  model.settleDelivery(delivery.id, await postStatus(delivery, transport, signal))
}

async function postStatus(
  delivery: Delivery,
  transport: Transport,
  signal?: AbortSignal,
): Promise<number | null> {
  const { url, headers, body } = delivery
  try {
    const response = await transport({ method: 'POST', url, headers, body }, signal)
    return response.status
  } catch (error) {
    // No answer is an outcome the vendor knows; it schedules the next attempt.
    if (error instanceof TransportError || signal?.aborted) return null
    throw error
  }
}
