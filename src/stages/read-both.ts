/** Both records of pairs, as they are now. */
import { SIDES, type Both, type Side } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { edgeFields, fetchRecords, type Readings } from './fetch.ts'
import { keyedRecord, valuePrint } from './sighting.ts'
import { together } from './together.ts'
import type { LinkedGroup } from './work.ts'

/**
 * What changed records are matched by now: whoever comes with one of their keys must find them before a listing does.
 */
export async function noteKeys(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  readings: Both<Readings>,
): Promise<void> {
  const { rules } = mapping
  for (const side of SIDES) {
    const sightings = groups.flatMap(({ link, subjects }) => {
      const reading = readings[side].get(link[side] ?? '')
      if (reading?.kind !== 'found') return []
      const agreed = subjects.find((subject) => subject.side === side)?.agreed ?? null
      const isChanged = agreed?.split('.')[0] !== valuePrint(rules, side, reading.snapshot.values)
      return isChanged ? [keyedRecord(rules, side, reading.snapshot)] : []
    })
    if (sightings.length > 0) await engine.store.recordReads({ mapping: rules.mapping, side, sightings })
  }
}

/** One reading of each record of the groups, without associations but for those that are asked for. */
export async function readBoth(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  withEdges: (group: LinkedGroup, side: Side) => boolean = () => false,
): Promise<Both<Readings>> {
  const read = async (side: Side): Promise<Readings> => {
    const hasEdges = edgeFields(mapping, side).length > 0
    const [alone = [], edged = []] = [false, true].map((edges) =>
      groups.flatMap((group) =>
        (hasEdges && withEdges(group, side)) === edges ? (group.link[side] ?? []) : [],
      ),
    )
    const readings = await together([
      fetchRecords(engine, mapping, side, alone, { edges: false }),
      fetchRecords(engine, mapping, side, edged, { edges: true }),
    ])
    return new Map(readings.flatMap((each) => [...each]))
  }
  const [left, right] = await Promise.all([read('left'), read('right')])
  return { left, right }
}
