/**
 * Tasks that are done: nothing is left to do at the fingerprints of their records, and the dirty rows that
 * announced them are answered. Part of the commit that made it true, so that it costs no transaction of its own.
 */
import { SIDES } from '../core/record.ts'
import type { Change } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { agreedPrint } from './sighting.ts'
import { refKey, type Task } from './work.ts'

/** Marks the tasks whose writes all succeeded as settled and returns what the store has to learn. */
export function settled(engine: Engine, mapping: MappingRuntime, tasks: readonly Task[]): readonly Change[] {
  const { rules } = mapping
  const changes: Change[] = []
  for (const task of tasks) {
    if (task.state !== 'open' || task.queue.length > 0) continue
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
  return changes
}
