/** Carries out a plan document over every pairing: what `apply` does between reading the file and printing. */
import { createEngine } from '../compose.ts'
import type { RequestCounts } from '../connectors/counted.ts'
import { ConfigError } from '../errors.ts'
import { applyPlan } from '../stages/apply.ts'
import { continueRun } from '../stages/continued-run.ts'
import type { OperationOutcome } from '../stages/planned.ts'
import type { OpenedPairing } from '../stages/pairing.ts'
import type { Progress } from '../stages/pass.ts'
import { circumstances } from './make-plan.ts'
import type { PlanDocument } from './plan-file.ts'
import { countRequests, requestsSince } from './request-counts.ts'
import { noteSelves, recallSelves } from './self-memory.ts'
import type { Session } from './session.ts'

/** The JSON document of `attune apply --json`. */
export interface ApplySummary {
  readonly runId: string
  readonly plan: string
  readonly applied: number
  /** Those of them that an earlier run had applied already. */
  readonly appliedBefore: number
  readonly stale: number
  readonly failed: number
  /** Writes that were due as well for these records; the next pass makes them. */
  readonly unplanned: number
  readonly operations: readonly OperationOutcome[]
  readonly requests: Readonly<Record<string, RequestCounts>>
  readonly durationMs: number
}

export async function runApply(
  session: Session,
  pairings: readonly OpenedPairing[],
  plan: PlanDocument,
  options: { readonly progress: Progress; readonly guardsAccepted: boolean },
): Promise<ApplySummary> {
  const { runtime, store, signal } = session
  const startedMs = runtime.now()
  const madeMs = Date.parse(plan.madeAt)
  const before = countRequests(session)
  await recallSelves(session)
  const { id: run, earlier } = await continueRun(session, { kind: 'apply', subject: plan.id })
  const operations: OperationOutcome[] = []
  let [appliedBefore, unplanned] = [0, 0]
  for (const { pairing } of pairings) {
    const own = <T extends { readonly mapping: string }>(all: readonly T[]) =>
      all.filter(({ mapping }) => pairing.mappings.some(({ rules }) => rules.mapping === mapping))
    const { guardsAccepted, progress } = options
    const engine = createEngine({ app: session, store, pairing, pairings, run, signal, guardsAccepted })
    const planned = { writes: own(plan.writes), links: own(plan.links), conflicts: own(plan.conflicts) }
    const applied = await applyPlan(engine, planned, { progress, earlier, madeMs })
    operations.push(...applied.operations)
    appliedBefore += applied.before
    unplanned += applied.unplanned
  }
  await noteSelves(session)
  const count = (wanted: OperationOutcome['outcome']) =>
    operations.filter(({ outcome }) => outcome === wanted).length
  const summary: ApplySummary = {
    runId: run,
    plan: plan.id,
    applied: count('applied'),
    appliedBefore,
    stale: count('stale'),
    failed: count('failed'),
    unplanned,
    operations,
    requests: requestsSince(countRequests(session), before),
    durationMs: runtime.now() - startedMs,
  }
  const { operations: _each, ...counts } = summary
  await store.endRun({ id: run, atMs: runtime.now(), summary: JSON.stringify(counts) })
  return summary
}

/** A plan is for the accounts it was made on and for the rules it was made under. Throws `ConfigError` otherwise. */
export function refuseForeign(file: string, plan: PlanDocument, pairings: readonly OpenedPairing[]): void {
  const now = circumstances(pairings)
  const refuse = (reason: string, hint = 'make a new plan: attune plan --out plan.json') => {
    throw new ConfigError(`${file}: ${reason}`, { hint })
  }
  for (const [connection, account] of Object.entries(plan.accounts)) {
    const present = now.accounts[connection]
    if (present === undefined) refuse(`there is no connection ${connection} in the settings`)
    else if (present !== account) {
      refuse(`it was made for another account of ${connection}: ${account}, and this is ${present}`)
    }
  }
  for (const [mapping, version] of Object.entries(plan.rules)) {
    const present = now.rules[mapping]
    if (present === undefined) refuse(`the mapping ${mapping} is not in the settings, or cannot run now`)
    else if (present !== version) {
      refuse(`the rules of ${mapping} changed since it was made: its mapping file, or a field in a CRM`)
    }
  }
  for (const [list, operations] of Object.entries({ writes: plan.writes, links: plan.links })) {
    for (const [i, { mapping }] of operations.entries()) {
      if (!(mapping in plan.rules))
        refuse(`${list}[${i}] is about ${mapping}, which the plan has no rules of`)
    }
  }
}
