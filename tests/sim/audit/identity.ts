/**
 * I7, I8, I9, I10: no second record for one, no record beside one with the same strong key, nothing that a person
 * deleted comes back, and nothing is deleted that nobody deleted.
 */
import { HANDS } from '../cast.ts'
import { KINDS, type Kind } from '../hands/hands.ts'
import type { World } from '../world.ts'
import type { Biography, Chapter } from '../witness.ts'
import type { Violation } from './audit.ts'
import { lookedMs } from './look.ts'
import { chapterAt, isLive, otherVendor, partnersOf, relativesOf, stampOf } from './partners.ts'
import { strongKeys } from './rules.ts'

/**
 * How long before its creation a record's rival must have been there, beyond what the vendor's index and the polls take
 * to show it: what one batch may take between its look and its writes.
 */
const UNSEEN_MS = 15_000

/** Since when everybody who is there can be known, at the moment of a creation. */
export function unseenSinceMs(world: World, vendor: string, created: Chapter): number {
  const { scenario } = world
  const lag = scenario.settings[vendor]?.['searchLagMs']
  const indexMs = Array.isArray(lag) ? Number(lag[1]) : 0
  return lookedMs(world, vendor, created.atMs) - UNSEEN_MS - indexMs - scenario.pollMs
}

export function auditIdentity(world: World): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of HANDS.keys()) {
    for (const kind of KINDS) {
      const all = world.witness.biographies(vendor, kind)
      violations.push(...twins(vendor, kind, all))
      for (const biography of all) {
        const [first] = biography.chapters
        if (first?.by === 'engine' && first.state === 'live') {
          violations.push(...besides(world, biography, first, all), ...raised(world, biography, first, all))
        }
        violations.push(...phantoms(world, biography))
      }
    }
  }
  return violations
}

/** I7: at most one live record carries the id of one counterpart. */
function twins(vendor: string, kind: Kind, all: readonly Biography[]): readonly Violation[] {
  const stamped = all.filter(isLive).flatMap((biography) => {
    const stamp = stampOf(vendor, biography.chapters.at(-1))
    return stamp === null ? [] : [{ id: biography.id, stamp }]
  })
  return [...Map.groupBy(stamped, ({ stamp }) => stamp)]
    .filter(([, group]) => group.length > 1)
    .map(([stamp, group]) => ({
      invariant: 'I7',
      what: `${vendor} ${kind} ${group.map(({ id }) => id).join(', ')} all carry the id ${stamp}`,
    }))
}

/** I8: nobody with the same strong key was there when it was created. */
function besides(
  world: World,
  { vendor, kind, id }: Biography,
  created: Chapter,
  all: readonly Biography[],
): readonly Violation[] {
  const keysOf = (chapter: Chapter) => strongKeys(world, vendor, kind, chapter)
  const keys = new Set(keysOf(created))
  const sinceMs = unseenSinceMs(world, vendor, created)
  const holders = all.filter((other) => {
    if (other.id === id) return false
    const since = other.chapters.filter(({ atMs }) => atMs >= sinceMs && atMs <= created.atMs)
    const then = chapterAt(other, sinceMs)
    return (
      then !== null &&
      [then, ...since].every((each) => each.state === 'live' && keysOf(each).some((key) => keys.has(key)))
    )
  })
  return holders.map((holder) => ({
    invariant: 'I8',
    what: `${vendor} ${kind} ${id} was created although ${holder.id} holds the same key`,
  }))
}

/** I9: its counterpart had one before, which a person deleted, or merged into another. */
function raised(
  world: World,
  { vendor, kind, id }: Biography,
  created: Chapter,
  all: readonly Biography[],
): readonly Violation[] {
  const counterpart = stampOf(vendor, created)
  if (counterpart === null) return []
  // Whoever takes the counterpart out of the bin wants the pair back.
  const returned = world.witness.find(otherVendor(vendor), kind, counterpart)
  if (returned && wasRestored(returned)) return []
  const dead = all.filter((other) => {
    if (other.id === id) return false
    const end = other.chapters.find(({ state }) => state !== 'live')
    if (!end || end.by !== 'human' || end.atMs > created.atMs) return false
    if (wasNeverKnown(world, other, created)) return false
    return partnersOf(world, other).some((partner) => partner.id === counterpart)
  })
  return dead.map((other) => ({
    invariant: 'I9',
    what: `${vendor} ${kind} ${id} brings back ${other.id}, which a person had deleted`,
  }))
}

/**
 * Created by us, the answer lost, and deleted before anybody looked, at a vendor without a bin: nothing can show that
 * it was ever there (algorithms, B6). A bell that names a record which is not there any more says nothing about it.
 */
function wasNeverKnown(world: World, { vendor, chapters, id }: Biography, created: Chapter): boolean {
  if (HANDS.get(vendor)?.restores || chapters[0]?.by !== 'engine') return false
  return ![...world.networks.values()].some(({ exchanges }) =>
    exchanges.some(({ answer, sentMs }) => sentMs < created.atMs && answer !== null && answer.includes(id)),
  )
}

function wasRestored({ chapters }: Biography): boolean {
  return chapters.some(({ by, state }, i) => {
    return by === 'human' && state === 'live' && i > 0 && chapters[i - 1]?.state !== 'live'
  })
}

/** I10: what the engine removed had a counterpart that somebody else removed before. */
function phantoms(world: World, biography: Biography): readonly Violation[] {
  const removal = biography.chapters.find(({ by, state }) => by === 'engine' && state !== 'live')
  if (!removal) return []
  const { vendor, kind } = biography
  const evidence = relativesOf(world, biography).some(({ chapters }) =>
    chapters.some(({ by, state, atMs }) => by !== 'engine' && state !== 'live' && atMs <= removal.atMs),
  )
  const { id } = biography
  return evidence
    ? []
    : [{ invariant: 'I10', what: `${vendor} ${kind} ${id} was removed although its counterpart lives` }]
}
