/** Who lives in the place of a merged record, and which of several pairs that merged into one keeps the survivor. */
import { otherSide, SIDES, type Both, type Side, type Snapshot } from '../core/record.ts'
import type { Link } from '../store/links.ts'
import type { MappingRuntime } from './engine.ts'
import type { Readings } from './fetch.ts'
import type { Successors } from './successors.ts'
import type { LinkedGroup } from './work.ts'

/** The records of a batch as they were read, and who took the place of those that left no redirect. */
export interface Found {
  readonly readings: Both<Readings>
  readonly successors: Both<Successors>
}

/**
 * Which of several pairs that merged into one stays: the one whose counterpart the survivor's stamp names, else
 * the one that shares the survivor's first key. The other pairs' keys are taken on the far side.
 */
export function byClaim(
  mapping: MappingRuntime,
  groups: readonly LinkedGroup[],
  found: Found,
): readonly LinkedGroup[] {
  const claim = (group: LinkedGroup) =>
    Math.max(...SIDES.map((side) => claimOn(mapping, side, group.link, found)))
  const claims = new Map(groups.map((group) => [group, claim(group)]))
  return groups.toSorted((a, b) => (claims.get(b) ?? 0) - (claims.get(a) ?? 0))
}

function claimOn(mapping: MappingRuntime, side: Side, link: Link, found: Found): number {
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

export function survivorOf(link: Link, side: Side, found: Found): Snapshot | null {
  const id = link[side]
  if (id === null) return null
  const reading = found.readings[side].get(id)
  if (reading?.kind === 'found') return reading.snapshot
  return found.successors[side].get(id) ?? null
}
