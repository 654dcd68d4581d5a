/**
 * Long polling without a model that waits: a model only says how much longer the vendor would keep a request open, and
 * whoever carries the request sleeps and asks again.
 */
import type { HttpRequest } from '../connectors/transport.ts'
import type { Runtime } from '../runtime.ts'
import type { VendorModel } from './model.ts'

export interface HoldOptions {
  readonly runtime: Pick<Runtime, 'sleep'>
  /** The vendor's clock, epoch ms. */
  readonly now: () => number
  /** Longest nap: how late an answer can be to something that came up meanwhile. */
  readonly napMs: number
}

/** Resolves when the vendor would answer; rejects with the signal's reason when aborted. */
export async function holdRequest(
  model: Pick<VendorModel, 'waits'>,
  request: HttpRequest,
  { runtime, now, napMs, signal }: HoldOptions & { readonly signal?: AbortSignal | undefined },
): Promise<void> {
  if (model.waits === undefined) return
  const arrivedAt = now()
  for (let ms = model.waits(request, arrivedAt); ms > 0; ms = model.waits(request, arrivedAt)) {
    await runtime.sleep(Math.min(ms, napMs), signal)
  }
}
