/** Lets people work: carries out the steps of a run when their time has come. */
import type { HumanEdit } from '../../src/sandbox/model.ts'
import { editsOf } from '../sim/acts.ts'
import type { Case } from '../sim/audit/case.ts'
import { isLive, relativesOf } from '../sim/audit/partners.ts'
import { HANDS, PAIRING } from '../sim/cast.ts'
import type { Biography } from '../sim/chronicle.ts'
import type { Draft, Hands } from '../sim/hands/hands.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import type { Observer } from './observer.ts'
import type { ChaosScenario, ChaosStep } from './scenario.ts'
import { until } from './wait.ts'

/** The second half of a meeting: somebody at the counterpart of this record. */
interface Meeting {
  readonly dueMs: number
  readonly record: Pick<Biography, 'vendor' | 'kind' | 'id'>
  readonly draft: Draft
}

/** Until all is done or the signal is aborted. */
export async function letPeopleWork(
  observer: Observer,
  scenario: ChaosScenario,
  options: { readonly rules: Case['rules']; readonly startMs: number; readonly signal: AbortSignal },
): Promise<void> {
  const { startMs, signal } = options
  const facts = { pairing: PAIRING, witness: observer, rules: options.rules }
  const steps = scenario.steps.map((step) => ({ dueMs: startMs + step.atMs, step }))
  const meetings: Meeting[] = []
  for (;;) {
    const [step, meeting] = [steps[0], meetings[0]]
    const isMeeting = meeting !== undefined && (step === undefined || meeting.dueMs < step.dueMs)
    const next = isMeeting ? meeting : step
    if (!next) return
    await until(next.dueMs, signal)
    if (signal.aborted) return
    if ('step' in next) {
      steps.shift()
      meetings.push(...(await carryOut(observer, next.step)))
      meetings.sort((a, b) => a.dueMs - b.dueMs)
    } else {
      meetings.shift()
      await meet(observer, facts, next)
    }
  }
}

/** Returns the second half of a meeting, where there is one. */
async function carryOut(observer: Observer, step: ChaosStep): Promise<readonly Meeting[]> {
  const { vendor, action, meets } = step
  const edits = editsOf(observer, vendor, handsOf(vendor), action)
  if (edits.length === 0) return []
  const [id] = await observer.act(vendor, edits)
  if (id === undefined || !meets) return []
  const { afterMs, draft } = meets
  return [{ dueMs: Date.now() + afterMs, record: { vendor, kind: action.kind, id }, draft }]
}

async function meet(observer: Observer, facts: Facts, { record, draft }: Meeting): Promise<void> {
  const counterpart = counterpartOf(facts, record)
  if (!counterpart) return
  await observer.act(counterpart.vendor as VendorName, [editOf(counterpart, draft)])
}

type Facts = Pick<Case, 'pairing' | 'witness' | 'rules'>

/** Whoever knows both records can tell: by the ids that they carry, or by an address that both have. */
function counterpartOf(facts: Facts, record: Pick<Biography, 'vendor' | 'kind' | 'id'>): Biography | null {
  const biography = facts.witness.find(record.vendor, record.kind, record.id)
  return (biography && relativesOf(facts, biography).find(isLive)) ?? null
}

function editOf({ vendor, kind, id }: Biography, draft: Draft): HumanEdit {
  const hands = handsOf(vendor)
  return { action: 'update', object: hands.object[kind], id, values: hands.values(kind, draft) }
}

function handsOf(vendor: string): Hands {
  const hands = HANDS.get(vendor)
  if (!hands) throw new Error(`nobody knows how to work in ${vendor}`)
  return hands
}
