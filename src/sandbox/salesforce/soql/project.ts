/** What a query answers for each row: fields, nested parents, child subqueries (Salesforce fact sheet 9). */
import { canRead, readableFields } from '../actor.ts'
import type { Field } from '../catalogue/field.ts'
import { attributes, printValue, type Printed } from '../rows/print.ts'
import type { Row, Values } from '../rows/row-store.ts'
import { indexKey } from '../rows/value-index.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import type { Path, Query, SelectItem } from './ast.ts'
import { queryError } from './malformed.ts'
import { follow, resolve, type Scope, type Step } from './scope.ts'
import { compileTypeOf } from './typeof.ts'

/** One field of the answer, perhaps of a parent. */
export interface Column {
  readonly steps: readonly Step[]
  readonly field: Field
  readonly owner: ObjectType
}

export interface Projection {
  readonly columns: readonly Column[]
  readonly print: (values: Values) => Printed
}

/** Answers the children of a row, as `{ totalSize, done, records }` or null. */
export type ChildQuery = (parentId: string) => unknown

/** How a subquery is prepared; handed in by `run-query.ts`, which it needs itself. */
export type PrepareChild = (
  child: ObjectType,
  query: Query,
  rowsOf: (parentId: string) => Row[],
) => ChildQuery

/** Relationships that one query may follow, to parents and to children (7). */
const PARENTS_MAX = 55
const CHILDREN_MAX = 20

/** `FIELDS(ALL)` and `FIELDS(CUSTOM)` need a limit of at most this (9). */
const FIELDS_LIMIT_MAX = 200

export function project(scope: Scope, query: Query, prepareChild: PrepareChild): Projection {
  const columns: Column[] = []
  const children: { readonly name: string; readonly ask: ChildQuery }[] = []
  const typed: ReturnType<typeof compileTypeOf>[] = []
  const taken = new Set<string>()
  const add = (column: Column): void => {
    const name = [...column.steps.map(({ field }) => field.relationshipName), column.field.name].join('.')
    if (taken.has(name.toLowerCase())) {
      throw refusal('INVALID_FIELD', `duplicate field selected: ${name}`)
    }
    taken.add(name.toLowerCase())
    columns.push(column)
  }
  for (const item of query.select) {
    switch (item.kind) {
      case 'field':
      case 'label':
        requireNoAlias(scope, item)
        requireNoFunction(scope, item.path)
        add(resolve(scope, item.path))
        break
      case 'fields':
        for (const field of fieldsOf(scope, query, item)) {
          add({ steps: [], field, owner: scope.type })
        }
        break
      case 'subquery':
        children.push(childOf(scope, item, prepareChild))
        break
      case 'typeof':
        typed.push(
          compileTypeOf(scope, item, (parent, values, shown) =>
            printRecord(parent, values, { columns: shown, children: [], typed: [] }),
          ),
        )
        break
      case 'aggregate':
        throw new Error('Aggregates are answered elsewhere')
    }
  }
  requireFew(scope, columns, children.length)
  return { columns, print: (values) => printRecord(scope, values, { columns, children, typed }) }
}

function requireFew({ soql }: Scope, columns: readonly Column[], children: number): void {
  const parents = new Set(columns.flatMap(({ steps }) => steps.map((_, index) => pathTo(steps, index))))
  if (parents.size > PARENTS_MAX) throw tooMany(soql, PARENTS_MAX, 'child-to-parent')
  if (children > CHILDREN_MAX) throw tooMany(soql, CHILDREN_MAX, 'parent-to-child')
}

function pathTo(steps: readonly Step[], index: number): string {
  return steps
    .slice(0, index + 1)
    .map(({ field }) => field.name)
    .join('.')
}

function tooMany(soql: string, max: number, kind: string): Error {
  const message = `A query cannot follow more than ${max} ${kind} relationships`
  return queryError('MALFORMED_QUERY', soql, { at: 0, message })
}

function requireNoAlias({ soql }: Scope, item: { readonly path: Path; readonly alias: string | null }): void {
  if (item.alias === null) return
  throw queryError('MALFORMED_QUERY', soql, {
    at: item.path.at,
    message: 'only aggregate expressions use field aliasing',
  })
}

/** Parts of dates are for grouping and for conditions. */
function requireNoFunction({ soql }: Scope, { fn, at }: Path): void {
  if (fn === null) return
  throw queryError('MALFORMED_QUERY', soql, {
    at,
    message: `Date function ${fn.name.toUpperCase()} must also be in the GROUP BY clause`,
  })
}

function fieldsOf(
  { org, actor, type, soql }: Scope,
  query: Query,
  { group, at }: Extract<SelectItem, { kind: 'fields' }>,
): readonly Field[] {
  if (group !== 'STANDARD' && (query.limit === null || query.limit > FIELDS_LIMIT_MAX)) {
    throw queryError('MALFORMED_QUERY', soql, {
      at,
      message: 'The SOQL FIELDS function must have a LIMIT of at most 200',
    })
  }
  const fields = readableFields(org, actor, type)
  if (group === 'ALL') return fields
  return fields.filter((field) => field.custom === (group === 'CUSTOM'))
}

function printRecord(
  { org, type, version }: Scope,
  values: Values,
  {
    columns,
    children,
    typed,
  }: {
    columns: readonly Column[]
    children: readonly { name: string; ask: ChildQuery }[]
    typed: readonly ReturnType<typeof compileTypeOf>[]
  },
): Printed {
  const id = String(values['Id'])
  const printed: Printed = { attributes: attributes(type, id, version) }
  for (const { steps, field, owner } of columns) {
    let target: Printed | null = printed
    for (const [index, step] of steps.entries()) {
      const name = step.field.relationshipName ?? ''
      if (target !== null && !(name in target)) {
        target[name] = printParent(org, { steps: steps.slice(0, index + 1), values, version })
      }
      target = (target?.[name] ?? null) as Printed | null
    }
    if (target === null) continue
    const held = follow(org, steps, values)
    target[field.name] = held === null ? null : printValue(owner, field, held)
  }
  for (const { name, ask } of typed) printed[name] = ask(values)
  for (const { name, ask } of children) printed[name] = ask(id)
  return printed
}

function printParent(
  org: Scope['org'],
  { steps, values, version }: { steps: readonly Step[]; values: Values; version: string },
): Printed | null {
  const held = follow(org, steps, values)
  const targets = steps.at(-1)?.targets ?? []
  if (held === null) return null
  const id = String(held['Id'])
  const type = targets.find(({ name }) => org.rows.find(name, id) !== undefined)
  return type === undefined ? null : { attributes: attributes(type, id, version) }
}

/** `(SELECT Id FROM Contacts)`: the relationship is named as the parent sees its children. */
function childOf(
  scope: Scope,
  { query }: Extract<SelectItem, { kind: 'subquery' }>,
  prepareChild: PrepareChild,
): { name: string; ask: ChildQuery } {
  const { org, actor, type } = scope
  const wanted = query.from.name.toLowerCase()
  const relationship = org.schema
    .childrenOf(type)
    .find(
      ({ relationshipName, child, field }) =>
        relationshipName?.toLowerCase() === wanted && canRead(org, actor, child, field),
    )
  if (relationship === undefined || relationship.relationshipName === null) {
    throw queryError('INVALID_TYPE', scope.soql, {
      at: query.from.at,
      message: `Didn't understand relationship '${query.from.name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    })
  }
  const { child, field } = relationship
  const rowsOf = (parentId: string): Row[] => [
    ...org.rows.withValue(child.name, field.name, indexKey(parentId)),
  ]
  return { name: relationship.relationshipName, ask: prepareChild(child, query, rowsOf) }
}
