/** Records once seen, with their matching keys: what a sweep compares and what matching looks people up in. */
import { and, asc, eq, gt, lt, notInArray, sql } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import type { RecordRef, Sighting } from '../store.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { SEPARATED } from './links.ts'
import { link, matchKey, record, stream } from './schema.ts'

export interface Sweep {
  readonly mapping: string
  readonly side: Side
  readonly sweep: number
}

const ofSide = and(eq(record.mapping, arg('mapping')), eq(record.side, arg('side')))
const isRecord = and(ofSide, eq(record.id, arg('id')))
const isRow = eq(record.row, arg('row'))
const isKeyOfRow = eq(matchKey.record, arg('row'))

const find = statement(() =>
  orm
    .select({
      row: record.row,
      fingerprint: record.fingerprint,
      version: record.version,
      sweep: record.sweep,
    })
    .from(record)
    .where(isRecord)
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
    .where(isRow)
    .prepare(),
)
const drop = statement(() => orm.delete(record).where(isRow).prepare())

const keysOf = statement(() => orm.select({ key: matchKey.key }).from(matchKey).where(isKeyOfRow).prepare())
const addKey = statement(() =>
  orm
    .insert(matchKey)
    .values({ record: arg('row'), key: arg('key') })
    .prepare(),
)
const dropKey = statement(() =>
  orm
    .delete(matchKey)
    .where(and(isKeyOfRow, eq(matchKey.key, arg('key'))))
    .prepare(),
)
const holdersOfKey = statement(() =>
  orm
    .select({ id: record.id })
    .from(matchKey)
    .innerJoin(record, eq(record.row, matchKey.record))
    .where(and(eq(matchKey.key, arg('key')), ofSide))
    .orderBy(asc(record.row))
    .prepare(),
)
const dropKeys = statement(() => orm.delete(matchKey).where(isKeyOfRow).prepare())

// A record that is settled was read, so it exists: it need not be suspected when the running sweep ends.
const currentSweep = sql`coalesce((select ${stream.sweep} from ${stream}
  where ${stream.mapping} = ${arg('mapping')} and ${stream.side} = ${arg('side')}), 0)`
const agreeOn = statement(() =>
  orm
    .insert(record)
    .values({
      mapping: arg('mapping'),
      side: arg('side'),
      id: arg('id'),
      fingerprint: arg('fingerprint'),
      version: arg('version'),
      sweep: currentSweep,
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
const unseenCount = statement(() =>
  orm
    .select({ count: sql<number>`count(*)` })
    .from(record)
    .where(isUnseen)
    .prepare(),
)
const unseenLinked = (side: Side) =>
  statement(() =>
    orm
      .select({ count: sql<number>`count(*)` })
      .from(record)
      .innerJoin(link, and(eq(link[side], record.id), eq(link.mapping, record.mapping)))
      .where(and(isUnseen, notInArray(link.state, [...SEPARATED])))
      .prepare(),
  )
const unseenLinkedCount = { left: unseenLinked('left'), right: unseenLinked('right') }
const unseenPage = statement(() =>
  orm
    .select({ id: record.id })
    .from(record)
    .where(and(isUnseen, gt(record.id, arg('after'))))
    .orderBy(asc(record.id))
    .limit(arg('limit'))
    .prepare(),
)

export function openKnownRecords(db: Statements) {
  function setKeys(row: number, keys: readonly string[], isNew: boolean): void {
    const wanted = new Set(keys)
    const stored = isNew ? [] : db.all(keysOf, { row })
    for (const { key } of stored) {
      if (!wanted.delete(key)) db.run(dropKey, { row, key })
    }
    for (const key of wanted) db.run(addKey, { row, key })
  }

  const key = (mapping: string, ref: RecordRef) => ({ mapping, side: ref.side, id: ref.id })

  return {
    /** Remembers that the record exists, with its keys. Returns the agreed fingerprint, null when there is none. */
    see({ mapping, side, sweep }: Sweep, sighting: Sighting): string | null {
      const { id, keys } = sighting
      const known = db.get(find, { mapping, side, id })
      if (!known) {
        const inserted = db.get(insert, { mapping, side, id, sweep })
        if (inserted) setKeys(inserted.row, keys, true)
        return null
      }
      if (known.sweep !== sweep) db.run(touch, { row: known.row, sweep })
      setKeys(known.row, keys, false)
      return known.fingerprint
    },

    holders(mapping: string, side: Side, key: string): readonly RecordId[] {
      return db.all(holdersOfKey, { mapping, side, key }).map((row) => row.id)
    },

    /** The version at which nothing was left to do. */
    agreedVersion(mapping: string, ref: RecordRef): string | null {
      return db.get(find, key(mapping, ref))?.version ?? null
    },

    /** The fingerprint at which nothing was left to do. */
    agreedFingerprint(mapping: string, ref: RecordRef): string | null {
      return db.get(find, key(mapping, ref))?.fingerprint ?? null
    },

    agree(mapping: string, ref: RecordRef, at: { fingerprint: string; version: string | null }): void {
      db.run(agreeOn, { ...key(mapping, ref), ...at })
    },

    forget(mapping: string, ref: RecordRef): void {
      const known = db.get(find, key(mapping, ref))
      if (!known) return
      db.run(dropKeys, { row: known.row })
      db.run(drop, { row: known.row })
    },

    count(mapping: string, side: Side): number {
      return db.get(count, { mapping, side })?.count ?? 0
    },

    /** Records that the given sweep has not shown, and how many of them belong to a link that still stands. */
    countUnseen(sweep: Sweep): { unseen: number; linked: number } {
      return {
        unseen: db.get(unseenCount, { ...sweep })?.count ?? 0,
        linked: db.get(unseenLinkedCount[sweep.side], { ...sweep })?.count ?? 0,
      }
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
