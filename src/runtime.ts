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
  /** A fresh UUID, which sorts after those of earlier milliseconds. */
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
  id: () => timeOrdered(randomUUID(), Date.now()),
}

/**
 * Version 7 of RFC 9562: the time, and 74 random bits. Ids of links and writes stand in indexes, of which random ones
 * touch a page for every row; a quarter of what a first load wrote to the disk was that.
 */
function timeOrdered(random: string, nowMs: number): string {
  const time = nowMs.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
}
