/**
 * I3, I13, I17: nothing is carried against its direction; what no mapping knows and what is outside the scope stays as
 * it was; and no field of one record is written again and again.
 */
import { isEqual } from '../../../src/core/value.ts'
import { HANDS } from '../cast.ts'
import { KINDS } from '../hands/hands.ts'
import type { Case } from './case.ts'
import { referencesIn } from '../../../src/stages/directory.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import { chapterAt, companyOf, isLead, isLive, keeps, namesOf, partnersOf, relativesOf } from './partners.ts'
import { meaning, plainRules, rulesOf, sideOf, vendorsOf } from './rules.ts'

/** The breaker's bound, and what may be under way when it trips (algorithms 2.4, Theorem 4). */
const WRITES_MAX = 10

export function auditTouch(facts: Case): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of vendorsOf(facts)) {
    for (const kind of KINDS) {
      for (const biography of facts.witness.biographies(vendor, kind)) {
        violations.push(
          ...strayTouches(biography),
          ...backwards(facts, biography),
          ...outsiders(facts, biography),
          ...strangers(facts, biography),
          ...processes(facts, biography),
          ...fights(facts, biography),
        )
      }
    }
  }
  return violations
}

function strayTouches({ vendor, kind, id, chapters }: Biography): readonly Violation[] {
  const remark = HANDS.get(vendor)?.remark[kind] ?? ''
  return chapters.flatMap((chapter, i) => {
    const before = chapters[i - 1]
    if (!before || chapter.by !== 'engine' || chapter.state !== 'live' || before.state !== 'live') return []
    if (isEqual(before.values[remark] ?? null, chapter.values[remark] ?? null)) return []
    return [
      {
        invariant: 'I13',
        what: `${vendor} ${kind} ${id}: ${remark} is not mapped and was changed by the engine`,
      },
    ]
  })
}

interface Touch {
  readonly before: Chapter
  readonly after: Chapter
}

/** What the engine did to a record that was there before. */
function touches({ chapters }: Biography): readonly Touch[] {
  return chapters.flatMap((after, i) => {
    const before = chapters[i - 1]
    const isTouch = before?.state === 'live' && after.state === 'live' && after.by === 'engine'
    return isTouch ? [{ before, after }] : []
  })
}

/** The side that a one-way field comes from is never written. */
function backwards(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  const side = sideOf(vendor)
  const sources = plainRules(rulesOf(facts, kind)).filter(({ direction }) => direction.startsWith(side))
  return sources.flatMap((rule) =>
    touches(biography)
      .filter(({ before, after }) => !isEqual(meaning(rule, side, before), meaning(rule, side, after)))
      .map(() => ({
        invariant: 'I3',
        what: `${vendor} ${kind} ${id}: ${rule.key} was written, although it only goes out`,
      })),
  )
}

/** A pair of which one record was outside the scope when we looked is left alone. */
function outsiders(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  const { inScope } = rulesOf(facts, kind)
  const isOutside = (other: Biography, fromMs: number, toMs: number) => {
    const since = other.chapters.filter(({ atMs }) => atMs > fromMs && atMs <= toMs)
    const then = chapterAt(other, fromMs)
    const isOut = ({ state, values }: Chapter) => state === 'live' && !inScope[sideOf(other.vendor)](values)
    return then !== null && [then, ...since].every(isOut)
  }
  // Where several pairings share the CRM, any of them may have written that has somebody in its scope to copy from.
  const mayHaveWritten = (other: Case, fromMs: number, toMs: number) => {
    if (!keeps(other, vendor)) return false
    const partners = partnersOf(other, biography)
    return partners.length > 0 && ![biography, ...partners].some((each) => isOutside(each, fromMs, toMs))
  }
  return touches(biography).flatMap(({ after }) => {
    const looks = vendorsOf(facts).flatMap((each) => facts.lookedMs(each, after.atMs) ?? [])
    if (looks.length === 0) return []
    const fromMs = Math.min(...looks)
    const out = [biography, ...partnersOf(facts, biography)].find((each) =>
      isOutside(each, fromMs, after.atMs - 1),
    )
    if (!out || facts.beside.some((other) => mayHaveWritten(other, fromMs, after.atMs - 1))) return []
    return [
      { invariant: 'I13', what: `${vendor} ${kind} ${id} was written while ${out.id} was outside the scope` },
    ]
  })
}

/** References to records that never had a counterpart are nobody's business on the other side, and stay. */
function strangers(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  return touches(biography).flatMap(({ before, after }) =>
    Object.keys(before.values).flatMap((field) => {
      const kept = new Set(referencesIn(after.values[field] ?? null).map((each) => each.id))
      return referencesIn(before.values[field] ?? null)
        .filter((each) => !kept.has(each.id) && isStranger(facts, vendor, each.id))
        .filter((each) => !isToldOf(facts, biography, each))
        .map((each) => ({
          invariant: 'I13',
          what: `${vendor} ${kind} ${id}: ${field} lost ${each.id}, which has no pair`,
        }))
    }),
  )
}

/** Without a counterpart, or with none that such a reference could name: a lead takes part in nothing. */
function isStranger(facts: Case, vendor: string, id: string): boolean {
  const found = KINDS.map((kind) => facts.witness.find(vendor, kind, id)).find((each) => each !== null)
  return found !== undefined && isLive(found) && relativesOf(facts, found).every(isLead)
}

/** Entered between our look and the effect of our write, which no vendor here lets us prevent: it is told of afterwards. */
function isToldOf(
  facts: Case,
  { vendor, kind, id }: Biography,
  lost: { object: string; id: string },
): boolean {
  const side = sideOf(vendor)
  const names = namesOf(facts, vendor, kind, id)
  const reference = { pending: `${lost.object}/${lost.id}` }
  return facts.reports.conflicts.some(
    (each) =>
      each.kind === 'overwritten' && names.has(each.records[side] ?? '') && isEqual(each[side], reference),
  )
}

/**
 * Which process a deal goes through (HubSpot's pipeline, Salesforce's record type) is its own side's business: every one
 * of these worlds has a stage for every status. The second field of a stage is the stage, the first the process.
 */
function processes(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  const side = sideOf(vendor)
  return rulesOf(facts, kind).fields.flatMap((rule) => {
    const [process, stage] = rule[side].fields
    if (process === undefined || stage === undefined || rule.key !== 'stage') return []
    const processOf = ({ values }: Chapter) => values[process] ?? null
    // Chosen in the moment of the write: no vendor offers a way to prevent that.
    const isUnseen = ({ before, after }: Touch) => {
      const { chapters } = biography
      const start = chapters.findLast(
        (each, i) =>
          each.atMs <= before.atMs &&
          isEqual(processOf(each), processOf(before)) &&
          !(i > 0 && isEqual(processOf(chapters[i - 1] as Chapter), processOf(each))),
      )
      const lookedMs = facts.lookedMs(vendor, after.atMs)
      return lookedMs !== null && start !== undefined && start.by !== 'engine' && start.atMs >= lookedMs
    }
    return touches(biography)
      .filter((touch) => !isEqual(processOf(touch.before), processOf(touch.after)) && !isUnseen(touch))
      .map(({ before, after }) => ({
        invariant: 'I3',
        what: `${vendor} ${kind} ${id}: ${process} ${JSON.stringify(before.values[process])} was made ${JSON.stringify(after.values[process])}`,
      }))
  })
}

/** Writes of one field between two edits by people, on any record of the company. */
function fights(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  const side = sideOf(vendor)
  const people = companyOf(facts, biography).flatMap(({ chapters }) =>
    chapters.filter(({ by }) => by === 'human').map(({ atMs }) => atMs),
  )
  return plainRules(rulesOf(facts, kind)).flatMap((rule) => {
    let writes = 0
    let worst = 0
    let sinceMs = 0
    for (const [i, chapter] of biography.chapters.entries()) {
      if (chapter.by === 'human' || people.some((atMs) => atMs > sinceMs && atMs <= chapter.atMs)) writes = 0
      sinceMs = chapter.atMs
      const before = biography.chapters[i - 1]
      if (!before || chapter.by !== 'engine') continue
      if (isEqual(meaning(rule, side, before), meaning(rule, side, chapter))) continue
      writes += 1
      worst = Math.max(worst, writes)
    }
    if (worst <= WRITES_MAX) return []
    return [
      {
        invariant: 'I17',
        what: `${vendor} ${kind} ${id}: ${rule.key} was written ${worst} times without a person`,
      },
    ]
  })
}
