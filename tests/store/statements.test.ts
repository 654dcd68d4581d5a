/** SQL as it reaches SQLite: the plan of a statement may not rest on what is bound to it. */
import Sqlite from 'better-sqlite3'
import { and, asc, eq, gt, lte } from 'drizzle-orm'
import { expect, test } from 'vitest'
import { migrateDatabase, MIGRATIONS_FOLDER } from '../../src/store/sqlite/migrate.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { dirty, record } from '../../src/store/sqlite/schema.ts'
import { arg, orm, statement } from '../../src/store/sqlite/statements.ts'

const page = statement(() =>
  orm
    .select({ id: record.id })
    .from(record)
    .where(and(eq(record.mapping, arg('mapping')), eq(record.side, arg('side')), gt(record.id, arg('after'))))
    .orderBy(asc(record.id))
    .limit(arg('limit'))
    .prepare(),
)
const due = statement(() =>
  orm
    .select({ record: dirty.record })
    .from(dirty)
    .where(and(eq(dirty.mapping, arg('mapping')), eq(dirty.lane, arg('lane')), lte(dirty.dueMs, arg('now'))))
    .orderBy(asc(dirty.dueMs), asc(dirty.seq))
    .limit(arg('limit'))
    .prepare(),
)

test.each([page, due])('no value can be seen where SQLite would plan with it', (of) => {
  expect(of().sql).not.toMatch(/([<>=]|limit) \?/)
})

test.each([page, due])('and the plan is the one that it would have made', (of) => {
  const { connection, ...database } = openDatabase(':memory:')
  migrateDatabase({ connection, ...database }, MIGRATIONS_FOLDER)
  const planOf = (text: string) =>
    connection
      .prepare<unknown[], { detail: string }>(`explain query plan ${text}`)
      .all(...Array.from(text.matchAll(/\?/g), () => 1))
      .map(({ detail }) => detail)
  const { sql } = of()
  expect(planOf(sql)).toEqual(planOf(sql.replaceAll('+?', '?')))
  expect(planOf(sql).join()).toMatch(/^SEARCH .* USING (COVERING )?INDEX/)
  expect(planOf(sql).join()).not.toContain('TEMP B-TREE')
  connection.close()
})

test('what is bound behind the sign stays what it is', () => {
  const connection = new Sqlite(':memory:')
  const kinds = connection
    .prepare('select typeof(+?) as a, typeof(+?) as b, typeof(+?) as c, +? as same')
    .get('007', 7, null, '007')
  expect(kinds).toEqual({ a: 'text', b: 'real', c: 'null', same: '007' })
  connection.close()
})
