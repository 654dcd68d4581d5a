/**
 * I7, I8, I9, I10: no second record for one, no record beside one with the same strong key, nothing that a person
 * deleted comes back, and nothing is deleted that nobody deleted.
 */
import { HANDS } from '../cast.ts'
import { KINDS, type Kind } from '../hands/hands.ts'
import type { Case } from './case.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { chapterAt, contactOf, isLead, isLive, kinOf, otherVendor, partnersOf, stampOf } from './partners.ts'
import { strongKeys, vendorsOf } from './rules.ts'

export function auditIdentity(facts: Case): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of vendorsOf(facts)) {
    for (const kind of KINDS) {
      const all = facts.witness.biographies(vendor, kind)
      violations.push(...twins(facts, vendor, kind, all))
      for (const biography of all) {
        const [first] = biography.chapters
        if (first?.by === 'engine' && first.state === 'live') {
          violations.push(...besides(facts, biography, first, all), ...raised(facts, biography, first, all))
        }
        violations.push(...phantoms(facts, biography))
      }
    }
  }
  return violations
}

/**
 * I7: at most one live record carries the id of one counterpart. When two people of Attio become one under a new id, the
 * pair of the lead may follow before that of the contact does, and gives way then, which a person is told. Whoever lost its
 * counterpart to another by a merge is shown to people as a duplicate of that one, and keeps what it carries (algorithms 3.5).
 */
function twins(facts: Case, vendor: string, kind: Kind, all: readonly Biography[]): readonly Violation[] {
  const asked = new Set(facts.reports.reviews.map(({ record }) => record.id))
  const counted = all.filter((each) => isLive(each) && !(isLead(each) && asked.has(each.id)))
  const stamped = counted.flatMap((biography) => {
    const stamp = stampOf(facts, vendor, biography.chapters.at(-1))
    return stamp === null ? [] : [{ id: biography.id, stamp }]
  })
  const { reviews } = facts.reports
  const isShownBeside = (id: string, others: ReadonlySet<string>) =>
    reviews.some(
      ({ kind, record, candidates }) =>
        kind === 'duplicate' && record.id === id && candidates.some((each) => others.has(each.id)),
    )
  return [...Map.groupBy(stamped, ({ stamp }) => stamp)]
    .map(([stamp, group]) => {
      const ids = new Set(group.map(({ id }) => id))
      return [stamp, group.filter(({ id }) => !isShownBeside(id, ids))] as const
    })
    .filter(([, group]) => group.length > 1)
    .map(([stamp, group]) => ({
      invariant: 'I7',
      what: `${vendor} ${kind} ${group.map(({ id }) => id).join(', ')} all carry the id ${stamp}`,
    }))
}

/** I8: nobody with the same strong key was there when it was created. */
function besides(
  facts: Case,
  { vendor, kind, id }: Biography,
  created: Chapter,
  all: readonly Biography[],
): readonly Violation[] {
  const keysOf = (chapter: Chapter) => strongKeys(facts, vendor, kind, chapter)
  const keys = new Set(keysOf(created))
  const sinceMs = facts.seenUntilMs(vendor, created.atMs)
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
  facts: Case,
  { vendor, kind, id }: Biography,
  created: Chapter,
  all: readonly Biography[],
): readonly Violation[] {
  const counterpart = stampOf(facts, vendor, created)
  if (counterpart === null) return []
  // Whoever takes the counterpart out of the bin wants the pair back.
  const returned = facts.witness.find(otherVendor(facts, vendor), kind, counterpart)
  if (returned && livesOf(facts, returned).some(wasRestored)) return []
  if (returned && wasLeftAlone(facts, returned, id)) return []
  const dead = all.filter((other) => {
    if (other.id === id) return false
    const end = other.chapters.find(({ state }) => state !== 'live')
    if (!end || end.by !== 'human' || end.atMs > created.atMs) return false
    if (wasNeverKnown(facts, other, created)) return false
    // Whom the counterpart was merged with since, or so shortly before that nobody could know, is no reason against it.
    const knownMs = facts.seenUntilMs(otherVendor(facts, vendor), created.atMs)
    return partnersOf(facts, other, knownMs).some((partner) => partner.id === counterpart)
  })
  return dead.map((other) => ({
    invariant: 'I9',
    what: `${vendor} ${kind} ${id} brings back ${other.id}, which a person had deleted`,
  }))
}

/**
 * A survivor whose originals' partners were not all taken by a person: one of them lost its pair because a vendor tells of merges as
 * of deletions where neither a stamp nor a key shows the difference, and the new record stands for that one.
 */
function wasLeftAlone(facts: Case, survivor: Biography, createdId: string): boolean {
  const { vendor, kind } = survivor
  const originals = facts.witness
    .biographies(vendor, kind)
    .filter(({ chapters }) => chapters.at(-1)?.into === survivor.id)
  return originals
    .flatMap((original) => partnersOf(facts, original))
    .some(({ id, chapters }) => {
      const end = chapters.find(({ state }) => state !== 'live')
      return id !== createdId && end?.by === 'engine'
    })
}

/**
 * Created by us, the answer lost, and deleted before anybody looked, at a vendor without a bin: nothing can show that
 * it was ever there (algorithms, B6). A bell that names a record which is not there any more says nothing about it. Nor does a
 * survivor that names its originals, where the bin does not show what was merged away (facts, hubspot.md 7.3, [C]).
 */
function wasNeverKnown(facts: Case, { vendor, chapters, id }: Biography, created: Chapter): boolean {
  if (chapters[0]?.by !== 'engine') return false
  if (!HANDS.get(vendor)?.restores) return !facts.wasShown(id, created.atMs)
  const end = chapters.find(({ state }) => state !== 'live')
  return end?.state === 'merged' && !facts.wasListed(id, created.atMs)
}

/** Itself, and the leads that it was: whoever takes one of those out of the bin and converts it wants its contact to have a pair. */
function livesOf({ witness }: Case, record: Biography): readonly Biography[] {
  const { vendor, kind, id } = record
  return [record, ...witness.biographies(vendor, kind).filter((each) => contactOf(each) === id)]
}

function wasRestored({ chapters }: Biography): boolean {
  return chapters.some(({ by, state }, i) => {
    return by === 'human' && state === 'live' && i > 0 && chapters[i - 1]?.state !== 'live'
  })
}

/** I10: what the engine removed had a counterpart that somebody else removed before. To convert a lead removes nobody. */
function phantoms(facts: Case, biography: Biography): readonly Violation[] {
  const removal = biography.chapters.find(({ by, state }) => by === 'engine' && state !== 'live')
  if (!removal) return []
  const { vendor, kind } = biography
  const evidence = kinOf(facts, biography).some((kin) =>
    kin.chapters.some(
      ({ by, state, atMs }) =>
        by !== 'engine' &&
        state !== 'live' &&
        atMs <= removal.atMs &&
        !(state === 'merged' && contactOf(kin)),
    ),
  )
  const { id } = biography
  return evidence
    ? []
    : [{ invariant: 'I10', what: `${vendor} ${kind} ${id} was removed although its counterpart lives` }]
}
