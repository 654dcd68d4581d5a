/**
 * Records that were taken for merged away and are there after all. Whoever enters a deleted record again makes one that
 * looks like the survivor of a merge: it has the keys of the dead one and takes its place. When the first one is then
 * taken out of the bin, both are there, and the first is looked at as what it is: a record of its own.
 */
import { SIDES } from '../core/record.ts'
import type { Subject } from '../store/store.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { refKey } from './work.ts'

/** Of the records that go by another id now: those that the vendor still shows under their own. One read per side. */
export async function cameBack(
  engine: Engine,
  mapping: MappingRuntime,
  subjects: readonly Subject[],
): Promise<ReadonlySet<string>> {
  const renamed = subjects.filter(({ id, askedId }) => id !== askedId)
  const back = new Set<string>()
  for (const side of SIDES) {
    const ids = renamed.filter((subject) => subject.side === side).map(({ askedId }) => askedId)
    for (const [id, reading] of await fetchRecords(engine, mapping, side, ids, { edges: false })) {
      if (reading.kind === 'found' && reading.snapshot.key.id === id)
        back.add(askedKey({ side, askedId: id }))
    }
  }
  return back
}

/** The record as it was asked for. */
export function askedKey({ side, askedId }: Pick<Subject, 'side' | 'askedId'>): string {
  return refKey({ side, id: askedId })
}
