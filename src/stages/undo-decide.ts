/**
 * What taking a run back means for one link, as it is now (algorithms 9.2). No I/O: `undo-look.ts` says what is
 * there, `core/undo.ts` what is ours to take back; what cannot be taken back is named with the reason.
 */
import { SIDES, type RecordId, type Side } from '../core/record.ts'
import { restoreField } from '../core/undo.ts'
import type { Canonical } from '../core/value.ts'
import { isPair } from '../store/links.ts'
import type { SideFootprint } from './footprint.ts'
import { LINKED } from './identify.ts'
import { leftover, obstacleOn, restoresOn, type Judging, type Leftover, type Restore } from './undo-fields.ts'
import type { Situation } from './undo-look.ts'

export interface Recreation {
  readonly side: Side
  readonly from: RecordId
  /** By field key, not blank. */
  readonly values: Readonly<Record<string, Canonical>>
}

export interface Reversal {
  readonly situation: Situation
  readonly restores: readonly Restore[]
  readonly removals: readonly Side[]
  readonly recreations: readonly Recreation[]
  /** What becomes of the pair: set apart, linked again, or linked again as soon as its record is back. */
  readonly step: 'apart' | 'relink' | 'relink-later' | null
  /** Sides whose record names the other one only because of the run. */
  readonly unstamp: readonly Side[]
  readonly leftovers: readonly Leftover[]
}

export function decideReversal(situation: Situation, judging: Judging): Reversal {
  const leftovers: Leftover[] = []
  const { footprint } = situation
  const nothing = { situation, restores: [], removals: [], recreations: [], step: null, unstamp: [] } as const
  if (situation.isUnsettled) {
    const because = 'a write of this pair has no known outcome yet; try again later'
    return { ...nothing, leftovers: [leftover(situation, 'left', null, because)] }
  }
  const restores: Restore[] = []
  const removals: Side[] = []
  const recreations: Recreation[] = []
  for (const side of SIDES) {
    const own = footprint.sides[side]
    if (own.created) {
      const obstacle = keepsCreated(situation, side, judging)
      if (obstacle === null) removals.push(side)
      else if (obstacle !== GONE) leftovers.push(leftover(situation, side, null, obstacle))
      continue
    }
    if (own.removed && needsRecreation(situation, side, judging)) {
      const recreation = recreate(situation, side, own, judging)
      if (typeof recreation === 'string') leftovers.push(leftover(situation, side, null, recreation))
      else recreations.push(recreation)
      continue
    }
    const fields = restoresOn(situation, side, judging)
    restores.push(...fields.restores)
    leftovers.push(...fields.leftovers)
  }
  const pair = decideStep(situation, recreations)
  leftovers.push(...pair.leftovers)
  const unstamp = pair.unstamp.filter((side) => {
    const givenUp = judging.memory.givenUp(footprint.link, side, 'stamp')
    if (givenUp !== null) leftovers.push(leftover(situation, side, null, `it keeps the other id: ${givenUp}`))
    return givenUp === null
  })
  return { situation, restores, removals, recreations, step: pair.step, unstamp, leftovers }
}

const GONE = 'it is gone already'

/** Why the record that the run made is not taken away, or null. */
function keepsCreated(
  { present, footprint }: Situation,
  side: Side,
  { touched, memory }: Judging,
): string | null {
  const here = present[side]
  if (here.kind === 'gone' || here.kind === 'none') return GONE
  const obstacle = obstacleOn(here)
  if (obstacle !== null) return obstacle
  const fields = here.kind === 'live' ? touched[side].get(here.snapshot.key.id) : undefined
  if (fields) return `changed since, and kept: ${fields.join(', ')}`
  return memory.givenUp(footprint.link, side, 'remove')
}

/** Removed by the run and not there again, under whatever id; once made anew, a person may delete it for good. */
function needsRecreation({ present, footprint }: Situation, side: Side, { memory }: Judging): boolean {
  return present[side].kind === 'gone' && !memory.hasBroughtBack(footprint.link, side)
}

function recreate(
  { footprint }: Situation,
  side: Side,
  { removed, writes }: SideFootprint,
  { mapping, memory }: Judging,
): Recreation | string {
  const givenUp = memory.givenUp(footprint.link, side, 'create')
  if (givenUp !== null || !removed) return givenUp ?? ''
  const values: Record<string, Canonical> = {}
  for (const rule of mapping.rules.fields) {
    const before = removed.image[rule.key]
    if (before === undefined) continue
    const { restoration } = restoreField([{ before, after: null }, ...(writes.get(rule.key) ?? [])], null)
    if (restoration.kind === 'restore') values[rule.key] = restoration.to
  }
  return { side, from: removed.record, values }
}

/** The inverse of what happened to the link itself. */
function decideStep(
  situation: Situation,
  recreations: readonly Recreation[],
): Pick<Reversal, 'step' | 'unstamp' | 'leftovers'> {
  const { footprint, link, present } = situation
  const none = { step: null, unstamp: [], leftovers: [] } as const
  const oldest = footprint.steps.at(-1)
  // A pair that came with a record the run made ends with it.
  if (!oldest || SIDES.some((side) => footprint.sides[side].created)) return none
  const { before } = oldest
  const isStanding = isPair(link)
  if (before === null || before.left === null || before.right === null) {
    if (!isStanding || oldest.kind !== 'link') return none
    return { step: 'apart', unstamp: oldest.because === LINKED.stamp ? [] : SIDES, leftovers: [] }
  }
  if (before.state === 'unlinked' || before.state === 'tomb') return none
  if (isStanding) {
    const moved = SIDES.find((side) => before[side] !== link[side] && footprint.sides[side].removed === null)
    if (moved === undefined || footprint.steps.every(({ kind }) => kind !== 'relink')) return none
    const because = `${before[moved]} was merged in the CRM; a merge cannot be taken back`
    return { ...none, leftovers: [leftover(situation, moved, null, because)] }
  }
  for (const side of SIDES) {
    const here = present[side]
    if (recreations.some((recreation) => recreation.side === side)) continue
    if (here.kind === 'live' && !here.elsewhere) continue
    // What a person deleted is not ours to bring back; where we removed its counterpart, that comes back alone.
    const because =
      here.kind === 'gone'
        ? 'the pair stays ended: this record was deleted in the CRM, not by Attune, and cannot be restored through its API'
        : `the pair stays ended: ${obstacleOn(here) ?? ''}`
    return { ...none, leftovers: [leftover(situation, side, null, because)] }
  }
  return { ...none, step: recreations.length > 0 ? 'relink-later' : 'relink' }
}
