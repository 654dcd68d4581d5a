/**
 * The tables of what was done and what waits: the change log and the journal (append only), open intents, what
 * people look after, and the passes made. What is known about records is in `schema.ts`.
 */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Both, Evidence, RecordId, Side } from '../../core/record.ts'
import type { Canonical, FieldValues, Json } from '../../core/value.ts'
import type { ObservedChange } from '../change.ts'
import type { RecordRef } from '../records.ts'
import type { Conflict, Review } from '../waiting.ts'
import type { Intent, IntentKind, JournalEntry } from '../writes.ts'
import { link, mapping, side } from './schema.ts'

/** Never SQL NULL: "none" is the JSON text `null`. */
const json = <T>(name: string) => text(name, { mode: 'json' }).$type<T>().notNull()

export const changeLog = sqliteTable(
  'change_log',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    key: text('key').notNull().unique(),
    mapping: mapping(),
    side: side(),
    record: text('record').$type<RecordId>().notNull(),
    source: text('source').$type<ObservedChange['source']>().notNull(),
    kind: text('kind').$type<ObservedChange['kind']>().notNull(),
    actor: json<Json>('actor'),
    vendorAt: text('vendor_at'),
    atMs: integer('at').notNull(),
    version: text('version'),
  },
  (t) => [index('change_log_record').on(t.record)],
)

/** Of the last write of a field by us, in a connection that several pairings write to. */
export const origin = sqliteTable(
  'origin',
  {
    connection: text('connection').notNull(),
    object: text('object').notNull(),
    record: text('record').$type<RecordId>().notNull(),
    field: text('field').notNull(),
    evidence: json<Evidence>('evidence'),
  },
  (t) => [primaryKey({ columns: [t.connection, t.object, t.record, t.field] })],
)

/** A row is an open intent; closing removes it, what remains is the journal. At most one per link (I14). */
export const intent = sqliteTable(
  'intent',
  {
    id: text('id').primaryKey(),
    link: text('link')
      .notNull()
      .references(() => link.id),
    mapping: mapping(),
    epoch: integer('epoch').notNull(),
    run: text('run').notNull(),
    side: side(),
    kind: text('kind').$type<IntentKind>().notNull(),
    record: text('record').$type<RecordId>(),
    stamp: json<Intent['stamp']>('stamp'),
    payload: json<FieldValues>('payload'),
    fields: json<Intent['fields']>('fields'),
    versionBefore: text('version_before'),
    sentAtMs: integer('sent_at').notNull(),
  },
  (t) => [uniqueIndex('intent_link').on(t.link)],
)

export const journal = sqliteTable(
  'journal',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    run: text('run').notNull(),
    link: text('link').notNull(),
    mapping: mapping(),
    side: side(),
    kind: text('kind').$type<JournalEntry['kind']>().notNull(),
    record: text('record').$type<RecordId>(),
    before: json<JournalEntry['before']>('before'),
    after: json<JournalEntry['after']>('after'),
    cause: json<Json>('cause'),
    version: text('version'),
    atMs: integer('at').notNull(),
  },
  (t) => [index('journal_run').on(t.run), index('journal_link').on(t.link)],
)

export const conflict = sqliteTable(
  'conflict',
  {
    id: text('id').primaryKey(),
    mapping: mapping(),
    link: text('link').notNull(),
    field: text('field').notNull(),
    kind: text('kind').$type<Conflict['kind']>().notNull(),
    left: json<Canonical>('left_value'),
    right: json<Canonical>('right_value'),
    base: json<Both<Canonical> | null>('base'),
    records: json<Both<RecordId | null>>('records'),
    evidence: json<Both<Evidence | null>>('evidence'),
    rule: text('rule').notNull(),
    loser: text('loser').$type<Side>(),
    state: text('state').$type<Conflict['state']>().notNull(),
    openedAtMs: integer('opened_at').notNull(),
    closedAtMs: integer('closed_at'),
  },
  (t) => [
    uniqueIndex('conflict_standing')
      .on(t.link, t.field)
      .where(sql`state in ('open', 'decided')`),
    index('conflict_link').on(t.link),
    index('conflict_opened').on(t.state, t.openedAtMs),
  ],
)

export const review = sqliteTable(
  'review',
  {
    id: text('id').notNull(),
    mapping: mapping(),
    side: side(),
    record: text('record').$type<RecordId>().notNull(),
    kind: text('kind').$type<Review['kind']>().notNull(),
    candidates: json<readonly RecordRef[]>('candidates'),
    because: text('because').notNull(),
    atMs: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.mapping, t.side, t.record] })],
)

export const quarantine = sqliteTable(
  'quarantine',
  {
    mapping: mapping(),
    side: side(),
    record: text('record').$type<RecordId>().notNull(),
    link: text('link'),
    fields: json<readonly string[]>('fields'),
    reason: text('reason').notNull(),
    cause: text('cause').notNull(),
    attempts: integer('attempts').notNull(),
    retryAtMs: integer('retry_at').notNull(),
    atMs: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.mapping, t.side, t.record] })],
)

export const run = sqliteTable('run', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  pairing: text('pairing'),
  startedMs: integer('started').notNull(),
  endedMs: integer('ended'),
  /** Null while the run lasts. */
  summary: text('summary', { mode: 'json' }).$type<Json>(),
})

export const meta = sqliteTable('meta', {
  key: text('key').primaryKey(),
  value: text('value').notNull(),
})

/** At most one row, `id` 1: the process that owns the database. */
export const lease = sqliteTable('lease', {
  id: integer('id').primaryKey(),
  holder: text('holder').notNull(),
  untilMs: integer('until').notNull(),
})
