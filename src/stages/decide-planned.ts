/**
 * Decides about records of a plan as any pass does, and keeps those of which the plan has what comes out; of the others
 * it says why the engine decides otherwise now.
 */
import type { LinkId } from '../store/links.ts'
import type { DirtyRecord } from '../store/records.ts'
import type { Agenda } from './agenda.ts'
import { countDecided, newTally, type Engine, type MappingRuntime } from './engine.ts'
import { decideBatch } from './reconcile.ts'
import type { Prepared, Task } from './work.ts'

/** Decides about the records again and again, until the plan wants everything that comes out. */
export async function decidePlanned(
  engine: Engine,
  mapping: MappingRuntime,
  agenda: Agenda,
  { rows, taken }: { readonly rows: readonly DirtyRecord[]; readonly taken: LinkId[] },
): Promise<{ readonly kept: readonly DirtyRecord[]; readonly decided: Prepared | null }> {
  let kept = rows
  while (kept.length > 0) {
    const tally = newTally()
    engine.inHand.release(taken.splice(0))
    const decided = await decideBatch({ ...engine, tally }, mapping, kept, taken)
    const wanted = new Set<DirtyRecord>()
    for (const task of decided.tasks) {
      if (isWanted(engine, mapping, agenda, { task, decided })) for (const row of task.dirty) wanted.add(row)
      else explain(mapping, agenda, { task, decided })
    }
    const staying = kept.filter((row) => wanted.has(row))
    if (staying.length === kept.length) {
      countDecided(engine.tally, tally)
      return { kept, decided }
    }
    kept = staying
  }
  return { kept: [], decided: null }
}

interface Decision {
  readonly task: Task
  readonly decided: Prepared
}

/** Whether the plan has anything of what was decided for this link; a pair that is not in it is never made. */
function isWanted(
  engine: Engine,
  mapping: MappingRuntime,
  agenda: Agenda,
  { task, decided }: Decision,
): boolean {
  const made = planOf({ task, decided })
  const isLinked = made?.pair.isNew === true && agenda.links(mapping, made.pair)
  if (made?.pair.isNew && !isLinked) return false
  if (isLinked || task.queue.some((write) => agenda.holds(engine, mapping, write))) return true
  return (made?.plan.verdicts ?? []).some(
    (verdict) =>
      verdict.kind === 'hold' &&
      agenda.asks({
        mapping: mapping.rules.mapping,
        leftRecord: made?.pair.left.key.id ?? '',
        rightRecord: made?.pair.right.key.id ?? '',
        field: verdict.field,
        left: verdict.conflict.left,
        right: verdict.conflict.right,
      }),
  )
}

function planOf({ task, decided }: Decision): Prepared['plans'][number] | undefined {
  return task.link.id === '' ? undefined : decided.plans.find(({ link }) => link === task.link.id)
}

/** Why the engine does not decide like the plan, in the words in which it decided. */
function explain(mapping: MappingRuntime, agenda: Agenda, { task, decided }: Decision): void {
  const made = planOf({ task, decided })
  const because = (field: string | undefined): string => {
    if (made?.pair.isNew) return 'the record would be linked with another one now'
    const verdict = made?.plan.verdicts.find((each) => each.field === field)
    if (verdict && verdict.kind !== 'write') return verdict.because
    return made ? '' : 'one of the records is gone, was linked, or is not visible'
  }
  for (const row of task.dirty) agenda.explain(mapping.rules.mapping, row, because)
}
