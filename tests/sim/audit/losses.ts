/**
 * I4: no value that somebody entered disappears silently. Wherever the engine replaced one, one of these holds: the
 * other side had held it since it was entered (so it had come across, and what replaced it is a newer edit there); a
 * conflict tells of it. An edit in the moment between the engine's look and the effect of its write has to be told of as
 * well, by looking back at the vendor's history, except where there is none to look at.
 */
import { isEqual, isList, type Canonical } from '../../../src/core/value.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import { otherSide, type Side } from '../../../src/core/record.ts'
import { STANDARD_OBJECTS } from '../../../src/sandbox/attio/standard-objects.ts'
import { HANDS } from '../cast.ts'
import { KINDS, type Kind } from '../hands/hands.ts'
import type { Case } from './case.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { absorbedBy, turnsOf } from './entered.ts'
import { keeps, namesOf, relativesOf, wasPairedWith } from './partners.ts'
import { meaning, plainRules, rulesOf, sideOf, strongKeys, vendorsOf } from './rules.ts'

export function auditLosses(facts: Case): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of vendorsOf(facts)) {
    for (const kind of KINDS) {
      for (const biography of facts.witness.biographies(vendor, kind)) {
        for (const rule of plainRules(rulesOf(facts, kind))) {
          // A one-way mapping says that what is typed on the receiving side does not count.
          if (rule.direction === (sideOf(vendor) === 'left' ? 'right-to-left' : 'left-to-right')) continue
          for (const loss of lossesOf(facts, biography, rule)) {
            if (isAccountedFor(facts, biography, rule, loss)) continue
            violations.push({
              invariant: 'I4',
              what: `${vendor} ${kind} ${biography.id}: ${rule.key} ${JSON.stringify(loss.value)}, entered by ${loss.by} at +${seconds(facts, loss.enteredMs)}, was replaced by ${JSON.stringify(loss.by2)} at +${seconds(facts, loss.lostMs)} and nobody was told`,
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
  readonly sinceMs: number
  /** When this record held it for the first time: a value that went and came back is, by state, no edit. */
  readonly firstMs: number
  readonly lostMs: number
}

/** Values of people that the engine replaced. Of a list, the elements that went missing. */
function lossesOf(facts: Case, biography: Biography, rule: FieldRule): readonly Loss[] {
  const side = sideOf(biography.vendor)
  const earlier = predecessorsOf(facts, biography).flatMap((each) => each.chapters)
  return turnsOf(facts, biography, rule)
    .filter(({ held, chapter }) => held.by === 'human' && chapter.by === 'engine')
    .flatMap(({ held, chapter, value: by2 }) => {
      // A removal takes with it what nobody on the other side ever saw; a blank is nothing to be seen.
      const isUndone = held.isCleared && rule.blank === 'propagate' && chapter.state === 'live'
      const lives = [...earlier, ...held.elsewhere, ...biography.chapters]
      return (isUndone ? [null] : missing(held.value, by2)).map((value) => ({
        value,
        by: held.by,
        by2,
        enteredMs: held.atMs,
        sinceMs: held.sinceMs,
        firstMs: firstHeldMs(lives, rule, side, value),
        lostMs: chapter.atMs,
      }))
    })
}

/** Records with the same key that were gone before this one came: entered again, it takes their place in the pair. */
function predecessorsOf(facts: Case, { vendor, kind, id, chapters }: Biography): readonly Biography[] {
  const keysOf = (chapter: Chapter | undefined) => (chapter ? strongKeys(facts, vendor, kind, chapter) : [])
  const [first] = chapters
  const keys = new Set(keysOf(first))
  return facts.witness.biographies(vendor, kind).filter((other) => {
    const end = other.chapters.at(-1)
    const isOver = end !== undefined && end.state !== 'live' && end.atMs <= (first?.atMs ?? 0)
    return other.id !== id && isOver && keysOf(end).some((key) => keys.has(key))
  })
}

/** What the engine brought the other side had held before, and perhaps replaced by the time that it was stored here. */
function firstHeldMs(chapters: readonly Chapter[], rule: FieldRule, side: Side, value: Canonical): number {
  const first = chapters.find((chapter) => {
    const held = meaning(rule, side, chapter)
    return isEqual(held, value) || holds(held, value)
  })
  if (first?.by === 'engine') return Number.NEGATIVE_INFINITY
  return first?.atMs ?? Number.POSITIVE_INFINITY
}

function missing(before: Canonical, after: Canonical): readonly Canonical[] {
  if (before === null) return []
  if (!isList(before)) return [before]
  const kept = after === null ? [] : isList(after) ? after : [after]
  return before.filter((element) => !kept.some((other) => isEqual(element, other)))
}

/**
 * Where several pairings share the CRM, the one answers for a loss through which its replacement came; when no other
 * side held that, any of them may. A report is a report, whichever pairing it names.
 */
function isAccountedFor(facts: Case, biography: Biography, rule: FieldRule, loss: Loss): boolean {
  const all = [facts, ...facts.beside].filter((each) => keeps(each, biography.vendor))
  const heldBy = (counts?: (chapter: Chapter) => boolean) =>
    all.filter((each) => heldThere(each, biography, rule, loss, counts))
  // Entered later than what was lost, if it was: the same value may have been there from the start elsewhere.
  const isNewer = (chapter: Chapter) => isEntered(chapter) && chapter.atMs > loss.enteredMs
  const causes = [heldBy(isNewer), heldBy(isEntered), heldBy()].find((each) => each.length > 0) ?? []
  const judges = causes.length === 0 ? all : causes
  if (!judges.includes(facts)) return true
  if (loss.value === null && all.some((each) => wasFilledAnew(each, biography, rule, loss))) return true
  if (all.some((each) => wasReported(each, biography, rule, loss))) return true
  const isFine = (each: Case) => isFineIn(each, biography, rule, loss)
  return causes.length === 0 ? judges.some(isFine) : isFine(facts)
}

/**
 * A pair that is new has no base, and a blank in it is filled: what was cleared here before was cleared for others.
 */
function wasFilledAnew(facts: Case, biography: Biography, rule: FieldRule, loss: Loss): boolean {
  const isNew = (each: Biography) => !wasPairedWith(facts, biography, each, loss.enteredMs)
  return relativesOf(facts, biography)
    .filter(isNew)
    .some((each) => heldIn(facts, biography, rule, loss, each, isEntered))
}

function isEntered({ by }: Chapter): boolean {
  return by !== 'engine'
}

/** Whether the other side held the replacement before it came here. */
function heldThere(
  facts: Case,
  biography: Biography,
  rule: FieldRule,
  loss: Loss,
  counts: (chapter: Chapter) => boolean = () => true,
): boolean {
  return relativesOf(facts, biography).some((each) => heldIn(facts, biography, rule, loss, each, counts))
}

/** Whether this record of the other side held the replacement before it came here. */
function heldIn(
  facts: Case,
  { vendor, kind }: Biography,
  rule: FieldRule,
  { by2, lostMs }: Loss,
  { chapters }: Biography,
  counts: (chapter: Chapter) => boolean,
): boolean {
  const far = otherSide(sideOf(vendor))
  const own = ruleIn(facts, kind, rule)
  if (!own) return false
  return chapters.some((chapter) => {
    if (chapter.atMs > lostMs || chapter.state !== 'live' || !counts(chapter)) return false
    const there = meaning(own, far, chapter)
    return far === 'right' ? own.agree(by2, there) : own.agree(there, by2)
  })
}

/** The rule of this pairing for the same field of the shared record. */
function ruleIn(facts: Case, kind: Kind, { key }: FieldRule): FieldRule | undefined {
  return plainRules(rulesOf(facts, kind)).find((each) => each.key === key)
}

function isFineIn(facts: Case, biography: Biography, rule: FieldRule, loss: Loss): boolean {
  return (
    cameAcross(facts, biography, ruleIn(facts, biography.kind, rule) ?? rule, loss) ||
    (!hasHistory(biography, rule) &&
      (fellIntoWindow(facts, biography.vendor, loss) ||
        isUntold(facts, biography, rule, loss) ||
        wasClearedUnseen(facts, biography, loss)))
  )
}

/**
 * A blank in a survivor that we meet under a new id was never filled, or cleared before we met it. Without a history nobody
 * can tell, and filling it is what loses nothing.
 */
function wasClearedUnseen(facts: Case, biography: Biography, { value, lostMs }: Loss): boolean {
  const bornMs = biography.chapters[0]?.atMs
  const isNew = (each: Biography) => each.chapters.at(-1)?.atMs === bornMs
  const isFirst = biography.chapters.every(({ by, atMs }) => by !== 'engine' || atMs >= lostMs)
  return value === null && isFirst && absorbedBy(facts, biography).some(isNew)
}

/** The write was never answered, and what it stored was replaced by somebody before anybody could find it there. */
function isUntold(facts: Case, { vendor, chapters }: Biography, rule: FieldRule, loss: Loss): boolean {
  if (facts.wasAnswered(loss.lostMs)) return false
  const side = sideOf(vendor)
  const after = chapters.find(
    (chapter) => chapter.atMs > loss.lostMs && !isEqual(meaning(rule, side, chapter), loss.by2),
  )
  return after !== undefined && after.by !== 'engine'
}

/**
 * Whether the vendor still tells what the field held. Attio does not where it fills attributes in by itself
 * (facts/attio.md 10.8), Salesforce only of fields that an admin chose (facts/salesforce.md 21), and nobody does of
 * records that are gone, or went into others.
 */
function hasHistory({ vendor, kind, chapters }: Biography, rule: FieldRule): boolean {
  if (chapters.at(-1)?.state !== 'live') return false
  if (vendor !== 'attio') return vendor !== 'salesforce'
  const object = STANDARD_OBJECTS.find(({ slug }) => slug === HANDS.get(vendor)?.object[kind])
  const enriched = object?.attributes.filter(({ flags }) => flags.includes('E')).map(({ slug }) => slug)
  return !rule.left.fields.some((field) => enriched?.includes(field))
}

/** The other side held it, or what it corresponds to, at some time since it was entered. */
function cameAcross(facts: Case, biography: Biography, rule: FieldRule, loss: Loss): boolean {
  const side = sideOf(biography.vendor)
  const far = otherSide(side)
  return relativesOf(facts, biography).some(({ chapters }) =>
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

function wasReported(facts: Case, { vendor, kind, id }: Biography, rule: FieldRule, loss: Loss): boolean {
  const side = sideOf(vendor)
  const names = namesOf(facts, vendor, kind, id)
  return facts.reports.conflicts.some(
    ({ records, field, left, right }) =>
      field === rule.key &&
      names.has(records[side] ?? '') &&
      (isEqual(side === 'left' ? left : right, loss.value) ||
        holds(side === 'left' ? left : right, loss.value)),
  )
}

/** Entered after the engine last looked and before its write took effect. */
function fellIntoWindow(facts: Case, vendor: string, loss: Loss): boolean {
  const lookedMs = facts.lookedMs(vendor, loss.lostMs)
  return lookedMs !== null && loss.sinceMs >= lookedMs
}

function seconds(facts: Case, atMs: number): string {
  return `${((atMs - facts.nowMs) / 1_000).toFixed(1)} s (from the end)`
}
