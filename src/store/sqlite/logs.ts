/** The two append-only tables: the change log (who told us so) and the journal (what we wrote, and why). */
import { and, desc, eq, getTableColumns, gt, inArray, lt, or, sql, type SQL } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { RecordId } from '../../core/record.ts'
import type { ObservedChange } from '../change.ts'
import type { Link, LinkId } from '../links.ts'
import type { Debounce } from '../records.ts'
import type { JournalEntry, JournalLine, Run } from '../writes.ts'
import { arg, orm, statement, type Statements } from './statements.ts'
import { changeLog, journal, run } from './schema-history.ts'

const appendChange = statement(() =>
  orm
    .insert(changeLog)
    .values({
      key: arg('key'),
      mapping: arg('mapping'),
      side: arg('side'),
      record: arg('record'),
      source: arg('source'),
      kind: arg('kind'),
      actor: arg('actor'),
      vendorAt: arg('vendorAt'),
      atMs: arg('atMs'),
      version: arg('version'),
    })
    .onConflictDoNothing({ target: changeLog.key })
    .prepare(),
)
const changesOf = statement(() =>
  orm
    .select()
    .from(changeLog)
    .where(
      and(
        eq(changeLog.record, arg('record')),
        eq(changeLog.mapping, arg('mapping')),
        eq(changeLog.side, arg('side')),
      ),
    )
    .orderBy(desc(changeLog.id))
    .limit(arg('limit'))
    .prepare(),
)
/** Rows looked back for touches: a few saves of many fields each. A record with more is busy anyway. */
const TOUCHES_READ = 50

const touchesOf = statement(() =>
  orm
    .select({ atMs: changeLog.atMs })
    .from(changeLog)
    .where(
      and(
        eq(changeLog.record, arg('record')),
        eq(changeLog.mapping, arg('mapping')),
        eq(changeLog.side, arg('side')),
        eq(changeLog.source, 'webhook'),
        sql`json_extract(${changeLog.actor}, '$.kind') is not 'us'`,
      ),
    )
    .orderBy(desc(changeLog.id))
    .limit(TOUCHES_READ)
    .prepare(),
)
const appendWrite = statement(() =>
  orm
    .insert(journal)
    .values({
      run: arg('run'),
      link: arg('link'),
      mapping: arg('mapping'),
      side: arg('side'),
      kind: arg('kind'),
      record: arg('record'),
      before: arg('before'),
      after: arg('after'),
      cause: arg('cause'),
      version: arg('version'),
      atMs: arg('atMs'),
    })
    .prepare(),
)
const journalOf = statement(() =>
  orm
    .select()
    .from(journal)
    .where(eq(journal.link, arg('link')))
    .orderBy(desc(journal.id))
    .limit(arg('limit'))
    .prepare(),
)

/** Who was paired stands in these entries as `"left":"<id>"` or `"right":"<id>"`. No index: only people ask. */
const linksNaming = statement(() =>
  orm
    .selectDistinct({ link: journal.link })
    .from(journal)
    .where(
      and(
        inArray(journal.kind, ['link', 'unlink', 'relink']),
        or(...[journal.before, journal.after].map(holdsAsked), eq(journal.record, arg('record'))),
      ),
    )
    .prepare(),
)

function holdsAsked(column: SQLiteColumn): SQL {
  return sql`${arg('record')} in (json_extract(${column}, '$.left'), json_extract(${column}, '$.right'))`
}

const journalOfRun = statement(() =>
  orm
    .select()
    .from(journal)
    .where(and(eq(journal.run, arg('run')), lt(journal.id, arg('olderThan'))))
    .orderBy(desc(journal.id))
    .limit(arg('limit'))
    .prepare(),
)
const journalAfter = statement(() =>
  orm
    .select({
      ...getTableColumns(journal),
      runKind: run.kind,
      ofNewPair: sql<number>`exists (
        select 1 from journal as made
        where made.link = journal.link and made.run = journal.run and made.kind in ('link', 'create')
      )`,
    })
    .from(journal)
    .leftJoin(run, eq(run.id, journal.run))
    .where(gt(journal.id, arg('after')))
    .orderBy(journal.id)
    .limit(arg('limit'))
    .prepare(),
)
const countOfRun = statement(() =>
  orm
    .select({
      kind: journal.kind,
      mapping: journal.mapping,
      side: journal.side,
      count: sql<number>`count(*)`,
    })
    .from(journal)
    .where(eq(journal.run, arg('run')))
    .groupBy(journal.kind, journal.mapping, journal.side)
    .orderBy(journal.kind, journal.mapping, journal.side)
    .prepare(),
)

export function openLogs(db: Statements) {
  return {
    /** False when the key is known. */
    appendChange(change: ObservedChange): boolean {
      return db.run(appendChange, { ...change }) > 0
    },

    /**
     * When webhooks told of this record before, newest first and as many as a debounce asks about. Bells of one
     * moment are one touch: a save of many fields arrives as many.
     */
    touchesBefore(change: ObservedChange, { touchesMax, withinMs }: Debounce): readonly number[] {
      const { mapping, side, record, atMs } = change
      const times = db.all(touchesOf, { mapping, side, record }).map((row) => row.atMs)
      const before = times.filter((each) => each < atMs && each > atMs - withinMs)
      return [...new Set(before)].slice(0, touchesMax)
    },

    /** Changes observed on either record of a link, newest first. */
    changesOf(link: Link, limit: number): readonly ObservedChange[] {
      const { mapping, left, right } = link
      return [
        ...(left === null ? [] : db.all(changesOf, { mapping, side: 'left', record: left, limit })),
        ...(right === null ? [] : db.all(changesOf, { mapping, side: 'right', record: right, limit })),
      ]
        .toSorted((a, b) => b.id - a.id)
        .slice(0, limit)
        .map(toChange)
    },

    appendWrite(entry: Omit<JournalEntry, 'id'>): void {
      db.run(appendWrite, { ...entry })
    },

    /** Newest first. */
    journalOf(link: LinkId, limit: number): readonly JournalEntry[] {
      return db.all(journalOf, { link, limit })
    },

    /** Of pairs that it was once in, or was taken out of. */
    linksNaming(record: RecordId): readonly LinkId[] {
      return db.all(linksNaming, { record }).map(({ link }) => link)
    },

    /** Newest first, from below `olderThan` on. */
    journalOfRun(run: string, olderThan: number | null, limit: number): readonly JournalEntry[] {
      return db.all(journalOfRun, { run, olderThan: olderThan ?? Number.MAX_SAFE_INTEGER, limit })
    },

    /** Oldest first, from above `after` on. */
    journalAfter(after: number, limit: number): readonly JournalLine[] {
      return db
        .all(journalAfter, { after, limit })
        .map(({ runKind, ofNewPair, ...entry }) => ({ ...entry, runKind, ofNewPair: ofNewPair !== 0 }))
    },

    /** How much of what a run wrote, by mapping and side. */
    countOfRun(run: string): Run['did'] {
      return db.all(countOfRun, { run })
    },
  }
}

function toChange(row: typeof changeLog.$inferSelect): ObservedChange {
  const { key, mapping, side, record, source, kind, actor, vendorAt, atMs, version } = row
  return { key, mapping, side, record, source, kind, actor, vendorAt, atMs, version }
}
