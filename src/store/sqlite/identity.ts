/** What ids stood for: merged-away ids and where they lead, and records that are never to be created again. */
import { and, desc, eq, sql } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { Change } from '../change.ts'
import type { RecordRef } from '../records.ts'
import type { KeptAlone } from '../waiting.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'
import { alias, suppressed } from './schema.ts'

type PutAlias = Extract<Change, { kind: 'put-alias' }>
type Suppress = Extract<Change, { kind: 'suppress' }>

const aliasOf = statement(() =>
  orm
    .select({ to: alias.to })
    .from(alias)
    .where(and(eq(alias.mapping, arg('mapping')), eq(alias.side, arg('side')), eq(alias.from, arg('id'))))
    .prepare(),
)
const aliasesAmong = statement(() =>
  orm
    .select({ from: alias.from })
    .from(elements('ids'))
    .crossJoin(alias)
    .where(and(eq(alias.mapping, arg('mapping')), eq(alias.side, arg('side')), eq(alias.from, element)))
    .prepare(),
)
const aliasesTo = statement(() =>
  orm
    .select({ from: alias.from, to: alias.to })
    .from(elements('ids'))
    .crossJoin(alias)
    .where(and(eq(alias.mapping, arg('mapping')), eq(alias.side, arg('side')), eq(alias.to, element)))
    .prepare(),
)
const aliasesAnywhere = statement(() =>
  orm
    .select({ mapping: alias.mapping, side: alias.side })
    .from(alias)
    .where(eq(alias.from, arg('id')))
    .prepare(),
)
const putAlias = statement(() =>
  orm
    .insert(alias)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      from: arg('from'),
      to: arg('to'),
      atMs: arg('atMs'),
    })
    .onConflictDoUpdate({
      target: [alias.mapping, alias.side, alias.from],
      set: { to: sql`excluded.to_id`, atMs: sql`excluded.at` },
    })
    .prepare(),
)
const dropAlias = statement(() =>
  orm
    .delete(alias)
    .where(and(eq(alias.mapping, arg('mapping')), eq(alias.side, arg('side')), eq(alias.from, arg('id'))))
    .prepare(),
)

const suppressedOfSide = and(eq(suppressed.mapping, arg('mapping')), eq(suppressed.side, arg('side')))
const isSuppressed = and(suppressedOfSide, eq(suppressed.record, arg('id')))
const reasonsAmong = statement(() =>
  orm
    .select({ id: suppressed.record, reason: suppressed.reason })
    .from(elements('ids'))
    .crossJoin(suppressed)
    .where(and(suppressedOfSide, eq(suppressed.record, element)))
    .prepare(),
)
const suppressedFor = statement(() =>
  orm
    .select()
    .from(suppressed)
    .where(eq(suppressed.reason, arg('reason')))
    .orderBy(desc(suppressed.atMs), desc(suppressed.record))
    .limit(arg('limit'))
    .prepare(),
)
const suppressedAnywhere = statement(() =>
  orm
    .select()
    .from(suppressed)
    .where(eq(suppressed.record, arg('id')))
    .prepare(),
)
const suppress = statement(() =>
  orm
    .insert(suppressed)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      record: arg('id'),
      reason: arg('reason'),
      atMs: arg('atMs'),
    })
    .onConflictDoUpdate({
      target: [suppressed.mapping, suppressed.side, suppressed.record],
      set: { reason: sql`excluded.reason`, atMs: sql`excluded.at` },
    })
    .prepare(),
)
const release = statement(() => orm.delete(suppressed).where(isSuppressed).prepare())

export function openIdentity(db: Statements) {
  /** Follows merges to the id that lives now. A merge that was taken back can close a circle: stop there. */
  function resolve(mapping: string, { side, id }: RecordRef): RecordId {
    const passed = new Set<RecordId>()
    let current = id
    for (;;) {
      passed.add(current)
      const next = db.get(aliasOf, { mapping, side, id: current })?.to
      if (next === undefined || passed.has(next)) return current
      current = next
    }
  }

  return {
    /** What lives now under each id. */
    resolve(mapping: string, side: Side, ids: readonly RecordId[]): ReadonlyMap<RecordId, RecordId> {
      const merged = new Set(db.all(aliasesAmong, { mapping, side, ids }).map((row) => row.from))
      return new Map(ids.map((id) => [id, merged.has(id) ? resolve(mapping, { side, id }) : id]))
    },

    /** What went into each of these, however many merges ago; a record that nothing went into is left out. */
    mergedInto(
      mapping: string,
      side: Side,
      ids: readonly RecordId[],
    ): ReadonlyMap<RecordId, readonly RecordId[]> {
      const found = new Map<RecordId, Set<RecordId>>()
      let now = new Map(ids.map((id) => [id, [id]]))
      while (now.size > 0) {
        // Id → the records asked about that it went into.
        const next = new Map<RecordId, RecordId[]>()
        for (const { from, to } of db.all(aliasesTo, { mapping, side, ids: [...now.keys()] })) {
          for (const id of now.get(to) ?? []) {
            const names = found.get(id) ?? new Set()
            // A merge that was taken back can close a circle.
            if (from === id || names.has(from)) continue
            found.set(id, names.add(from))
            next.set(from, [...(next.get(from) ?? []), id])
          }
        }
        now = next
      }
      return new Map([...found].map(([id, names]) => [id, [...names]]))
    },

    /** The id itself and what it became, in whichever mapping and side it was merged away. */
    resolveAnywhere(id: RecordId): ReadonlySet<RecordId> {
      const places: readonly { mapping: string; side: Side }[] = db.all(aliasesAnywhere, { id })
      return new Set([id, ...places.map(({ mapping, side }) => resolve(mapping, { side, id }))])
    },

    putAlias({ mapping, side, from, to, atMs }: PutAlias): void {
      db.run(putAlias, { mapping, side, from, to, atMs })
    },

    dropAlias(mapping: string, { side, id }: RecordRef): void {
      db.run(dropAlias, { mapping, side, id })
    },

    suppress(change: Suppress): void {
      db.run(suppress, {
        ...change.record,
        mapping: change.mapping,
        reason: change.reason,
        atMs: change.atMs,
      })
    },

    release(mapping: string, record: RecordRef): void {
      db.run(release, { ...record, mapping })
    },

    /** Newest first. */
    keptAlone(request: { reason: string; limit: number }): readonly KeptAlone[] {
      return db.all(suppressedFor, request).map(toKeptAlone)
    },

    /** Under this id, in whichever mapping and side. */
    keptAloneAs(id: RecordId): readonly KeptAlone[] {
      return db.all(suppressedAnywhere, { id }).map(toKeptAlone)
    },

    /** Why each of these records is never created again; one that may be is left out. */
    suppressedBecause(mapping: string, side: Side, ids: readonly RecordId[]): ReadonlyMap<RecordId, string> {
      return new Map(
        db
          .all(reasonsAmong, { mapping, side, ids })
          .map(({ id, reason }): [RecordId, string] => [id, reason]),
      )
    },
  }
}

function toKeptAlone({ side, record, ...rest }: typeof suppressed.$inferSelect): KeptAlone {
  return { ...rest, record: { side, id: record } }
}
