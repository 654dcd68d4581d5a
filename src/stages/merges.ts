/**
 * Merges in a vendor and what they do to links (algorithms 3.5). A survivor without a pair takes the place of
 * the record that went into it; where it has one already, the pairs collapse: one stays, and the counterpart
 * of the other is a duplicate on its side, suppressed and reported.
 */
import type { LinkBase } from '../core/base.ts'
import { otherSide, SIDES, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { isPair, type Link } from '../store/links.ts'
import { aliasOf, collapse, leaveAlone } from './collapse.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { fetchRecords } from './fetch.ts'
import { formerPair } from './former-pair.ts'
import { idOn, stepLink } from './link-changes.ts'
import { survivorBase } from './survivor-base.ts'
import { survivorOf, type Found } from './survivors.ts'
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

export async function followMerges(
  engine: Engine,
  mapping: MappingRuntime,
  group: LinkedGroup,
  found: Found,
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
    if (holder) changes.push(...(await leftBehind(engine, mapping, { link: now, side, survivor, holder })))
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

/**
 * The survivor had a pair of its own that ended when it was deleted, and it was taken out of the bin since: whoever it had
 * there is a duplicate of the one that it has now, as where two pairs collapse.
 */
async function leftBehind(
  engine: Engine,
  mapping: MappingRuntime,
  { link, side, survivor, holder }: { link: Link; side: Side; survivor: Snapshot; holder: Link },
): Promise<readonly Change[]> {
  const far = otherSide(side)
  const former = (await formerPair(engine, holder))?.[far] ?? null
  const kept = link[far]
  if (former === null || kept === null || former === kept) return []
  const record = { side: far, id: former }
  const [subject] = await engine.store.load({ mapping: mapping.rules.mapping, records: [record] })
  const reading = (await fetchRecords(engine, mapping, far, [former], { edges: false })).get(former)
  if (subject?.link || reading?.kind !== 'found' || reading.snapshot.key.id !== former) return []
  return leaveAlone(engine, mapping, {
    record,
    beside: { side: far, id: kept },
    because: `its counterpart ${survivor.key.id} is that of another since ${link[side]} was merged into it`,
  })
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
