/** I8: where several records could be somebody's counterpart, a person decides; nobody is taken because he came first. */
import { HANDS } from '../cast.ts'
import { KINDS } from '../hands/hands.ts'
import type { World } from '../world.ts'
import type { Biography, Chapter } from '../witness.ts'
import type { Violation } from './audit.ts'
import { unseenSinceMs } from './identity.ts'
import { chapterAt, otherVendor, stampOf, wasPaired } from './partners.ts'
import { strongKeys } from './rules.ts'

export function auditGuesses(world: World): readonly Violation[] {
  return [...HANDS.keys()].flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      world.witness.biographies(vendor, kind).flatMap((biography) => guesses(world, biography)),
    ),
  )
}

/** The engine noted a counterpart on a record that had none, and there was another free one with the same key. */
function guesses(world: World, biography: Biography): readonly Violation[] {
  const { vendor, kind, id, chapters } = biography
  return chapters.flatMap((chapter, i) => {
    const stamp = stampOf(vendor, chapter)
    const before = chapters[i - 1]
    if (stamp === null || !before || stampOf(vendor, before) !== null || chapter.by !== 'engine') return []
    const counterpart = world.witness.find(otherVendor(vendor), kind, stamp)
    const earlierMs = chapter.atMs - 1
    if (!counterpart || wasPaired(world, counterpart, earlierMs)) return []
    const fromMs = unseenSinceMs(world, vendor, chapter)
    const held = chapterAt(counterpart, chapter.atMs)
    const keys = new Set(held ? strongKeys(world, otherVendor(vendor), kind, held) : [])
    const shares = (each: Chapter) =>
      each.state === 'live' && strongKeys(world, vendor, kind, each).some((key) => keys.has(key))
    const rival = world.witness.biographies(vendor, kind).find((other) => {
      if (other.id === id || wasPaired(world, other, earlierMs)) return false
      const then = chapterAt(other, fromMs)
      const since = other.chapters.filter(({ atMs }) => atMs > fromMs && atMs <= chapter.atMs)
      return then !== null && [then, ...since].every(shares)
    })
    if (!rival) return []
    const what = `${vendor} ${kind} ${id} was paired with ${stamp}, although ${rival.id} holds the same key`
    return [{ invariant: 'I8', what }]
  })
}
