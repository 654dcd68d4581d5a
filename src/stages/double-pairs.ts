/**
 * Records that have a pair by two mappings at once: somebody made one record of two, or both mappings found a
 * counterpart in the same moment. A record has one counterpart per pairing (`siblings.ts`), so one of the pairs ends,
 * and what was its other half is shown to a person. Kept, both would write their counterpart's id into the record in
 * turn.
 */
import type { LinkBase } from '../core/base.ts'
import { otherSide, SIDES, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { followUp } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { idOn, stepLink } from './link-changes.ts'
import { aliasOf, leaveAlone } from './collapse.ts'
import { goesFirst, siblingsOf } from './siblings.ts'
import { closeBooks } from './vanish.ts'
import type { LinkedGroup } from './work.ts'

export interface Double {
  /** The side of the record that has two counterparts on the other one. */
  readonly side: Side
  readonly id: RecordId
  readonly sibling: MappingRuntime
  /** Whether it is this mapping's pair that ends. */
  readonly yields: boolean
  readonly present: Present
}

/** The records as they live now, survivors in the place of merged ones. */
export type Present = Both<Snapshot | null>

/** By link. Of pairs that have lost a record, something else is to be decided first. */
export async function findDoubles(
  engine: Engine,
  mapping: MappingRuntime,
  present: ReadonlyMap<LinkedGroup, Present>,
): Promise<ReadonlyMap<LinkedGroup, Double>> {
  const found = new Map<LinkedGroup, Double>()
  const whole = [...present].filter(([, { left, right }]) => left !== null && right !== null)
  for (const side of SIDES) {
    const ids = [...new Set(whole.flatMap(([, now]) => now[side]?.key.id ?? []))]
    for (const sibling of ids.length === 0 ? [] : siblingsOf(engine, mapping, side)) {
      const links = await engine.store.linksOf({ mapping: sibling.rules.mapping, side, ids })
      const yields = goesFirst(engine, sibling, mapping, side)
      for (const [group, now] of whole) {
        const id = now[side]?.key.id
        if (id !== undefined && links.has(id)) found.set(group, { side, id, sibling, yields, present: now })
      }
    }
  }
  return found
}

/** The other mapping does not know yet that its pair has to end. */
export function wakeOther(engine: Engine, { sibling, side, id }: Double): readonly Change[] {
  return [followUp(engine, sibling.rules.mapping, { side, id })]
}

/** This mapping's pair ends. */
export function yieldPair(
  engine: Engine,
  mapping: MappingRuntime,
  { link, subjects }: LinkedGroup,
  { side, id, sibling, present }: Double,
): readonly Change[] {
  const far = otherSide(side)
  const { mapping: name } = mapping.rules
  const base: LinkBase = subjects[0]?.base ?? {}
  const because = `${id} has its counterpart by ${sibling.rules.mapping}`
  engine.log.info({ linkId: link.id, side }, 'pair yields to the one of another mapping')
  const merged = SIDES.flatMap((each): Change[] => {
    const [old, survivor] = [link[each], present[each]]
    if (old === null || survivor === null || survivor.key.id === old) return []
    return [
      aliasOf(engine, mapping, each, old, survivor),
      { kind: 'forget-record', mapping: name, record: { side: each, id: old } },
    ]
  })
  const counterpart = present[far]
  return [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(side, null), ...idOn(far, null) },
      kind: 'unlink',
      side,
      record: id,
      because,
    }),
    ...closeBooks(engine, mapping, link, base),
    ...merged,
    ...(counterpart
      ? leaveAlone(engine, mapping, {
          record: { side: far, id: counterpart.key.id },
          beside: { side, id },
          because,
        })
      : []),
  ]
}
