/** Alerts of `attune start`: remembered in the store, and on their way where there is a URL. */
import { postTo } from '../compose.ts'
import { openAlertBook, resolveAllBut, type Alert, type AlertBook } from '../stages/alerts.ts'
import { openAlertHook } from '../web/alert-hook.ts'
import type { Session } from './session.ts'

/** How long a stop waits for alerts; what is left is sent by the next start. */
const CLOSE_MS = 1_000

const UNDELIVERED = 'alerts/undelivered'

export async function withAlerts<T>(session: Session, work: (alerts: AlertBook) => Promise<T>): Promise<T> {
  const { store, runtime, log, settings } = session
  let writing: Promise<void> = Promise.resolve()
  const remember = (undelivered: readonly Alert[]): void => {
    writing = writing
      .then(() => store.setMeta(UNDELIVERED, JSON.stringify(undelivered)))
      // They are on their way all the same, and it may be about this very database.
      .catch((error: unknown) => log.warn({ error }, 'undelivered alerts could not be written down'))
  }
  const left = JSON.parse((await store.meta(UNDELIVERED)) ?? '[]') as readonly Alert[]
  const hook =
    settings.alerts &&
    openAlertHook({ ...settings.alerts, post: postTo(settings), runtime, log, onQueue: remember })
  for (const alert of left) hook?.send(alert)
  const alerts = await openAlertBook({ store, runtime, log, send: (alert) => hook?.send(alert) })
  await resolveAllBut(
    alerts,
    [...settings.pairings, ...settings.connections].map(({ name }) => name),
  )
  try {
    return await work(alerts)
  } finally {
    if (hook) remember(await hook.close(CLOSE_MS))
    await writing
  }
}
