/**
 * `query?columns=true`, which the vendor's command line asks for (observed): what the columns of a query are, instead
 * of its rows.
 */
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { Path, SelectItem } from './ast.ts'
import { parseQuery } from './parse.ts'
import type { QueryOptions } from './run-query.ts'
import { objectOf, resolve, type Scope } from './scope.ts'

interface Column {
  readonly aggregate: boolean
  readonly apexType: string
  readonly booleanType: boolean
  readonly columnName: string
  readonly custom: boolean
  readonly displayName: string
  readonly foreignKeyName: string | null
  readonly insertable: boolean
  readonly joinColumns: readonly Column[]
  readonly numberType: boolean
  readonly textType: boolean
  readonly updatable: boolean
}

const APEX_TYPES: Partial<Readonly<Record<Field['type'], string>>> = {
  id: 'Id',
  reference: 'Id',
  boolean: 'Boolean',
  int: 'Integer',
  double: 'Double',
  currency: 'Decimal',
  percent: 'Double',
  date: 'Date',
  datetime: 'Datetime',
}

const NUMBERS = new Set<Field['type']>(['int', 'double', 'currency', 'percent'])

export function columnMetadata(org: Org, options: QueryOptions): unknown {
  const { soql, actor, withDeleted, version } = options
  const query = parseQuery(soql)
  const type = objectOf(org, soql, query.from)
  const scope: Scope = { org, actor, soql, withDeleted, version, type, alias: query.from.alias }
  let unnamed = 0
  const columns = query.select.flatMap((item) => columnsOf(scope, item, () => `expr${unnamed++}`))
  return {
    columnMetadata: joined(columns),
    entityName: type.name,
    groupBy: query.groupBy.length > 0,
    idSelected: columns.some(({ columnName }) => columnName === 'Id'),
    keyPrefix: type.definition.keyPrefix,
  }
}

/** A column with the names of the parents that lead to it. */
interface Placed extends Column {
  readonly parents: readonly string[]
}

function columnsOf(scope: Scope, item: SelectItem, nextName: () => string): Placed[] {
  switch (item.kind) {
    case 'field':
    case 'label': {
      const { fn, segments } = item.path
      if (fn === null) return [placed(scope, item.path)]
      const name = item.alias ?? nextName()
      const computed = column({ name, apexType: 'Integer', type: 'int', custom: false })
      const displayName = `${fn.name}(${segments.join('.')})`
      return [{ ...computed, aggregate: true, displayName, parents: [] }]
    }
    case 'typeof':
      return [{ ...joinColumn(item.relationship, []), parents: [] }]
    case 'aggregate': {
      const name = item.alias ?? nextName()
      return [
        {
          ...column({ name, apexType: 'Integer', type: 'int', custom: false }),
          aggregate: true,
          displayName: `${item.fn}(${item.path?.segments.join('.') ?? ''})`,
          parents: [],
        },
      ]
    }
    case 'fields':
      return scope.type.fields.map((field) => ({ ...fieldColumn(field), parents: [] }))
    case 'subquery': {
      const child = scope.org.schema
        .childrenOf(scope.type)
        .find(
          ({ relationshipName }) => relationshipName?.toLowerCase() === item.query.from.name.toLowerCase(),
        )
      if (child === undefined) return []
      const inner: Scope = { ...scope, type: child.child, alias: item.query.from.alias }
      const columns = item.query.select.flatMap((each) => columnsOf(inner, each, nextName))
      const name = child.relationshipName ?? ''
      return [{ ...joinColumn(name, joined(columns)), aggregate: true, parents: [] }]
    }
  }
}

function placed(scope: Scope, path: Path): Placed {
  const { steps, field } = resolve(scope, path)
  return { ...fieldColumn(field), parents: steps.map((step) => step.field.relationshipName ?? '') }
}

/** Fields of one parent are columns within the parent's. */
function joined(columns: readonly Placed[]): Column[] {
  const result: Column[] = []
  const parents = new Map<string, Placed[]>()
  for (const { parents: path, ...rest } of columns) {
    const [parent, ...others] = path
    if (parent === undefined) {
      result.push(rest)
      continue
    }
    const inner: Placed = { ...rest, parents: others }
    const known = parents.get(parent)
    if (known) known.push(inner)
    else parents.set(parent, [inner])
  }
  for (const [name, inner] of parents) result.push(joinColumn(name, joined(inner)))
  return result
}

function joinColumn(name: string, joinColumns: readonly Column[]): Column {
  return { ...column({ name, apexType: 'sObject', type: null, custom: name.endsWith('__r') }), joinColumns }
}

function fieldColumn(field: Field): Column {
  return {
    ...column({ ...field, apexType: APEX_TYPES[field.type] ?? 'String' }),
    insertable: field.createable,
    updatable: field.updateable,
  }
}

function column({
  name,
  apexType,
  type,
  custom,
}: {
  name: string
  apexType: string
  type: Field['type'] | null
  custom: boolean
}): Column {
  return {
    aggregate: false,
    apexType,
    booleanType: type === 'boolean',
    columnName: name,
    custom,
    displayName: name,
    foreignKeyName: null,
    insertable: false,
    joinColumns: [],
    numberType: type !== null && NUMBERS.has(type),
    textType: type !== null && !NUMBERS.has(type) && type !== 'boolean',
    updatable: false,
  }
}
