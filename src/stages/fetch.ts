/**
 * Reading the records of a batch, as they are now. Edge fields (associations behind requests of their own) are
 * read only where their value can matter, so that a batch of plain changes costs one read.
 */
import type { Reading } from '../connectors/reading.ts'
import { isEqual } from '../core/value.ts'
import { otherSide, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { FieldRule, SideContext } from '../core/rules.ts'
import type { Both } from '../core/record.ts'
import type { LinkBase } from '../core/base.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { stampsOfOthers } from './hub.ts'
import { together } from './together.ts'
import type { LinkedGroup } from './work.ts'

export type Readings = ReadonlyMap<RecordId, Reading>

export function edgeFields(mapping: MappingRuntime, side: Side): readonly string[] {
  return mapping.rules.reads[side].filter(
    (field) => mapping.schemas[side].fields.get(field)?.channel === 'edge',
  )
}

function valueFields(mapping: MappingRuntime, side: Side): readonly string[] {
  const edges = new Set(edgeFields(mapping, side))
  return mapping.rules.reads[side].filter((field) => !edges.has(field))
}

/**
 * One reading per id, keyed by the id asked for. `edges` also reads the association fields, `stamps` what other pairings
 * keep in the record.
 */
export async function fetchRecords(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  ids: readonly RecordId[],
  options: { edges: boolean; stamps?: boolean },
): Promise<Readings> {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) return new Map()
  const connector = engine.pairing.connectors[side]
  const own = options.edges ? mapping.rules.reads[side] : valueFields(mapping, side)
  const fields = options.stamps ? [...new Set([...own, ...stampsOfOthers(engine, mapping, side)])] : own
  const object = mapping.rules.object[side]
  const size = connector.capabilities.batch.read
  const chunks = Array.from({ length: Math.ceil(distinct.length / size) }, (_, i) =>
    connector.read({ object, ids: distinct.slice(i * size, (i + 1) * size), fields }),
  )
  const readings = (await together(chunks)).flat()
  return new Map(readings.map((reading) => [reading.requestedId, reading]))
}

/**
 * Records of which a field holds one of these values, as the vendor has them now and not as an index of its remembers
 * them: whoever was made or merged a moment ago has to be seen.
 */
export async function findRecords(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  field: string,
  values: readonly string[],
): Promise<readonly Snapshot[]> {
  const connector = engine.pairing.connectors[side]
  const object = mapping.rules.object[side]
  const fields = mapping.rules.reads[side]
  const size = connector.capabilities.batch.find
  const found: Snapshot[] = []
  for (let i = 0; i < values.length; i += size) {
    const asked = values.slice(i, i + size)
    const asOfMs = engine.runtime.now()
    found.push(...(await connector.find({ object, field, values: asked, fields, asOfMs })))
  }
  return found
}

/**
 * A record that was marked may hold other associations than before. A pair that waited for a target is marked by
 * either of its records, and it is the associations of both that wait.
 */
export function isAnnounced({ dirty }: LinkedGroup, side: Side): boolean {
  return dirty.some((row) => row.side === side || row.reasons.includes('released'))
}

/**
 * Whether deciding needs this side's associations, unless they were read already: the side was announced, the
 * field has no settled base, or the other side no longer holds what it held when both agreed.
 */
export function needsEdges(options: {
  mapping: MappingRuntime
  side: Side
  announced: boolean
  base: LinkBase
  snapshot: Snapshot
  other: Snapshot
  context: Both<SideContext>
}): boolean {
  const { mapping, side, base, other, context } = options
  const rules = mapping.rules.fields.filter((rule) => rule[side].channel === 'edge')
  if (rules.every((rule) => rule[side].fields.every((field) => field in options.snapshot.values)))
    return false
  if (options.announced) return true
  const far = otherSide(side)
  return rules.some((rule: FieldRule) => {
    const known = base[rule.key]
    if (!known || known.doubt || known.held) return true
    if (rule[far].channel === 'edge') return true
    return !isEqual(rule[far].read(other.values, context[far]), known[far])
  })
}
