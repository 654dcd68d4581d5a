/** One complete pass over every pairing, and its summary: what `sync`, `start` and `demo` share. */
import { createEngine } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import type { Both, Side } from '../core/record.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { runPasses, type Progress } from '../stages/pass.ts'
import type { Session } from './session.ts'

/** The JSON document of `attune sync --json`. Counts are records; `requests` are HTTP requests per connection. */
export interface SyncSummary {
  readonly runId: string
  readonly linked: number
  readonly created: { readonly left: number; readonly right: number }
  readonly updated: { readonly left: number; readonly right: number }
  readonly deleted: { readonly left: number; readonly right: number }
  readonly conflictsOpened: number
  readonly review: number
  readonly quarantined: number
  readonly waiting: number
  /** Mutating requests over all connections. */
  readonly writes: number
  readonly requests: Readonly<Record<string, RequestCounts>>
  readonly durationMs: number
}

export async function runSync(
  session: Session,
  pairings: readonly OpenedPairing[],
  options: {
    readonly progress: Progress
    readonly guardsAccepted: boolean
    /** Every pairing that is kept, where these are not all: some may share a connection. */
    readonly beside?: readonly OpenedPairing[]
  },
): Promise<SyncSummary> {
  const { runtime, store, connections } = session
  const startedMs = runtime.now()
  const runId = runtime.id()
  const before = countRequests(session)
  await store.startRun({ id: runId, kind: 'sync', pairing: null, atMs: startedMs })
  const totals = {
    linked: 0,
    created: { left: 0, right: 0 },
    updated: { left: 0, right: 0 },
    deleted: { left: 0, right: 0 },
    conflictsOpened: 0,
  }
  await recallSelves(session)
  const engines = pairings.map(({ pairing }) =>
    createEngine({
      app: session,
      store,
      pairing,
      pairings: options.beside ?? pairings,
      run: runId,
      signal: session.signal,
      guardsAccepted: options.guardsAccepted,
    }),
  )
  await runPasses(engines, options.progress)
  for (const engine of engines) {
    totals.linked += engine.tally.linked
    totals.conflictsOpened += engine.tally.conflictsOpened
    for (const kind of ['created', 'updated', 'deleted'] as const) {
      totals[kind].left += engine.tally[kind].left
      totals[kind].right += engine.tally[kind].right
    }
  }
  await noteSelves(session)
  const status = await store.status(runtime.now())
  const requests = requestsSince(countRequests(session), before)
  const summary: SyncSummary = {
    runId,
    ...totals,
    review: status.review,
    quarantined: status.quarantined,
    waiting: status.waiting,
    writes: [...connections.byName.keys()].reduce((sum, name) => sum + (requests[name]?.write ?? 0), 0),
    requests,
    durationMs: runtime.now() - startedMs,
  }
  await store.endRun({ id: runId, atMs: runtime.now(), summary: JSON.stringify(summary) })
  return summary
}

/** Which actor is us was learned from the first write ever; conflicts and explanations need it for good. */
export async function recallSelves({ store, connections }: Session): Promise<void> {
  for (const [name, { connector }] of connections.byName) {
    const id = await store.meta(`self/${name}`)
    if (id !== null) connector.self.remember(id)
  }
}

export async function noteSelves({ store, connections }: Session): Promise<void> {
  for (const [name, { connector }] of connections.byName) {
    const id = connector.self.id()
    if (id !== null) await store.setMeta(`self/${name}`, id)
  }
}

/** Requests per connection so far. */
export function countRequests(session: Session): Record<string, RequestCounts> {
  return Object.fromEntries([...session.connections.byName].map(([name, { counts }]) => [name, counts()]))
}

export function requestsSince(
  after: Readonly<Record<string, RequestCounts>>,
  before: Readonly<Record<string, RequestCounts>>,
): Record<string, RequestCounts> {
  return Object.fromEntries(
    Object.entries(after).map(([name, counts]) => {
      const earlier = before[name] ?? { read: 0, write: 0, throttled: 0 }
      return [
        name,
        {
          read: counts.read - earlier.read,
          write: counts.write - earlier.write,
          throttled: counts.throttled - earlier.throttled,
        },
      ]
    }),
  )
}

/** What the sides are called in summaries: by the names of their connections. */
export function sideNames(pairings: readonly Pick<OpenedPairing, 'pairing'>[]): Both<string> {
  if (pairings.length === 0) return { left: 'left', right: 'right' }
  const named = (side: Side) =>
    [...new Set(pairings.map(({ pairing }) => pairing.connectors[side].connection))].join(' + ')
  return { left: named('left'), right: named('right') }
}
