/**
 * The one door for nondeterminism: time, waiting, chance and fresh ids. Everything outside `cli/` that
 * needs one of them is handed a `Runtime`, so that a test or the simulator can decide all four.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

export interface Runtime {
  /** Epoch milliseconds. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** Uniform in [0, 1). */
  random(): number
  /** A fresh UUID. */
  id(): string
}

export const systemRuntime: Runtime = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await delay(ms, undefined, signal ? { signal } : {})
    } catch (error) {
      // Node rejects with an AbortError of its own; callers rely on the reason they gave.
      signal?.throwIfAborted()
      throw error
    }
  },
  random: () => Math.random(),
  id: () => randomUUID(),
}
