/**
 * Tasks that are done: nothing is left to do at the fingerprints of their records, and the dirty rows that
 * announced them are answered. Part of the commit that made it true, so that it costs no transaction of its own.
 */
import { SIDES, type Side, type Snapshot } from '../core/record.ts'
import type { ObjectRules } from '../core/rules.ts'
import type { Change } from '../store/change.ts'
import { answered } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { readsOf } from './rule-index.ts'
import { agreedPrint } from './sighting.ts'
import { refKey, type Task } from './work.ts'

/** Marks the tasks whose writes all succeeded as settled and returns what the store has to learn. */
export function settled(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): readonly Change[] {
  const { rules } = mapping
  const changes: Change[] = []
  for (const task of tasks) {
    if (task.state !== 'open' || task.queue.length > 0) continue
    task.state = 'settled'
    // What one side kept back was decided about for neither: the other's value still waits for it.
    const isWhole = SIDES.every((side) => wasReadWhole(rules, side, task[side]))
    for (const side of SIDES) {
      const snapshot = task[side]
      if (!snapshot || !isWhole) continue
      const record = { side, id: snapshot.key.id }
      const known = task.agreed.get(refKey(record)) ?? null
      const fingerprint = agreedPrint(rules, side, snapshot.values, known)
      if (fingerprint === null) continue
      const { version } = snapshot
      changes.push({ kind: 'agree-record', mapping: rules.mapping, record, fingerprint, version })
    }
    changes.push(...answered(mapping, task.dirty))
    engine.tally.settled += task.dirty.length
  }
  return changes
}

/** Associations aside: those that nobody announced as changed are not read. */
function wasReadWhole(rules: ObjectRules, side: Side, snapshot: Snapshot | null): boolean {
  return !snapshot || readsOf(rules, side).plain.every((field) => field in snapshot.values)
}
