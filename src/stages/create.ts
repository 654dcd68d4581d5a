/** Creating counterparts: half a link for each record, and the write that will complete it. */
import { otherSide } from '../core/record.ts'
import type { Change, Link } from '../store/store.ts'
import type { Task } from './deliver.ts'
import { openDirectory } from './directory.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { taskOf } from './linked.ts'
import type { Loner } from './loners.ts'
import { planCreation } from './plan-pair.ts'

/** Half a link first, so that the record is spoken for while its counterpart is being created. */
export async function planCreations(
  engine: Engine,
  mapping: MappingRuntime,
  creating: readonly Loner[],
): Promise<{ changes: readonly Change[]; tasks: readonly Task[] }> {
  const directory = await openDirectory(engine.store, engine.pairing, {
    left: creating.filter((loner) => loner.subject.side === 'left').map((loner) => loner.snapshot),
    right: creating.filter((loner) => loner.subject.side === 'right').map((loner) => loner.snapshot),
  })
  const changes: Change[] = []
  const tasks: Task[] = []
  for (const loner of creating) {
    const { side } = loner.subject
    const left = side === 'left' ? loner.snapshot : null
    const right = side === 'right' ? loner.snapshot : null
    const link: Link = loner.subject.link ?? {
      id: engine.runtime.id(),
      mapping: mapping.rules.mapping,
      left: left?.key.id ?? null,
      right: right?.key.id ?? null,
      state: 'half',
      epoch: 0,
      rules: mapping.rules.version,
      versions: { left: left?.version ?? null, right: right?.version ?? null },
    }
    if (!loner.subject.link) changes.push({ kind: 'put-link', link })
    const quarantine = loner.subject.quarantine
    const skip = new Set(
      mapping.rules.fields
        .filter((rule) => rule[otherSide(side)].fields.some((field) => quarantine?.fields.includes(field)))
        .map((rule) => rule.key),
    )
    const write = planCreation(engine, mapping, {
      link: link.id,
      side: otherSide(side),
      source: loner.snapshot,
      directory,
      skip,
    })
    const task = taskOf({ link, dirty: loner.dirty }, left, right, undefined, quarantine?.attempts ?? 0)
    tasks.push({
      ...task,
      queue: [write],
      pair: { decisions: {}, quarantines: quarantine ? [quarantine] : [] },
    })
  }
  return { changes, tasks }
}
