/**
 * Virtual time for a simulated world: a heap of wake-up times. Time moves only when everything that can run has run,
 * so an hour of waiting costs nothing and equal seeds give equal histories.
 *
 * Every wake-up may belong to an owner (a process). When the owner has died, its wake-ups are dropped: nothing of a
 * dead process ever runs again, as if the machine had been switched off between two instructions.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import { DueQueue } from '../../src/sandbox/due-queue.ts'

export interface Owner {
  readonly isDead: () => boolean
}

export interface Kernel {
  now(): number
  /** Resolves after `ms`; never when the owner is dead by then; rejects with the signal's reason when aborted. */
  sleep(ms: number, options?: { readonly owner?: Owner; readonly signal?: AbortSignal }): Promise<void>
  /** Lets time pass until `work` has settled. Throws when nothing is left that could settle it. */
  run<T>(work: Promise<T>): Promise<T>
  /** Wake-ups so far: a measure of how much happened. */
  steps(): number
}

interface Waiter {
  readonly owner: Owner | null
  readonly wake: () => void
  isOver: boolean
}

/** Three times as many wake-ups as the busiest of drawn worlds had: whoever gets here turns in a circle. */
const STEPS_MAX = 30_000

export class Livelock extends Error {
  override readonly name = 'Livelock'
}

export function createKernel(startMs: number, stepsMax = STEPS_MAX): Kernel {
  let nowMs = startMs
  let steps = 0
  const waiting = new DueQueue<Waiter>()

  const sleep: Kernel['sleep'] = (ms, { owner, signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error)
      const onAbort = () => {
        waiter.isOver = true
        if (!owner?.isDead()) reject(signal?.reason as Error)
      }
      const wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const waiter: Waiter = { owner: owner ?? null, wake, isOver: false }
      // Clocks of the real world show whole milliseconds.
      waiting.add(nowMs + Math.max(0, Math.ceil(ms)), waiter)
      signal?.addEventListener('abort', onAbort, { once: true })
    })

  /** The next wake-up that still means something, or null. */
  const next = (): Waiter | null => {
    for (;;) {
      const first = waiting.takeDue(Infinity)
      if (!first) return null
      const { item } = first
      if (item.isOver || item.owner?.isDead()) continue
      nowMs = Math.max(nowMs, first.dueMs)
      item.isOver = true
      return item
    }
  }

  return {
    now: () => nowMs,
    sleep,
    steps: () => steps,
    async run(work) {
      let isSettled = false
      const settle = () => {
        isSettled = true
      }
      work.then(settle, settle)
      for (;;) {
        await quiet()
        if (isSettled) return work
        const waiter = next()
        if (!waiter) {
          await macrotask()
          if (isSettled) return work
          throw new Error('nothing waits for time, yet the work has not settled')
        }
        steps += 1
        if (steps > stepsMax) throw new Livelock(`still busy after ${stepsMax} wake-ups`)
        waiter.wake()
      }
    },
  }
}

/**
 * Resolves when all promise reactions that are pending now, and those that they lead to, have run: Node empties the
 * microtask queue before it takes the next tick. A turn of the event loop would do too, and costs five times as much.
 */
function quiet(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => process.nextTick(resolve))
  })
}
