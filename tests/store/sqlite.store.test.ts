/** The store on SQLite: the contract, in memory and in a file, and what only a file can get wrong. */
import { copyFileSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Sqlite from 'better-sqlite3'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { openDeliver } from '../../src/store/sqlite/deliver.ts'
import { migrateDatabase, MIGRATIONS_FOLDER } from '../../src/store/sqlite/migrate.ts'
import { openObserve } from '../../src/store/sqlite/observe.ts'
import { openSqliteStore } from '../../src/store/sqlite/open.ts'
import { openReconcile } from '../../src/store/sqlite/reconcile.ts'
import { openTables } from '../../src/store/sqlite/tables.ts'
import type { Owner } from '../../src/store/ownership.ts'
import type { Store } from '../../src/store/store.ts'
import {
  agree,
  claim,
  idsOf,
  intent,
  journalEntry,
  left,
  mark,
  MAPPING,
  observed,
  putLink,
  sighting,
} from './contract/samples.ts'
import { storeContract } from './store-contract.ts'

const folder = mkdtempSync(join(tmpdir(), 'attune-store-'))
let files = 0
const newFile = () => join(folder, `${(files += 1)}.db`)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

storeContract('SQLite in memory', () => openSqliteStore({ file: ':memory:' }))
storeContract('SQLite in a file', () => openSqliteStore({ file: newFile() }))

async function refusal(file: string): Promise<ConfigError> {
  const error: unknown = await openSqliteStore({ file }).catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

test('a file stops growing when as much is forgotten as comes in', async () => {
  const file = newFile()
  const store = await openSqliteStore({ file })
  const pages = () => {
    const reader = new Sqlite(file, { readonly: true })
    const count = reader.pragma('page_count', { simple: true }) as number
    reader.close()
    return count
  }
  await store.commitPlans([putLink('k1')])
  const PER_DAY = 200
  const KEPT_DAYS = 5
  const sizes: number[] = []
  for (let day = 1; day <= 40; day += 1) {
    await store.commitPlans(
      Array.from({ length: PER_DAY }, (_, i) => [
        { kind: 'log', change: observed(`${day}/${i}`, { atMs: day }) } as const,
        journalEntry('k1', { atMs: day, run: `run-${day}` }),
      ]).flat(),
    )
    for (const what of ['changes', 'journal'] as const) {
      const bounds = { what, limit: 50, beforeMs: day - KEPT_DAYS, removedBeforeMs: 0, readUntil: null }
      let after: string | null = null
      do after = (await store.prune({ ...bounds, after })).next
      while (after !== null)
    }
    sizes.push(pages())
  }
  await store.close()
  const settled = sizes[2 * KEPT_DAYS] ?? 0
  expect(settled).toBeGreaterThan(sizes[0] ?? 0)
  // Rows of one day more or less, and what splitting pages takes.
  expect(Math.max(...sizes.slice(2 * KEPT_DAYS))).toBeLessThan(1.1 * settled)
})

describe('a SQLite file', () => {
  test('is made with its folder, and keeps what was committed', async () => {
    const file = join(folder, 'deep', 'er', 'attune.db')
    const store = await openSqliteStore({ file })
    await store.commitPlans([putLink('k1')])
    await store.close()
    const again = await openSqliteStore({ file })
    expect(await again.countLinks(MAPPING)).toBe(1)
    await again.close()
  })

  test('survives a killed process: what was committed is there, leases and intents included', async () => {
    const file = newFile()
    const killed = await openSqliteStore({ file })
    await killed.commitPlans([putLink('k1'), mark(left('a'))])
    await killed.beginWrites([intent('i1', 'k1')])
    await claim(killed)
    // The killed process never closes: nothing is checkpointed, all of it may still be in the log beside the file.
    const copy = newFile()
    for (const suffix of ['', '-wal']) {
      if (existsSync(file + suffix)) copyFileSync(file + suffix, copy + suffix)
    }
    const survivor = await openSqliteStore({ file: copy })
    expect(await survivor.openIntents({ mapping: null, limit: 9 })).toEqual([intent('i1', 'k1')])
    expect(await claim(survivor)).toEqual([])
    await survivor.releaseClaims()
    expect(idsOf(await claim(survivor))).toEqual(['left:a'])
    await survivor.close()
    await killed.close()
  })

  test('may be open twice: a command leaves its decision beside the running daemon', async () => {
    const file = newFile()
    const daemon = await openSqliteStore({ file })
    const command = await openSqliteStore({ file })
    await daemon.commitPlans([mark(left('a'))])
    const [first] = await claim(daemon)
    await command.commitPlans([mark(left('a'))])
    expect((await claim(daemon, { nowMs: 2_000_000 }))[0]?.seq).toBeGreaterThan(first?.seq ?? 0)
    await Promise.all([daemon.close(), command.close()])
  })

  test('written by a newer release is refused and left as it was', async () => {
    const file = newFile()
    await (await openSqliteStore({ file })).close()
    const database = new Sqlite(file)
    database
      .prepare('insert into __drizzle_migrations (hash, created_at) values (?, ?)')
      .run('from the future', 9_999_999_999_999)
    database.close()
    const error = await refusal(file)
    expect(error.message).toContain('newer release')
    expect(error.message).toContain(file)
    expect(error.hint).toContain('newer release')
  })

  test('that somebody owns is brought up to date only if that is allowed, and read as it is if it need not be', async () => {
    const file = newFile()
    const older = await openSqliteStore({ file })
    await older.acquireLease({ holder: 'the daemon', nowMs: 1_000, ttlMs: 500, isAlive: () => true })
    const migrationsFolder = join(folder, 'newer')
    cpSync(MIGRATIONS_FOLDER, migrationsFolder, { recursive: true })
    const journal = join(migrationsFolder, 'meta', '_journal.json')
    const known = JSON.parse(readFileSync(journal, 'utf8')) as { entries: { when: number; tag: string }[] }
    const added = { ...known.entries[0], when: 9_999_999_999_999, tag: '9999_added' }
    writeFileSync(journal, JSON.stringify({ ...known, entries: [...known.entries, added] }))
    writeFileSync(join(migrationsFolder, '9999_added.sql'), 'create table added (x integer)')
    const owners: Owner[] = []
    const refuseMigration = (owner: Owner) => {
      owners.push(owner)
      throw new ConfigError('not now', { hint: '' })
    }
    await expect(openSqliteStore({ file, migrationsFolder, refuseMigration })).rejects.toThrow('not now')
    expect(owners).toEqual([{ holder: 'the daemon', untilMs: 1_500 }])
    // What the older release still opens was not changed.
    await (await openSqliteStore({ file, refuseMigration })).close()
    await older.releaseLease('the daemon')
    await older.close()
    await (await openSqliteStore({ file, migrationsFolder, refuseMigration })).close()
    expect((await refusal(file)).message).toContain('newer release')
  })

  test('of another program is refused', async () => {
    const file = newFile()
    const database = new Sqlite(file)
    database.exec('create table notes (text)')
    database.close()
    expect((await refusal(file)).message).toContain('another program')
  })

  test('that is no database is refused', async () => {
    const file = newFile()
    writeFileSync(file, 'id,name\n'.repeat(2_000))
    expect((await refusal(file)).message).toContain('not a SQLite database')
  })

  test('on a full disk loses the interrupted step as a whole, and says so', async () => {
    const file = newFile()
    await (await openSqliteStore({ file })).close()
    const database = openDatabase(file)
    const pages = Number(database.connection.pragma('page_count', { simple: true }))
    database.connection.pragma(`max_page_count = ${pages + 1}`)
    const tables = openTables(database)
    const fill = () => {
      for (let i = 0; i < 1_000; i += 1)
        tables.records.agree(MAPPING, left(`r${i}`), { fingerprint: 'f', version: null, sweep: 0 })
    }
    expect(() => database.write(fill)).toThrow(ConfigError)
    expect(() => database.write(fill)).toThrow(`The disk is full, writing the database failed: ${file}`)
    expect(database.read(() => tables.records.count(MAPPING, 'left'))).toBe(0)
    database.connection.close()
  })

  test('that another program keeps locked is waited for once, and not again for as long until it is free', async () => {
    const file = newFile()
    await (await openSqliteStore({ file })).close()
    const [other, database] = [openDatabase(file), openDatabase(file)]
    const patience = () => database.connection.pragma('busy_timeout', { simple: true })
    expect(patience()).toBe(5_000)
    database.connection.pragma('busy_timeout = 1')
    other.connection.exec('begin immediate')
    const locked = `Another process keeps the database locked, for more than 5 seconds now: ${file}`
    expect(() => database.write(() => undefined)).toThrow(locked)
    expect(patience()).toBe(50)
    expect(() => database.writeSoon(() => undefined)).toThrow(ConfigError)
    other.connection.exec('rollback')
    database.write(() => undefined)
    expect(patience()).toBe(5_000)
    other.close()
    database.close()
  })

  test('waits for the disk before a call is made, and not for what is found out again', async () => {
    const database = openDatabase(newFile())
    migrateDatabase(database, MIGRATIONS_FOLDER)
    const tables = openTables(database)
    const store = { ...openReconcile(database, tables), ...openDeliver(database, tables) }
    const waits = () => database.connection.pragma('synchronous', { simple: true }) === 2
    await store.commitPlans([putLink('k1'), mark(left('k1-l'))])
    await store.claimDirty({ mapping: MAPPING, limit: 9, nowMs: 2_000_000, leaseMs: 1 })
    expect(waits()).toBe(false)
    expect(await store.beginWrites([intent('i1', 'k1')])).toEqual(new Set(['i1']))
    expect(waits()).toBe(true)
    await store.commitPlans([mark(left('k1-l'))])
    expect(waits()).toBe(false)
    // Lost, it leaves the intent open, and the outcome is found out by looking.
    await store.ackWrites([{ kind: 'close-intent', intent: 'i1' }])
    expect(waits()).toBe(false)
    database.connection.close()
  })

  test('that cannot be made is refused', async () => {
    const inTheWay = newFile()
    writeFileSync(inTheWay, '')
    const error = await refusal(join(inTheWay, 'attune.db'))
    expect(error.message).toContain(inTheWay)
    expect((await refusal(folder)).message).toContain('cannot be opened')
  })
})

describe('pages of a large listing', () => {
  test('10,000 records are taken in one page, and further pages cost the same as the first ones', async () => {
    const store = await openSqliteStore({ file: ':memory:' })
    const ids = Array.from({ length: 10_000 }, (_, i) => `record-${i}`)
    await store.beginSweep({ mapping: MAPPING, side: 'left', nowMs: 1 })
    const few = await fastest(store, ids.slice(0, 500))
    expect(await list(store, ids)).toMatchObject({ marked: 10_000 })
    await store.commitPlans(ids.map((id) => agree(left(id), `seen-${id}`)))
    const many = await fastest(store, ids.slice(-500))
    // A look-up that walks all records would cost twenty times as much.
    expect(many / few).toBeLessThan(8)
    await store.close()
  })
})

test('about no records at all nothing is asked', async () => {
  const database = openDatabase(':memory:')
  migrateDatabase(database, MIGRATIONS_FOLDER)
  const store = openReconcile(database, openTables(database))
  const prepare = vi.spyOn(database.connection, 'prepare')
  expect(await store.load({ mapping: MAPPING, records: [] })).toEqual([])
  expect(await store.linksOf({ mapping: MAPPING, side: 'left', ids: [] })).toEqual(new Map())
  expect(prepare).not.toHaveBeenCalled()
  await store.load({ mapping: MAPPING, records: [left('a')] })
  const asked = prepare.mock.calls.flat().join('\n')
  expect(asked).toContain('join "record"')
  expect(asked, 'without a link').not.toContain('"conflict"')
  database.connection.close()
})

test('no statement of a batch walks the records of a whole side', async () => {
  const database = openDatabase(':memory:')
  migrateDatabase(database, MIGRATIONS_FOLDER)
  const prepare = vi.spyOn(database.connection, 'prepare')
  const tables = openTables(database)
  const store = { ...openObserve(database, tables), ...openReconcile(database, tables) }
  await store.recordReads({ mapping: MAPPING, side: 'left', sightings: [sighting('a', { keys: ['0:a'] })] })
  await store.commitPlans([putLink('k1'), agree(left('k1-l'), 'f'), mark(left('a'))])
  await store.claimDirty({ mapping: MAPPING, limit: 9, nowMs: 2_000_000, leaseMs: 1 })
  await store.load({ mapping: MAPPING, records: [left('a')] })
  await store.components({ mapping: MAPPING, records: [left('a')], limit: 9 })
  await store.holders({ mapping: MAPPING, side: 'left', keys: ['0:a'] })
  const links = [...(await store.linksOf({ mapping: MAPPING, side: 'left', ids: ['k1-l'] })).values()]
  await store.recordsOf({ mapping: MAPPING, side: 'right', links })
  await store.loadLinks({ links })
  const statements = [...new Set(prepare.mock.calls.map(([text]) => text))].filter((text) =>
    /\b(where|join)\b/.test(text),
  )
  expect(statements.length).toBeGreaterThan(14)
  for (const text of statements) {
    const values = Array.from(text.matchAll(/\?/g), () => '[]')
    const steps = database.connection.prepare(`explain query plan ${text}`).all(...values) as {
      detail: string
    }[]
    const plan = steps.map(({ detail }) => detail)
    expect({
      text,
      walks: plan.filter((step) => /SCAN (?!json_each)|record_id \(mapping=\? AND side=\?\)$/.test(step)),
    }).toEqual({
      text,
      walks: [],
    })
  }
})

test('whoever counts suspects walks past nothing that is marked for another reason', async () => {
  const database = openDatabase(':memory:')
  migrateDatabase(database, MIGRATIONS_FOLDER)
  const prepare = vi.spyOn(database.connection, 'prepare')
  const store = openObserve(database, openTables(database))
  for (const side of ['left', 'right'] as const) {
    prepare.mockClear()
    await store.suspects({ mapping: MAPPING, side, after: null, limit: 9 })
    const [text = ''] = prepare.mock.calls.flat()
    const values = Array.from(text.matchAll(/\?/g), () => 1)
    const steps = database.connection.prepare(`explain query plan ${text}`).all(...values)
    expect(steps).toContainEqual(
      expect.objectContaining({ detail: expect.stringMatching(/^SEARCH dirty .*INDEX dirty_suspect /) }),
    )
  }
  database.connection.close()
})

function list(store: Store, ids: readonly string[]) {
  const sightings = ids.map((id) => sighting(id, { keys: [`0:${id}@example.com`] }))
  return store.recordPage({ mapping: MAPPING, side: 'left', sightings, next: null, lane: 3, nowMs: 1 })
}

/** The best of several runs, so that a busy machine does not decide. */
async function fastest(store: Store, ids: readonly string[]): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < 5; run += 1) {
    const startedMs = performance.now()
    await list(store, ids)
    best = Math.min(best, performance.now() - startedMs)
  }
  return best
}
