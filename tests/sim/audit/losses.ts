/**
 * I4: no value that somebody entered disappears silently. Wherever the engine replaced one, one of these holds: the
 * other side had held it since it was entered (so it had come across, and what replaced it is a newer edit there); a
 * conflict tells of it; or it was entered in the moment between the engine's look and the effect of its write.
 */
import { isEqual, isList, type Canonical } from '../../../src/core/value.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { otherSide, type Side } from '../../../src/core/record.ts'
import { HANDS } from '../cast.ts'
import { KINDS } from '../hands/hands.ts'
import type { Reports } from '../run.ts'
import type { World } from '../world.ts'
import type { Biography, Chapter } from '../witness.ts'
import type { Violation } from './audit.ts'
import { namesOf, relativesOf, wasPaired } from './partners.ts'
import { lookedMs } from './look.ts'
import { meaning, plainRules, rulesOf, sideOf, strongKeys } from './rules.ts'

export function auditLosses(world: World, reports: Reports): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of HANDS.keys()) {
    for (const kind of KINDS) {
      for (const biography of world.witness.biographies(vendor, kind)) {
        for (const rule of plainRules(rulesOf(world, kind))) {
          // A one-way mapping says that what is typed on the receiving side does not count.
          if (rule.direction === (sideOf(vendor) === 'left' ? 'right-to-left' : 'left-to-right')) continue
          for (const loss of lossesOf(world, biography, rule)) {
            if (isAccountedFor(world, reports, biography, rule, loss)) continue
            violations.push({
              invariant: 'I4',
              what: `${vendor} ${kind} ${biography.id}: ${rule.key} ${JSON.stringify(loss.value)}, entered by ${loss.by} at +${seconds(world, loss.enteredMs)}, was replaced by ${JSON.stringify(loss.by2)} at +${seconds(world, loss.lostMs)} and nobody was told`,
            })
          }
        }
      }
    }
  }
  return violations
}

interface Loss {
  readonly value: Canonical
  readonly by: Chapter['by']
  /** What took its place. */
  readonly by2: Canonical
  readonly enteredMs: number
  /** When this record held it for the first time: a value that went and came back is, by state, no edit. */
  readonly firstMs: number
  readonly lostMs: number
}

/** What a person gave a field; a blank only counts where it took the place of something. */
interface Held {
  readonly value: Canonical
  readonly by: Chapter['by']
  readonly atMs: number
  readonly isCleared: boolean
}

/** Values of others that the engine replaced. Of a list, the elements that went missing. */
function lossesOf(world: World, biography: Biography, rule: FieldRule): readonly Loss[] {
  const { vendor, chapters } = biography
  const side = sideOf(vendor)
  const isMerged = isMergeResult(world, biography)
  const earlier = predecessorsOf(world, biography).flatMap((each) => each.chapters)
  const losses: Loss[] = []
  const loss = (held: Held, value: Canonical, by2: Canonical, lostMs: number): Loss => ({
    value,
    by: held.by,
    by2,
    enteredMs: held.atMs,
    firstMs: firstHeldMs([...earlier, ...chapters], rule, side, value),
    lostMs,
  })
  let held: Held | null = null
  for (const chapter of chapters) {
    if (chapter.state !== 'live') {
      // A removal takes with it what nobody on the other side ever saw.
      if (held !== null && held.by === 'human' && chapter.by === 'engine') {
        for (const lost of missing(held.value, null)) losses.push(loss(held, lost, null, chapter.atMs))
      }
      held = null
      continue
    }
    const value = meaning(rule, side, chapter)
    if (held !== null && isEqual(held.value, value)) continue
    if (held !== null && chapter.by === 'engine' && held.by === 'human') {
      const gone = held.isCleared && rule.blank === 'propagate' ? [null] : missing(held.value, value)
      for (const lost of gone) losses.push(loss(held, lost, value, chapter.atMs))
    }
    // What a merge put together was entered before, in the records that went into it.
    const by: Chapter['by'] = isMerged && held === null ? 'vendor' : chapter.by
    const isCleared: boolean = value === null && held !== null && held.value !== null
    held = {
      value,
      by,
      atMs: chapter.atMs,
      isCleared: isCleared && wasPaired(world, biography, chapter.atMs),
    }
  }
  return losses
}

function isMergeResult(world: World, { vendor, kind, id }: Biography): boolean {
  return world.witness.biographies(vendor, kind).some(({ chapters }) => chapters.at(-1)?.into === id)
}

/** Records with the same key that were gone before this one came: entered again, it takes their place in the pair. */
function predecessorsOf(world: World, { vendor, kind, id, chapters }: Biography): readonly Biography[] {
  const keysOf = (chapter: Chapter | undefined) => (chapter ? strongKeys(world, vendor, kind, chapter) : [])
  const [first] = chapters
  const keys = new Set(keysOf(first))
  return world.witness.biographies(vendor, kind).filter((other) => {
    const end = other.chapters.at(-1)
    const isOver = end !== undefined && end.state !== 'live' && end.atMs <= (first?.atMs ?? 0)
    return other.id !== id && isOver && keysOf(end).some((key) => keys.has(key))
  })
}

function firstHeldMs(chapters: readonly Chapter[], rule: FieldRule, side: Side, value: Canonical): number {
  const first = chapters.find((chapter) => {
    const held = meaning(rule, side, chapter)
    return isEqual(held, value) || holds(held, value)
  })
  return first?.atMs ?? Number.POSITIVE_INFINITY
}

function missing(before: Canonical, after: Canonical): readonly Canonical[] {
  if (before === null) return []
  if (!isList(before)) return [before]
  const kept = after === null ? [] : isList(after) ? after : [after]
  return before.filter((element) => !kept.some((other) => isEqual(element, other)))
}

function isAccountedFor(
  world: World,
  reports: Reports,
  biography: Biography,
  rule: FieldRule,
  loss: Loss,
): boolean {
  return (
    cameAcross(world, biography, rule, loss) ||
    wasReported(world, reports, biography, rule, loss) ||
    fellIntoWindow(world, biography.vendor, loss)
  )
}

/** The other side held it, or what it corresponds to, at some time since it was entered. */
function cameAcross(world: World, biography: Biography, rule: FieldRule, loss: Loss): boolean {
  const side = sideOf(biography.vendor)
  const far = otherSide(side)
  return relativesOf(world, biography).some(({ chapters }) =>
    chapters.some((chapter, i) => {
      const endMs = chapters[i + 1]?.atMs ?? Number.POSITIVE_INFINITY
      if (chapter.state !== 'live' || chapter.atMs > loss.lostMs || endMs < loss.firstMs) return false
      const there = meaning(rule, far, chapter)
      const [left, right] = side === 'left' ? [loss.value, there] : [there, loss.value]
      return rule.agree(left, right) || holds(there, loss.value)
    }),
  )
}

function holds(value: Canonical, element: Canonical): boolean {
  return value !== null && isList(value) && value.some((each) => isEqual(each, element))
}

function wasReported(
  world: World,
  { conflicts }: Reports,
  { vendor, kind, id }: Biography,
  rule: FieldRule,
  loss: Loss,
): boolean {
  const side = sideOf(vendor)
  const names = namesOf(world, vendor, kind, id)
  return conflicts.some(
    ({ records, field, left, right }) =>
      field === rule.key &&
      names.has(records[side] ?? '') &&
      (isEqual(side === 'left' ? left : right, loss.value) ||
        holds(side === 'left' ? left : right, loss.value)),
  )
}

/**
 * Entered after the engine last looked and before its write took effect: the stated residual where a vendor offers no
 * compare-and-set (algorithms 5.5). The look may be `freshMs` older than the sending, and the sending a round trip, a
 * pause of the budget, or a late arrival older than the effect.
 */
function fellIntoWindow(world: World, vendor: string, loss: Loss): boolean {
  return loss.enteredMs >= lookedMs(world, vendor, loss.lostMs)
}

function seconds(world: World, atMs: number): string {
  return `${((atMs - world.kernel.now()) / 1_000).toFixed(1)} s (from the end)`
}
