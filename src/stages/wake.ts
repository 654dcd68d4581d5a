/** Ends an idle wait early, because something came in that is worth a look. */
import type { Runtime } from '../runtime.ts'

export interface Wake {
  /** Ends the wait under way, or the next one when there is none. */
  call(): void
  /** Resolves after `ms` or when called; rejects with the signal's reason when aborted. One waits at a time. */
  rest(ms: number, signal: AbortSignal): Promise<void>
}

export function createWake(runtime: Pick<Runtime, 'sleep'>): Wake {
  const awake = new Error('called')
  let isCalled = false
  let resting: AbortController | null = null
  return {
    call() {
      isCalled = true
      resting?.abort(awake)
    },

    async rest(ms, signal) {
      signal.throwIfAborted()
      const wait = new AbortController()
      const onAbort = () => wait.abort(signal.reason)
      signal.addEventListener('abort', onAbort, { once: true })
      resting = wait
      try {
        if (!isCalled) await runtime.sleep(ms, wait.signal)
      } catch (reason) {
        if (reason !== awake) throw reason
      } finally {
        signal.removeEventListener('abort', onAbort)
        resting = null
        isCalled = false
      }
    },
  }
}
