/** Values of a record that go back to what they were before a run, and why others stay. No I/O. */
import { wasRead } from '../core/reconcile.ts'
import { otherSide, type Both, type RecordId, type Side } from '../core/record.ts'
import { restoreField, type Written } from '../core/undo.ts'
import { isEqual, type Canonical } from '../core/value.ts'
import type { LinkId } from '../store/links.ts'
import type { MappingRuntime } from './engine.ts'
import { isReference } from './rule-index.ts'
import type { Look, Present, Situation } from './undo-look.ts'
import type { UndoMemory } from './undo-memory.ts'

/** Something of a run that stays as it is. */
export interface Leftover {
  readonly mapping: string
  readonly link: LinkId
  readonly side: Side
  readonly record: RecordId | null
  /** Null where it is about the record or its pair. */
  readonly field: string | null
  readonly because: string
}

export interface Restore {
  readonly side: Side
  readonly field: string
  readonly now: Canonical
  readonly to: Canonical
}

export interface Judging {
  readonly mapping: MappingRuntime
  readonly look: Look
  readonly memory: UndoMemory
  /** Fields of made records in which somebody's work would be lost, by record. */
  readonly touched: Both<ReadonlyMap<RecordId, readonly string[]>>
}

export function restoresOn(
  situation: Situation,
  side: Side,
  judging: Judging,
): { readonly restores: readonly Restore[]; readonly leftovers: readonly Leftover[] } {
  const { footprint, present } = situation
  const restores: Restore[] = []
  const leftovers: Leftover[] = []
  const here = present[side]
  const wanted = writesOn(situation, side, judging)
  if (wanted.size === 0) return { restores, leftovers }
  const obstacle = obstacleOn(here)
  if (obstacle !== null || here.kind !== 'live') {
    return { restores, leftovers: [leftover(situation, side, null, obstacle ?? '')] }
  }
  for (const [field, writes] of wanted) {
    const found = restoreOne({ here, side, field, writes }, judging)
    const kept = (because: string) => leftovers.push(leftover(situation, side, field, because))
    if (typeof found === 'string') {
      kept(found)
      continue
    }
    if (found.isPartial) kept('somebody else changed it between two writes of the run; it goes back to that')
    if (found.restore === null) continue
    const givenUp = judging.memory.givenUp(footprint.link, side, field)
    if (givenUp === null) restores.push(found.restore)
    else kept(givenUp)
  }
  return { restores, leftovers }
}

/** The writes to take back. A record that an undo made anew is filled up with what it could not be made with. */
function writesOn(
  { footprint }: Situation,
  side: Side,
  { memory }: Judging,
): ReadonlyMap<string, readonly Written[]> {
  const { removed, writes } = footprint.sides[side]
  if (!removed || !memory.hasBroughtBack(footprint.link, side)) return writes
  const fields = new Set([...Object.keys(removed.image), ...writes.keys()])
  return new Map(
    [...fields].map((field) => {
      const image = { before: removed.image[field] ?? null, after: null }
      return [field, [image, ...(writes.get(field) ?? [])]]
    }),
  )
}

/** What the run left may have lost a reference to a record that this undo took away meanwhile. */
function asItReads(
  writes: readonly Written[],
  now: Canonical,
  { side, memory }: { readonly side: Side; readonly memory: UndoMemory },
): readonly Written[] {
  const [newest, ...older] = writes
  if (!newest) return writes
  const isOurs = isEqual(now, memory.afterTakingAway(newest.after, side))
  return isOurs ? [{ ...newest, after: now }, ...older] : writes
}

/** A value to write back, nothing to do, or why not. */
function restoreOne(
  field: {
    readonly here: Extract<Present, { kind: 'live' }>
    readonly side: Side
    readonly field: string
    readonly writes: readonly Written[]
  },
  { mapping, look, memory }: Judging,
): { readonly restore: Restore | null; readonly isPartial: boolean } | string {
  const { here, side, writes, field: key } = field
  const rule = mapping.rules.fields.find((candidate) => candidate.key === key)
  if (!rule) return 'the mapping does not have this field any more'
  const paused = mapping.paused[key]
  if (paused !== undefined) return paused
  const { values } = here.snapshot
  if (!wasRead(rule[side], values)) return 'the CRM did not show this field'
  const now = rule[side].read(values, look.asLeft.context[side])
  const { restoration, isPartial } = restoreField(asItReads(writes, now, { side, memory }), now)
  switch (restoration.kind) {
    case 'nothing':
      return { restore: null, isPartial }
    case 'changed-since':
      return 'changed since, and kept'
    case 'restore': {
      const { to } = restoration
      const context = look.directory.context[side]
      const stored = { ...values, ...rule[side].write(to, values, context) }
      if (isEqual(rule[side].read(stored, context), to))
        return { restore: { side, field: key, now, to }, isPartial }
      return isReference(mapping, key)
        ? 'the record that it pointed at has no pair now'
        : 'this CRM does not let us write its former value'
    }
  }
}

/** Why nothing of ours may be written to the record, or null. */
export function obstacleOn(here: Present): string | null {
  switch (here.kind) {
    case 'live':
      return here.elsewhere ? 'it belongs to another pair by now' : null
    case 'gone':
      return 'it is gone'
    case 'hidden':
      return 'it is not visible to us'
    case 'merged':
      return `it was merged into ${here.into}; a merge cannot be taken back`
    case 'none':
      return 'it is not known any more'
  }
}

export function leftover(
  { footprint, link, present }: Situation,
  side: Side,
  field: string | null,
  because: string,
): Leftover {
  const here = present[side]
  const record =
    here.kind === 'live' ? here.snapshot.key.id : here.kind === 'none' ? link[otherSide(side)] : here.id
  return { mapping: footprint.mapping, link: footprint.link, side, record, field, because }
}
