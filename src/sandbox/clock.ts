/**
 * The vendors' common clock: the runtime's time plus an offset. The data generator starts it in the past, so
 * that generated records look as if they had been entered over months, and ends with an offset of zero. A
 * virtual sandbox lets tests move it on, past an index lag or to the next webhook retry, without waiting.
 */
import type { Runtime } from '../runtime.ts'

export interface SandboxClock {
  /** Epoch milliseconds. */
  readonly now: () => number
  /** Moves the clock; negative only before the first record exists, as no vendor's clock runs backwards. */
  readonly advance: (ms: number) => void
}

export function createClock(runtime: Pick<Runtime, 'now'>): SandboxClock {
  let offsetMs = 0
  return {
    now: () => runtime.now() + offsetMs,
    advance: (ms) => {
      offsetMs += ms
    },
  }
}
