/**
 * The precondition of a write: a target that was read a while ago is read again, and the write is dropped unless
 * the fields it would set still hold what the decision saw. Vendors here offer no compare-and-set (algorithms 5.5).
 * What was decided long ago, because something hung, is not sent to or from a record that left the scope since.
 */
import type { Reading } from '../connectors/reading.ts'
import { otherSide, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import { isEqual } from '../core/value.ts'
import type { Directory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { ruleOf } from './rule-index.ts'
import { isTooOld } from './still-current.ts'
import type { Task, Write } from './work.ts'

/** Splits the chunk; the targets of fresh writes are brought up to date. */
export async function splitStale(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
  directory: Directory,
): Promise<{ readonly fresh: readonly Task[]; readonly stale: readonly Task[] }> {
  const stale = new Set(await outOfScope(engine, mapping, side, chunk))
  const deadline = engine.runtime.now() - engine.settings.freshMs
  const old = chunk.filter(
    (task) =>
      !stale.has(task) && isGuarded(task.queue[0]) && (task.queue[0]?.target?.readAtMs ?? 0) < deadline,
  )
  const ids = old.flatMap((task) => task.queue[0]?.record ?? [])
  const readings = await fetchRecords(engine, mapping, side, ids, { edges: false })
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

/** Tasks whose next write rests on old reads and would now come from a record outside the scope, or go to one. */
async function outOfScope(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  chunk: readonly Task[],
): Promise<readonly Task[]> {
  const overdue = chunk.flatMap((task) => {
    const [write] = task.queue
    if (!write?.record || (write.kind !== 'update' && write.kind !== 'associate')) return []
    return isTooOld(engine, write.source) ? [{ task, write, record: write.record }] : []
  })
  const look = (on: Side, ids: readonly RecordId[]) =>
    fetchRecords(engine, mapping, on, ids, { edges: false })
  const far = otherSide(side)
  const sources = await look(
    far,
    overdue.map(({ write }) => write.source.key.id),
  )
  const targets = await look(
    side,
    overdue.map(({ record }) => record),
  )
  const isInside = (on: Side, reading: Reading | undefined) =>
    reading?.kind === 'found' && mapping.rules.inScope[on](reading.snapshot.values)
  return overdue.flatMap(({ task, write, record }) =>
    isInside(far, sources.get(write.source.key.id)) && isInside(side, targets.get(record)) ? [] : [task],
  )
}

/** Creations are guarded by their stamp, associations by adding and removing single ones. */
function isGuarded(write: Write | undefined): boolean {
  return write?.kind === 'update' || write?.kind === 'remove'
}

/** Whether the target still holds what the decision saw, and may still be written to. */
export function holdsBefore(
  mapping: MappingRuntime,
  write: Write,
  now: Snapshot,
  directory: Directory,
): boolean {
  if (write.kind === 'remove') return now.version === write.target?.version
  if (!mapping.rules.inScope[write.side](now.values)) return false
  return Object.entries(write.fields).every(([key, field]) =>
    isEqual(ruleOf(mapping, key)[write.side].read(now.values, directory.context[write.side]), field.before),
  )
}
