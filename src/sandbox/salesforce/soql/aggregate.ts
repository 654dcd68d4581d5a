/** Grouping and aggregate functions (Salesforce fact sheet 9): rows of type `AggregateResult`. */
import type { Field } from '../catalogue/field.ts'
import { field as defineField } from '../catalogue/define.ts'
import type { Printed } from '../rows/print.ts'
import type { Scalar, Values } from '../rows/row-store.ts'
import { notModelled } from '../wire.ts'
import type { Aggregate, Condition, OrderItem, Path, Query } from './ast.ts'
import { compareTest } from './condition.ts'
import { queryError } from './malformed.ts'
import { bindOperand, type BoundOperand, type Key } from './operand.ts'
import { compareKeys, plainOrder } from './order.ts'
import type { Scope } from './scope.ts'

/** A group cannot be paged: this many groups, or an error. */
const GROUPS_MAX = 2_000

interface Output {
  readonly name: string
  readonly value: (group: readonly Values[]) => Scalar | null
}

export function isAggregate(query: Query): boolean {
  return query.groupBy.length > 0 || query.select.some(({ kind }) => kind === 'aggregate')
}

/** `SELECT COUNT() FROM …`, which answers a size and no rows. */
export function isCount(query: Query): boolean {
  const [only, ...others] = query.select
  return others.length === 0 && only?.kind === 'aggregate' && only.path === null && query.groupBy.length === 0
}

export function aggregate(scope: Scope, query: Query, rows: readonly Values[]): Printed[] {
  const keys = query.groupBy.map((path) => bindOperand(scope, path))
  for (const [index, { field }] of keys.entries()) requireGroupable(scope, field, query.groupBy[index])
  const outputs = outputsOf(scope, query, keys)
  let groups = [...grouped(rows, keys).values()]
  const { having } = query
  if (having !== null) groups = groups.filter((group) => havingTest(scope, having, group))
  if (query.orderBy.length > 0) groups = orderGroups(scope, query.orderBy, groups)
  const from = query.offset ?? 0
  groups = groups.slice(from, query.limit === null ? undefined : from + query.limit)
  if (groups.length > GROUPS_MAX) {
    throw queryError('MALFORMED_QUERY', scope.soql, {
      at: 0,
      message:
        'Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch',
    })
  }
  return groups.map((group) => ({
    attributes: { type: 'AggregateResult' },
    ...Object.fromEntries(outputs.map(({ name, value }) => [name, value(group)])),
  }))
}

/** Without `GROUP BY` all rows are one group, also when there are none. */
function grouped(rows: readonly Values[], keys: readonly BoundOperand[]): Map<string, Values[]> {
  const groups = new Map<string, Values[]>(keys.length === 0 ? [['[]', []]] : [])
  for (const values of rows) {
    const name = JSON.stringify(keys.map(({ key }) => key(values)))
    const group = groups.get(name)
    if (group) group.push(values)
    else groups.set(name, [values])
  }
  return groups
}

function outputsOf(scope: Scope, query: Query, keys: readonly BoundOperand[]): Output[] {
  let unnamed = 0
  return query.select.map((item): Output => {
    switch (item.kind) {
      case 'aggregate': {
        const { value } = bindAggregate(scope, item)
        return { name: item.alias ?? `expr${unnamed++}`, value }
      }
      case 'field':
      case 'label': {
        const index = groupIndex(scope, query, item.path)
        const key = keys[index]
        if (key === undefined) throw notGrouped(scope, item.path)
        const name = item.alias ?? (item.path.fn === null ? key.field.name : `expr${unnamed++}`)
        return { name, value: ([first]) => (first ? key.value(first) : null) }
      }
      case 'subquery':
      case 'typeof':
      case 'fields':
        throw queryError('MALFORMED_QUERY', scope.soql, {
          at: item.at,
          message: 'Grouped query cannot use child relationships or FIELDS in the SELECT list',
        })
    }
  })
}

function groupIndex(scope: Scope, query: Query, path: Path): number {
  const name = nameOf(path)
  const index = query.groupBy.findIndex((each) => nameOf(each) === name)
  if (index < 0) throw notGrouped(scope, path)
  return index
}

function nameOf({ segments, fn }: Path): string {
  const zone = fn?.inUserZone === true ? 'converttimezone' : ''
  return `${fn?.name ?? ''}(${zone}(${segments.join('.')}`.toLowerCase()
}

function notGrouped({ soql }: Scope, path: Path): Error {
  return queryError('MALFORMED_QUERY', soql, {
    at: path.at,
    message: `Field must be grouped or aggregated: ${path.segments.join('.')}`,
  })
}

function requireGroupable({ soql }: Scope, field: Field, path: Path | undefined): void {
  if (field.groupable) return
  throw queryError('INVALID_FIELD', soql, {
    at: path?.at ?? 0,
    message: `field '${field.name}' can not be grouped in a query call`,
  })
}

const COUNT_FIELD = defineField('expr0', 'Count', 'int')
const NUMBERS = new Set<Field['type']>(['int', 'double', 'currency', 'percent'])

function bindAggregate(
  scope: Scope,
  { fn, path, at }: Aggregate,
): { field: Field; value: (group: readonly Values[]) => Scalar | null } {
  if (path === null) return { field: COUNT_FIELD, value: (group) => group.length }
  const operand = bindOperand(scope, path)
  const { field } = operand
  if (!field.aggregatable || ((fn === 'sum' || fn === 'avg') && !NUMBERS.has(field.type))) {
    throw queryError('MALFORMED_QUERY', scope.soql, {
      at,
      message: `field ${field.name} does not support aggregate operator ${fn.toUpperCase()}`,
    })
  }
  const held = (group: readonly Values[]): Scalar[] => group.flatMap((values) => operand.value(values) ?? [])
  switch (fn) {
    case 'count':
      return { field: COUNT_FIELD, value: (group) => held(group).length }
    case 'count_distinct':
      return {
        field: COUNT_FIELD,
        value: (group) => new Set(group.map(operand.key).filter((key) => key !== null)).size,
      }
    case 'sum':
      return { field, value: (group) => sum(held(group)) }
    case 'avg':
      return {
        field,
        value: (group) => {
          const values = held(group)
          return values.length === 0 ? null : (sum(values) ?? 0) / values.length
        },
      }
    case 'min':
    case 'max':
      return { field, value: (group) => extreme(group, operand, fn === 'min' ? -1 : 1) }
  }
}

function sum(values: readonly Scalar[]): number | null {
  return values.length === 0 ? null : values.reduce<number>((total, value) => total + Number(value), 0)
}

/** Text is compared without case, as everywhere (9). */
function extreme(group: readonly Values[], { key, value }: BoundOperand, sign: 1 | -1): Scalar | null {
  let found: { readonly key: NonNullable<Key>; readonly value: Scalar | null } | null = null
  for (const values of group) {
    const held = key(values)
    if (held === null) continue
    if (found === null || (held > found.key ? 1 : -1) * sign > 0) found = { key: held, value: value(values) }
  }
  return found?.value ?? null
}

/** `HAVING` compares aggregates and grouped fields. */
function havingTest(scope: Scope, condition: Condition, group: readonly Values[]): boolean {
  switch (condition.kind) {
    case 'and':
      return condition.conditions.every((each) => havingTest(scope, each, group))
    case 'or':
      return condition.conditions.some((each) => havingTest(scope, each, group))
    case 'not':
      return !havingTest(scope, condition.condition, group)
    case 'compare': {
      const { operand } = condition
      if (operand.kind === 'field') {
        return compareTest(scope, bindOperand(scope, operand.path), condition)(group[0] ?? {})
      }
      const { field, value } = bindAggregate(scope, operand)
      const held = value(group)
      const bound: BoundOperand = { field, at: operand.at, isOwn: true, value: () => held, key: () => held }
      return compareTest(scope, bound, condition)({})
    }
    case 'in':
    case 'includes':
      throw notModelled('IN and INCLUDES in HAVING')
  }
}

function orderGroups(scope: Scope, items: readonly OrderItem[], groups: readonly Values[][]): Values[][] {
  const keys = items.map(({ operand, descending, nullsLast }) => {
    const key =
      operand.kind === 'field'
        ? groupedKey(scope, operand.path)
        : (group: readonly Values[]): Key => bindAggregate(scope, operand).value(group)
    return { key, descending, nullsLast, compare: plainOrder }
  })
  return groups.toSorted((a, b) => {
    for (const sortKey of keys) {
      const difference = compareKeys(sortKey.key(a), sortKey.key(b), sortKey)
      if (difference !== 0) return difference
    }
    return 0
  })
}

function groupedKey(scope: Scope, path: Path): (group: readonly Values[]) => Key {
  const { key } = bindOperand(scope, path)
  return ([first]) => (first ? key(first) : null)
}
