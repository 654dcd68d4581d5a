/** What a person is asked about a record without a pair. */
import type { MatchDecision } from '../core/match.ts'
import type { Change } from '../store/change.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { refKey } from './work.ts'

export type Question = Extract<MatchDecision, { kind: 'review' }>

export function question(
  engine: Engine,
  { rules }: MappingRuntime,
  { side, id }: RecordRef,
  { review, candidates, because }: Question,
): Change {
  return {
    kind: 'put-review',
    review: {
      id: engine.runtime.id(),
      mapping: rules.mapping,
      record: { side, id },
      kind: review,
      candidates: candidates.map((candidate) => ({ side: candidate.side, id: candidate.id })),
      because,
      atMs: engine.runtime.now(),
    },
  }
}

/**
 * Questions that another mapping came upon, by record: this one has looked already, before it knew its candidates, and
 * who has a pair is not looked at as anybody's candidate again. What this one leaves alone stays so.
 */
export async function foundByOthers(
  engine: Engine,
  mapping: MappingRuntime,
  found: ReadonlyMap<string, Question>,
  records: readonly RecordRef[],
): Promise<readonly Change[]> {
  const asked = records.filter((record) => found.has(refKey(record)))
  if (asked.length === 0) return []
  const subjects = await engine.store.load({ mapping: mapping.rules.mapping, records: asked })
  return subjects.flatMap((subject) => {
    const decision = found.get(refKey(subject))
    return decision && subject.suppressed === null ? [question(engine, mapping, subject, decision)] : []
  })
}
