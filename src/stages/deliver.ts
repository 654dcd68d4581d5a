/**
 * DELIVER: sends a batch's writes, records before associations. When a link's writes are done it is planned again
 * from what the vendors stored, so that associations of a created record, the second half of a merge and an edit
 * that a write's answer showed follow at once, and nothing unseen counts as agreed.
 */
import { SIDES, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { KeyedRecord } from '../store/records.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { failed } from './failure.ts'
import { sendInRounds } from './rounds.ts'
import { settled } from './settled.ts'
import { keyedRecord } from './sighting.ts'
import { queueAdmitted, UNSTEERED, type Steering } from './steering.ts'
import { giveBack, succeed } from './success.ts'
import type { Task } from './work.ts'

/** Tasks that are not `open` any more are left alone. */
export async function deliver(
  engine: Engine,
  mapping: MappingRuntime,
  { tasks, directory }: { readonly tasks: readonly Task[]; readonly directory: Directory },
  steering: Steering = UNSTEERED,
): Promise<void> {
  const open = tasks.filter((task) => task.state === 'open')
  for (const task of open) queueAdmitted(task, steering, task.queue)
  const renamed: Both<KeyedRecord[]> = { left: [], right: [] }
  await sendInRounds(engine, mapping, {
    tasks: open,
    directory,
    handling: {
      succeeded: (task, write, outcome) => {
        const { side } = write
        const before = task[side]
        const changes = succeed(engine, mapping, { task, write, outcome, directory, steering })
        renamed[side].push(...newKeys(mapping, side, before, task[side]))
        return changes
      },
      failed: (task, write, error) => {
        steering.onFailed?.(write, error)
        return failed(engine, mapping, task, write, error)
      },
      waiting: (task) => giveBack(engine, mapping, task),
      through: (own) => through(engine, mapping, own),
    },
  })
  for (const side of SIDES) {
    const sightings = renamed[side]
    if (sightings.length === 0) continue
    await engine.store.recordReads({ mapping: mapping.rules.mapping, side, sightings })
  }
}

/**
 * What a record is matched by from now on, if our write changed that. Until a listing showed it, whoever has the address that
 * this one gave up would be a duplicate of it.
 */
function newKeys(
  { rules }: MappingRuntime,
  side: Side,
  before: Snapshot | null,
  after: Snapshot | null,
): readonly KeyedRecord[] {
  if (!before || !after) return []
  const [then, now] = [keyedRecord(rules, side, before), keyedRecord(rules, side, after)]
  return then.keys.join('\n') === now.keys.join('\n') ? [] : [now]
}

/** A task of which writes were held back is looked at again; the others are done. */
function through(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): readonly Change[] {
  const held = tasks.filter(
    ({ state, queue, withheld }) => state === 'open' && queue.length === 0 && withheld,
  )
  return [...held.flatMap((task) => giveBack(engine, mapping, task)), ...settled(engine, mapping, tasks)]
}
