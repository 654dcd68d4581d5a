/** A row of the dirty set: how it is found, and when it may be claimed. */
import { and, eq, getTableColumns, isNull, lte, or, sql } from 'drizzle-orm'
import type { RecordRef } from '../records.ts'
import { dirty } from './schema.ts'
import { arg, orm, statement, type Values } from './statements.ts'

/** Shorter than the key, where many rows are changed at once. */
export const row = sql<number>`rowid`

export const isRow = and(
  eq(dirty.mapping, arg('mapping')),
  eq(dirty.side, arg('side')),
  eq(dirty.record, arg('record')),
)

/** The arguments of `isRow`. */
export function rowKey(mapping: string, record: RecordRef): Values {
  return { mapping, side: record.side, record: record.id }
}

/** Due, and leased by nobody. */
export const isFree = and(
  lte(dirty.dueMs, arg('nowMs')),
  or(isNull(dirty.leaseUntilMs), lte(dirty.leaseUntilMs, arg('nowMs'))),
)

export const findRow = statement(() =>
  orm
    .select({ ...getTableColumns(dirty), row })
    .from(dirty)
    .where(isRow)
    .prepare(),
)
