/** Simulated time: timers fire in order as soon as everything that can run without waiting has run. */
import type { Runtime } from '../../src/runtime.ts'

export interface VirtualTime {
  readonly runtime: Runtime
  /** Lets time pass until `work` has settled. */
  readonly run: <T>(work: Promise<T>) => Promise<T>
  readonly after: (ms: number, fire: () => void) => Timer
}

export interface Timer {
  /** Keeps it from firing. */
  off(): void
}

interface Due {
  readonly at: number
  readonly order: number
  fire: (() => void) | null
}

export function virtualTime(options: { startMs?: number; random?: () => number } = {}): VirtualTime {
  let now = options.startMs ?? Date.UTC(2026, 0, 1)
  let order = 0
  const heap: Due[] = []

  const after = (ms: number, fire: () => void): Timer => {
    const due: Due = { at: now + Math.max(0, ms), order: (order += 1), fire }
    push(heap, due)
    return {
      off: () => {
        due.fire = null
      },
    }
  }

  const runtime: Runtime = {
    // Whole milliseconds, like the system's clock.
    now: () => Math.floor(now),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const leave = () => {
          timer.off()
          reject(signal?.reason)
        }
        const timer = after(ms, () => {
          signal?.removeEventListener('abort', leave)
          resolve()
        })
        signal?.addEventListener('abort', leave, { once: true })
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
      let next = pop(heap)
      while (next?.fire === null) next = pop(heap)
      if (!next) throw new Error('nothing sleeps, yet the work has not settled: it waits for something else')
      now = next.at
      next.fire?.()
    }
  }

  return { runtime, run, after }
}

/** The real one: tests may replace the global. It runs after all pending promise reactions. */
const realSetImmediate = setImmediate

function everythingRunnable(): Promise<void> {
  return new Promise((resolve) => {
    realSetImmediate(resolve)
  })
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

function push(heap: Due[], due: Due): void {
  let place = heap.length
  heap.push(due)
  while (place > 0) {
    const parent = (place - 1) >> 1
    const above = heap[parent]
    if (!above || !isBefore(due, above)) break
    heap[place] = above
    place = parent
  }
  heap[place] = due
}

function pop(heap: Due[]): Due | undefined {
  const first = heap[0]
  const last = heap.pop()
  if (!first || !last || heap.length === 0) return first
  let place = 0
  for (;;) {
    const left = heap[2 * place + 1]
    const right = heap[2 * place + 2]
    const isRight = left !== undefined && right !== undefined && isBefore(right, left)
    const least = isRight ? right : left
    if (!least || !isBefore(least, last)) break
    heap[place] = least
    place = 2 * place + (isRight ? 2 : 1)
  }
  heap[place] = last
  return first
}
