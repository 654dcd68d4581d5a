/**
 * Records that were taken for merged away and are there after all. Whoever enters a deleted record again makes one that
 * looks like the survivor of a merge: it has the keys of the dead one and takes its place. When the first one is then
 * taken out of the bin, both are there, and the first is looked at as what it is: a record of its own.
 */
import { SIDES } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { DirtyRecord } from '../store/records.ts'
import { postponed } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import type { Sorted } from './sort-out.ts'
import { refKey } from './work.ts'

/** Leaves them, and whatever they were sorted in with, for the next look, which takes each for itself. */
export async function withoutReturned(
  engine: Engine,
  mapping: MappingRuntime,
  sorted: Sorted,
): Promise<Sorted> {
  const work = [
    ...sorted.groups.map(({ link, dirty }) => renamed(dirty, (row) => link[row.side])),
    ...sorted.loners.map(({ subject, dirty }) => renamed(dirty, () => subject.id)),
  ].flat()
  const back = await cameBack(engine, mapping, work)
  if (back.size === 0) return sorted
  const { mapping: name } = mapping.rules
  const changes: Change[] = [...sorted.changes]
  const stays = ({ dirty }: { readonly dirty: readonly DirtyRecord[] }): boolean => {
    const returned = dirty.filter((row) => back.has(refKey(row)))
    if (returned.length === 0) return true
    changes.push(
      ...returned.map(({ side, id }): Change => ({
        kind: 'drop-alias',
        mapping: name,
        record: { side, id },
      })),
      ...postponed(mapping, dirty, engine.runtime.now()),
    )
    return false
  }
  return { ...sorted, groups: sorted.groups.filter(stays), loners: sorted.loners.filter(stays), changes }
}

/** Rows that were announced under an id which goes by another one now. */
function renamed(
  dirty: readonly DirtyRecord[],
  ownId: (row: DirtyRecord) => string | null,
): readonly DirtyRecord[] {
  return dirty.filter((row) => row.id !== ownId(row))
}

/** Those that the vendor still shows under their own id. One read per side. */
async function cameBack(
  engine: Engine,
  mapping: MappingRuntime,
  rows: readonly DirtyRecord[],
): Promise<ReadonlySet<string>> {
  const back = new Set<string>()
  for (const side of SIDES) {
    const ids = rows.filter((row) => row.side === side).map(({ id }) => id)
    for (const [id, reading] of await fetchRecords(engine, mapping, side, ids, { edges: false })) {
      if (reading.kind === 'found' && reading.snapshot.key.id === id) back.add(refKey({ side, id }))
    }
  }
  return back
}
