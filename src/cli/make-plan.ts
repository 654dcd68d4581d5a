/** The plan document: what would be written, linked and asked, with what it costs in requests and time. */
import { createEngine } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import { SIDES } from '../core/record.ts'
import { rehearse } from '../stages/dry-run.ts'
import type { Pairing } from '../stages/engine.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import type { Progress } from '../stages/pass.ts'
import { rulesOfPlan, type PlannedConflict, type PlannedLink, type PlannedWrite } from '../stages/planned.ts'
import { costOf } from './plan-cost.ts'
import type { PlanDocument } from './plan-file.ts'
import type { Session } from './session.ts'

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
  const links: PlannedLink[] = []
  const mutating: Record<string, number> = {}
  for (const { pairing } of pairings) {
    const run = runtime.id()
    const engine = createEngine({ app: session, store, pairing, pairings, run, signal, ...options })
    const rehearsal = await rehearse(engine, progress)
    writes.push(...rehearsal.writes)
    conflicts.push(...rehearsal.conflicts)
    links.push(...rehearsal.links.map(({ snapshots: _seen, ...link }) => link))
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
    version: 1,
    id: runtime.id(),
    ...circumstances(pairings),
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

/** Under which rules and on which accounts a plan is made, and may be carried out. */
export function circumstances(pairings: readonly OpenedPairing[]): Pick<PlanDocument, 'rules' | 'accounts'> {
  const rules: Record<string, string> = {}
  const accounts: Record<string, string> = {}
  for (const { pairing } of pairings) {
    for (const mapping of pairing.mappings) rules[mapping.rules.mapping] = rulesOfPlan(mapping)
    for (const side of SIDES) accounts[pairing.connectors[side].connection] = pairing.accounts[side].id
  }
  return { rules, accounts }
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
