/** Databases in memory are used again: whoever opens one next must not notice. */
import { expect, test } from 'vitest'
import { openInMemory } from '../../src/store/sqlite/in-memory.ts'
import { MIGRATIONS_FOLDER } from '../../src/store/sqlite/migrate.ts'
import type { Database } from '../../src/store/sqlite/database.ts'
import { openObserve } from '../../src/store/sqlite/observe.ts'
import { openReconcile } from '../../src/store/sqlite/reconcile.ts'
import { openTables } from '../../src/store/sqlite/tables.ts'
import { agree, fieldBase, left, mark, MAPPING, observed, putLink } from './contract/samples.ts'

async function fill(database: Database): Promise<void> {
  const tables = openTables(database)
  const store = { ...openObserve(database, tables), ...openReconcile(database, tables) }
  await store.appendChanges({ changes: [observed('bell')], lane: 0, stream: null })
  await store.beginSweep({ mapping: MAPPING, side: 'left', nowMs: 1 })
  await store.commitPlans([putLink('k1'), agree(left('k1-l'), 'f'), mark(left('a'))])
  // Rows that refer to others: a base and matching keys.
  await store.commitPlans([{ kind: 'set-base', link: 'k1', fields: { email: fieldBase('a@example.com') } }])
  await store.recordReads({
    mapping: MAPPING,
    side: 'left',
    sightings: [{ id: 'a', keys: ['0:a@example.com'] }],
  })
}

/** Table → rows. */
function content({ connection }: Database): Record<string, unknown> {
  const names = connection.prepare(`select name from sqlite_schema where type = 'table'`).pluck().all()
  return Object.fromEntries(
    names.map((name) => [String(name), connection.prepare(`select * from "${String(name)}"`).all()]),
  )
}

test('what one held is gone when it is opened again, and numbers begin as before', async () => {
  const first = openInMemory(MIGRATIONS_FOLDER)
  const untouched = content(first)
  await fill(first)
  const filled = content(first)
  expect(filled).not.toEqual(untouched)
  first.close()

  const second = openInMemory(MIGRATIONS_FOLDER)
  expect(second.connection).toBe(first.connection)
  expect(content(second)).toEqual(untouched)
  expect(second.connection.pragma('foreign_keys', { simple: true })).toBe(1)
  await fill(second)
  expect(content(second)).toEqual(filled)
  second.close()
})

test('whoever has closed one cannot reach what the next one writes', () => {
  const first = openInMemory(MIGRATIONS_FOLDER)
  first.close()
  const second = openInMemory(MIGRATIONS_FOLDER)
  expect(second.connection).toBe(first.connection)
  for (const way of ['write', 'writeSoon', 'read', 'look'] as const) {
    expect(() => first[way](() => 1)).toThrow('the database is closed')
    expect(second[way](() => 1)).toBe(1)
  }
  // A second time does nothing: it is not its own any more.
  first.close()
  expect(second.look(() => 1)).toBe(1)
  second.close()
})

test('two that are open at the same time have nothing in common', async () => {
  const [one, other] = [openInMemory(MIGRATIONS_FOLDER), openInMemory(MIGRATIONS_FOLDER)]
  const untouched = content(other)
  await fill(one)
  expect(content(other)).toEqual(untouched)
  one.close()
  other.close()
})
