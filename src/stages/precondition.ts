/**
 * The precondition of a write: a target that was read a while ago is read again, and the write is dropped unless
 * the fields it would set still hold what the decision saw. Vendors here offer no compare-and-set (algorithms 5.5).
 */
import { isEqual } from '../core/value.ts'
import type { Side, Snapshot } from '../core/record.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { ruleOf } from './rule-index.ts'
import type { Task, Write } from './work.ts'

/** Splits the chunk; the targets of fresh writes are brought up to date. */
export async function splitStale(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
  directory: Directory,
): Promise<{ readonly fresh: readonly Task[]; readonly stale: readonly Task[] }> {
  const deadline = engine.runtime.now() - engine.settings.freshMs
  const old = chunk.filter(
    (task) => isGuarded(task.queue[0]) && (task.queue[0]?.target?.readAtMs ?? 0) < deadline,
  )
  if (old.length === 0) return { fresh: chunk, stale: [] }
  const ids = old.flatMap((task) => task.queue[0]?.record ?? [])
  const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
  const stale = new Set<Task>()
  for (const task of old) {
    const write = task.queue[0]
    if (!write?.record) continue
    const reading = readings.get(write.record)
    const now =
      reading?.kind === 'found' && reading.snapshot.key.id === write.record ? reading.snapshot : null
    if (now && holdsBefore(mapping, write, now, directory)) {
      const target = { ...now, values: { ...write.target?.values, ...now.values } }
      task.queue[0] = { ...write, target }
      if (task[side]) task[side] = target
    } else {
      stale.add(task)
    }
  }
  if (stale.size > 0) engine.log.info({ side, count: stale.size }, 'target changed meanwhile, deciding again')
  return { fresh: chunk.filter((task) => !stale.has(task)), stale: [...stale] }
}

/** Creations are guarded by their stamp, associations by adding and removing single ones. */
function isGuarded(write: Write | undefined): boolean {
  return write?.kind === 'update' || write?.kind === 'remove'
}

/** Whether the target still holds what the decision saw. */
export function holdsBefore(
  mapping: MappingRuntime,
  write: Write,
  now: Snapshot,
  directory: Directory,
): boolean {
  if (write.kind === 'remove') return now.version === write.target?.version
  return Object.entries(write.fields).every(([key, field]) =>
    isEqual(ruleOf(mapping, key)[write.side].read(now.values, directory.context[write.side]), field.before),
  )
}
