/** Ctrl-C and SIGTERM as an `AbortSignal`. The second Ctrl-C ends the process at once, as usual. */
import { InvariantError } from '../errors.ts'
import { Interrupted } from './failure.ts'

export interface Stopping {
  readonly signal: AbortSignal
  /** Stops for a reason of our own, which the command then ends with. */
  stop(reason: Error): void
}

/** Runs `work`; once stopped, whatever it fails with is the stop showing through, and the reason is thrown. */
export async function stoppable<T>(work: (stopping: Stopping) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const onSignal = () => controller.abort(new Interrupted())
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
  try {
    return await work({ signal: controller.signal, stop: (reason) => controller.abort(reason) })
  } catch (error) {
    if (!controller.signal.aborted || error instanceof InvariantError) throw error
    throw controller.signal.reason
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** Resolves when the signal is aborted. */
export async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
