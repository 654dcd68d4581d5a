/** One pairing of `attune start`: its lives under supervision, and what they tell to the outside. */
import { ConfigError } from '../errors.ts'
import type { Both } from '../core/record.ts'
import type { AlertBook, AlertKind } from '../stages/alerts.ts'
import type { Engine, Tally } from '../stages/engine.ts'
import { follow } from '../stages/follow.ts'
import { latelyGuard } from '../stages/lately.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { persistently } from '../stages/persist.ts'
import { askedToResume, notePairingStates } from '../stages/resumption.ts'
import { supervise, type LifeOptions, type PairingState, type PauseReason } from '../stages/supervise.ts'
import type { Turn } from '../stages/turns.ts'
import type { Watch } from '../stages/watch.ts'
import type { Metrics } from '../web/metrics.ts'
import type { Listener } from './listener.ts'
import { sideNames, type SyncSummary } from './run-sync.ts'
import type { Session } from './session.ts'

export interface DaemonEvents {
  /** Brings this pairing into agreement with one complete pass, beside all the others; rejects as that does. */
  firstPass(
    pairing: OpenedPairing,
    all: readonly OpenedPairing[],
    guardsAccepted: boolean,
  ): Promise<SyncSummary>
  onFollowing(pairing: OpenedPairing, heard: readonly string[]): void
  onRound(pairing: string, tally: Tally, names: Both<string>): void
  onPause(pairing: string, state: PairingState): void
  onTrouble(connection: string, message: string, retryInMs: number): void
  /** Where the operators' door is. */
  onOpen(operationsUrl: string): void
  warn(text: string): void
}

/** What the pairings of one daemon share. */
export interface PairingContext {
  readonly session: Session
  readonly pairings: readonly OpenedPairing[]
  /** First passes come one after the other: what one of them makes in a shared CRM is there for the next. */
  readonly turn: Turn
  /** For the first pass. */
  readonly guardsAccepted: boolean
  readonly events: DaemonEvents
  readonly listener: Listener | null
  readonly alerts: AlertBook
  readonly watch: Watch
  readonly metrics: Metrics
  /** As the operators' door shows them. */
  readonly states: Map<string, PairingState>
}

/** One pairing under supervision. Its alerts and what it shows to the outside follow its state. */
export async function keepPairing(
  going: PairingContext,
  opened: OpenedPairing,
  engine: Engine,
): Promise<never> {
  const { session, events, states, alerts, guardsAccepted } = going
  const { store, runtime, connections } = session
  const { signal } = engine
  const { name } = opened.pairing
  let telling: Promise<void> = Promise.resolve()
  let firstPassDone = false
  const live = async (life: LifeOptions): Promise<never> => {
    // A guard that a person accepted is passed by a complete pass, and by nothing that comes after it.
    const isPass = !firstPassDone || life.guardsAccepted
    if (isPass) await passFirst(going, opened, engine, life.guardsAccepted)
    firstPassDone = true
    if (isPass) life.onWorking()
    if (!isPass) return followOn(going, engine, life.onWorking)
    // The pass was counted or agreed to as a whole: nothing of before its end counts together with what follows.
    return followOn(going, { ...engine, lately: latelyGuard(runtime) }, null)
  }
  try {
    return await supervise({
      runtime,
      log: engine.log,
      signal,
      guardsAccepted,
      live,
      probe: async (connection) => void (await connections.byName.get(connection)?.connector.account()),
      resumption: (sinceMs) => askedToResume(store, name, sinceMs),
      onState: (state) => {
        states.set(name, state)
        if (state.kind === 'working') events.onFollowing(opened, going.listener?.connections ?? [])
        if (state.kind === 'paused') events.onPause(name, state)
        telling = telling.then(() => tellState(alerts, name, state))
        telling = telling.then(() => notePairingStates(store, states))
      },
    })
  } finally {
    await telling
  }
}

async function passFirst(
  { events, metrics, watch, pairings, turn }: PairingContext,
  opened: OpenedPairing,
  engine: Engine,
  guardsAccepted: boolean,
): Promise<void> {
  const summary = await persistently(
    engine,
    () => turn(() => events.firstPass(opened, pairings, guardsAccepted)),
    (error, retryInMs) => events.onTrouble(error.connection, error.message, retryInMs),
  )
  metrics.round(opened.pairing.name, summary)
  watch.round(opened.pairing.name, summary)
}

function followOn(
  { events, metrics, watch, session, listener }: PairingContext,
  engine: Engine,
  /** Null: everything was looked at a moment ago. */
  onLooked: (() => void) | null,
): Promise<never> {
  const { name, connectors } = engine.pairing
  const settings = session.settings.pairings.find((each) => each.name === name)
  if (!settings) throw new ConfigError(`there is no pairing \`${name}\``, { hint: 'see config/README.md' })
  return follow(engine, {
    looks: settings.looks,
    ...(onLooked && { sweepFirst: { onDone: onLooked } }),
    isTold: (side) => listener?.connections.includes(connectors[side].connection) ?? false,
    onRound: (tally) => {
      metrics.round(name, tally)
      watch.round(name, tally)
      events.onRound(name, tally, sideNames([{ pairing: engine.pairing }]))
    },
    onFound: ({ look, side, count }) => metrics.found(name, look, side, count),
    onTrouble: (error, retryInMs) => {
      metrics.trouble(error.connection)
      events.onTrouble(error.connection, error.message, retryInMs)
    },
  })
}

/** Its own alerts are over when it works again. */
async function tellState(alerts: AlertBook, pairing: string, state: PairingState): Promise<void> {
  switch (state.kind) {
    case 'starting':
      return
    case 'working':
      for (const { kind, subject } of alerts.open()) {
        const isOwn = OWN_ALERTS.includes(kind) && (subject === pairing || subject.startsWith(`${pairing} `))
        if (isOwn) await alerts.resolve(kind, subject)
      }
      return
    case 'paused': {
      const { why, message, hint, connection } = state
      const subject = connection === null ? pairing : `${pairing} ${connection}`
      return alerts.raise({ kind: ALERTS[why], subject, message, hint })
    }
  }
}

const ALERTS: Readonly<Record<PauseReason, AlertKind>> = {
  credential: 'token-dead',
  guard: 'guard-tripped',
  defect: 'pairing-failed',
  trouble: 'pairing-failed',
}

const OWN_ALERTS: readonly AlertKind[] = Object.values(ALERTS)
