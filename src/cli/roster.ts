/**
 * Which pairings of `attune start` are open, and which one of their accounts keeps shut. Those that are open go on without
 * the others, and still leave for them what they do in a connection that both have.
 */
import { type KeptPairing } from '../compose.ts'
import { outlineConfiguredPairing } from '../compose/pairings.ts'
import type { PairingSettings } from '../config/settings.ts'
import { ConnectorError } from '../errors.ts'
import type { PairingOutline } from '../stages/hub.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { passesByItself, persistently } from '../stages/persist.ts'
import { together } from '../stages/together.ts'
import type { Session } from './session.ts'

export interface ShutPairing {
  readonly settings: PairingSettings
  readonly outline: PairingOutline
  /** Refuses the credential, or does not answer. */
  readonly because: ConnectorError
}

/** Both in the order of the settings. */
export interface Roster {
  readonly opened: readonly OpenedPairing[]
  readonly shut: readonly ShutPairing[]
}

/**
 * Asks all accounts at once. A CRM that is away is waited for like at any other time, and so is a credential that is
 * refused, as long as something can be done without it: a restart by a machine must not take the other pairings along.
 * Where every pairing is refused, it throws what the first one was refused with. It also throws where a file is wrong.
 */
export async function openRoster(
  session: Session,
  onTrouble: (error: ConnectorError, retryInMs: number) => void,
): Promise<Roster> {
  const { settings, signal, connections } = session
  const asked = await Promise.allSettled(settings.pairings.map((own) => session.openPairing(own)))
  signal.throwIfAborted()
  const opened = asked.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  const shut = asked.flatMap((each, i) => {
    const own = settings.pairings[i]
    return each.status === 'fulfilled' || !own ? [] : [{ settings: own, because: endsWithTime(each.reason) }]
  })
  const [first] = shut
  if (first && opened.length === 0 && shut.every(({ because }) => !passesByItself(because)))
    throw first.because

  const used = new Set(
    opened.flatMap(({ pairing: { connectors } }) => [
      connectors.left.connection,
      connectors.right.connection,
    ]),
  )
  const outlines = shut.map(async ({ settings: own, because }) => {
    const outline = await persistently(
      session,
      () => outlineConfiguredPairing(connections, own, (connection) => used.has(connection)),
      onTrouble,
    )
    return { settings: own, because, outline }
  })
  return { opened, shut: await together(outlines) }
}

/** Throws what no waiting puts right. */
function endsWithTime(reason: unknown): ConnectorError {
  if (reason instanceof ConnectorError && reason.kind === 'unauthorized') return reason
  if (passesByItself(reason)) return reason
  throw reason
}

/** The same with one that was shut and now is open. */
export function withOpened(session: Session, { opened, shut }: Roster, one: OpenedPairing): Roster {
  const all = [...opened, one]
  return {
    opened: session.settings.pairings.flatMap(({ name }) =>
      all.filter(({ pairing }) => pairing.name === name),
    ),
    shut: shut.filter(({ outline }) => outline.name !== one.pairing.name),
  }
}

/** All of them, open or not. */
export function keptPairings({ opened, shut }: Roster): readonly KeptPairing[] {
  return [...opened, ...shut.map(({ outline }) => ({ pairing: outline }))]
}
