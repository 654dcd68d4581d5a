/** How long to rest after a 429. */
import { backOffMs } from '../back-off.ts'
import type { Runtime } from '../../runtime.ts'
import { retryAfterMs } from '../retry-after.ts'
import type { Traffic } from '../traffic.ts'
import type { HttpRequest, HttpResponse } from '../transport.ts'

/** Null when waiting is pointless. */
export function pauseMs(
  response: HttpResponse,
  sending: {
    readonly request: HttpRequest
    readonly attempt: number
    readonly traffic: Traffic
    readonly runtime: Runtime
  },
): number | null {
  const { request, attempt, traffic, runtime } = sending
  const pause = traffic.pauseAfter?.(response, request) ?? { kind: 'back-off' }
  if (pause.kind === 'give-up') return null
  const told = retryAfterMs(response, runtime.now())
  if (told !== null) return told
  if (pause.kind === 'wait') return pause.ms
  return backOffMs(attempt, runtime)
}
