/**
 * What `attune start` runs: every pairing under supervision, the vendors' door, the operators' door, and the watch that
 * tells when a person should look.
 *
 * A stop closes the vendors' door first; what is under way behind it is finished, or after `DRAIN_MS` given up: the
 * outcome of a write is then unknown, and the next start looks it up.
 */
import { createEngine } from '../compose.ts'
import type { ConnectorError } from '../errors.ts'
import type { AlertBook } from '../stages/alerts.ts'
import type { Drift } from '../stages/drift.ts'
import type { Engine } from '../stages/engine.ts'
import { persistently } from '../stages/persist.ts'
import type { PairingState } from '../stages/supervise.ts'
import { keepForgetting } from '../stages/retention.ts'
import { allUntilOneEnds } from '../stages/together.ts'
import { keepListening } from '../stages/listen.ts'
import { createTurns } from '../stages/turns.ts'
import { undeterred } from '../stages/undeterred.ts'
import { createHearing } from '../stages/hearing.ts'
import { openWatch, type DayLeft } from '../stages/watch.ts'
import { createMetrics, type ConnectionFigures } from '../web/metrics.ts'
import { operationsRoutes } from '../web/operations.ts'
import { openWebServer } from '../web/server.ts'
import { withAlerts } from './alerting.ts'
import { awaitPairing, PairingOpened } from './await-pairing.ts'
import { openListener, type Listener } from './listener.ts'
import { givingUp } from './giving-up.ts'
import { keepPairing, type DaemonEvents, type PairingContext } from './keep-pairing.ts'
import { keptPairings, openRoster, withOpened, type Roster } from './roster.ts'
import { noteSelves } from './self-memory.ts'
import { isLocal, type Session } from './session.ts'

export interface DaemonOptions {
  readonly session: Session
  /** For the first pass. */
  readonly guardsAccepted: boolean
  readonly events: DaemonEvents
}

/** What is under way is finished within this, or given up. With the rest of a stop it makes ten seconds at most. */
const DRAIN_MS = 7_000
/** Behind a proxy that opens the vendors' door to the world, this one stays closed. */
const DEFAULT_OPERATIONS = { host: '127.0.0.1', port: 8421 }
/** Two sandboxes on one machine must not meet. */
const LOCAL_OPERATIONS = { host: '127.0.0.1', port: 0 }

/** Rejects with the signal's reason when stopped, and as `openRoster` does. */
export async function runDaemon(options: DaemonOptions): Promise<never> {
  const { session, events } = options
  // A vendor that does not answer the first questions must not keep a stop waiting, and nothing hangs on them.
  const asking = givingUp(session, 0)
  const roster = await openRoster(session, troubleFor(events)).finally(() => asking.end())
  const drain = givingUp(session, DRAIN_MS)
  try {
    return await withAlerts(session, (alerts) =>
      withOperations({ session, alerts, events }, (operated) =>
        untilStopped(options, roster, { alerts, ...operated }),
      ),
    )
  } finally {
    drain.end()
  }
}

function troubleFor(events: DaemonEvents): (error: ConnectorError, retryInMs: number) => void {
  return (error, retryInMs) => events.onTrouble(error.connection, error.message, retryInMs)
}

/** The vendors' door, as long as there is one. */
interface Doorway {
  listener: Listener | null
}

type Operated = Pick<PairingContext, 'metrics' | 'states' | 'drift'> & { readonly doorway: Doorway }

/** Opens the operators' door around `work`. */
async function withOperations<T>(
  context: { readonly session: Session; readonly alerts: AlertBook; readonly events: DaemonEvents },
  work: (operated: Operated) => Promise<T>,
): Promise<T> {
  const { session, alerts, events } = context
  const { store, runtime, signal, settings } = session
  const states = new Map<string, PairingState>(
    settings.pairings.map(({ name }) => [name, { kind: 'starting', sinceMs: runtime.now() }]),
  )
  const drift = new Map<string, Drift>()
  const doorway: Doorway = { listener: null }
  const metrics = createMetrics({
    status: () => store.status(runtime.now()),
    connections: () => figures(session),
    webhooks: () => doorway.listener?.counts() ?? new Map(),
    pairings: () => states,
    drift: () => drift,
    openAlerts: () => alerts.open(),
  })
  const server = await openWebServer({
    ...(settings.web?.operations ?? (isLocal(settings) ? LOCAL_OPERATIONS : DEFAULT_OPERATIONS)),
    setting: 'web.operations',
    runtime,
    routes: operationsRoutes({
      touch: () => store.setMeta('health', String(runtime.now())),
      isStopping: () => signal.aborted,
      pairings: () => states,
      metrics: () => metrics.expose(),
    }),
  })
  events.onOpen(server.url)
  try {
    return await work({ metrics, states, drift, doorway })
  } finally {
    await server.close()
  }
}

/** One per connection that can be heard over a line. */
function lines(
  { connections, runtime, log }: Session,
  [first, ...others]: readonly Engine[],
  signal: AbortSignal,
): readonly Promise<never>[] {
  if (!first) return []
  const heard = [...connections.byName.values()].filter(({ connector }) => connector.line !== undefined)
  return heard.map(({ connector }) =>
    undeterred({ runtime, log, signal }, `line of ${connector.connection}`, () =>
      keepListening([first, ...others], connector, signal),
    ),
  )
}

function figures({ connections }: Session): ReadonlyMap<string, ConnectionFigures> {
  return new Map(
    [...connections.byName].map(([name, { counts, budget }]) => [
      name,
      { requests: counts(), budget: budget.use() },
    ]),
  )
}

function daysLeft({ connections }: Session): readonly DayLeft[] {
  return [...connections.byName].flatMap(([connection, { budget }]) =>
    budget.use().flatMap(({ leftShare }) => (leftShare === null ? [] : [{ connection, leftShare }])),
  )
}

/** Of a connection whose webhooks are taken; null of every other one. */
function deliveriesOf(listener: Listener | null, connection: string): number | null {
  if (!listener?.connections.includes(connection)) return null
  return listener.counts().get(connection)?.deliveries ?? 0
}

/** What stays the same whichever pairings are open. */
type Going = Omit<PairingContext, 'pairings' | 'listener'> & {
  readonly doorway: Doorway
  readonly runId: string
}

async function untilStopped(
  { session, guardsAccepted, events }: DaemonOptions,
  roster: Roster,
  operated: Operated & Pick<PairingContext, 'alerts'>,
): Promise<never> {
  const { store, runtime, signal, settings } = session
  const { doorway, alerts } = operated
  const runId = runtime.id()
  const hearing = createHearing((connection) => deliveriesOf(doorway.listener, connection))
  const watch = await openWatch({
    store,
    runtime,
    alerts,
    pairings: settings.pairings.map(({ name }) => name),
    days: () => daysLeft(session),
    silentWebhooks: () => hearing.silent(),
  })
  const shared = { session, guardsAccepted, events, runId, watch, hearing }
  const going: Going = { ...operated, ...shared, turn: createTurns(), passed: new Set() }
  await store.startRun({ id: runId, kind: 'start', pairing: null, atMs: runtime.now() })
  // What the listener fails with when it closes is told by the close at the end, which waits for this one.
  const closeDoor = () => void doorway.listener?.close().catch(() => undefined)
  signal.addEventListener('abort', closeDoor, { once: true })
  try {
    return await keepAll(going, roster)
  } finally {
    signal.removeEventListener('abort', closeDoor)
    await noteSelves(session)
    await store.endRun({ id: runId, atMs: runtime.now(), summary: null })
  }
}

/** Whenever a pairing that was shut opens, all go on anew together: what they share is laid out for all of them. */
async function keepAll(going: Going, roster: Roster): Promise<never> {
  let current = roster
  // Ends with whatever else ends the work.
  for (;;) {
    const end: unknown = await keepGoing(going, current).catch((error: unknown) => error)
    if (!(end instanceof PairingOpened)) throw end
    for (const warning of end.opened.warnings) going.events.warn(warning)
    current = withOpened(going.session, current, end.opened)
  }
}

/** Rejects with `PairingOpened`, and with whatever else ends the work. */
async function keepGoing(going: Going, roster: Roster): Promise<never> {
  const { session, runId, metrics, watch, events, doorway } = going
  const { store, runtime, signal, log, settings } = session
  const { opened } = roster
  const pairings = keptPairings(roster)
  const engines = opened.map(({ pairing }) =>
    createEngine({ app: session, store, pairing, pairings, run: runId, signal, guardsAccepted: false }),
  )
  // A cursor that nobody moves any more keeps nothing back.
  const followed = settings.lookBack === 'never' ? [] : settings.pairings.map(({ name }) => name)
  // From the start: what changes during the first pass is heard of, and not found minutes later.
  const listener = await persistently(
    session,
    () => openListener({ session, pairings: opened, engines, warn: (text) => events.warn(text) }),
    troubleFor(events),
  )
  doorway.listener = listener
  try {
    return await allUntilOneEnds(signal, (own) => [
      undeterred({ runtime, log, signal: own }, 'watch', () => watch.keepLooking(own)),
      undeterred({ runtime, log, signal: own }, 'forgetting', () =>
        keepForgetting(
          { store, runtime, log, signal: own, retention: settings.retention, pairings: followed },
          (forgotten) => metrics.forgotten(forgotten),
        ),
      ),
      ...lines(session, engines, own),
      ...roster.shut.map((each) => awaitPairing(going, each, own)),
      ...engines.flatMap((engine, i) => {
        const pairing = opened[i]
        return pairing
          ? [keepPairing({ ...going, pairings, listener }, pairing, { ...engine, signal: own })]
          : []
      }),
    ])
  } finally {
    await listener?.close()
  }
}
