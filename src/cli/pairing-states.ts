/** How one pairing of `attune start` is, told to whoever asks and to whom it concerns. */
import type { Logger } from '../logging.ts'
import type { AlertBook } from '../stages/alerts.ts'
import { notePairingStates } from '../stages/resumption.ts'
import type { PairingState } from '../stages/supervise.ts'
import type { Store } from '../store/store.ts'
import { tellState } from './pairing-alerts.ts'

export interface StateTeller {
  /** Shows it at the operators' door at once; alerts and the note for commands follow in order. */
  tell(state: PairingState): void
  /** Resolves when everything that was told is on its way. */
  told(): Promise<void>
}

export function stateTeller(
  pairing: string,
  context: {
    readonly store: Store
    readonly log: Logger
    readonly alerts: AlertBook
    /** Of all pairings, as the operators' door shows them. */
    readonly states: Map<string, PairingState>
  },
): StateTeller {
  const { store, log, alerts, states } = context
  let telling: Promise<void> = Promise.resolve()
  return {
    tell(state) {
      states.set(pairing, state)
      telling = telling
        .then(() => tellState(alerts, pairing, state))
        .then(() => notePairingStates(store, states))
        // The pause may be about this very database; the next state is noted together with this one.
        .catch((error: unknown) => log.warn({ error }, 'the state could not be written down'))
    },
    told: () => telling,
  }
}
