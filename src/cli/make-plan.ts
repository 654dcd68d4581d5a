/** The plan document: what would be written, linked and asked, with what it costs in requests and time. */
import { createEngine } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import { rehearse, type PlannedConflict, type PlannedWrite } from '../stages/dry-run.ts'
import type { Pairing } from '../stages/engine.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import type { Progress } from '../stages/pass.ts'
import { costOf, type Cost } from './plan-cost.ts'
import type { Session } from './session.ts'

export interface PlanDocument {
  readonly madeAt: string
  /** Writes, links and conflicts: what a pass would change, in a CRM or here. */
  readonly changes: number
  readonly writes: readonly PlannedWrite[]
  readonly links: readonly { readonly mapping: string; readonly left: string; readonly right: string }[]
  readonly conflicts: readonly PlannedConflict[]
  /** Records that would wait in review. */
  readonly review: number
  /** Writes of an earlier run whose outcome a pass would look up first. */
  readonly unsettled: number
  /** Requests per connection. Reads are as measured now, writes as the connector batches them. */
  readonly requests: Readonly<Record<string, { readonly read: number; readonly write: number }>>
  /** The same per connection in calls, hours at the vendor's limits, and share of the day's calls. */
  readonly cost: Readonly<Record<string, Cost>>
  readonly estimatedMs: number
}

/** A pass looks once more after it wrote. */
const CLOSING_LOOK_MS = 1_000

export async function makePlan(
  session: Session,
  pairings: readonly OpenedPairing[],
  progress: Progress,
  options: { readonly guardsAccepted: boolean },
): Promise<PlanDocument> {
  const { runtime, store, connections, signal } = session
  const startedMs = runtime.now()
  const writes: PlannedWrite[] = []
  const conflicts: PlannedConflict[] = []
  const links: { mapping: string; left: string; right: string }[] = []
  const mutating: Record<string, number> = {}
  for (const { pairing } of pairings) {
    const run = runtime.id()
    const engine = createEngine({ app: session, store, pairing, pairings, run, signal, ...options })
    const rehearsal = await rehearse(engine, progress)
    writes.push(...rehearsal.writes)
    conflicts.push(...rehearsal.conflicts)
    links.push(
      ...rehearsal.links.map(({ mapping, left, right }) => ({
        mapping,
        left: left.key.id,
        right: right.key.id,
      })),
    )
    addRequests(mutating, pairing, rehearsal.writes)
  }
  const { review, openIntents } = await store.status(runtime.now())
  const readingMs = runtime.now() - startedMs
  const requests = Object.fromEntries(
    [...connections.byName].map(([name, { counts }]): [string, Omit<RequestCounts, 'throttled'>] => [
      name,
      { read: counts().read, write: mutating[name] ?? 0 },
    ]),
  )
  const costs = new Map(
    [...connections.byName].map(([name, connection]) => [name, costOf(connection, mutating[name] ?? 0)]),
  )
  const writingMs = Math.max(0, ...[...costs.values()].map((each) => each.writingMs))
  return {
    madeAt: new Date(startedMs).toISOString(),
    changes: writes.length + links.length + conflicts.length,
    writes,
    links,
    conflicts,
    review,
    unsettled: openIntents,
    requests,
    cost: Object.fromEntries([...costs].map(([name, { cost }]) => [name, cost])),
    estimatedMs: Math.round(readingMs + writingMs + (writes.length > 0 ? CLOSING_LOOK_MS : 0)),
  }
}

/** Writes of one kind to one object share requests where the vendor takes batches. */
function addRequests(sum: Record<string, number>, pairing: Pairing, writes: readonly PlannedWrite[]): void {
  const groups = Map.groupBy(writes, ({ side, object, kind }) => `${side} ${object} ${kind}`)
  for (const group of groups.values()) {
    const [first] = group
    if (!first) continue
    const { writesPerRequest } = pairing.connectors[first.side].capabilities
    sum[first.connection] = (sum[first.connection] ?? 0) + Math.ceil(group.length / writesPerRequest)
  }
}
