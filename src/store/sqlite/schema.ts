/**
 * The tables of what is known now, as the store port describes them (algorithms 1.2). What was done and what
 * waits for somebody is in `schema-history.ts`.
 *
 * - Ids of links and records are text and opaque; vendors use UUIDs, decimal numbers and 18-character ids.
 * - `link` and `record`, the two tables that others point at a million times, have an integer `row` beside
 *   their id: `base` and `match_key` carry it instead of repeating 36 characters in row and index.
 * - Index a log by sequence, the current state by id: an index on a random id costs a log its append speed.
 */
import { sql, type SQL, type SQLWrapper } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { RecordId, Side } from '../../core/record.ts'
import type { Lane } from '../../core/lane.ts'
import type { LinkState } from '../links.ts'
import { bitOf } from './reasons.ts'

export const side = () => text('side').$type<Side>().notNull()
export const mapping = () => text('mapping').notNull()

export const link = sqliteTable(
  'link',
  {
    row: integer('row').primaryKey(),
    id: text('id').notNull().unique(),
    mapping: mapping(),
    left: text('left_id').$type<RecordId>(),
    right: text('right_id').$type<RecordId>(),
    state: text('state').$type<LinkState>().notNull(),
    epoch: integer('epoch').notNull(),
    rules: text('rules').notNull(),
    leftVersion: text('left_version'),
    rightVersion: text('right_version'),
  },
  (t) => [
    // Tombs included, so that a dead id stays blocked. The id comes first: operators search without a mapping.
    uniqueIndex('link_left')
      .on(t.left, t.mapping)
      .where(sql`left_id is not null`),
    uniqueIndex('link_right')
      .on(t.right, t.mapping)
      .where(sql`right_id is not null`),
    index('link_state').on(t.mapping, t.state),
  ],
)

/** One value per link, see `base-codec.ts`: one row per field takes three times the space (algorithms 1.2). */
export const base = sqliteTable('base', {
  link: integer('link')
    .primaryKey()
    .references(() => link.row),
  fields: text('fields').notNull(),
})

export const record = sqliteTable(
  'record',
  {
    row: integer('row').primaryKey(),
    mapping: mapping(),
    side: side(),
    id: text('id').$type<RecordId>().notNull(),
    /** Fingerprint and version at which nothing was left to do; null until then. */
    fingerprint: text('fingerprint'),
    version: text('version'),
    /** The last sweep that showed it. */
    sweep: integer('sweep').notNull(),
  },
  (t) => [uniqueIndex('record_id').on(t.mapping, t.side, t.id)],
)

export const matchKey = sqliteTable(
  'match_key',
  {
    record: integer('record')
      .notNull()
      .references(() => record.row),
    key: text('key').notNull(),
  },
  (t) => [uniqueIndex('match_key_key').on(t.key, t.record), index('match_key_record').on(t.record)],
)

export const alias = sqliteTable(
  'alias',
  {
    mapping: mapping(),
    side: side(),
    from: text('from_id').$type<RecordId>().notNull(),
    to: text('to_id').$type<RecordId>().notNull(),
    atMs: integer('at').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.mapping, t.side, t.from] }),
    index('alias_from').on(t.from),
    index('alias_to').on(t.mapping, t.side, t.to),
  ],
)

export const suppressed = sqliteTable(
  'suppressed',
  {
    mapping: mapping(),
    side: side(),
    record: text('record').$type<RecordId>().notNull(),
    reason: text('reason').notNull(),
    atMs: integer('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.mapping, t.side, t.record] })],
)

/** The work queue: a set, one row per record however often it is marked (algorithms 6.1). */
/** Written out, not bound: SQLite takes a partial index only for the very condition that it was made with. */
export function isSuspect(reasons: SQLWrapper): SQL {
  return sql`(${reasons} & ${sql.raw(String(bitOf('unseen') | bitOf('archived')))}) <> 0`
}

export const dirty = sqliteTable(
  'dirty',
  {
    mapping: mapping(),
    side: side(),
    record: text('record').$type<RecordId>().notNull(),
    seq: integer('seq').notNull(),
    lane: integer('lane').$type<Lane>().notNull(),
    dueMs: integer('due').notNull(),
    /** One bit per reason, see `reasons.ts`. */
    reasons: integer('reasons').notNull(),
    attempts: integer('attempts').notNull().default(0),
    firstAtMs: integer('first_at').notNull(),
    lastAtMs: integer('last_at').notNull(),
    leaseUntilMs: integer('lease_until'),
  },
  (t) => [
    primaryKey({ columns: [t.mapping, t.side, t.record] }),
    index('dirty_due').on(t.mapping, t.lane, t.dueMs, t.seq),
    // The guard counts suspects before every batch, with a hundred thousand other records waiting.
    index('dirty_suspect').on(t.mapping, t.side, t.record).where(isSuspect(t.reasons)),
  ],
)

/** Numbers that must never repeat, not even after the rows that used them are gone. */
export const counter = sqliteTable('counter', {
  name: text('name').primaryKey(),
  value: integer('value').notNull(),
})

export const stream = sqliteTable(
  'stream',
  {
    mapping: mapping(),
    side: side(),
    cursor: text('cursor'),
    sweepCursor: text('sweep_cursor'),
    sweep: integer('sweep').notNull().default(0),
    sweepStartedMs: integer('sweep_started'),
    sweepDoneMs: integer('sweep_done'),
    sweepSeen: integer('sweep_seen').notNull().default(0),
    /** Records known when the sweep began, for the guard against an emptied side. */
    sweepKnown: integer('sweep_known').notNull().default(0),
  },
  (t) => [primaryKey({ columns: [t.mapping, t.side] })],
)

export const pendingEdge = sqliteTable(
  'pending_edge',
  {
    targetMapping: text('target_mapping').notNull(),
    side: side(),
    target: text('target').$type<RecordId>().notNull(),
    link: text('link').notNull(),
    field: text('field').notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.targetMapping, t.side, t.target, t.link, t.field] }),
    index('pending_edge_link').on(t.link, t.field),
  ],
)
