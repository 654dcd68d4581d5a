/**
 * Sends alerts to one URL, as JSON, signed and in order. The receiver verifies `attune-signature: t=<epoch
 * ms>,v1=<hex>`, where v1 is the HMAC-SHA256 of `<t>.<raw body>` under the shared secret, and drops what it has seen
 * (`idempotency-key`) or what is old. What cannot be delivered is tried again for a day.
 */
import { createHmac } from 'node:crypto'
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'
import type { Alert } from '../stages/alerts.ts'

/** Sends one request; rejects when there is no answer. */
export type Post = (
  request: {
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  },
  signal: AbortSignal,
) => Promise<{ readonly status: number }>

export interface AlertHook {
  /** Queues it. */
  send(alert: Alert): void
  /** Lets go after one more try of what is queued, or when `patienceMs` is over. Returns what is left. */
  close(patienceMs: number): Promise<readonly Alert[]>
}

export interface AlertHookOptions {
  readonly url: string
  readonly secret: string
  readonly post: Post
  readonly runtime: Runtime
  readonly log: Logger
  /** Told of all that is not delivered yet whenever that changes, so that it outlives a process that is killed. */
  readonly onQueue?: (undelivered: readonly Alert[]) => void
}

/** A receiver that is away for long gets the newest. */
const QUEUE_MAX = 1_000
const FIRST_MS = 2_000
const RETRY_MAX_MS = 600_000
const GIVE_UP_MS = 86_400_000

function alertSignature(secret: string, atMs: number, body: string): string {
  return `t=${atMs},v1=${createHmac('sha256', secret).update(`${atMs}.${body}`).digest('hex')}`
}

export function openAlertHook(options: AlertHookOptions): AlertHook {
  const { url, secret, post, runtime, log, onQueue } = options
  const queue: Alert[] = []
  const resting = new AbortController()
  const posting = new AbortController()
  const closed = new Error('the alert hook is closed')
  let sending: Promise<void> | null = null

  /** Null: delivered. Otherwise why not, without the receiver's words. */
  const attempt = async (alert: Alert): Promise<string | null> => {
    const body = JSON.stringify(alert)
    const headers = {
      'content-type': 'application/json',
      'idempotency-key': alert.id,
      'attune-signature': alertSignature(secret, runtime.now(), body),
    }
    try {
      const { status } = await post({ url, headers, body }, posting.signal)
      return status >= 200 && status < 300 ? null : `status ${status}`
    } catch (error) {
      return error instanceof Error ? error.message : 'no answer'
    }
  }

  /** False when we let go first. */
  const deliver = async (alert: Alert): Promise<boolean> => {
    // Ends when it is delivered, too old, or let go.
    for (let failures = 0; ; failures += 1) {
      const isLast = resting.signal.aborted
      const because = await attempt(alert)
      if (because === null) return true
      const { id: alertId, kind } = alert
      const isTooOld = runtime.now() - alert.atMs > GIVE_UP_MS
      log[isTooOld ? 'error' : 'warn']({ alertId, kind, because }, 'alert could not be delivered')
      if (isTooOld) return true
      if (isLast) return false
      const waitMs = Math.min(RETRY_MAX_MS, FIRST_MS * 2 ** failures)
      // Rejects only when we let go, and then one more try is made.
      await runtime.sleep(waitMs, resting.signal).catch(() => undefined)
    }
  }

  const sendAll = async (): Promise<void> => {
    for (let [alert] = queue; alert !== undefined; [alert] = queue) {
      if (!(await deliver(alert))) break
      if (queue[0] === alert) queue.shift()
      onQueue?.([...queue])
    }
    sending = null
  }

  return {
    send(alert) {
      if (queue.length >= QUEUE_MAX) {
        const dropped = queue.shift()
        log.error({ alertId: dropped?.id, kind: dropped?.kind }, 'alert dropped: too many are waiting')
      }
      queue.push(alert)
      onQueue?.([...queue])
      sending ??= sendAll()
    },
    async close(patienceMs) {
      resting.abort(closed)
      const patience = new AbortController()
      const over = runtime.sleep(patienceMs, patience.signal).catch(() => undefined)
      await Promise.race([sending, over])
      posting.abort(closed)
      patience.abort(closed)
      await sending
      return queue
    },
  }
}
