/**
 * I13, I17: what no mapping knows stays as it was, and no field of one record is written again and again.
 */
import { isEqual } from '../../../src/core/value.ts'
import { HANDS } from '../cast.ts'
import { KINDS } from '../hands/hands.ts'
import type { Biography } from '../chronicle.ts'
import type { Violation } from './audit.ts'
import type { Case } from './case.ts'
import { partnersOf } from './partners.ts'
import { meaning, plainRules, rulesOf, sideOf, vendorsOf } from './rules.ts'

/** The breaker's bound, and what may be under way when it trips (algorithms 2.4, Theorem 4). */
const WRITES_MAX = 10

export function auditTouch(facts: Case): readonly Violation[] {
  const violations: Violation[] = []
  for (const vendor of vendorsOf(facts)) {
    for (const kind of KINDS) {
      for (const biography of facts.witness.biographies(vendor, kind)) {
        violations.push(...strayTouches(biography), ...fights(facts, biography))
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

/** Writes of one field between two edits by people, on either record of the pair. */
function fights(facts: Case, biography: Biography): readonly Violation[] {
  const { vendor, kind, id } = biography
  const side = sideOf(vendor)
  const people = partnersOf(facts, biography).flatMap(({ chapters }) =>
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
