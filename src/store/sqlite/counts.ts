/** How much of everything there is, by mapping: what `status` adds up. */
import { and, inArray, isNotNull, notInArray, sql } from 'drizzle-orm'
import { SEPARATED } from '../links.ts'
import type { StatusCounts } from '../operate.ts'
import { conflict, intent, quarantine, review } from './schema-history.ts'
import { dirty, link, pendingEdge } from './schema.ts'
import { arg, orm, statement, type Statements } from './statements.ts'

const number = sql<number>`count(*)`

/** A link whose other half is still to be created is no pair yet. */
const pairs = statement(() =>
  orm
    .select({ mapping: link.mapping, number })
    .from(link)
    .where(and(notInArray(link.state, [...SEPARATED]), isNotNull(link.left), isNotNull(link.right)))
    .groupBy(link.mapping)
    .prepare(),
)
const intents = statement(() =>
  orm.select({ mapping: intent.mapping, number }).from(intent).groupBy(intent.mapping).prepare(),
)
/** Those that stand. */
const conflicts = statement(() =>
  orm
    .select({ mapping: conflict.mapping, number })
    .from(conflict)
    .where(inArray(conflict.state, ['open', 'decided']))
    .groupBy(conflict.mapping)
    .prepare(),
)
const reviews = statement(() =>
  orm.select({ mapping: review.mapping, number }).from(review).groupBy(review.mapping).prepare(),
)
const quarantines = statement(() =>
  orm.select({ mapping: quarantine.mapping, number }).from(quarantine).groupBy(quarantine.mapping).prepare(),
)
/** By the mapping of what they wait for, so that a link that waits for two kinds of records is counted once only. */
const waiting = statement(() =>
  orm
    .select({ link: pendingEdge.link, mapping: sql<string>`min(${pendingEdge.targetMapping})` })
    .from(pendingEdge)
    .groupBy(pendingEdge.link)
    .prepare(),
)
const marks = statement(() =>
  orm
    .select({
      mapping: dirty.mapping,
      number,
      resting: sql<number>`count(*) filter (where ${dirty.dueMs} > ${arg('nowMs')} and ${dirty.attempts} = 0)`,
      oldest: sql<number | null>`min(${dirty.firstAtMs}) filter (where ${dirty.dueMs} <= ${arg('nowMs')})`,
    })
    .from(dirty)
    .groupBy(dirty.mapping)
    .prepare(),
)

export function openCounts(db: Statements) {
  return {
    /** `mappings`: of these alone; of all when absent. */
    of(nowMs: number, mappings?: readonly string[]): StatusCounts {
      const isAsked = ({ mapping }: { readonly mapping: string }) => mappings?.includes(mapping) ?? true
      const marked = db.all(marks, { nowMs }).filter(isAsked)
      const oldest = marked.flatMap((each) => each.oldest ?? [])
      const total = (rows: readonly { readonly mapping: string; readonly number: number }[]) =>
        rows.filter(isAsked).reduce((sum, row) => sum + row.number, 0)
      return {
        links: total(db.all(pairs, {})),
        dirty: total(marked),
        resting: marked.reduce((sum, { resting }) => sum + resting, 0),
        openIntents: total(db.all(intents, {})),
        openConflicts: total(db.all(conflicts, {})),
        review: total(db.all(reviews, {})),
        quarantined: total(db.all(quarantines, {})),
        waiting: db.all(waiting, {}).filter(isAsked).length,
        lagMs: Math.max(0, nowMs - Math.min(nowMs, ...oldest)),
      }
    },
  }
}
