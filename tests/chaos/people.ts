/** Lets people work: carries out the steps of a run when their time has come. */
import type { HumanEdit } from '../../src/sandbox/model.ts'
import { editsOf } from '../sim/acts.ts'
import { isLive, keeps, kinOf, type Family } from '../sim/audit/partners.ts'
import { HANDS } from '../sim/cast.ts'
import type { Biography } from '../sim/chronicle.ts'
import type { Draft, Hands } from '../sim/hands/hands.ts'
import type { VendorName } from '../system/rig/sandbox.ts'
import type { Observer } from './observer.ts'
import type { ChaosScenario, ChaosStep } from './scenario.ts'
import type { StagePairing } from './stage.ts'
import { until } from './wait.ts'

/** The rest of a meeting: somebody at a counterpart of this record. */
interface Meeting {
  readonly dueMs: number
  readonly record: Pick<Biography, 'vendor' | 'kind' | 'id'>
  /** Of its counterparts, one in each CRM, the how manieth. */
  readonly which: number
  readonly draft: Draft
}

/** Until all is done or the signal is aborted. */
export async function letPeopleWork(
  observer: Observer,
  scenario: ChaosScenario,
  options: {
    readonly pairings: readonly StagePairing[]
    readonly startMs: number
    readonly signal: AbortSignal
  },
): Promise<void> {
  const { startMs, signal } = options
  const pairings = options.pairings.map(({ pairing, rules }) => ({ pairing, rules, witness: observer }))
  const families = pairings.map((own) => ({ ...own, beside: pairings.filter((other) => other !== own) }))
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
      await meet(observer, families, next)
    }
  }
}

/** Returns the rest of a meeting, where there is one. */
async function carryOut(observer: Observer, step: ChaosStep): Promise<readonly Meeting[]> {
  const { vendor, action, meets } = step
  const edits = editsOf(observer, vendor, handsOf(vendor), action)
  if (edits.length === 0) return []
  const [id] = await observer.act(vendor, edits)
  if (id === undefined || !meets) return []
  const record = { vendor, kind: action.kind, id }
  return meets.map(({ afterMs, draft }, which) => ({ dueMs: Date.now() + afterMs, record, which, draft }))
}

async function meet(
  observer: Observer,
  families: readonly Family[],
  { record, which, draft }: Meeting,
): Promise<void> {
  const counterpart = counterpartsOf(families, record)[which]
  if (!counterpart) return
  await observer.act(counterpart.vendor as VendorName, [editOf(counterpart, draft)])
}

/** One in each CRM. Whoever knows the records can tell: by the ids that they carry, or by an address that they share. */
function counterpartsOf(
  families: readonly Family[],
  { vendor, kind, id }: Pick<Biography, 'vendor' | 'kind' | 'id'>,
): readonly Biography[] {
  const family = families.find((each) => keeps(each, vendor))
  const biography = family?.witness.find(vendor, kind, id)
  if (!family || !biography) return []
  const kin = kinOf(family, biography).filter((each) => isLive(each) && each.vendor !== vendor)
  return [...Map.groupBy(kin, (each) => each.vendor).values()].flatMap(([first]) => (first ? [first] : []))
}

function editOf({ vendor, kind, id }: Biography, draft: Draft): HumanEdit {
  const hands = handsOf(vendor)
  return { action: 'update', object: hands.objectOf(kind, id), id, values: hands.values(kind, draft) }
}

function handsOf(vendor: string): Hands {
  const hands = HANDS.get(vendor)
  if (!hands) throw new Error(`nobody knows how to work in ${vendor}`)
  return hands
}
