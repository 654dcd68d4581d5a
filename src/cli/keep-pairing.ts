/** One pairing of `attune start`: its lives under supervision, and what each of them consists of. */
import { type KeptPairing } from '../compose.ts'
import { openConfiguredPairing } from '../compose/pairings.ts'
import type { PairingSettings } from '../config/settings.ts'
import { ConfigError } from '../errors.ts'
import type { Both } from '../core/record.ts'
import type { AlertBook } from '../stages/alerts.ts'
import { keepComparing, type Drift } from '../stages/drift.ts'
import type { Engine, Tally } from '../stages/engine.ts'
import { follow } from '../stages/follow.ts'
import type { Hearing } from '../stages/hearing.ts'
import { latelyGuard } from '../stages/lately.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { persistently } from '../stages/persist.ts'
import { askedToResume, standingPause } from '../stages/resumption.ts'
import { keepWatchingSchemas, SchemaChanged } from '../stages/schema-watch.ts'
import { supervise, type LifeOptions, type PairingState } from '../stages/supervise.ts'
import { allUntilOneEnds } from '../stages/together.ts'
import type { Turn } from '../stages/turns.ts'
import type { Watch } from '../stages/watch.ts'
import type { Metrics } from '../web/metrics.ts'
import { heardBy, type Heard } from './heard.ts'
import type { Listener } from './listener.ts'
import { tellDrift, tellPausedFields } from './pairing-alerts.ts'
import { stateTeller } from './pairing-states.ts'
import { sideNames, type SyncSummary } from './run-sync.ts'
import type { Session } from './session.ts'

export interface DaemonEvents {
  /** Brings this pairing into agreement with one complete pass, beside all the others; rejects as that does. */
  firstPass(pairing: OpenedPairing, beside: Beside, guardsAccepted: boolean): Promise<SyncSummary>
  onFollowing(pairing: OpenedPairing, heard: Heard): void
  onRound(pairing: string, tally: Tally, names: Both<string>): void
  onPause(pairing: string, state: PairingState): void
  onTrouble(connection: string, message: string, retryInMs: number): void
  /** Where the operators' door is. */
  onOpen(operationsUrl: string): void
  warn(text: string): void
}

export interface Beside {
  /** Every pairing that is kept. */
  readonly all: readonly KeptPairing[]
  /** Names of those that follow by now, each at its own work. */
  readonly following: () => readonly string[]
}

/** What the pairings of one daemon share. */
export interface PairingContext {
  readonly session: Session
  readonly pairings: readonly KeptPairing[]
  /** First passes come one after the other: what one of them makes in a shared CRM is there for the next. */
  readonly turn: Turn
  /** Those that had their first pass. */
  readonly passed: Set<string>
  /** For the first pass. */
  readonly guardsAccepted: boolean
  readonly events: DaemonEvents
  readonly listener: Listener | null
  readonly alerts: AlertBook
  readonly watch: Watch
  readonly hearing: Hearing
  readonly metrics: Metrics
  /** As the operators' door shows them. */
  readonly states: Map<string, PairingState>
  /** The same. */
  readonly drift: Map<string, Drift>
}

/** One pairing under supervision. Its alerts and what it shows to the outside follow its state. */
export async function keepPairing(
  going: PairingContext,
  opened: OpenedPairing,
  engine: Engine,
): Promise<never> {
  const { session, events, states, alerts, passed, guardsAccepted } = going
  const { store, runtime, connections } = session
  const { signal } = engine
  const { name } = opened.pairing
  const teller = stateTeller(name, { store, log: engine.log, alerts, states })
  const live = async (life: LifeOptions): Promise<never> => {
    // A guard that a person accepted is passed by a complete pass, and by nothing that comes after it.
    const isFirst = !passed.has(name)
    const isPass = isFirst || life.guardsAccepted
    if (isPass) await passFirst(going, opened, engine, life.guardsAccepted)
    // Whatever ended the last life may have been a schema that changed.
    let current = isFirst ? opened : await reopen(going, engine)
    passed.add(name)
    if (isPass) life.onWorking()
    // The pass was counted or agreed to as a whole: nothing of before its end counts together with what follows.
    const following: Engine = isPass ? { ...engine, lately: latelyGuard(runtime) } : engine
    let onLooked = isPass ? null : life.onWorking
    // Ends with whatever ends this life; a change of the schema is none of that.
    for (;;) {
      await tellPausedFields(alerts, current, (text) => events.warn(text))
      const changed = await stay(going, { ...following, pairing: current.pairing }, onLooked)
      engine.log.info({ pairing: name }, 'schema or mapping changed, going on with the new one')
      current = changed.opened
      onLooked = () => undefined
    }
  }
  try {
    return await supervise({
      runtime,
      log: engine.log,
      signal,
      guardsAccepted: guardsAccepted && !passed.has(name),
      // All go on anew when another pairing opens: that says nothing about why this one stopped.
      standing: standingPause(states, name),
      live,
      probe: async (connection) => void (await connections.byName.get(connection)?.connector.account()),
      resumption: (sinceMs) => askedToResume(store, name, sinceMs),
      onState: (state) => {
        if (state.kind === 'working') events.onFollowing(opened, heardBy(opened, going.listener))
        if (state.kind === 'paused') events.onPause(name, state)
        teller.tell(state)
      },
    })
  } finally {
    await teller.told()
  }
}

/** Works on until the schema changes. */
async function stay(
  going: PairingContext,
  engine: Engine,
  onLooked: (() => void) | null,
): Promise<SchemaChanged> {
  try {
    return await allUntilOneEnds(engine.signal, (own) => {
      const living: Engine = { ...engine, signal: own }
      return [
        followOn(going, living, onLooked),
        keepAnEyeOn(going, living),
        keepWatchingSchemas(living, () => reopen(going, living)),
      ]
    })
  } catch (end) {
    if (end instanceof SchemaChanged) return end
    throw end
  }
}

/** Asks both accounts again what their objects look like, and reads the mapping files again. */
function reopen({ session, events }: PairingContext, engine: Engine): Promise<OpenedPairing> {
  const settings = pairingSettings(session, engine.pairing.name)
  return persistently(
    engine,
    () => openConfiguredPairing(session.connections, settings),
    (error, retryInMs) => events.onTrouble(error.connection, error.message, retryInMs),
  )
}

function pairingSettings({ settings }: Session, name: string): PairingSettings {
  const found = settings.pairings.find((each) => each.name === name)
  if (!found) throw new ConfigError(`there is no pairing \`${name}\``, { hint: 'see config/README.md' })
  return found
}

async function passFirst(
  { events, metrics, watch, pairings, turn, passed }: PairingContext,
  opened: OpenedPairing,
  engine: Engine,
  guardsAccepted: boolean,
): Promise<void> {
  const summary = await persistently(
    engine,
    () =>
      turn(() => {
        const following = () => [...passed].filter((name) => name !== opened.pairing.name)
        return events.firstPass(opened, { all: pairings, following }, guardsAccepted)
      }),
    (error, retryInMs) => events.onTrouble(error.connection, error.message, retryInMs),
  )
  metrics.round(opened.pairing.name, summary)
  watch.round(opened.pairing.name, summary)
}

function followOn(
  { events, metrics, watch, session, hearing }: PairingContext,
  engine: Engine,
  /** Null: everything was looked at a moment ago. */
  onLooked: (() => void) | null,
): Promise<never> {
  const { name, connectors } = engine.pairing
  return follow(engine, {
    looks: pairingSettings(session, name).looks,
    ...(onLooked && { sweepFirst: { onDone: onLooked } }),
    isTold: (side) => hearing.isHeard(connectors[side].connection),
    onRound: (tally) => {
      metrics.round(name, tally)
      watch.round(name, tally)
      events.onRound(name, tally, sideNames([{ pairing: engine.pairing }]))
    },
    onFound: ({ look, side, count }) => {
      metrics.found(name, look, side, count)
      // A feed is asked for everything, told or not.
      if (look === 'sweep' || look === 'listing') hearing.missed(connectors[side].connection)
    },
    onTrouble: (error, retryInMs) => {
      metrics.trouble(error.connection)
      events.onTrouble(error.connection, error.message, retryInMs)
    },
  })
}

/** Compares both sides behind the engine's back, and tells when they drift apart. */
function keepAnEyeOn({ events, alerts, drift: drifts }: PairingContext, engine: Engine): Promise<never> {
  const { name } = engine.pairing
  return keepComparing(
    engine,
    (compare) =>
      persistently(engine, compare, (error, retryInMs) =>
        events.onTrouble(error.connection, error.message, retryInMs),
      ),
    async (drift) => {
      drifts.set(name, drift)
      await tellDrift(alerts, name, drift)
    },
  )
}
