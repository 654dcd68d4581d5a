/**
 * Records that another mapping left to this one (`claims.ts`), which has nobody for them any more: whoever was about
 * to become their counterpart was deleted, or turned out to be somebody else. The mapping that makes counterparts has
 * settled them meanwhile, or is about to, and nothing else would have it look again.
 */
import { otherSide, SIDES } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef } from '../store/records.ts'
import { followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { siblingsOf } from './siblings.ts'

/** `alone`: records that this mapping has nobody for, and makes nobody for. */
export async function handBack(
  engine: Engine,
  mapping: MappingRuntime,
  alone: readonly RecordRef[],
): Promise<readonly Change[]> {
  const changes: Change[] = []
  for (const side of SIDES) {
    const far = otherSide(side)
    const records = alone.filter((record) => record.side === side)
    if (records.length === 0 || mapping.rules.create[far]) continue
    for (const sibling of siblingsOf(engine, mapping, side)) {
      if (!sibling.rules.create[far]) continue
      const subjects = await engine.store.load({ mapping: sibling.rules.mapping, records })
      for (const { id, link, suppressed } of subjects) {
        // Whether it has settled them or is about to: that does not settle a mark which came after its look.
        if (link === null && suppressed === null) {
          changes.push(followUp(engine, sibling.rules.mapping, { side, id }))
        }
      }
    }
  }
  return changes
}
