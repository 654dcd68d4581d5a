/**
 * Reviews that are no longer true: a candidate was deleted, merged or linked elsewhere, or its keys changed; or it is
 * known by now who holds what was refused as not unique. The record in review did not change, so nothing else would
 * look at it again. Decided from what is remembered; only records whose question changed are marked.
 */
import { decideMatch } from '../core/match.ts'
import { otherSide } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Subject } from '../store/records.ts'
import type { Review } from '../store/waiting.ts'
import { isPair } from '../store/links.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { findComponents, strengthOf, type KnownComponent } from './prospects.ts'
import { keptElsewhere } from './siblings.ts'
import { refKey } from './work.ts'

/** More than people can work on; the rest is looked at when these are done. */
const REVIEWS_MAX = 10_000

const RECHECKED: readonly Review['kind'][] = ['ambiguous', 'duplicate', 'not-unique']

export async function recheckReviews(engine: Engine, mapping: MappingRuntime): Promise<void> {
  const { mapping: name } = mapping.rules
  const asked = (await engine.store.reviews(REVIEWS_MAX)).filter(
    (review) => review.mapping === name && RECHECKED.includes(review.kind),
  )
  if (asked.length === 0) return
  const records = asked.map((review) => review.record)
  const subjects = await engine.store.load({ mapping: name, records })
  const components = await findComponents(engine, mapping, records)
  const elsewhere = await keptElsewhere(engine, mapping, records)
  const atMs = engine.runtime.now()
  const changes = asked.flatMap((review, i): Change[] => {
    const subject = subjects[i]
    const component = components.get(refKey(review.record))
    if (!subject || !component) return []
    const { record } = review
    if (isPair(subject.link) || elsewhere.has(refKey(record)))
      return [{ kind: 'drop-review', mapping: name, record }]
    if (subject.suppressed !== null || isStillAsked(mapping, review, subject, component)) return []
    return [{ kind: 'mark', mapping: name, record, reason: 'retry', lane: 2, dueMs: atMs, atMs }]
  })
  if (changes.length > 0) await engine.store.commitPlans(changes)
}

function isStillAsked(
  mapping: MappingRuntime,
  review: Review,
  subject: Subject,
  component: KnownComponent,
): boolean {
  const { side, id } = subject
  const candidates = new Set(review.candidates.map(refKey))
  const others = component.members.filter((member) => refKey(member) !== refKey(subject))
  const strength = strengthOf(mapping, component)
  // Weak candidates were narrowed down by what their records hold, which is not remembered.
  const members = strength === 'weak' ? others.filter((member) => candidates.has(refKey(member))) : others
  const decision = decideMatch({
    side,
    id,
    suppressed: null,
    members,
    strength,
    cut: component.cut,
    outsiders: component.outsiders,
    stamped: null,
    mayCreate: mapping.rules.create[otherSide(side)],
    inScope: true,
  })
  // Nobody is known to hold it; another try would be refused like the last one.
  if (review.kind === 'not-unique') return decision.kind === 'create'
  if (decision.kind !== 'review' || decision.review !== review.kind) return false
  const now = decision.candidates.map(refKey)
  return now.length === candidates.size && now.every((candidate) => candidates.has(candidate))
}
