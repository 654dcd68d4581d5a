/**
 * Looks for records that took over from vanished ones: Attio merges leave no redirect, both originals are
 * simply 404, but the survivor carries the stamp of one and the strong keys of both (Attio fact sheet 12).
 */
import { otherSide, type Both, type RecordId, type Side, type Snapshot } from '../core/record.ts'
import { isPair } from '../store/links.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { findRecords, type Readings } from './fetch.ts'
import { findComponents, strengthOf } from './prospects.ts'
import { keyedRecord } from './sighting.ts'
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
    for (const [old, heir] of await heirsByStamp(engine, mapping, { side, stamp, vanished })) {
      if (!dead.has(heir.key.id)) successors.set(old, heir)
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
    for (const snapshot of await findRecords(engine, mapping, side, rule.field[side], values)) {
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
 * By vanished record. A counterpart may have been merged as well, a moment ago or long before: the stamp then has an
 * id that it went by. Whoever is named by the id in the pair comes first. By an id of long before, only somebody new
 * is meant: a known record with such a stamp is the one that lost its pair by that merge.
 */
async function heirsByStamp(
  engine: Engine,
  mapping: MappingRuntime,
  {
    side,
    stamp,
    vanished,
  }: { readonly side: Side; readonly stamp: string; readonly vanished: readonly Vanished[] },
): Promise<ReadonlyMap<RecordId, Snapshot>> {
  const { mapping: name } = mapping.rules
  const ids = vanished.map(({ counterpart }) => counterpart.key.id)
  const former = await engine.store.mergedInto({ mapping: name, side: otherSide(side), ids })
  const claims: readonly (readonly [stamp: string, id: RecordId, rank: number])[] = [
    ...vanished.map(({ id, counterpartId }) => [counterpartId, id, 0] as const),
    ...vanished.map(({ id, counterpart }) => [counterpart.key.id, id, 1] as const),
    ...vanished.flatMap(({ id, counterpart }) =>
      (former.get(counterpart.key.id) ?? []).map((each) => [each, id, 2] as const),
    ),
  ]
  const claimed = new Map<string, { readonly id: RecordId; readonly rank: number }>()
  for (const [each, id, rank] of claims) if (!claimed.has(each)) claimed.set(each, { id, rank })
  const found = await findRecords(engine, mapping, side, stamp, [...claimed.keys()])
  const subjects = await engine.store.load({
    mapping: name,
    records: found.map(({ key }) => ({ side, id: key.id })),
  })
  const heirs = new Map<RecordId, { readonly snapshot: Snapshot; readonly rank: number }>()
  for (const [i, snapshot] of found.entries()) {
    const named = snapshot.values[stamp]
    const claim = typeof named === 'string' ? claimed.get(named) : undefined
    if (!claim) continue
    const isNew = subjects[i]?.link === null && subjects[i].suppressed === null
    if (claim.rank === 2 && !isNew) continue
    const best = heirs.get(claim.id)
    if (!best || claim.rank < best.rank) heirs.set(claim.id, { snapshot, rank: claim.rank })
  }
  return new Map([...heirs].map(([id, { snapshot }]) => [id, snapshot]))
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
