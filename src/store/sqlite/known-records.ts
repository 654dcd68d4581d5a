/** Records once seen: what a sweep compares. Their matching keys are in `match-keys.ts`. */
import { and, asc, eq, gt, inArray, lt, sql } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import { InvariantError } from '../../errors.ts'
import type { KeyedRecord, RecordRef } from '../records.ts'
import type { openMatchKeys } from './match-keys.ts'
import { record } from './schema.ts'
import { arg, eachOf, element, elements, orm, statement, type Statements } from './statements.ts'

type MatchKeys = ReturnType<typeof openMatchKeys>

export interface Sweep {
  readonly mapping: string
  readonly side: Side
  readonly sweep: number
}

const ofSide = and(eq(record.mapping, arg('mapping')), eq(record.side, arg('side')))
const isRecord = and(ofSide, eq(record.id, arg('id')))

const find = statement(() =>
  orm.select({ row: record.row, version: record.version }).from(record).where(isRecord).prepare(),
)
const amongSide = statement(() =>
  orm
    .select({ row: record.row, id: record.id, fingerprint: record.fingerprint, sweep: record.sweep })
    .from(elements('ids'))
    .crossJoin(record)
    .where(and(ofSide, eq(record.id, element)))
    .prepare(),
)
const insert = statement(() =>
  orm
    .insert(record)
    .values({ mapping: arg('mapping'), side: arg('side'), id: arg('id'), sweep: arg('sweep') })
    .returning({ row: record.row })
    .prepare(),
)
const touch = statement(() =>
  orm
    .update(record)
    .set({ sweep: sql`${arg('sweep')}` })
    .where(inArray(record.row, eachOf('rows')))
    .prepare(),
)
const drop = statement(() =>
  orm
    .delete(record)
    .where(eq(record.row, arg('row')))
    .prepare(),
)

const agreeOn = statement(() =>
  orm
    .insert(record)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      id: arg('id'),
      fingerprint: arg('fingerprint'),
      version: arg('version'),
      sweep: arg('sweep'),
    })
    .onConflictDoUpdate({
      target: [record.mapping, record.side, record.id],
      set: {
        fingerprint: sql`excluded.fingerprint`,
        version: sql`excluded.version`,
        sweep: sql`excluded.sweep`,
      },
    })
    .prepare(),
)

const count = statement(() =>
  orm
    .select({ count: sql<number>`count(*)` })
    .from(record)
    .where(ofSide)
    .prepare(),
)
const isUnseen = and(ofSide, lt(record.sweep, arg('sweep')))
const unseenPage = statement(() =>
  orm
    .select({ id: record.id })
    .from(record)
    .where(and(isUnseen, gt(record.id, arg('after'))))
    .orderBy(asc(record.id))
    .limit(arg('limit'))
    .prepare(),
)

export function openKnownRecords(db: Statements, matchKeys: MatchKeys) {
  const key = (mapping: string, ref: RecordRef) => ({ mapping, side: ref.side, id: ref.id })

  return {
    /**
     * Remembers that these records exist, with their keys. Returns the agreed fingerprint of each that was known,
     * null where there is none. Three reads for a whole page, and writes only for what is new.
     */
    see(
      { mapping, side, sweep }: Sweep,
      sightings: readonly KeyedRecord[],
    ): ReadonlyMap<RecordId, string | null> {
      const ids = sightings.map((sighting) => sighting.id)
      const known = new Map(db.all(amongSide, { mapping, side, ids }).map((found) => [found.id, found]))
      const older = [...known.values()].filter((found) => found.sweep !== sweep)
      if (older.length > 0) db.run(touch, { sweep, rows: older.map(({ row }) => row) })
      const stored = new Map(matchKeys.of([...known.values()].map(({ row }) => row)))
      for (const { id, keys } of sightings) {
        const row = known.get(id)?.row ?? db.get(insert, { mapping, side, id, sweep })?.row
        if (row === undefined) throw new InvariantError('record', `${id} was not stored`)
        if (!known.has(id)) known.set(id, { row, id, fingerprint: null, sweep })
        matchKeys.replace(row, stored.get(row) ?? [], keys)
        stored.set(row, keys)
      }
      return new Map([...known.values()].map(({ id, fingerprint }) => [id, fingerprint]))
    },

    rowOf(mapping: string, ref: RecordRef): number | null {
      return db.get(find, key(mapping, ref))?.row ?? null
    },

    /** The version at which nothing was left to do. */
    agreedVersion(mapping: string, ref: RecordRef): string | null {
      return db.get(find, key(mapping, ref))?.version ?? null
    },

    /**
     * A record that is settled was read, so it exists: with the running sweep's number it need not be suspected
     * when that sweep ends.
     */
    agree(
      mapping: string,
      ref: RecordRef,
      at: { readonly fingerprint: string; readonly version: string | null; readonly sweep: number },
    ): void {
      db.run(agreeOn, { ...key(mapping, ref), ...at })
    },

    forget(mapping: string, ref: RecordRef): void {
      const known = db.get(find, key(mapping, ref))
      if (!known) return
      matchKeys.drop(known.row)
      db.run(drop, { row: known.row })
    },

    count(mapping: string, side: Side): number {
      return db.get(count, { mapping, side })?.count ?? 0
    },

    /** Visits every record that the sweep has not shown, a page at a time. Returns how many there were. */
    eachUnseen(sweep: Sweep, visit: (id: RecordId) => void): number {
      const limit = 1_000
      let visited = 0
      let after = ''
      for (;;) {
        const page = db.all(unseenPage, { ...sweep, after, limit })
        for (const { id } of page) visit(id)
        visited += page.length
        const last = page.at(-1)
        if (!last || page.length < limit) return visited
        after = last.id
      }
    },
  }
}
