/** Runs a query: candidates, conditions, order, limits; then the rows as the API answers them. */
import type { Actor } from '../actor.ts'
import type { Org } from '../org.ts'
import type { Printed } from '../rows/print.ts'
import { noteViewed } from '../rows/recently-viewed.ts'
import type { Row, Values } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { toolingType } from '../schema/tooling-objects.ts'
import { notModelled, refusal } from '../wire.ts'
import { aggregate, isAggregate, isCount } from './aggregate.ts'
import type { Query } from './ast.ts'
import { candidatesOf } from './candidates.ts'
import { compileCondition, type Test } from './condition.ts'
import { bindOperand, type Key } from './operand.ts'
import { sorted, sortKeys } from './order.ts'
import { parseCondition, parseQuery } from './parse.ts'
import { project, type ChildQuery, type Projection } from './project.ts'
import { objectOf, type Scope } from './scope.ts'

/** Largest offset (Salesforce fact sheet 7). */
const OFFSET_MAX = 2_000

/** Children of one row in a subquery's first page; more of them come by `nextRecordsUrl`. */
const CHILD_ROWS_MAX = 200

export interface QueryOptions {
  readonly actor: Actor
  readonly soql: string
  readonly withDeleted: boolean
  readonly version: string
  /** Over the Tooling API, which shows objects of its own. */
  readonly tooling?: boolean
}

export type QueryResult =
  /** `COUNT()`. */
  | { readonly kind: 'count'; readonly size: number }
  /** All at once; there are no pages of groups. */
  | { readonly kind: 'groups'; readonly records: readonly Printed[] }
  | {
      readonly kind: 'rows'
      readonly ids: readonly string[]
      readonly type: ObjectType
      readonly projection: Projection
      /** Prints a row as it is now; null when it is gone by now. */
      readonly print: (id: string) => Printed | null
    }

/** Opens a cursor for children that do not fit, and answers its URL. */
export type OpenChildCursor = (child: {
  readonly soql: string
  readonly ids: readonly string[]
  /** The first row that did not fit. */
  readonly offset: number
}) => string

export function runQuery(org: Org, options: QueryOptions, openCursor: OpenChildCursor): QueryResult {
  const query = parseQuery(options.soql)
  const scope = scopeOf(org, options, query)
  if ((query.offset ?? 0) > OFFSET_MAX) {
    throw refusal('NUMBER_OUTSIDE_VALID_RANGE', `Maximum SOQL offset allowed is ${OFFSET_MAX}`)
  }
  if (isCount(query)) return { kind: 'count', size: limited(query, matches(scope, query)).length }
  if (isAggregate(query)) {
    const rows = matches(scope, { ...query, limit: null })
    return { kind: 'groups', records: aggregate(scope, query, rows) }
  }
  const projection = projectionOf(scope, query, openCursor)
  const ids = selectRows(scope, query).map((values) => String(values['Id']))
  return { kind: 'rows', ids, type: scope.type, projection, print: printer(scope, query, projection) }
}

/** What a query selects, in its order. */
export function columnsOf(org: Org, options: QueryOptions): Projection['columns'] {
  const query = parseQuery(options.soql)
  return projectionOf(scopeOf(org, options, query), query, () => '').columns
}

/** Prints rows of a query whose ids are known from before; for later pages. */
export function reprint(
  org: Org,
  options: QueryOptions,
  openCursor: OpenChildCursor,
): Pick<Extract<QueryResult, { kind: 'rows' }>, 'projection' | 'print'> {
  const query = parseQuery(options.soql)
  const scope = scopeOf(org, options, query)
  const projection = projectionOf(scope, query, openCursor)
  return { projection, print: printer(scope, query, projection) }
}

export function scopeOf(org: Org, options: QueryOptions, query: Query): Scope {
  const { actor, soql, withDeleted, version, tooling = false } = options
  const type = (tooling ? toolingType(query.from.name) : undefined) ?? objectOf(org, soql, query.from)
  return { org, actor, soql, withDeleted, version, type, alias: query.from.alias }
}

function projectionOf(scope: Scope, query: Query, openCursor: OpenChildCursor): Projection {
  return project(scope, query, (child, nested, rowsOf) =>
    childQuery(scope, { child, nested, rowsOf, openCursor }),
  )
}

/** Later pages show the rows as they are when they are fetched; rows deleted meanwhile are missing (10). */
function printer(
  scope: Scope,
  { lock }: Pick<Query, 'lock'>,
  projection: Projection,
): (id: string) => Printed | null {
  const { org, type, withDeleted } = scope
  return (id) => {
    const row = org.rows.find(type.name, id)
    const values = row && org.seen(row)
    if (!values || (!withDeleted && isHidden(values))) return null
    if (lock === 'view' || lock === 'reference') noteViewed(org, row, lock)
    return projection.print(values)
  }
}

function selectRows(scope: Scope, query: Query): Values[] {
  const keys = sortKeys(scope, query.orderBy)
  return limited(query, sorted(matches(scope, query), keys))
}

function limited<T>({ limit, offset }: Query, rows: readonly T[]): T[] {
  const from = offset ?? 0
  return rows.slice(from, limit === null ? undefined : from + limit)
}

/** What fulfils the conditions, in no order; at least as many as the limits need. */
function matches(scope: Scope, query: Query): Values[] {
  const test = whereTest(scope, query)
  const { rows, byStamp } = candidatesOf(scope, query)
  const enough =
    byStamp && query.limit !== null ? query.limit + (query.offset ?? 0) : Number.POSITIVE_INFINITY
  const found: Values[] = []
  let lastStamp: unknown
  for (const row of rows) {
    const values = scope.org.seen(row)
    if (values === null) continue
    // In stamp order everything later sorts behind what is there.
    if (found.length >= enough && values['SystemModstamp'] !== lastStamp) break
    if (!test(values)) continue
    lastStamp = values['SystemModstamp']
    found.push(values)
  }
  return found
}

export function whereTest(scope: Scope, { scope: filterScope, where }: Pick<Query, 'scope' | 'where'>): Test {
  const tests: Test[] = []
  if (!scope.withDeleted) tests.push((values) => !isHidden(values))
  if (filterScope !== null) tests.push(scopeTest(scope, filterScope))
  if (where !== null) tests.push(compileCondition(scope, where, semiJoin))
  return (values) => tests.every((test) => test(values))
}

/** In `queryAll` only: what is deleted, and old activities (9). */
function isHidden(values: Values): boolean {
  return values['IsDeleted'] === true || values['IsArchived'] === true
}

/** `USING SCOPE mine`: the records that the asking user owns. */
function scopeTest({ actor, type }: Scope, name: string): Test {
  const wanted = name.toLowerCase()
  if (!type.definition.scopes.some(([known]) => known.toLowerCase() === wanted)) {
    throw refusal('INVALID_QUERY_SCOPE', `Filter scope ${name} is not supported on ${type.name}`)
  }
  if (wanted === 'mine') return (values) => values['OwnerId'] === actor.userId
  if (wanted === 'everything') return () => true
  throw notModelled(`The scope ${name}`)
}

/** `Id IN (SELECT AccountId FROM Contact …)`. */
function semiJoin(outer: Scope, query: Query): ReadonlySet<Key> {
  const scope: Scope = {
    ...outer,
    type: objectOf(outer.org, outer.soql, query.from),
    alias: query.from.alias,
    withDeleted: false,
  }
  const [only, ...others] = query.select
  if (only?.kind !== 'field' || others.length > 0) {
    throw refusal('MALFORMED_QUERY', 'A nested query in a condition must select exactly one field')
  }
  const operand = bindOperand(scope, only.path)
  const keys = new Set(selectRows(scope, query).map(operand.key))
  // Blanks match nothing.
  keys.delete(null)
  return keys
}

function childQuery(
  outer: Scope,
  options: {
    readonly child: ObjectType
    readonly nested: Query
    readonly rowsOf: (parentId: string) => Row[]
    readonly openCursor: OpenChildCursor
  },
): ChildQuery {
  const { child, nested, rowsOf, openCursor } = options
  const scope: Scope = { ...outer, type: child, alias: nested.from.alias }
  const projection = project(scope, nested, () => {
    throw new Error('The parser allows no deeper nesting')
  })
  const test = whereTest(scope, nested)
  const keys = sortKeys(scope, nested.orderBy)
  const print = printer(scope, nested, projection)
  return (parentId) => {
    const seen = rowsOf(parentId)
      .map((row) => scope.org.seen(row))
      .filter((values) => values !== null)
    const from = nested.offset ?? 0
    const wanted = nested.limit === null ? undefined : from + nested.limit
    const ids = sorted(seen.filter(test), keys)
      .slice(from, wanted)
      .map((values) => String(values['Id']))
    if (ids.length === 0) return null
    const page = ids.slice(0, CHILD_ROWS_MAX)
    const rest = ids.slice(CHILD_ROWS_MAX)
    return {
      totalSize: ids.length,
      done: rest.length === 0,
      ...(rest.length > 0 && {
        nextRecordsUrl: openCursor({ soql: childSoql(projection, child), ids, offset: page.length }),
      }),
      records: page.flatMap((id) => print(id) ?? []),
    }
  }
}

/** The child query on its own, so that a cursor can go on with it. */
function childSoql({ columns }: Projection, child: ObjectType): string {
  const names = columns.map(({ steps, field }) =>
    [...steps.map((step) => step.field.relationshipName), field.name].join('.'),
  )
  return `SELECT ${names.join(', ')} FROM ${child.name}`
}

/** A condition on records of one object, as validation rules and flows have it. */
export function conditionOn(org: Org, actor: Actor, type: ObjectType, text: string): Test {
  const condition = parseCondition(text)
  const scope: Scope = { org, actor, soql: text, type, alias: null, withDeleted: true, version: '0.0' }
  return condition === null ? () => true : compileCondition(scope, condition, semiJoin)
}
