/**
 * Loops that no pairing stands on: the watch, forgetting, a vendor's line. What ends one of them, a database that another
 * program keeps locked say, is told, and it begins anew after a while that grows; nobody else stops for it.
 */
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'

const FIRST_MS = 5_000
const RETRY_MAX_MS = 300_000
/** Going on for so long counts as a success. */
const HEALTHY_MS = 600_000

/** Rejects with the signal's reason, and with nothing else. */
export async function undeterred(
  { runtime, log, signal }: { readonly runtime: Runtime; readonly log: Logger; readonly signal: AbortSignal },
  what: string,
  loop: () => Promise<never>,
): Promise<never> {
  let failures = 0
  // Ends with the signal.
  for (;;) {
    const beganMs = runtime.now()
    const error: unknown = await loop().catch((reason: unknown) => reason)
    signal.throwIfAborted()
    failures = runtime.now() - beganMs > HEALTHY_MS ? 0 : failures + 1
    const retryInMs = Math.min(RETRY_MAX_MS, FIRST_MS * 2 ** Math.max(0, failures - 1))
    log.error({ what, error, retryInMs }, 'a loop ended and begins anew')
    await runtime.sleep(retryInMs, signal)
  }
}
