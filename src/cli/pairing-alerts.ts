/** What is told about one pairing of `attune start` without being asked, and when it is over. */
import type { Alert, AlertBook, AlertKind } from '../stages/alerts.ts'
import type { Drift } from '../stages/drift.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { pausedFields } from '../stages/schema-watch.ts'
import type { PairingState, PauseReason } from '../stages/supervise.ts'

/** Its own alerts are over when it works again, and when another reason than theirs keeps it from working. */
export async function tellState(alerts: AlertBook, pairing: string, state: PairingState): Promise<void> {
  switch (state.kind) {
    case 'starting':
      return
    case 'working':
      return resolveOwn(alerts, pairing, () => false)
    case 'paused': {
      const { why, message, hint, connection } = state
      const subject = connection === null ? pairing : `${pairing} ${connection}`
      await resolveOwn(alerts, pairing, (each) => each.kind === ALERTS[why] && each.subject === subject)
      return alerts.raise({ kind: ALERTS[why], subject, message, hint })
    }
  }
}

async function resolveOwn(
  alerts: AlertBook,
  pairing: string,
  holds: (alert: Pick<Alert, 'kind' | 'subject'>) => boolean,
): Promise<void> {
  for (const alert of alerts.open()) {
    const { kind, subject } = alert
    const isOwn = OWN_ALERTS.includes(kind) && (subject === pairing || subject.startsWith(`${pairing} `))
    if (isOwn && !holds(alert)) await alerts.resolve(kind, subject)
  }
}

/** Once per field, and once when it goes on. */
export async function tellPausedFields(
  alerts: AlertBook,
  opened: OpenedPairing,
  warn: (text: string) => void,
): Promise<void> {
  const { name } = opened.pairing
  const paused = pausedFields(opened.pairing)
  for (const { kind, subject } of alerts.open()) {
    const isOwn = kind === 'field-paused' && subject.startsWith(`${name} `)
    if (isOwn && !paused.has(subject.slice(name.length + 1))) await alerts.resolve(kind, subject)
  }
  for (const [field, why] of paused) {
    const subject = `${name} ${field}`
    if (!alerts.open().some((each) => each.kind === 'field-paused' && each.subject === subject)) {
      warn(`${field} is paused: ${why}`)
    }
    await alerts.raise({
      kind: 'field-paused',
      subject,
      message: why,
      hint: 'Everything else goes on. Change that line, or put the field right in the CRM: within a quarter of an hour the field goes on by itself.',
    })
  }
}

/** The two CRMs differ where nothing explains it. */
export async function tellDrift(alerts: AlertBook, pairing: string, drift: Drift): Promise<void> {
  if (drift.unexplained === 0) return alerts.resolve('drift-rising', pairing)
  const [first] = drift.examples
  const example = first ? `, such as ${first.field ?? 'all'} of link ${first.link} (${first.mapping})` : ''
  return alerts.raise({
    kind: 'drift-rising',
    subject: pairing,
    message: `${drift.unexplained} differences between the CRMs have no explanation${example}`,
    hint: '`attune status` shows them, `attune explain <record> <field>` what happened there. This is a defect of Attune: please report it; editing the field on the side that is right sets it straight.',
  })
}

const ALERTS: Readonly<Record<PauseReason, AlertKind>> = {
  credential: 'token-dead',
  guard: 'guard-tripped',
  defect: 'pairing-failed',
  trouble: 'pairing-failed',
}

const OWN_ALERTS: readonly AlertKind[] = Object.values(ALERTS)
