/**
 * Ctrl-C, SIGTERM and the end of the terminal (SIGHUP) as an `AbortSignal`. The second of a kind ends the process at once,
 * as usual.
 */
import { InvariantError } from '../errors.ts'
import { Interrupted } from './failure.ts'

export interface Stopping {
  readonly signal: AbortSignal
  /** Stops for a reason of our own, which the command then ends with. */
  stop(reason: Error): void
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs `work`; once stopped, whatever it fails with is the stop showing through, and the reason is thrown. */
export async function stoppable<T>(work: (stopping: Stopping) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onSignal = () => controller.abort(new Interrupted())
  for (const each of SIGNALS) process.once(each, onSignal)
  try {
    return await work({ signal: controller.signal, stop: (reason) => controller.abort(reason) })
  } catch (error) {
    if (!controller.signal.aborted || error instanceof InvariantError) throw error
    throw controller.signal.reason
  } finally {
    for (const each of SIGNALS) process.off(each, onSignal)
  }
}

/** Resolves when the signal is aborted. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
