/**
 * Was anything that the engine wrote itself taken for somebody's edit? Then it came back: the engine wrote into one
 * record of a pair what it had itself written into the other one, and nobody else had a hand in it. Judged by the
 * witness, which sits inside the vendors; the engine's own books are not asked.
 */
import { otherSide } from '../../src/core/record.ts'
import type { FieldRule } from '../../src/core/rules.ts'
import { isBlank, isEqual } from '../../src/core/value.ts'
import { HANDS } from '../sim/cast.ts'
import { chapterAt, otherVendor, partnersOf } from '../sim/audit/partners.ts'
import { meaning, plainRules, rulesOf, sideOf } from '../sim/audit/rules.ts'
import { KINDS, type Kind } from '../sim/hands/hands.ts'
import type { Biography, Chapter } from '../sim/chronicle.ts'
import type { Case } from '../sim/audit/case.ts'

/** When a field of a record was changed last, by the engine and by anybody else. */
interface Hand {
  engineMs: number
  otherMs: number
}

export interface OwnWrites {
  /** Judges what happened since the last time, oldest first. Returns a sentence for each own write taken for an edit. */
  judge(facts: Case): readonly string[]
  /** Changes of fields by the engine that were judged so far. */
  judged(): number
}

const NEVER = Number.NEGATIVE_INFINITY

interface Event {
  readonly atMs: number
  readonly biography: Biography
  readonly kind: Kind
  readonly field: string
  readonly byEngine: boolean
}

export function watchOwnWrites(): OwnWrites {
  const hands = new Map<string, Hand>()
  let sinceMs = NEVER
  let judged = 0

  const handOn = (vendor: string, id: string, field: string): Hand => {
    const key = `${vendor}/${id}/${field}`
    const known = hands.get(key) ?? { engineMs: NEVER, otherMs: NEVER }
    hands.set(key, known)
    return known
  }

  const isOwnAnswer = (facts: Case, { biography, field }: Event): boolean => {
    const { vendor, id } = biography
    const here = handOn(vendor, id, field)
    const there = partnersOf(facts, biography).map((partner) =>
      handOn(otherVendor(facts, vendor), partner.id, field),
    )
    const isSomebodys = there.some(
      ({ engineMs, otherMs }) =>
        // The last change there is somebody's, or one of theirs has not come across, or this puts one of ours right.
        otherMs >= engineMs || otherMs > here.engineMs || here.otherMs > engineMs,
    )
    return there.length > 0 && !isSomebodys
  }

  return {
    judged: () => judged,
    judge(facts) {
      const found: string[] = []
      const untilMs = facts.nowMs
      for (const event of eventsBetween(facts, sinceMs, untilMs)) {
        const { biography, field, atMs, byEngine } = event
        const hand = handOn(biography.vendor, biography.id, field)
        if (byEngine) {
          judged += 1
          if (isOwnAnswer(facts, event)) {
            found.push(
              `${biography.vendor} ${event.kind} ${biography.id}: ${field} was written at ${new Date(atMs).toISOString()} and nobody but the engine had changed it`,
            )
          }
          hand.engineMs = atMs
        } else hand.otherMs = atMs
      }
      sinceMs = untilMs
      return found
    },
  }
}

/** After the first moment, up to the second. */
function eventsBetween(facts: Case, sinceMs: number, untilMs: number): readonly Event[] {
  const events: Event[] = []
  for (const [vendor] of HANDS) {
    for (const kind of KINDS) {
      const rules = plainRules(rulesOf(facts, kind))
      for (const biography of facts.witness.biographies(vendor, kind)) {
        for (const [i, chapter] of biography.chapters.entries()) {
          if (chapter.atMs <= sinceMs || chapter.atMs > untilMs || chapter.state !== 'live') continue
          const before = biography.chapters[i - 1]
          for (const rule of rules) {
            const side = sideOf(vendor)
            const isSame = before && isEqual(meaning(rule, side, before), meaning(rule, side, chapter))
            if (isSame) continue
            const byEngine = chapter.by === 'engine' && !isEnrichment(facts, biography, chapter, rule)
            events.push({ atMs: chapter.atMs, biography, kind, field: rule.key, byEngine })
          }
        }
      }
    }
  }
  return events.toSorted((a, b) => a.atMs - b.atMs)
}

/**
 * Vendors add to a record what they know about it in the moment in which it is made. The engine has nothing to write
 * where the counterpart is blank, so what appears then is theirs.
 */
function isEnrichment(facts: Case, biography: Biography, chapter: Chapter, rule: FieldRule): boolean {
  const side = sideOf(biography.vendor)
  const partners = partnersOf(facts, biography)
  return (
    !isBlank(meaning(rule, side, chapter)) &&
    partners.length > 0 &&
    partners.every((partner) => {
      const there = chapterAt(partner, chapter.atMs)
      return there === null || isBlank(meaning(rule, otherSide(side), there))
    })
  )
}
