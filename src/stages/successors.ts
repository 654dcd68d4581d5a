/**
 * Looks for records that took over from vanished ones: Attio merges leave no redirect, both originals are
 * simply 404, but the survivor carries the stamp of one and the strong keys of both (Attio fact sheet 12).
 */
import { otherSide, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import type { Readings } from './fetch.ts'
import { findComponents, strengthOf } from './prospects.ts'
import { keyedRecord } from './sighting.ts'
import { isPair } from './vanish.ts'
import { refKey, type LinkedGroup } from './work.ts'

/** Live records that took over from vanished ones, by vanished id. */
export type Successors = ReadonlyMap<RecordId, Snapshot>

export interface Vanished {
  readonly id: RecordId
  /** The other half of its pair, and the id that the pair has of it: that of before a merge over there. */
  readonly counterpart: Snapshot
  readonly counterpartId: RecordId
}

export interface AllSuccessors extends Both<Successors> {
  /**
   * Vanished records of which nobody can tell whether they were merged: whoever has their key now could just as well be
   * the counterpart of another record.
   */
  readonly doubtful: ReadonlySet<RecordId>
}

export async function findAllSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  readings: Both<Readings>,
): Promise<AllSuccessors> {
  const vanished = (side: Side) =>
    groups.flatMap((group): Vanished[] => {
      const id = group.link[side]
      const far = group.link[otherSide(side)]
      if (id === null || far === null || readings[side].get(id)?.kind !== 'gone') return []
      const other = readings[otherSide(side)].get(far)
      return other?.kind === 'found' ? [{ id, counterpart: other.snapshot, counterpartId: far }] : []
    })
  const left = await findSuccessors(engine, mapping, 'left', vanished('left'))
  const right = await findSuccessors(engine, mapping, 'right', vanished('right'))
  return {
    left: left.certain,
    right: right.certain,
    doubtful: new Set([...left.doubtful, ...right.doubtful]),
  }
}

interface Found {
  readonly certain: Successors
  readonly doubtful: ReadonlySet<RecordId>
}

/** By stamp, then by strong keys. Batched: the number of requests does not grow with every record. */
async function findSuccessors(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  vanished: readonly Vanished[],
): Promise<Found> {
  const successors = new Map<RecordId, Snapshot>()
  const found: Found = { certain: successors, doubtful: new Set() }
  if (vanished.length === 0) return found
  const { rules } = mapping
  const dead = new Set(vanished.map((item) => item.id))

  const stamp = rules.stamp[side]
  if (stamp !== null) {
    const claimed = await claimedBy(engine, mapping, side, vanished)
    for (const snapshot of await find(engine, mapping, side, stamp, [...claimed.keys()])) {
      const named = snapshot.values[stamp]
      const old = typeof named === 'string' ? claimed.get(named) : undefined
      if (old !== undefined && !dead.has(snapshot.key.id)) successors.set(old, snapshot)
    }
  }
  const byStamp = new Set(successors.keys())
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
  const byKey = vanished.flatMap(({ id, counterpart, counterpartId }) => {
    const heir = byStamp.has(id) ? undefined : successors.get(id)
    return heir ? [{ id, counterpart, counterpartId, heir }] : []
  })
  const doubtful = await withRivals(engine, mapping, side, byKey)
  for (const id of doubtful) successors.delete(id)
  return { certain: successors, doubtful }
}

/**
 * Stamp → the vanished record whose counterpart it names. A counterpart may have been merged as well, a moment ago or
 * long before: the stamp then has the id that it went by. The id in the pair comes before all others.
 */
async function claimedBy(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  vanished: readonly Vanished[],
): Promise<ReadonlyMap<string, RecordId>> {
  const ids = vanished.map(({ counterpart }) => counterpart.key.id)
  const request = { mapping: mapping.rules.mapping, side: otherSide(side), ids }
  const former = await engine.store.mergedInto(request)
  const claims = [
    ...vanished.map(({ id, counterpartId }) => [counterpartId, id] as const),
    ...vanished.map(({ id, counterpart }) => [counterpart.key.id, id] as const),
    ...vanished.flatMap(({ id, counterpart }) =>
      (former.get(counterpart.key.id) ?? []).map((name) => [name, id] as const),
    ),
  ]
  const claimed = new Map<string, RecordId>()
  for (const [stamp, id] of claims) if (!claimed.has(stamp)) claimed.set(stamp, id)
  return claimed
}

/**
 * Those whose heir by a key has no pair yet, while another free record on the far side shares a key with it: the heir is
 * what a merge left, or somebody else who got the key since.
 */
async function withRivals(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  claims: readonly (Vanished & { readonly heir: Snapshot })[],
): Promise<ReadonlySet<RecordId>> {
  if (claims.length === 0) return new Set()
  const sightings = claims.map(({ heir }) => keyedRecord(mapping.rules, side, heir))
  await engine.store.recordReads({ mapping: mapping.rules.mapping, side, sightings })
  const heirs = claims.map(({ heir }) => ({ side, id: heir.key.id }))
  const components = await findComponents(engine, mapping, heirs)
  const doubtful = claims.filter(({ heir, counterpart }) => {
    const component = components.get(refKey({ side, id: heir.key.id }))
    if (!component || strengthOf(mapping, component) !== 'strong') return false
    const own = component.members.find((member) => member.side === side && member.id === heir.key.id)
    if (isPair(own?.link ?? null)) return false
    return component.members.some(
      (member) =>
        member.side !== side && member.id !== counterpart.key.id && !member.linked && !member.suppressed,
    )
  })
  return new Set(doubtful.map(({ id }) => id))
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
