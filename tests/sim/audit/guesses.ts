/** I8: where several records could be somebody's counterpart, a person decides; nobody is taken because he came first. */
import { KINDS } from '../hands/hands.ts'
import type { Case } from './case.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { chapterAt, isLead, namesOf, otherVendor, stampOf, wasPaired } from './partners.ts'
import { strongKeys, vendorsOf } from './rules.ts'

export function auditGuesses(facts: Case): readonly Violation[] {
  return vendorsOf(facts).flatMap((vendor) =>
    KINDS.flatMap((kind) =>
      facts.witness.biographies(vendor, kind).flatMap((biography) => guesses(facts, biography)),
    ),
  )
}

/** The engine noted a counterpart on a record that had none, and there was another free one with the same key. */
function guesses(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id, chapters } = biography
  return chapters.flatMap((chapter, i) => {
    const stamp = stampOf(facts, vendor, chapter)
    const before = chapters[i - 1]
    if (stamp === null || !before || stampOf(facts, vendor, before) !== null || chapter.by !== 'engine')
      return []
    const counterpart = facts.witness.find(otherVendor(facts, vendor), kind, stamp)
    const earlierMs = chapter.atMs - 1
    if (!counterpart || wasPaired(facts, counterpart, earlierMs)) return []
    const fromMs = facts.seenUntilMs(vendor, chapter.atMs)
    const held = chapterAt(counterpart, chapter.atMs)
    const keys = new Set(held ? strongKeys(facts, otherVendor(facts, vendor), kind, held) : [])
    const shares = (each: Chapter) =>
      each.state === 'live' && strongKeys(facts, vendor, kind, each).some((key) => keys.has(key))
    const rival = facts.witness.biographies(vendor, kind).find((other) => {
      if (other.id === id || hadPair(facts, other, earlierMs)) return false
      // Whoever is a contact and a lead is the contact: the mapping that makes counterparts goes first.
      if (isLead(other) && !isLead(biography)) return false
      if (wasLead(facts, biography) && isShown(facts, other)) return false
      const then = chapterAt(other, fromMs)
      const since = other.chapters.filter(({ atMs }) => atMs > fromMs && atMs <= chapter.atMs)
      if (then === null || ![then, ...since].every(shares)) return false
      return !wasAloneWith(facts, { biography, counterpart, rival: other, beforeMs: chapter.atMs })
    })
    if (!rival) return []
    const what = `${vendor} ${kind} ${id} was paired with ${stamp}, although ${rival.id} holds the same key`
    return [{ invariant: 'I8', what }]
  })
}

/**
 * A merge hands the pair of a record on to the one that it went into (algorithms 3.5), which the stamp over there says only
 * once the write of it has taken effect.
 */
function hadPair(facts: Case, biography: Biography, atMs: number): boolean {
  if (wasPaired(facts, biography, atMs)) return true
  const all = facts.witness.biographies(biography.vendor, biography.kind)
  const originals = all.filter((other) => chapterAt(other, atMs)?.into === biography.id)
  return originals.some((original) => hadPair(facts, original, atMs))
}

/**
 * A pair that was a lead's was made when the lead was met, without a note of it: a contact of the same key that came in
 * the same moment, and was met a moment later, is shown to a person.
 */
function wasLead({ witness }: Case, { vendor, kind, id }: Biography): boolean {
  return witness
    .biographies(vendor, kind)
    .some((other) => isLead(other) && other.chapters.at(-1)?.into === id)
}

function isShown({ reports }: Case, { id }: Biography): boolean {
  return reports.reviews.some((review) => review.kind === 'duplicate' && review.record.id === id)
}

/**
 * Two equal records are linked without a note of it: when they were the only ones with their key, before the rival got
 * it or a merge brought his, nobody guessed.
 */
function wasAloneWith(
  facts: Case,
  who: {
    readonly biography: Biography
    readonly counterpart: Biography
    readonly rival: Biography
    readonly beforeMs: number
  },
): boolean {
  const { biography, counterpart, rival, beforeMs } = who
  const { vendor, kind } = counterpart
  const names = namesOf(facts, vendor, kind, counterpart.id)
  const family = facts.witness.biographies(vendor, kind).filter(({ id }) => names.has(id))
  return family.some((member) => {
    const times = [member, biography, rival].flatMap(({ chapters }) => chapters.map(({ atMs }) => atMs))
    return times.some((atMs) => {
      if (atMs >= beforeMs) return false
      const keys = keysAt(facts, member, atMs)
      const isShared = (other: Biography) => keysAt(facts, other, atMs).some((key) => keys.includes(key))
      return isShared(biography) && !isShared(rival)
    })
  })
}

function keysAt(facts: Case, biography: Biography, atMs: number): readonly string[] {
  const then = chapterAt(biography, atMs)
  return then?.state === 'live' ? strongKeys(facts, biography.vendor, biography.kind, then) : []
}
