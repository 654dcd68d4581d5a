/** What becomes of requests that are under way when the command is stopped. */
import type { Session } from './session.ts'

/** After a stop, whatever is still under way when its time is over is given up. */
export function givingUp({ runtime, signal, connections, log }: Session, afterMs: number): { end(): void } {
  const over = new AbortController()
  const onStop = async (): Promise<void> => {
    await runtime.sleep(afterMs, over.signal)
    log.warn({ afterMs }, 'requests under way are given up')
    connections.close()
  }
  // Rejects only when everything ended in time.
  const listen = () => void onStop().catch(() => undefined)
  if (signal.aborted) listen()
  signal.addEventListener('abort', listen, { once: true })
  return {
    end() {
      signal.removeEventListener('abort', listen)
      over.abort(new Error('everything ended in time'))
    },
  }
}
