/** One complete pass over every pairing, and its summary: what `sync`, `start` and `demo` share. */
import { createEngine, type KeptPairing } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import { SIDES, type Both, type Side } from '../core/record.ts'
import { addTally, newTally } from '../stages/engine.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import { runPasses, type Progress } from '../stages/pass.ts'
import { countRequests, requestsSince } from './request-counts.ts'
import { noteSelves, recallSelves } from './self-memory.ts'
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
  /** Of the connections of these pairings. Where another pairing works meanwhile, what it asks of a shared one is in it. */
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
    readonly beside?: readonly KeptPairing[]
    /** The session was opened for this pass, so what that took is part of what the pass costs. */
    readonly withOpening?: boolean
  },
): Promise<SyncSummary> {
  const { runtime, store } = session
  const startedMs = runtime.now()
  const runId = runtime.id()
  const before = options.withOpening ? {} : countRequests(session)
  await store.startRun({ id: runId, kind: 'sync', pairing: null, atMs: startedMs })
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
  const total = newTally()
  for (const { tally } of engines) addTally(total, tally)
  await noteSelves(session)
  // Beside others, what they left waiting and what they ask of other CRMs is theirs.
  const isAlone = options.beside === undefined
  const mappings = pairings.flatMap(({ pairing }) => pairing.mappings.map(({ rules }) => rules.mapping))
  const status = await store.status(runtime.now(), ...(isAlone ? [] : [mappings]))
  const all = requestsSince(countRequests(session), before)
  const own = new Set(
    pairings.flatMap(({ pairing }) => SIDES.map((side) => pairing.connectors[side].connection)),
  )
  const requests = isAlone ? all : Object.fromEntries(Object.entries(all).filter(([name]) => own.has(name)))
  const { settled: _looked, ...changes } = total
  const summary: SyncSummary = {
    runId,
    ...changes,
    review: status.review,
    quarantined: status.quarantined,
    waiting: status.waiting,
    writes: Object.values(requests).reduce((sum, { write }) => sum + write, 0),
    requests,
    durationMs: runtime.now() - startedMs,
  }
  await store.endRun({ id: runId, atMs: runtime.now(), summary: JSON.stringify(summary) })
  return summary
}

/** What the sides are called in summaries: by the names of their connections. */
export function sideNames(pairings: readonly Pick<OpenedPairing, 'pairing'>[]): Both<string> {
  if (pairings.length === 0) return { left: 'left', right: 'right' }
  const named = (side: Side) =>
    [...new Set(pairings.map(({ pairing }) => pairing.connectors[side].connection))].join(' + ')
  return { left: named('left'), right: named('right') }
}
