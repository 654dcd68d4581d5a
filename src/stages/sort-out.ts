/**
 * What a batch claimed, sorted: pairs with both halves together, records without a pair one by one. Takes in hand
 * what is to be decided about, and leaves aside what somebody else has in hand or is writing to.
 */
import { SIDES } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import { isPair, type Link, type LinkId } from '../store/links.ts'
import type { DirtyRecord, RecordRef, Subject } from '../store/records.ts'
import { postponed } from './dirty-rows.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { busyElsewhere, takeShared, type Obstacle } from './shared-hands.ts'
import { settledAtMs } from './unsettled.ts'
import { refKey, type HeldUp, type LinkedGroup } from './work.ts'

export interface Sorted {
  readonly groups: readonly LinkedGroup[]
  readonly loners: readonly { readonly subject: Subject; readonly dirty: readonly DirtyRecord[] }[]
  /** Left for later. */
  readonly changes: readonly Change[]
  readonly heldUp: readonly HeldUp[]
}

/** What is taken in hand is added to `taken`. Asks nobody but the store. */
export async function sortOut(
  engine: Engine,
  mapping: MappingRuntime,
  dirty: readonly DirtyRecord[],
  taken: LinkId[],
): Promise<Sorted> {
  const { mapping: name } = mapping.rules
  const { releases } = engine.inHand
  const loaded = await engine.store.load({ mapping: name, records: dirty })
  for (const id of new Set(loaded.flatMap(({ link }) => link?.id ?? []))) {
    if (engine.inHand.take(id)) taken.push(id)
  }
  // Whoever let go of something meanwhile may have changed what was loaded.
  const isOutdated = engine.inHand.releases !== releases
  const subjects = isOutdated ? await engine.store.load({ mapping: name, records: dirty }) : loaded
  const ours = new Set(taken)
  const rowOf = new Map(dirty.map((row) => [`${row.side}:${row.id}`, row]))
  const groups = new Map<string, { link: LinkedGroup['link']; subjects: Subject[]; dirty: DirtyRecord[] }>()
  const loners = new Map<string, { subject: Subject; dirty: DirtyRecord[] }>()
  const changes: Change[] = []
  const heldUp: HeldUp[] = []
  for (const subject of subjects) {
    const row = rowOf.get(`${subject.side}:${subject.askedId}`)
    if (!row) continue
    const { link } = subject
    if (link && !ours.has(link.id)) {
      // Decided about, and perhaps no write begun yet: what this batch has loaded is about to be out of date.
      heldUp.push({ dirty: [row], by: [link.id] })
    } else if (subject.openIntent) {
      // The outcome of a write of this link is unknown: then recovery comes first.
      const dueMs = settledAtMs(engine, subject.openIntent, [row])
      changes.push(...postponed(mapping, [row], dueMs))
    } else if (isPair(link)) {
      const group = groups.get(link.id) ?? { link, subjects: [], dirty: [] }
      group.subjects.push(subject)
      group.dirty.push(row)
      groups.set(link.id, group)
    } else {
      const key = refKey(subject)
      const known = loners.get(key) ?? { subject, dirty: [] }
      known.dirty.push(row)
      loners.set(key, known)
    }
  }
  await loadOtherHalves(engine, name, groups.values())
  const sorted = await waitForOthers(
    engine,
    mapping,
    { groups: [...groups.values()], loners: [...loners.values()], changes, heldUp },
    taken,
  )
  return oneSearchAtATime(engine, mapping, sorted, taken)
}

/** In hand while records without a pair are decided about. */
export function searchOf({ rules }: MappingRuntime): string {
  return `search/${rules.mapping}`
}

/**
 * Two batches that look for a match at once may each find what the other one is about to link, and ask a person about
 * it.
 */
function oneSearchAtATime(
  { inHand }: Engine,
  mapping: MappingRuntime,
  sorted: Sorted,
  taken: string[],
): Sorted {
  const search = searchOf(mapping)
  if (sorted.loners.length === 0) return sorted
  if (inHand.take(search)) {
    taken.push(search)
    return sorted
  }
  const waiting = sorted.loners.map(({ dirty }): HeldUp => ({ dirty, by: [search] }))
  return { ...sorted, loners: [], heldUp: [...sorted.heldUp, ...waiting] }
}

/** Leaves records aside that another pairing decides about or is writing to. */
async function waitForOthers(
  engine: Engine,
  mapping: MappingRuntime,
  sorted: Sorted,
  taken: LinkId[],
): Promise<Sorted> {
  const recordsOf = ({ link }: LinkedGroup): readonly RecordRef[] =>
    SIDES.flatMap((side) => (link[side] === null ? [] : [{ side, id: link[side] }]))
  const records = [...sorted.groups.flatMap(recordsOf), ...sorted.loners.map(({ subject }) => subject)]
  const obstacles = [
    ...takeShared(engine, mapping, records, taken),
    ...(await busyElsewhere(engine, mapping, records)),
  ]
  if (obstacles.length === 0) return sorted
  const inTheWayOf = (...refs: readonly RecordRef[]) =>
    obstacles.filter(({ record }) => refs.some((ref) => refKey(ref) === refKey(record)))
  const changes: Change[] = [...sorted.changes]
  const heldUp: HeldUp[] = [...sorted.heldUp]
  const isFree = (dirty: readonly DirtyRecord[], found: readonly Obstacle[]): boolean => {
    const unsettled = found.flatMap((obstacle) => obstacle.unsettled ?? [])
    if (unsettled.length > 0) {
      const dueMs = Math.max(...unsettled.map((intent) => settledAtMs(engine, intent, dirty)))
      changes.push(...postponed(mapping, dirty, dueMs))
    } else if (found.length > 0) {
      heldUp.push({ dirty, by: found.flatMap(({ hand }) => hand ?? []) })
    }
    return found.length === 0
  }
  return {
    groups: sorted.groups.filter((group) => isFree(group.dirty, inTheWayOf(...recordsOf(group)))),
    loners: sorted.loners.filter(({ subject, dirty }) => isFree(dirty, inTheWayOf(subject))),
    changes,
    heldUp,
  }
}

/** The halves that are not dirty themselves: what is known about either concerns the pair. */
async function loadOtherHalves(
  engine: Engine,
  name: string,
  groups: Iterable<{ readonly link: Link; readonly subjects: Subject[] }>,
): Promise<void> {
  const missing = [...groups].flatMap((group) =>
    SIDES.flatMap((side) => {
      const id = group.link[side]
      const isKnown = id === null || group.subjects.some((subject) => subject.side === side)
      return isKnown ? [] : [{ group, record: { side, id } }]
    }),
  )
  const loaded = await engine.store.load({ mapping: name, records: missing.map(({ record }) => record) })
  for (const [i, { group }] of missing.entries()) {
    const subject = loaded[i]
    if (subject) group.subjects.push(subject)
  }
}
