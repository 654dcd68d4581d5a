/**
 * What a person has to be told without asking: once when it begins, once when it is over, and not again after a
 * restart. Pure but for the store: what is open is remembered there.
 */
import type { Logger } from '../logging.ts'
import type { Runtime } from '../runtime.ts'
import type { Store } from '../store/store.ts'

export type AlertKind =
  | 'token-dead'
  | 'direction-silent'
  | 'webhooks-silent'
  | 'budget-low'
  | 'drift-rising'
  | 'conflict-opened'
  | 'guard-tripped'
  | 'pairing-failed'
  | 'field-paused'

/** What it is about, and for whom. No values of records: alerts leave the house. */
export interface AlertSubject {
  readonly kind: AlertKind
  /** A pairing, a connection, or `<pairing> <side>`: together with the kind, what is told once. */
  readonly subject: string
  readonly message: string
  /** What to do. */
  readonly hint: string
}

/** `raised` lasts until it is `resolved`; `noted` happened and is over. */
export interface Alert extends AlertSubject {
  readonly id: string
  readonly state: 'raised' | 'resolved' | 'noted'
  readonly atMs: number
}

/** Tells even what cannot be written down: the trouble may be with the database. */
export interface AlertBook {
  /** Tells it, unless it is open already. */
  raise(subject: AlertSubject): Promise<void>
  /** Tells that it is over, if it is open. */
  resolve(kind: AlertKind, subject: string): Promise<void>
  note(subject: AlertSubject): Promise<void>
  open(): readonly Alert[]
}

export interface AlertBookOptions {
  readonly store: Pick<Store, 'meta' | 'setMeta'>
  readonly runtime: Pick<Runtime, 'now' | 'id'>
  readonly log: Logger
  /** Takes it on its way, which may take long. */
  readonly send: (alert: Alert) => void
}

const OPEN = 'alerts/open'

/** Those that are not over, as they were written down last. */
export async function rememberedAlerts(store: Pick<Store, 'meta'>): Promise<readonly Alert[]> {
  return JSON.parse((await store.meta(OPEN)) ?? '[]') as readonly Alert[]
}

export async function openAlertBook({ store, runtime, log, send }: AlertBookOptions): Promise<AlertBook> {
  const remembered = await rememberedAlerts(store)
  const open = new Map(remembered.map((alert) => [keyOf(alert), alert]))

  const tell = (alert: Alert): void => {
    const { kind, subject, state, message } = alert
    log[state === 'resolved' ? 'info' : 'error']({ kind, subject, state, because: message }, 'alert')
    send(alert)
  }
  const save = async (): Promise<void> => {
    try {
      await store.setMeta(OPEN, JSON.stringify([...open.values()]))
    } catch (error) {
      // It may be about this very database, and was told. The next one saves this one too; only a restart before that
      // tells it again.
      log.warn({ error }, 'open alerts could not be written down')
    }
  }
  const alertOf = (subject: AlertSubject, state: Alert['state']): Alert => {
    return { id: runtime.id(), state, atMs: runtime.now(), ...subject }
  }

  return {
    async raise(subject) {
      if (open.has(keyOf(subject))) return
      const alert = alertOf(subject, 'raised')
      open.set(keyOf(subject), alert)
      tell(alert)
      await save()
    },
    async resolve(kind, subject) {
      const known = open.get(keyOf({ kind, subject }))
      if (!known) return
      open.delete(keyOf(known))
      const { message, hint } = known
      tell(alertOf({ kind, subject, message, hint }, 'resolved'))
      await save()
    },
    async note(subject) {
      tell(alertOf(subject, 'noted'))
    },
    open: () => [...open.values()],
  }
}

/** Of pairings and connections that are none any more, nobody would ever tell that it is over. */
export async function resolveAllBut(alerts: AlertBook, names: readonly string[]): Promise<void> {
  for (const { kind, subject } of alerts.open()) {
    const isKnown = names.some((name) => subject === name || subject.startsWith(`${name} `))
    if (!isKnown) await alerts.resolve(kind, subject)
  }
}

function keyOf({ kind, subject }: Pick<AlertSubject, 'kind' | 'subject'>): string {
  return `${kind} ${subject}`
}
