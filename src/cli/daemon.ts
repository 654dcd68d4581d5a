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
import type { OpenedPairing } from '../stages/pairing.ts'
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
import { openListener, type Listener } from './listener.ts'
import { keepPairing, type DaemonEvents, type PairingContext } from './keep-pairing.ts'
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

/** Rejects with the signal's reason when stopped. */
export async function runDaemon(options: DaemonOptions): Promise<never> {
  // A vendor that does not answer the first questions must not keep a stop waiting, and nothing hangs on them.
  const asking = givingUp(options.session, 0)
  const pairings = await openPairings(options).finally(() => asking.end())
  const drain = givingUp(options.session, DRAIN_MS)
  try {
    return await untilStopped(options, pairings)
  } finally {
    drain.end()
  }
}

/** A vendor that is away when the machine starts is waited for, like at any other time. */
function openPairings({ session, events }: DaemonOptions): Promise<readonly OpenedPairing[]> {
  const onTrouble = (error: ConnectorError, retryInMs: number) =>
    events.onTrouble(error.connection, error.message, retryInMs)
  return persistently(session, () => session.openPairings(), onTrouble)
}

async function untilStopped(
  { session, guardsAccepted, events }: DaemonOptions,
  pairings: readonly OpenedPairing[],
): Promise<never> {
  const { store, runtime, signal } = session
  const runId = runtime.id()
  const engines = pairings.map(({ pairing }) =>
    createEngine({ app: session, store, pairing, pairings, run: runId, signal, guardsAccepted: false }),
  )
  // From the start: what changes during the first pass is heard of, and not found minutes later.
  const listener = await openListener({ session, pairings, engines, warn: (text) => events.warn(text) })
  try {
    return await withAlerts(session, (alerts) =>
      withOperations({ session, pairings, listener, alerts, events }, (rest) =>
        keepGoing({ session, pairings, engines, guardsAccepted, runId, listener, alerts, events, ...rest }),
      ),
    )
  } finally {
    await listener?.close()
  }
}

/** After a stop, whatever is still under way when its time is over is given up. */
function givingUp({ runtime, signal, connections, log }: Session, afterMs: number): { end(): void } {
  const over = new AbortController()
  const onStop = async (): Promise<void> => {
    await runtime.sleep(afterMs, over.signal)
    log.warn({ afterMs }, 'requests under way are given up')
    connections.close()
  }
  // Rejects only when everything ended in time.
  const listen = () => void onStop().catch(() => undefined)
  if (signal.aborted) listen()
  signal.addEventListener('abort', listen, { once: true })
  return {
    end() {
      signal.removeEventListener('abort', listen)
      over.abort(new Error('everything ended in time'))
    },
  }
}

type Operated = Pick<PairingContext, 'metrics' | 'states' | 'drift'>

/** Opens the operators' door around `work`. */
async function withOperations<T>(
  context: {
    readonly session: Session
    readonly pairings: readonly OpenedPairing[]
    readonly listener: Listener | null
    readonly alerts: AlertBook
    readonly events: DaemonEvents
  },
  work: (operated: Operated) => Promise<T>,
): Promise<T> {
  const { session, pairings, listener, alerts, events } = context
  const { store, runtime, signal, settings } = session
  const states = new Map<string, PairingState>(
    pairings.map(({ pairing }) => [pairing.name, { kind: 'starting', sinceMs: runtime.now() }]),
  )
  const drift = new Map<string, Drift>()
  const metrics = createMetrics({
    status: () => store.status(runtime.now()),
    connections: () => figures(session),
    webhooks: () => listener?.counts() ?? new Map(),
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
    return await work({ metrics, states, drift })
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

interface Going extends Omit<PairingContext, 'watch' | 'turn' | 'hearing'> {
  readonly engines: readonly Engine[]
  readonly runId: string
}

async function keepGoing(going: Going): Promise<never> {
  const { session, pairings, engines, runId, alerts, listener, metrics } = going
  const { store, runtime, signal, log, settings } = session
  const names = pairings.map(({ pairing }) => pairing.name)
  // A cursor that nobody moves any more keeps nothing back.
  const followed = settings.lookBack === 'never' ? [] : names
  const hearing = createHearing((connection) => deliveriesOf(listener, connection))
  const watch = await openWatch({
    store,
    runtime,
    alerts,
    pairings: names,
    days: () => daysLeft(session),
    silentWebhooks: () => hearing.silent(),
  })
  const turn = createTurns()
  await store.startRun({ id: runId, kind: 'start', pairing: null, atMs: runtime.now() })
  // What the listener fails with when it closes is told by the close at the end, which waits for this one.
  const closeDoor = () => void listener?.close().catch(() => undefined)
  signal.addEventListener('abort', closeDoor, { once: true })
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
      ...engines.flatMap((engine, i) => {
        const pairing = pairings[i]
        return pairing
          ? [keepPairing({ ...going, watch, hearing, turn }, pairing, { ...engine, signal: own })]
          : []
      }),
    ])
  } finally {
    signal.removeEventListener('abort', closeDoor)
    await noteSelves(session)
    await store.endRun({ id: runId, atMs: runtime.now(), summary: null })
  }
}
