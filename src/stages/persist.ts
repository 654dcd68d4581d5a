/** Tries again what a CRM does not answer as it should, for as long as it takes. */
import { ConnectorError } from '../errors.ts'
import type { Engine } from './engine.ts'

const FIRST_MS = 2_000
const RETRY_MAX_MS = 60_000

/** Rejects with whatever does not pass by itself, and with the signal's reason when stopped. */
export async function persistently<T>(
  { runtime, signal }: Pick<Engine, 'runtime' | 'signal'>,
  work: () => Promise<T>,
  onTrouble: (error: ConnectorError, retryInMs: number) => void,
): Promise<T> {
  // Ends with the trouble, or with the signal.
  for (let failures = 0; ; failures += 1) {
    try {
      return await work()
    } catch (error) {
      if (!passesByItself(error)) throw error
      signal.throwIfAborted()
      const retryInMs = retryAfter(error, failures)
      onTrouble(error, retryInMs)
      await runtime.sleep(retryInMs, signal)
    }
  }
}

/** Two seconds, doubling, a minute at most; the vendor's own word counts where it asks for more. */
export function retryAfter(error: ConnectorError, failures: number): number {
  return Math.max(error.retryAfterMs ?? 0, Math.min(RETRY_MAX_MS, FIRST_MS * 2 ** failures))
}

export function passesByItself(error: unknown): error is ConnectorError {
  if (!(error instanceof ConnectorError)) return false
  return error.kind === 'transient' || error.kind === 'rate-limited' || error.kind === 'ambiguous'
}
