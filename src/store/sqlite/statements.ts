/**
 * SQL that drizzle writes and SQLite runs without it. A statement's text is made from the schema once per process;
 * each connection prepares it when it first needs it.
 *
 * Why not drizzle's own prepared queries: they walk its class hierarchy for every value bound or read, a quarter of
 * the time of a batch of ten statements per link (30 against 23 µs), and every database opened anew has all its
 * texts built anew, which is what a simulated world of ten records spends most of its store time with.
 */
import type Sqlite from 'better-sqlite3'
import { Column, is, Param, Placeholder, sql, type SQL } from 'drizzle-orm'
import {
  BaseSQLiteDatabase,
  SQLitePreparedQuery,
  SQLiteSession,
  SQLiteSyncDialect,
  type PreparedQueryConfig,
} from 'drizzle-orm/sqlite-core'
import type { Query } from 'drizzle-orm/sql/sql'

/** A value given when the statement runs. */
export const arg = sql.placeholder

/**
 * The elements of an array given when the statement runs, as a table with a column `value`: one statement for a whole
 * batch. A select begins with them, and visits twice what is named twice.
 */
export function elements(name: string): SQL {
  return sql`json_each(${sql.param(arg(name), AS_JSON)})`
}

/** One of them. */
export const element = sql<string>`value`

/** The same for `inArray`, where nothing can be joined. SQLite keeps a table for it while the statement runs. */
export function eachOf(name: string): SQL {
  return sql`(select value from ${elements(name)})`
}

const AS_JSON = { mapToDriverValue: (value: unknown) => JSON.stringify(value) }

export type Values = Readonly<Record<string, unknown>>

export interface Statement<Row> {
  readonly sql: string
  /** Arguments whose elements say which rows it is about: it has nothing to do where one of them is empty. */
  readonly lists: readonly string[]
  readonly bind: (values: Values) => unknown[]
  readonly read: (row: readonly unknown[]) => Row
}

/** One connection's way to run statements. Rows come in the shape in which drizzle would have mapped them. */
export interface Statements {
  get<Row>(statement: () => Statement<Row>, values?: Values): Row | undefined
  all<Row>(statement: () => Statement<Row>, values?: Values): Row[]
  /** Returns how many rows it changed. */
  run(statement: () => Statement<unknown>, values?: Values): number
}

interface Prepared {
  get(values?: Record<string, unknown>): unknown
}

type RowOf<P extends Prepared> = NonNullable<ReturnType<P['get']>>

/** Defines a statement, e.g. `statement(() => orm.select().from(link).where(eq(link.id, arg('id'))).prepare())`. */
export function statement<P extends Prepared>(prepare: () => P): () => Statement<RowOf<P>> {
  let compiled: Statement<RowOf<P>> | undefined
  return () => (compiled ??= (prepare() as unknown as Compiled).statement as Statement<RowOf<P>>)
}

export function openStatements(connection: Sqlite.Database): Statements {
  const prepared = new Map<Statement<unknown>, Sqlite.Statement>()
  const on = (statement: Statement<unknown>): Sqlite.Statement => {
    const known = prepared.get(statement)
    if (known) return known
    const fresh = connection.prepare(statement.sql)
    if (fresh.reader) fresh.raw()
    prepared.set(statement, fresh)
    return fresh
  }
  return {
    get(of, values = {}) {
      const statement = of()
      const row = on(statement).get(...statement.bind(values)) as readonly unknown[] | undefined
      return row === undefined ? undefined : statement.read(row)
    },
    all(of, values = {}) {
      const statement = of()
      if (isVain(statement, values)) return []
      const rows = on(statement).all(...statement.bind(values)) as (readonly unknown[])[]
      return rows.map(statement.read)
    },
    run(of, values = {}) {
      const statement = of()
      if (isVain(statement, values)) return 0
      return on(statement).run(...statement.bind(values)).changes
    },
  }
}

function isVain({ lists }: Statement<unknown>, values: Values): boolean {
  return lists.some((name) => {
    const list = values[name]
    return Array.isArray(list) && list.length === 0
  })
}

class Compiled extends SQLitePreparedQuery<PreparedQueryConfig & { type: 'sync' }> {
  readonly statement: Statement<unknown>

  constructor(query: Query, fields: readonly Field[]) {
    super('sync', 'all', query)
    const { params } = query
    this.statement = {
      sql: withFixedPlan(query.sql),
      lists: listsIn(params),
      bind: binder(params),
      read: reader(fields),
    }
  }

  run = refuse
  all = refuse
  get = refuse
  values = refuse
}

/**
 * SQLite's planner looks at values that are bound where they bear on an order or a limit, and compiles such a statement
 * anew whenever any is bound, equal or not: more than half of what a small query takes (5.6 against 2.8 µs, and 40
 * against 7 where other work came in between). It does not look behind a sign, which changes nothing else.
 */
function withFixedPlan(text: string): string {
  return text.replaceAll(/ ([<>]?=|[<>]|limit) \?/g, ' $1 +?')
}

function refuse(): never {
  throw new Error('this statement is only built here; a connection runs it')
}

/** Where other drivers prepare a statement, this one keeps what running it takes. */
class Compiler extends SQLiteSession<'sync', Sqlite.RunResult, Record<string, never>, Record<string, never>> {
  prepareQuery(query: Query, fields: readonly Field[] | undefined): Compiled {
    return new Compiled(query, fields ?? [])
  }

  transaction = refuse
}

const dialect = new SQLiteSyncDialect()

/** Builds statements and runs none. */
export const orm = new BaseSQLiteDatabase<'sync', Sqlite.RunResult>(
  'sync',
  dialect,
  new Compiler(dialect),
  undefined,
)

interface Field {
  readonly path: readonly string[]
  readonly field: unknown
}

function listsIn(params: readonly unknown[]): readonly string[] {
  return params.flatMap((param) =>
    is(param, Param) && param.encoder === AS_JSON && is(param.value, Placeholder) ? [param.value.name] : [],
  )
}

type Codec = (value: unknown) => unknown

function binder(params: readonly unknown[]): (values: Values) => unknown[] {
  const parts = params.map((param): ((values: Values) => unknown) => {
    if (is(param, Placeholder)) return given(param.name, null)
    if (is(param, Param) && is(param.value, Placeholder)) {
      const { encoder } = param
      const isPlain = is(encoder, Column) && encoder.mapToDriverValue === Column.prototype.mapToDriverValue
      return given(param.value.name, isPlain ? null : (value) => encoder.mapToDriverValue(value))
    }
    return () => param
  })
  return (values) => parts.map((part) => part(values))
}

function given(name: string, encode: Codec | null): (values: Values) => unknown {
  return (values) => {
    const value = values[name]
    if (value === undefined) throw new Error(`No value for placeholder "${name}" was provided`)
    return encode === null ? value : encode(value)
  }
}

interface Part {
  readonly name: string
  /** Where its value is in a row. */
  readonly at: number
  readonly decode: Codec | null
  /** Of a table that was selected as a whole. */
  readonly columns: Part[] | null
}

function reader(fields: readonly Field[]): (row: readonly unknown[]) => unknown {
  const parts: Part[] = []
  for (const [at, { path, field }] of fields.entries()) {
    const [name = '', column] = path
    const part = { name, at, decode: decoderOf(field), columns: null }
    if (column === undefined) parts.push(part)
    else {
      const known = parts.find((each) => each.name === name)?.columns
      if (known) known.push({ ...part, name: column })
      else parts.push({ ...part, columns: [{ ...part, name: column }] })
    }
  }
  return (row) => readParts(parts, row)
}

function readParts(parts: readonly Part[], row: readonly unknown[]): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const { name, at, decode, columns } of parts) {
    const value = row[at]
    if (columns !== null) {
      // A left join has found nothing.
      const isMissing = columns.every((column) => row[column.at] === null)
      read[name] = isMissing ? null : readParts(columns, row)
    } else read[name] = value === null || decode === null ? value : decode(value)
  }
  return read
}

/** Null where SQLite's value is the value. */
function decoderOf(field: unknown): Codec | null {
  if (!is(field, Column)) return null
  return field.mapFromDriverValue === Column.prototype.mapFromDriverValue
    ? null
    : (value) => field.mapFromDriverValue(value)
}
