/**
 * One pairing of `attune start` that one of its accounts keeps shut: asked for until it opens, with the states, alerts and
 * waits of a pairing that works (`stages/supervise.ts`).
 */
import { passesByItself, persistently } from '../stages/persist.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { askedToResume, standingPause } from '../stages/resumption.ts'
import { supervise } from '../stages/supervise.ts'
import type { PairingContext } from './keep-pairing.ts'
import { stateTeller } from './pairing-states.ts'
import type { ShutPairing } from './roster.ts'

/** Ends what goes on without this pairing, so that it goes on with it. */
export class PairingOpened extends Error {
  override readonly name = 'PairingOpened'
  readonly opened: OpenedPairing

  constructor(opened: OpenedPairing) {
    super('a pairing that was shut is open')
    this.opened = opened
  }
}

export type AwaitingContext = Pick<
  PairingContext,
  'session' | 'turn' | 'events' | 'alerts' | 'metrics' | 'states'
>

/** Rejects with `PairingOpened`, between first passes; and with the signal's reason when stopped. */
export async function awaitPairing(
  going: AwaitingContext,
  { settings, because }: ShutPairing,
  signal: AbortSignal,
): Promise<never> {
  const { session, turn, events, alerts, metrics, states } = going
  const { store, runtime, connections } = session
  const { name } = settings
  const log = session.log.child({ pairing: name })
  const teller = stateTeller(name, { store, log, alerts, states })
  const opening = new AbortController()
  const standing = standingPause(states, name)
  let refusal = standing || passesByItself(because) ? null : because
  try {
    return await supervise({
      runtime,
      log,
      signal: AbortSignal.any([signal, opening.signal]),
      guardsAccepted: false,
      standing,
      live: async () => {
        const known = refusal
        refusal = null
        if (known) throw known
        const opened = await persistently(
          { runtime, signal },
          () => session.openPairing(settings),
          (error, retryInMs) => {
            metrics.trouble(error.connection)
            events.onTrouble(error.connection, error.message, retryInMs)
          },
        )
        // A first pass that is under way is not cut short.
        await turn(() => Promise.resolve())
        const end = new PairingOpened(opened)
        opening.abort(end)
        throw end
      },
      probe: async (connection) => void (await connections.byName.get(connection)?.connector.account()),
      resumption: (sinceMs) => askedToResume(store, name, sinceMs),
      onState: (state) => {
        if (state.kind === 'paused') events.onPause(name, state)
        teller.tell(state)
      },
    })
  } finally {
    await teller.told()
  }
}
