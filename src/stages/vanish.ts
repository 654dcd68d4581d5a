/**
 * Deletions and what they do to links (algorithms 2.7). Everything here starts from a positive answer of the
 * vendor; a record that merely was not listed never gets this far.
 */
import type { LinkBase } from '../core/base.ts'
import { otherSide, SIDES, type Side } from '../core/record.ts'
import type { Change } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Engine, MappingRuntime } from './engine.ts'
import { idOn, stepLink } from './link-changes.ts'
import { referenceRules } from './rule-index.ts'
import { siblingsOf } from './siblings.ts'

/** One side is gone and the pair is dissolved: the dead id stays blocked, the survivor is released (B5). */
export function unlink(
  engine: Engine,
  mapping: MappingRuntime,
  options: {
    link: Link
    base: LinkBase
    gone: Side
    because: string
    /** What a person is asked about it; null where there is nothing to ask. */
    question: string | null
  },
): readonly Change[] {
  const { link, gone, because } = options
  const survivorSide = otherSide(gone)
  const survivor = link[survivorSide]
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const changes: Change[] = [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'unlinked', ...idOn(survivorSide, null) },
      kind: 'unlink',
      side: gone,
      record: link[gone],
      because,
    }),
    ...closeBooks(engine, mapping, link, options.base),
  ]
  const deadId = link[gone]
  if (deadId !== null) {
    changes.push({ kind: 'forget-record', mapping: name, record: { side: gone, id: deadId } })
  }
  if (survivor === null) return changes
  const record = { side: survivorSide, id: survivor }
  // No other mapping of its object creates a counterpart in the place of the one that was deleted (I9).
  for (const { rules } of [mapping, ...siblingsOf(engine, mapping, survivorSide)]) {
    changes.push({ kind: 'suppress', mapping: rules.mapping, record, reason: because, atMs })
  }
  if (options.question !== null) {
    changes.push({
      kind: 'put-review',
      review: {
        id: engine.runtime.id(),
        mapping: name,
        record,
        kind: 'delete-vs-update',
        candidates: deadId === null ? [] : [{ side: gone, id: deadId }],
        because: options.question,
        atMs,
      },
    })
  }
  return changes
}

export function entomb(
  engine: Engine,
  mapping: MappingRuntime,
  link: Link,
  base: LinkBase,
): readonly Change[] {
  const because = 'both records are gone'
  const changes: Change[] = [
    ...stepLink(engine, mapping, {
      link,
      to: { state: 'tomb' },
      kind: 'unlink',
      side: 'left',
      record: link.left,
      because,
    }),
    ...closeBooks(engine, mapping, link, base),
  ]
  for (const side of SIDES) {
    const id = link[side]
    if (id !== null) {
      changes.push({ kind: 'forget-record', mapping: mapping.rules.mapping, record: { side, id } })
    }
  }
  return changes
}

/** Nothing may wait for a pair that is no more: its open conflicts, its pending references, its refusals. */
export function closeBooks(
  engine: Engine,
  mapping: MappingRuntime,
  link: Link,
  base: LinkBase,
): readonly Change[] {
  const { mapping: name } = mapping.rules
  const atMs = engine.runtime.now()
  const held = Object.entries(base).flatMap(([field, known]): Change[] =>
    known.held === null
      ? []
      : [{ kind: 'close-conflict', link: link.id, field, state: 'superseded', loser: null, atMs }],
  )
  const waiting = referenceRules(mapping).map((rule): Change => ({
    kind: 'await-targets',
    link: link.id,
    field: rule.key,
    sides: SIDES,
    edges: [],
    atMs,
  }))
  const refused = SIDES.flatMap((side): Change[] => {
    const id = link[side]
    return id === null ? [] : [{ kind: 'heal', mapping: name, record: { side, id } }]
  })
  return [...held, ...waiting, ...refused]
}

/**
 * A record that was taken for dead is alive again under its own id (undelete): its place in the ended pair is
 * given up, so that it is matched like any other, first of all by its stamp with its old partner.
 */
export function onReappeared(
  engine: Engine,
  mapping: MappingRuntime,
  link: Link,
  { side, id }: RecordRef,
): readonly Change[] {
  const because = 'the record is alive again'
  return stepLink(engine, mapping, { link, to: idOn(side, null), kind: 'unlink', side, record: id, because })
}
