/** Simulated time: sleepers wake in order as soon as everything that can run without waiting has run. */
import type { Runtime } from '../../src/runtime.ts'

export interface VirtualTime {
  readonly runtime: Runtime
  /** Lets time pass until `work` has settled. */
  readonly run: <T>(work: Promise<T>) => Promise<T>
}

interface Sleeper {
  readonly at: number
  readonly order: number
  readonly wake: () => void
}

export function virtualTime(options: { startMs?: number; random?: () => number } = {}): VirtualTime {
  let now = options.startMs ?? Date.UTC(2026, 0, 1)
  let order = 0
  const sleepers = new Set<Sleeper>()

  const runtime: Runtime = {
    now: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const sleeper = { at: now + Math.max(0, ms), order: (order += 1), wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
    random: options.random ?? (() => 0.5),
    id: () => `id-${(order += 1)}`,
  }

  const run = async <T>(work: Promise<T>): Promise<T> => {
    let settled = false
    const mark = () => {
      settled = true
    }
    work.then(mark, mark)
    for (;;) {
      await everythingRunnable()
      if (settled) return work
      const [next] = [...sleepers].toSorted((a, b) => a.at - b.at || a.order - b.order)
      if (!next) throw new Error('nothing sleeps, yet the work has not settled: it waits for something else')
      sleepers.delete(next)
      now = next.at
      next.wake()
    }
  }

  return { runtime, run }
}

/** `setImmediate` runs after all pending promise reactions. */
function everythingRunnable(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
