/** What differs between the two records of a pair, as both CRMs show them right now. */
import type { LinkBase } from '../core/base.ts'
import { compareField } from '../core/drift.ts'
import { SIDES, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Comparable } from '../store/comparison.ts'
import type { LinkId } from '../store/links.ts'
import { openDirectory } from './directory.ts'
import { inLane, type Engine, type MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'

/** A field of a pair; null: the whole pair, of which one record is not there. */
export interface Difference {
  readonly mapping: string
  readonly link: LinkId
  readonly field: string | null
}

/** Nobody waits for it. */
const LANE = 3

interface Compared {
  readonly differences: readonly Difference[]
  readonly known: number
}

/** Reads both records of every idle pair and compares them field by field. */
export async function comparePairs(
  engine: Engine,
  mapping: MappingRuntime,
  pairs: readonly Comparable[],
): Promise<Compared> {
  const idle = pairs.filter(({ busy }) => !busy)
  if (idle.length === 0) return { differences: [], known: 0 }
  const slow = inLane(engine, LANE)
  const readSide = async (side: Side) => {
    const ids = idle.flatMap(({ link }) => link[side] ?? [])
    return snapshotsIn(await fetchRecords(slow, mapping, side, ids, { edges: true }))
  }
  const [left, right] = await Promise.all([readSide('left'), readSide('right')])
  const snapshots = { left, right }
  const { context } = await openDirectory(engine.store, engine.pairing, {
    left: [...left.values()],
    right: [...right.values()],
  })
  const differences: Difference[] = []
  let known = 0
  for (const { link, base, openFields } of idle) {
    const both = SIDES.map((side) => snapshots[side].get(link[side] ?? ''))
    const [one, other] = both
    const at = { mapping: mapping.rules.mapping, link: link.id }
    if (!one || !other) {
      // Not shown to us, or gone: the sweep sees that too, and deals with it before the second look.
      differences.push({ ...at, field: null })
      continue
    }
    for (const [field, comparison] of fieldsOf(mapping, { left: one, right: other }, base, context)) {
      if (openFields.includes(field)) continue
      if (comparison === 'known') known += 1
      if (comparison === 'differs') differences.push({ ...at, field })
    }
  }
  return { differences, known }
}

function fieldsOf(
  { rules, paused }: MappingRuntime,
  snapshots: Both<Snapshot>,
  base: LinkBase,
  context: Parameters<typeof compareField>[3],
) {
  return rules.fields
    .filter(({ key }) => !(key in paused))
    .map((rule) => {
      const values = {
        left: rule.left.read(snapshots.left.values, context.left),
        right: rule.right.read(snapshots.right.values, context.right),
      }
      return [rule.key, compareField(rule, values, base[rule.key], context)] as const
    })
}

function snapshotsIn(readings: Awaited<ReturnType<typeof fetchRecords>>): ReadonlyMap<RecordId, Snapshot> {
  return new Map(
    [...readings].flatMap(([id, reading]) =>
      reading.kind === 'found' ? [[id, reading.snapshot] as const] : [],
    ),
  )
}
