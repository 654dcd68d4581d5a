/** What waits for a person or for another try: reviews (whom to link with) and quarantined records. */
import { and, asc, desc, eq, getTableColumns, gt, sql } from 'drizzle-orm'
import type { RecordId } from '../../core/record.ts'
import type { RecordRef } from '../records.ts'
import type { Quarantine, Review } from '../waiting.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { quarantine, review } from './schema-history.ts'

const ofReview = and(
  eq(review.mapping, arg('mapping')),
  eq(review.side, arg('side')),
  eq(review.record, arg('id')),
)
const ofQuarantine = and(
  eq(quarantine.mapping, arg('mapping')),
  eq(quarantine.side, arg('side')),
  eq(quarantine.record, arg('id')),
)

// A repeated review keeps its id and its age: people work on it meanwhile.
const putReview = statement(() =>
  orm
    .insert(review)
    .values({
      id: arg('id'),
      mapping: arg('mapping'),
      side: arg('side'),
      record: arg('record'),
      kind: arg('kind'),
      candidates: arg('candidates'),
      because: arg('because'),
      atMs: arg('atMs'),
    })
    .onConflictDoUpdate({
      target: [review.mapping, review.side, review.record],
      set: {
        kind: sql`excluded.kind`,
        candidates: sql`excluded.candidates`,
        because: sql`excluded.because`,
      },
    })
    .prepare(),
)
const dropReview = statement(() => orm.delete(review).where(ofReview).prepare())
const reviews = statement(() =>
  orm.select().from(review).orderBy(desc(review.atMs), desc(review.id)).limit(arg('limit')).prepare(),
)
const reviewsAnywhere = statement(() =>
  orm
    .select()
    .from(review)
    .where(eq(review.record, arg('id')))
    .prepare(),
)

const put = statement(() =>
  orm
    .insert(quarantine)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      record: arg('record'),
      link: arg('link'),
      fields: arg('fields'),
      reason: arg('reason'),
      cause: arg('cause'),
      attempts: arg('attempts'),
      retryAtMs: arg('retryAtMs'),
      atMs: arg('atMs'),
    })
    .onConflictDoUpdate({
      target: [quarantine.mapping, quarantine.side, quarantine.record],
      set: {
        link: sql`excluded.link`,
        fields: sql`excluded.fields`,
        reason: sql`excluded.reason`,
        cause: sql`excluded.cause`,
        attempts: sql`excluded.attempts`,
        retryAtMs: sql`excluded.retry_at`,
        atMs: sql`excluded.at`,
      },
    })
    .prepare(),
)
const heal = statement(() => orm.delete(quarantine).where(ofQuarantine).prepare())
const quarantinesAnywhere = statement(() =>
  orm
    .select()
    .from(quarantine)
    .where(eq(quarantine.record, arg('id')))
    .prepare(),
)
const newest = statement(() =>
  orm
    .select()
    .from(quarantine)
    .orderBy(desc(quarantine.atMs), desc(quarantine.record))
    .limit(arg('limit'))
    .prepare(),
)
const row = sql<number>`rowid`
const page = statement(() =>
  orm
    .select({ ...getTableColumns(quarantine), row })
    .from(quarantine)
    .where(and(eq(quarantine.mapping, arg('mapping')), gt(row, arg('after'))))
    .orderBy(asc(row))
    .limit(arg('limit'))
    .prepare(),
)

export function openSetAside(db: Statements) {
  const key = (mapping: string, record: RecordRef) => ({ mapping, side: record.side, id: record.id })

  return {
    putReview({ record, ...rest }: Review): void {
      db.run(putReview, { ...rest, side: record.side, record: record.id })
    },

    dropReview(mapping: string, record: RecordRef): void {
      db.run(dropReview, key(mapping, record))
    },

    reviews(limit: number): readonly Review[] {
      return db.all(reviews, { limit }).map(toReview)
    },

    /** What records with this id wait for, in whichever mapping and side. */
    about(id: RecordId): { reviews: readonly Review[]; quarantined: readonly Quarantine[] } {
      return {
        reviews: db.all(reviewsAnywhere, { id }).map(toReview),
        quarantined: db.all(quarantinesAnywhere, { id }).map(toQuarantine),
      }
    },

    quarantine({ record, ...rest }: Quarantine): void {
      db.run(put, { ...rest, side: record.side, record: record.id })
    },

    heal(mapping: string, record: RecordRef): void {
      db.run(heal, key(mapping, record))
    },

    quarantined(limit: number): readonly Quarantine[] {
      return db.all(newest, { limit }).map(toQuarantine)
    },

    /** Visits every quarantined record of a mapping, a page at a time. */
    eachQuarantined(mapping: string, visit: (entry: Quarantine) => void): void {
      const limit = 500
      let after = 0
      for (;;) {
        const rows = db.all(page, { mapping, after, limit })
        for (const { row: _row, ...entry } of rows) visit(toQuarantine(entry))
        const last = rows.at(-1)
        if (!last || rows.length < limit) return
        after = last.row
      }
    },
  }
}

function toReview({ side, record, ...rest }: typeof review.$inferSelect): Review {
  return { ...rest, record: { side, id: record } }
}

export function toQuarantine({ side, record, ...rest }: typeof quarantine.$inferSelect): Quarantine {
  return { ...rest, record: { side, id: record } }
}
