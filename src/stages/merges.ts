/**
 * Merges in a vendor and what they do to links (algorithms 3.5). A survivor without a pair takes the place of
 * the record that went into it; where it has one already, the pairs collapse: one stays, and the counterpart
 * of the other is a duplicate on its side, suppressed and reported.
 */
import type { LinkBase } from '../core/base.ts'
import { MERGED_AWAY } from '../core/match.ts'
import { otherSide, SIDES, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords, type Readings } from './fetch.ts'
import { idOn, stepLink } from './link-changes.ts'
import { siblingsOf } from './siblings.ts'
import type { Successors } from './successors.ts'
import { survivorBase } from './survivor-base.ts'
import { closeBooks, isPair } from './vanish.ts'
import { refKey, type LinkedGroup } from './work.ts'

export interface Followed {
  /** `over`: the pair collapsed into another. */
  readonly kind: 'goes-on' | 'over'
  /** The records as they live now, survivors in the place of merged ones; null when gone. */
  readonly snapshots: Both<Snapshot | null>
  readonly hidden: Both<boolean>
  readonly base: LinkBase
  readonly changes: readonly Change[]
}

/** Survivors and the links that took them in this batch, which the store does not know yet. */
export type Heirs = Map<string, Link>

/**
 * Which of several pairs that merged into one stays: the one whose counterpart the survivor's stamp names, else
 * the one that shares the survivor's first key. The other pairs' keys are taken on the far side.
 */
export function byClaim(
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  found: { readonly readings: Both<Readings>; readonly successors: Both<Successors> },
): readonly LinkedGroup[] {
  const claim = (group: LinkedGroup) =>
    Math.max(...SIDES.map((side) => claimOn(mapping, side, group.link, found)))
  const claims = new Map(groups.map((group) => [group, claim(group)]))
  return groups.toSorted((a, b) => (claims.get(b) ?? 0) - (claims.get(a) ?? 0))
}

function claimOn(
  mapping: MappingRuntime,
  side: Side,
  link: Link,
  found: { readonly readings: Both<Readings>; readonly successors: Both<Successors> },
): number {
  const { match, stamp } = mapping.rules
  const far = otherSide(side)
  const survivor = survivorOf(link, side, found)
  const counterpart = survivorOf(link, far, found)
  const field = stamp[side]
  if (!survivor || survivor.key.id === link[side]) return 0
  if (field !== null && survivor.values[field] === link[far]) return 2
  const first = match.map((rule) => rule.keys[side](survivor.values)[0]).findIndex((key) => key !== undefined)
  const rule = match[first]
  const key = rule?.keys[side](survivor.values)[0]
  return counterpart && key !== undefined && rule?.keys[far](counterpart.values)[0] === key ? 1 : 0
}

export async function followMerges(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  found: { readonly readings: Both<Readings>; readonly successors: Both<Successors> },
  heirs: Heirs,
): Promise<Followed> {
  const { link } = group
  const base = group.subjects[0]?.base ?? {}
  const snapshots = { left: survivorOf(link, 'left', found), right: survivorOf(link, 'right', found) }
  const isHidden = (side: Side) => {
    const id = link[side]
    const reading = id === null ? undefined : found.readings[side].get(id)
    return id !== null && (!reading || reading.kind === 'hidden')
  }
  const hidden = { left: isHidden('left'), right: isHidden('right') }
  const moved = SIDES.filter((side) => snapshots[side] !== null && snapshots[side].key.id !== link[side])
  if (moved.length === 0) return { kind: 'goes-on', snapshots, hidden, base, changes: [] }

  for (const side of moved) {
    const survivor = snapshots[side]
    const rival = survivor && (heirs.get(refKey({ side, id: survivor.key.id })) ?? null)
    const holder = rival ?? (survivor && (await holderOf(engine, mapping, side, survivor)))
    if (!survivor || !holder || holder.id === link.id) continue
    if (isPair(holder)) {
      const changes = await collapse(engine, mapping, { link, base, side, holder, snapshots, moved })
      engine.log.info({ linkId: link.id, side, into: holder.id }, 'pair collapsed into another')
      // The survivors are the other pair's to settle.
      const own = (each: Side) => (moved.includes(each) ? null : snapshots[each])
      return { kind: 'over', snapshots: { left: own('left'), right: own('right') }, hidden, base, changes }
    }
  }
  const changes: Change[] = []
  let kept = base
  let now: Link = link
  for (const side of moved) {
    const survivor = snapshots[side]
    if (!survivor) continue
    const holder = await holderOf(engine, mapping, side, survivor)
    changes.push(...relocate(engine, mapping, { link: now, side, survivor, holder }))
    kept = await survivorBase(engine, mapping, { side, base: kept, survivor })
    now = { ...now, ...idOn(side, survivor.key.id) }
    engine.log.info({ linkId: link.id, side }, 'record was merged')
  }
  for (const side of moved) heirs.set(refKey({ side, id: now[side] ?? '' }), now)
  const forgotten = Object.keys(base).filter((field) => !(field in kept))
  if (forgotten.length > 0) {
    const fields = Object.fromEntries(forgotten.map((field) => [field, null]))
    changes.push({ kind: 'set-base', link: link.id, fields })
  }
  return { kind: 'goes-on', snapshots, hidden, base: kept, changes }
}

export function survivorOf(
  link: Link,
  side: Side,
  found: { readonly readings: Both<Readings>; readonly successors: Both<Successors> },
): Snapshot | null {
  const id = link[side]
  if (id === null) return null
  const reading = found.readings[side].get(id)
  if (reading?.kind === 'found') return reading.snapshot
  return found.successors[side].get(id) ?? null
}

async function holderOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  survivor: Snapshot,
): Promise<Link | null> {
  const record = { side, id: survivor.key.id }
  const [subject] = await engine.store.load({ mapping: mapping.rules.mapping, records: [record] })
  return subject?.link ?? null
}

/** The survivor takes the dead record's place; a creation that was begun for the survivor is called off. */
function relocate(
  engine: Engine,
  mapping: MappingRuntime,
  options: { link: Link; side: Side; survivor: Snapshot; holder: Link | null },
): readonly Change[] {
  const { link, side, survivor, holder } = options
  const { mapping: name } = mapping.rules
  const record = { side, id: survivor.key.id }
  const old = link[side] ?? ''
  const because = `${old} was merged`
  return [
    ...(holder && holder.id !== link.id
      ? [{ kind: 'set-link', link: holder.id, state: 'unlinked', ...idOn(side, null) } as const]
      : []),
    aliasOf(engine, mapping, side, old, survivor),
    { kind: 'forget-record', mapping: name, record: { side, id: old } },
    { kind: 'heal', mapping: name, record: { side, id: old } },
    { kind: 'release', mapping: name, record },
    { kind: 'drop-review', mapping: name, record },
    ...stepLink(engine, mapping, {
      link,
      to: { ...idOn(side, survivor.key.id), state: 'live' },
      kind: 'relink',
      side,
      record: record.id,
      because,
    }),
    // Whoever points at the survivor waited for it to get a pair.
    {
      kind: 'release-waiting',
      targetMapping: name,
      side,
      target: survivor.key.id,
      atMs: engine.runtime.now(),
    },
  ]
}

/** `holder` keeps the survivor; this pair ends, and its counterpart must not be created on the merged side again. */
async function collapse(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    link: Link
    base: LinkBase
    side: Side
    holder: Link
    snapshots: Both<Snapshot | null>
    moved: readonly Side[]
  },
): Promise<readonly Change[]> {
  const { link, side, holder, snapshots } = options
  const far = otherSide(side)
  const { mapping: name } = mapping.rules
  const because = `merged into ${holder[side]}, which has a pair`
  const changes: Change[] = [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(far, null) },
      kind: 'unlink',
      side,
      record: link[side],
      because,
    }),
    ...closeBooks(engine, mapping, link, options.base),
  ]
  for (const moved of options.moved) {
    const survivor = snapshots[moved]
    const old = link[moved]
    if (!survivor || old === null) continue
    changes.push(aliasOf(engine, mapping, moved, old, survivor), {
      kind: 'forget-record',
      mapping: name,
      record: { side: moved, id: old },
    })
  }
  const counterpart = snapshots[far]?.key.id ?? null
  if (counterpart === null || counterpart === (await livingId(engine, mapping, far, holder))) return changes
  return [
    ...changes,
    ...leaveAlone(engine, mapping, {
      record: { side: far, id: counterpart },
      beside: holder[far] === null ? null : { side: far, id: holder[far] },
      because: `its counterpart ${link[side]} was merged into ${holder[side]}`,
    }),
  ]
}

/**
 * A record that lost its counterpart to another one is not created again, and a person is told. `beside`: who kept it, or
 * which record it was.
 */
export function leaveAlone(
  engine: Engine,
  mapping: MappingRuntime,
  {
    record,
    beside,
    because,
  }: { readonly record: RecordRef; readonly beside: RecordRef | null; readonly because: string },
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  return [
    // No other mapping of its object creates a counterpart in the place of the one that it lost (I9).
    ...[mapping, ...siblingsOf(engine, mapping, record.side)].map(({ rules }): Change => ({
      kind: 'suppress',
      mapping: rules.mapping,
      record,
      reason: MERGED_AWAY,
      atMs,
    })),
    {
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record,
        kind: 'duplicate',
        candidates: beside === null ? [] : [beside],
        because,
        atMs,
      },
    },
  ]
}

/** The id under which the holder's far record lives now: it may have been merged in the same breath. */
async function livingId(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  link: Link,
): Promise<string | null> {
  const id = link[side]
  if (id === null) return null
  const reading = (await fetchRecords(engine, mapping, side, [id], { edges: false })).get(id)
  return reading?.kind === 'found' ? reading.snapshot.key.id : id
}

export function aliasOf(
  engine: Engine,
  mapping: MappingRuntime,
  side: Side,
  from: string,
  survivor: Snapshot,
): Change {
  const { mapping: name } = mapping.rules
  return { kind: 'put-alias', mapping: name, side, from, to: survivor.key.id, atMs: engine.runtime.now() }
}
