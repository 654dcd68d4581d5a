/** Matching keys of known records: what matching looks people up by. They belong to a record's row. */
import { and, asc, eq } from 'drizzle-orm'
import type { RecordId, Side } from '../../core/record.ts'
import { matchKey, record } from './schema.ts'
import { arg, element, elements, orm, statement, type Statements } from './statements.ts'

const isOfRow = eq(matchKey.record, arg('row'))
const keysOf = statement(() =>
  orm
    .select({ row: matchKey.record, key: matchKey.key })
    .from(elements('rows'))
    .crossJoin(matchKey)
    .where(eq(matchKey.record, element))
    .prepare(),
)
const add = statement(() =>
  orm
    .insert(matchKey)
    .values({ record: arg('row'), key: arg('key') })
    .prepare(),
)
const drop = statement(() =>
  orm
    .delete(matchKey)
    .where(and(isOfRow, eq(matchKey.key, arg('key'))))
    .prepare(),
)
const dropAll = statement(() => orm.delete(matchKey).where(isOfRow).prepare())
// `cross join` keeps SQLite from beginning with all records of the side: keys are rare, records are many.
const holders = statement(() =>
  orm
    .select({ key: matchKey.key, id: record.id })
    .from(elements('keys'))
    .crossJoin(matchKey)
    .crossJoin(record)
    .where(
      and(
        eq(matchKey.key, element),
        eq(record.row, matchKey.record),
        eq(record.mapping, arg('mapping')),
        eq(record.side, arg('side')),
      ),
    )
    .orderBy(asc(record.row))
    .prepare(),
)

export function openMatchKeys(db: Statements) {
  return {
    /** The keys of these rows, each named once; a row without keys is left out. */
    of(rows: readonly number[]): ReadonlyMap<number, readonly string[]> {
      return grouped(db.all(keysOf, { rows }).map(({ row, key }) => [row, key]))
    },

    /** Makes the keys of a row equal to `wanted`, given what it has. */
    replace(row: number, stored: readonly string[], wanted: readonly string[]): void {
      const missing = new Set(wanted)
      for (const key of stored) if (!missing.delete(key)) db.run(drop, { row, key })
      for (const key of missing) db.run(add, { row, key })
    },

    drop(row: number): void {
      db.run(dropAll, { row })
    },

    /** Records of one side that hold one of these keys, by key, the longest known first. */
    holders(mapping: string, side: Side, keys: readonly string[]): ReadonlyMap<string, readonly RecordId[]> {
      const found = db.all(holders, { mapping, side, keys: [...new Set(keys)] })
      return grouped(found.map(({ key, id }) => [key, id]))
    },
  }
}

function grouped<K, V>(entries: readonly (readonly [K, V])[]): ReadonlyMap<K, readonly V[]> {
  const groups = new Map<K, V[]>()
  for (const [key, value] of entries) {
    const group = groups.get(key)
    if (group) group.push(value)
    else groups.set(key, [value])
  }
  return groups
}
