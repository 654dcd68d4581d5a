/**
 * Mappings of one pairing that keep the same object on one side: people of Attio are contacts or leads. A record has one
 * counterpart per pairing, so whoever is paired by one of them is left alone by the others.
 */
import { otherSide, SIDES, type Side } from '../core/record.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { refKey } from './work.ts'

/** The other mappings that keep this mapping's object of `side`. */
export function siblingsOf(engine: Engine, mapping: MappingRuntime, side: Side): readonly MappingRuntime[] {
  return engine.pairing.mappings.filter(
    ({ rules }) => rules !== mapping.rules && rules.object[side] === mapping.rules.object[side],
  )
}

/**
 * Whether the sibling goes first where both have a counterpart for a record of `side`: the one that makes counterparts
 * before one that only takes what is there (contacts before leads), else the one that is listed first.
 */
export function goesFirst(
  { pairing }: Engine,
  sibling: MappingRuntime,
  mapping: MappingRuntime,
  side: Side,
): boolean {
  const far = otherSide(side)
  const makes = sibling.rules.create[far]
  if (makes !== mapping.rules.create[far]) return makes
  const placeOf = ({ rules }: MappingRuntime) =>
    pairing.mappings.findIndex((each) => each.rules.mapping === rules.mapping)
  return placeOf(sibling) < placeOf(mapping)
}

/** Which of these records have their counterpart by another mapping. */
export async function keptElsewhere(
  engine: Engine,
  mapping: MappingRuntime,
  records: readonly RecordRef[],
): Promise<ReadonlySet<string>> {
  const kept = new Set<string>()
  for (const side of SIDES) {
    const ids = [...new Set(records.filter((record) => record.side === side).map(({ id }) => id))]
    if (ids.length === 0) continue
    for (const { rules } of siblingsOf(engine, mapping, side)) {
      const links = await engine.store.linksOf({ mapping: rules.mapping, side, ids })
      for (const id of links.keys()) kept.add(refKey({ side, id }))
    }
  }
  return kept
}
