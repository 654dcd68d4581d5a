/** Who gave a field what it holds, and when: through edits, and through merges by which one record inherits of another. */
import { isEqual, type Canonical } from '../../../src/core/value.ts'
import type { FieldRule } from '../../../src/core/rules.ts'
import type { Biography, Chapter } from '../chronicle.ts'
import type { Case } from './case.ts'
import { wasPaired } from './partners.ts'
import { meaning, sideOf } from './rules.ts'

/** What somebody gave a field; a blank only counts where it took the place of something. */
export interface Held {
  readonly value: Canonical
  readonly by: Chapter['by']
  readonly atMs: number
  /** Since when this record holds it: later than `atMs` where it was entered elsewhere. */
  readonly sinceMs: number
  readonly isCleared: boolean
  /** The life of the absorbed record that it was entered in; empty where that is this record. */
  readonly elsewhere: readonly Chapter[]
}

/** The end of what a field held. */
export interface Turn {
  readonly held: Held
  readonly chapter: Chapter
  /** What took its place; null where the record ended. */
  readonly value: Canonical
}

/** Oldest first. */
export function turnsOf(facts: Case, biography: Biography, rule: FieldRule): readonly Turn[] {
  const { vendor, chapters } = biography
  const turns: Turn[] = []
  let held: Held | null = null
  for (const chapter of chapters) {
    if (chapter.state !== 'live') {
      if (held !== null) turns.push({ held, chapter, value: null })
      held = null
      continue
    }
    const value = meaning(rule, sideOf(vendor), chapter)
    if (held !== null && isEqual(held.value, value)) continue
    if (held !== null) turns.push({ held, chapter, value })
    held =
      inherited(facts, biography, rule, chapter, value) ?? entered(facts, biography, chapter, value, held)
  }
  return turns
}

function entered(
  facts: Case,
  biography: Biography,
  { atMs, by }: Chapter,
  value: Canonical,
  before: Held | null,
): Held {
  // What a merge put together out of several was entered before, in the records that went into it.
  const isMerged = before === null && absorbedBy(facts, biography).length > 0
  const isCleared = value === null && before !== null && before.value !== null
  return {
    value,
    by: isMerged ? 'vendor' : by,
    atMs,
    sinceMs: atMs,
    isCleared: isCleared && wasPaired(facts, biography, atMs),
    elsewhere: [],
  }
}

/** A survivor takes a value over as it was: entered when, and by whom, the absorbed record got it. */
function inherited(
  facts: Case,
  biography: Biography,
  rule: FieldRule,
  { atMs }: Chapter,
  value: Canonical,
): Held | null {
  for (const absorbed of absorbedBy(facts, biography)) {
    const end = turnsOf(facts, absorbed, rule).at(-1)
    if (!end || end.chapter.state !== 'merged' || end.chapter.atMs !== atMs) continue
    if (value === null || !isEqual(end.held.value, value)) continue
    const elsewhere = [...end.held.elsewhere, ...absorbed.chapters]
    return { ...end.held, sinceMs: atMs, isCleared: false, elsewhere }
  }
  return null
}

/** The records that went into this one. */
export function absorbedBy({ witness }: Case, { vendor, kind, id }: Biography): readonly Biography[] {
  return witness.biographies(vendor, kind).filter(({ chapters }) => chapters.at(-1)?.into === id)
}
