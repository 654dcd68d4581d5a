/**
 * Whether reads still carry a decision by the time that it is made, and by the time that it is carried out: a request
 * may hang until it is tried again, and what is sent behind it waits.
 */
import { SIDES, type Both, type Snapshot } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Ready } from './work.ts'

/** Longer than a batch takes to read and to send when nothing hangs. */
const DECISION_MS = 10_000

/** After so many looks a pair is decided about on what there is: where everything takes long, nothing is newer. */
const LOOKS_MAX = 1

export function isTooOld(engine: Engine, snapshot: Snapshot): boolean {
  return snapshot.readAtMs < engine.runtime.now() - DECISION_MS
}

/** Whether both records are in the scope, so that something may be written to either. */
export function areInScope({ rules }: MappingRuntime, snapshots: Both<Snapshot>): boolean {
  return SIDES.every((side) => rules.inScope[side](snapshots[side].values))
}

/**
 * `outdated` pairs are to be read again: associations are read after everything else, and decided now, a pair might be
 * written to although it has left the scope.
 */
export function splitOutdated(
  engine: Engine,
  mapping: MappingRuntime,
  ready: readonly Ready[],
): { readonly current: readonly Ready[]; readonly outdated: readonly Ready[] } {
  const isOutdated = ({ group, pair }: Ready) => {
    // The first reads were looked at before; a pair that is being made was found by reading its records whole.
    if (pair.isNew) return false
    if (SIDES.some((side) => pair[side].key.id !== pair.link[side])) return true
    const looks = Math.max(0, ...group.dirty.map(({ attempts }) => attempts))
    const isOld = looks < LOOKS_MAX && SIDES.some((side) => isTooOld(engine, pair[side]))
    return isOld || !areInScope(mapping, pair)
  }
  const outdated = new Set(ready.filter(isOutdated))
  return { current: ready.filter((item) => !outdated.has(item)), outdated: [...outdated] }
}
