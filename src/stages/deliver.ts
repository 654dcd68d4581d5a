/**
 * DELIVER: sends a batch's writes, records before associations. When a link's writes are done it is planned again
 * from what the vendors stored, so that associations of a created record, the second half of a merge and an edit
 * that a write's answer showed follow at once, and nothing unseen counts as agreed.
 */
import type { ConnectorError } from '../errors.ts'
import { SIDES } from '../core/record.ts'
import type { Change } from '../store/store.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { backoffMs, failed } from './failure.ts'
import { applied } from './outcome.ts'
import { decidePairFields, planPair } from './plan-pair.ts'
import { removed } from './removal.ts'
import { sendInRounds, type Done } from './rounds.ts'
import { agreedPrint } from './sighting.ts'
import { refKey, type Pair, type Task, type Write } from './work.ts'

/** Plans of one link within one batch: creation, associations, the second half of a merge, and one to spare. */
const PLANS_MAX = 4

/** What a caller decides beside the plan; a pass sends everything. */
export interface Steering {
  /** Which of the writes just planned for a link are sent. */
  admit(task: Task, writes: readonly Write[]): readonly Write[]
  /** Told of a write that failed, before that is dealt with as in any pass. */
  onFailed?(write: Write, error: ConnectorError): void
}

const UNSTEERED: Steering = { admit: (_task, writes) => writes }

export async function deliver(
  engine: Engine,
  mapping: MappingRuntime,
  { tasks, directory }: { readonly tasks: readonly Task[]; readonly directory: Directory },
  steering: Steering = UNSTEERED,
): Promise<void> {
  for (const task of tasks) queueAdmitted(task, steering, task.queue)
  await sendInRounds(engine, mapping, {
    tasks,
    directory,
    handling: {
      succeeded: (task, write, outcome) =>
        succeed(engine, mapping, { task, write, outcome, directory, steering }),
      failed: (task, write, error) => {
        steering.onFailed?.(write, error)
        return failed(engine, mapping, task, write, error)
      },
      waiting: (task) => giveBack(engine, mapping, task),
      settle: (own) => settle(engine, mapping, own),
    },
  })
}

/** A pair of which writes are held back is not at rest, whatever else succeeds. */
function queueAdmitted(task: Task, steering: Steering, writes: readonly Write[]): void {
  const admitted = steering.admit(task, writes)
  task.queue = [...admitted]
  if (admitted.length < writes.length) task.withheld = true
}

function succeed(
  engine: Engine,
  mapping: MappingRuntime,
  done: {
    readonly task: Task
    readonly write: Write
    readonly outcome: Done
    readonly directory: Directory
    readonly steering: Steering
  },
): readonly Change[] {
  const { task, write, outcome, directory } = done
  const { side } = write
  if (write.kind === 'remove') {
    engine.tally.deleted[side] += 1
    task.queue = []
    const link = { ...task.link, epoch: task.epoch }
    return removed(engine, mapping, write, { link, base: write.base, alone: false })
  }
  const result = applied(engine, mapping, write, outcome, { directory, before: task[side] })
  if (result.deviations.length > 0) {
    const fields = result.deviations
    engine.log.info({ linkId: write.link, side, fields }, 'vendor stored another value than was sent')
  }
  task.base = { ...task.base, ...result.bases }
  task[side] = result.snapshot
  if (write.kind === 'create') {
    task.link = { ...task.link, [side]: result.snapshot.key.id, state: 'live' }
    engine.tally.created[side] += 1
    engine.log.debug({ linkId: write.link, side }, 'record created')
  } else if (!task.queue.some((next) => next.side === side)) {
    engine.tally.updated[side] += 1
  }
  const followUps = task.queue.length === 0 ? planAgain(engine, mapping, done) : []
  return [...result.changes, ...followUps]
}

/** What is left to do for the pair as it is stored now. Commits with the outcome that led to it. */
function planAgain(
  engine: Engine,
  mapping: MappingRuntime,
  done: { readonly task: Task; readonly directory: Directory; readonly steering: Steering },
): readonly Change[] {
  const { task, directory, steering } = done
  const { left, right } = task
  if (!left || !right) return []
  const pair: Pair = { ...task.pair, link: task.link, isNew: false, base: task.base, left, right }
  const plan = decidePairFields(engine, mapping, pair, directory, false)
  const wantsEvidence = plan.wantsEvidence.left.length + plan.wantsEvidence.right.length > 0
  const writes = plan.verdicts.some((verdict) => verdict.kind === 'write')
  task.plans += 1
  // Who changed what is asked by a full look; and a link that never comes to rest must not keep the batch.
  if (wantsEvidence || (writes && task.plans >= PLANS_MAX)) return giveBack(engine, mapping, task)
  const planned = planPair(engine, mapping, pair, directory, plan)
  queueAdmitted(task, steering, planned.writes)
  for (const change of planned.changes) {
    if (change.kind !== 'set-base') continue
    for (const [field, base] of Object.entries(change.fields)) {
      if (base) task.base = { ...task.base, [field]: base }
    }
  }
  engine.tally.conflictsOpened += planned.opened
  return planned.changes
}

/** Leaves the dirty rows for a later claim; nothing of this task is sent any more. */
function giveBack(engine: Engine, mapping: MappingRuntime, task: Task): readonly Change[] {
  task.state = 'given-back'
  task.queue = []
  return task.dirty.map((row) => {
    const delay = row.attempts === 0 ? 0 : backoffMs(row.attempts, engine.runtime.random())
    return {
      kind: 'postpone',
      mapping: mapping.rules.mapping,
      record: row,
      dueMs: engine.runtime.now() + delay,
    }
  })
}

/**
 * Tasks whose writes all succeeded: nothing is left to do at these fingerprints, and the dirty rows are answered.
 */
async function settle(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): Promise<void> {
  const changes: Change[] = []
  const { rules } = mapping
  for (const task of tasks) {
    if (task.state !== 'open' || task.queue.length > 0) continue
    if (task.withheld) {
      changes.push(...giveBack(engine, mapping, task))
      continue
    }
    task.state = 'settled'
    for (const side of SIDES) {
      const snapshot = task[side]
      if (!snapshot) continue
      const record = { side, id: snapshot.key.id }
      const known = task.agreed.get(refKey(record)) ?? null
      const fingerprint = agreedPrint(rules, side, snapshot.values, known)
      if (fingerprint === null) continue
      const { version } = snapshot
      changes.push({ kind: 'agree-record', mapping: rules.mapping, record, fingerprint, version })
    }
    for (const row of task.dirty) {
      changes.push({ kind: 'settle', mapping: rules.mapping, record: row, seq: row.seq })
    }
    engine.tally.settled += task.dirty.length
  }
  if (changes.length === 0) return
  await engine.store.commitPlans(changes)
  engine.onSettled()
}
