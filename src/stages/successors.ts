/**
 * Looks for records that took over from vanished ones: Attio merges leave no redirect, both originals are
 * simply 404, but the survivor carries the stamp of one and the strong keys of both (Attio fact sheet 12).
 */
import { otherSide, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Readings } from './fetch.ts'
import type { LinkedGroup } from './work.ts'

/** Live records that took over from vanished ones, by vanished id. */
export type Successors = ReadonlyMap<RecordId, Snapshot>

export interface Vanished {
  readonly id: RecordId
  /** The other half of its pair. */
  readonly counterpart: Snapshot
}

export async function findAllSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  readings: Both<Readings>,
): Promise<Both<Successors>> {
  const vanished = (side: Side) =>
    groups.flatMap((group): Vanished[] => {
      const id = group.link[side]
      const far = group.link[otherSide(side)]
      if (id === null || far === null || readings[side].get(id)?.kind !== 'gone') return []
      const other = readings[otherSide(side)].get(far)
      return other?.kind === 'found' ? [{ id, counterpart: other.snapshot }] : []
    })
  return {
    left: await findSuccessors(engine, mapping, 'left', vanished('left')),
    right: await findSuccessors(engine, mapping, 'right', vanished('right')),
  }
}

/** By stamp, then by strong keys. Batched: the number of requests does not grow with every record. */
export async function findSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  vanished: readonly Vanished[],
): Promise<Successors> {
  const successors = new Map<RecordId, Snapshot>()
  if (vanished.length === 0) return successors
  const { rules } = mapping
  const dead = new Set(vanished.map((item) => item.id))

  const stamp = rules.stamp[side]
  if (stamp !== null) {
    const byStamp = new Map(vanished.map((item) => [item.counterpart.key.id, item.id]))
    for (const snapshot of await find(engine, mapping, side, stamp, [...byStamp.keys()])) {
      const named = snapshot.values[stamp]
      const old = typeof named === 'string' ? byStamp.get(named) : undefined
      if (old !== undefined && !dead.has(snapshot.key.id)) successors.set(old, snapshot)
    }
  }
  for (const rule of rules.match) {
    if (rule.strength !== 'strong') continue
    const wanted = new Map<string, RecordId[]>()
    for (const item of vanished) {
      if (successors.has(item.id)) continue
      for (const key of rule.keys[otherSide(side)](item.counterpart.values)) {
        wanted.set(key, [...(wanted.get(key) ?? []), item.id])
      }
    }
    const values = [...wanted.keys()].map(rule.query[side])
    for (const snapshot of await find(engine, mapping, side, rule.field[side], values)) {
      if (dead.has(snapshot.key.id)) continue
      const heirs = rule.keys[side](snapshot.values).flatMap((key) => wanted.get(key) ?? [])
      for (const old of heirs) if (!successors.has(old)) successors.set(old, snapshot)
    }
  }
  return successors
}

async function find(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  field: string,
  values: readonly string[],
): Promise<readonly Snapshot[]> {
  const connector = engine.pairing.connectors[side]
  const object = mapping.rules.object[side]
  // A survivor appears in the very moment its originals vanish: an older look would take a merge for deletions.
  const asOfMs = engine.runtime.now()
  const size = connector.capabilities.batch.find
  const found: Snapshot[] = []
  for (let i = 0; i < values.length; i += size) {
    const fields = mapping.rules.reads[side]
    const request = { object, field, values: values.slice(i, i + size), fields, asOfMs }
    found.push(...(await connector.find(request)))
  }
  return found
}
