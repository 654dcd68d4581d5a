/**
 * The org's clock as far as answers show it. Its stamps are cut to the second (Salesforce fact sheet 0.10), so two edits
 * within a second look like one. What depends on a second being over waits until it surely is.
 */
import type { HttpResponse, Transport } from '../transport.ts'
import type { Runtime } from '../../runtime.ts'

/** From a stamp to the moment at which nothing else of that second can come: the second itself, and uneven clocks. */
export const SETTLED_MS = 3_000

export interface ServerClock {
  /** Never later than the org's own clock, as long as it tells; ours where it does not. Epoch ms. */
  now(): number
  /** Whether the second of this stamp was over for certain when we asked (epoch ms, our clock). */
  isOver(stampMs: number, askedAtMs: number): boolean
  /** The transport with every answer looked at. */
  watching(transport: Transport): Transport
}

export function serverClock(runtime: Pick<Runtime, 'now'>): ServerClock {
  let aheadMs = 0
  const saw = (response: HttpResponse): void => {
    // Cut to the second, and made before it reached us: both make it early, which is the safe side.
    const dateMs = Date.parse(response.headers['date'] ?? '')
    if (Number.isFinite(dateMs)) aheadMs = dateMs - runtime.now()
  }
  return {
    now: () => runtime.now() + aheadMs,
    isOver: (stampMs, askedAtMs) => stampMs + SETTLED_MS <= askedAtMs + aheadMs,
    watching: (transport) => async (request, signal) => {
      const response = await transport(request, signal)
      saw(response)
      return response
    },
  }
}
