/**
 * A write that succeeded: its task moves on, and when its writes are done the pair is planned again from what the
 * vendors stored. No I/O: whoever sends, and however, gets the changes to commit.
 */
import type { Change } from '../store/change.ts'
import type { Directory } from './directory.ts'
import { again } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { applied } from './outcome.ts'
import { decidePairFields, planPair } from './plan-pair.ts'
import { removed } from './removal.ts'
import type { Done } from './rounds.ts'
import { queueAdmitted, type Steering } from './steering.ts'
import { areInScope } from './still-current.ts'
import type { Pair, Task, Write } from './work.ts'

/** Plans of one link within one batch: creation, associations, the second half of a merge, and one to spare. */
const PLANS_MAX = 4

export interface Success {
  readonly task: Task
  readonly write: Write
  readonly outcome: Done
  readonly directory: Directory
  readonly steering: Steering
}

/**
 * Commits what a write's answer says; with a link's last write also what is left to do for the pair. Mutates the
 * task.
 */
export function succeed(engine: Engine, mapping: MappingRuntime, done: Success): readonly Change[] {
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
  { task, directory, steering }: Success,
): readonly Change[] {
  const { left, right } = task
  if (!left || !right) return []
  if (!areInScope(mapping, { left, right })) return giveBack(engine, mapping, task)
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
    const known = Object.entries(change.fields).flatMap(([field, base]) =>
      base ? [[field, base] as const] : [],
    )
    task.base = { ...task.base, ...Object.fromEntries(known) }
  }
  engine.tally.conflictsOpened += planned.opened
  return planned.changes
}

/** Leaves the dirty rows for a later claim; nothing of this task is sent any more. */
export function giveBack(engine: Engine, mapping: MappingRuntime, task: Task): readonly Change[] {
  task.state = 'given-back'
  task.queue = []
  return again(engine, mapping, task.dirty)
}
