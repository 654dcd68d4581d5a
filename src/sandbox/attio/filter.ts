/**
 * Compiles a query filter into a test of records. All forms of Attio fact sheet 9: shorthand, attribute
 * operators, properties, `$and`/`$or`/`$not` and paths through record references.
 *
 * Beside the test a filter may know where to look: the records an equality index names. Everything found there
 * still passes the test, so the indexes can only make a query faster.
 */
import { badFilter } from './fault.ts'
import { compare, filterType, indexKey } from './filter-operators.ts'
import type { Comparable, FilterType, Property } from './filter-operators.ts'
import { attributeOf, listIn, resolvePath, unknownSlug, valuesAlong } from './filter-path.ts'
import { isObject } from './invalid-value.ts'
import { recordsByKey, referrersOf } from './record-index.ts'
import { valuesIn } from './render.ts'
import type { View } from './render.ts'
import type { StoredValue } from './value.ts'
import type { Attribute, ObjectType, StoredRecord, Workspace } from './workspace.ts'

export interface Filter {
  readonly test: (record: StoredRecord, view: View) => boolean
  /** A superset of the matches in the present, or null when only a scan finds them. */
  readonly candidates: (() => Iterable<StoredRecord>) | null
  /** How many comparisons it makes; the query score counts them. */
  readonly conditions: number
}

export const compileFilter = (workspace: Workspace, object: ObjectType, input: unknown): Filter =>
  compileAt(workspace, object, { input, path: [] })

/** `path` is where in the whole filter this part of it stands. */
function compileAt(
  workspace: Workspace,
  object: ObjectType,
  { input, path }: { input: unknown; path: readonly string[] },
): Filter {
  if (!isObject(input)) throw badFilter('filter_error', 'Error in filter: expected an object.')
  return allOf(
    Object.entries(input).map(([key, value]) =>
      compileEntry(workspace, object, { input, key, value, path: [...path, key] }),
    ),
  )
}

function compileEntry(
  workspace: Workspace,
  object: ObjectType,
  entry: {
    input: Readonly<Record<string, unknown>>
    key: string
    value: unknown
    path: readonly string[]
  },
): Filter {
  const { input, key, value, path } = entry
  const compileEach = (): readonly Filter[] =>
    listIn(value).map((each, index) =>
      compileAt(workspace, object, { input: each, path: [...path, String(index)] }),
    )
  if (key === '$and') return allOf(compileEach())
  if (key === '$or') return anyOf(compileEach())
  if (key === '$not') {
    if (workspace.settings.strictNot && isObject(value) && '$or' in value) {
      throw unknownSlug('$or', [...path, '$or'])
    }
    return negation(compileAt(workspace, object, { input: value, path }))
  }
  if (key === 'path' && Array.isArray(value)) {
    return compilePath(workspace, object, { path: value, constraints: input['constraints'] })
  }
  if (key === 'constraints' && Array.isArray(input['path'])) return allOf([])
  return compileCondition(workspace, attributeOf(workspace, object, key, path), value)
}

function allOf(filters: readonly Filter[]): Filter {
  const [only] = filters
  if (only && filters.length === 1) return only
  return {
    test: (record, view) => filters.every((filter) => filter.test(record, view)),
    candidates: filters.find((filter) => filter.candidates)?.candidates ?? null,
    conditions: filters.reduce((sum, filter) => sum + filter.conditions, 0),
  }
}

function anyOf(filters: readonly Filter[]): Filter {
  const sources = filters.flatMap((filter) => filter.candidates ?? [])
  return {
    test: (record, view) => filters.some((filter) => filter.test(record, view)),
    candidates:
      sources.length === filters.length
        ? () => new Set(sources.flatMap((candidates) => [...candidates()]))
        : null,
    conditions: filters.reduce((sum, filter) => sum + filter.conditions, 0),
  }
}

const negation = (filter: Filter): Filter => ({
  test: (record, view) => !filter.test(record, view),
  candidates: null,
  conditions: filter.conditions,
})

/** One comparison with one property of a value. */
interface Comparison {
  readonly name: string
  readonly test: (value: StoredValue) => boolean
  /** Operands of an equality, for the indexes. */
  readonly equals: readonly Comparable[] | null
}

function compileCondition(workspace: Workspace, attribute: Attribute, input: unknown): Filter {
  const comparisons = compileComparisons(workspace, attribute, input)
  return {
    // A multi-valued attribute matches when any one of its values satisfies everything.
    test: (record, view) =>
      valuesIn(view, record, attribute.id).some((value) => comparisons.every((each) => each.test(value))),
    candidates: candidatesOf(workspace, attribute, comparisons),
    conditions: comparisons.length,
  }
}

function compileComparisons(
  workspace: Workspace,
  attribute: Attribute,
  input: unknown,
): readonly Comparison[] {
  const type = filterType(workspace, attribute)
  if (!isObject(input)) return [equality(attribute, type, input)]
  const comparisons = Object.entries(input).flatMap(([key, value]): readonly Comparison[] => {
    if (key.startsWith('$')) {
      return [
        compileOperator(workspace, { attribute, type, name: type.implicit, operator: key, input: value }),
      ]
    }
    if (!isObject(value)) {
      return [compileOperator(workspace, { attribute, type, name: key, operator: '$eq', input: value })]
    }
    return Object.entries(value).map(([operator, operand]) =>
      compileOperator(workspace, { attribute, type, name: key, operator, input: operand }),
    )
  })
  if (comparisons.length === 0) throw badFilter('filter_error', 'Error in filter: empty condition.')
  if (attribute.type === 'actor-reference' && new Set(comparisons.map((each) => each.name)).size < 2) {
    const both = 'referenced_actor_type and referenced_actor_id'
    throw badFilter('filter_error', `Error in filter: ${both} must be given together.`)
  }
  return comparisons
}

/** The shorthand `{slug: value}`. */
function equality(attribute: Attribute, type: FilterType, input: unknown): Comparison {
  const property = type.implicit === null ? undefined : type.properties[type.implicit]
  if (type.implicit === null || !property || input === null || Array.isArray(input)) {
    throw badFilter('filter_error', `Error in filter: "${attribute.slug}" cannot be compared with that.`)
  }
  return comparison(type.implicit, property, '$eq', input)
}

function compileOperator(
  workspace: Workspace,
  options: { attribute: Attribute; type: FilterType; name: string | null; operator: string; input: unknown },
): Comparison {
  const { attribute, type, name, operator, input } = options
  if (name === null) {
    throw badFilter(
      'invalid_filter_operator',
      `Operator "${operator}" needs a property on attribute "${attribute.slug}".`,
    )
  }
  const property = type.properties[name]
  if (!property) throw badFilter('invalid_filter_field', `Cannot filter "${attribute.slug}" by "${name}".`)
  const isNotEmptyAnywhere = operator === '$not_empty' && workspace.settings.notEmptyOn === 'all'
  if (!property.operators.includes(operator) && !isNotEmptyAnywhere) {
    throw badFilter(
      'invalid_filter_operator',
      `Operator "${operator}" is not supported on "${attribute.slug}".`,
    )
  }
  return comparison(name, property, operator, input)
}

const digits = (value: Comparable): Comparable => String(value).replace(/^\+/, '')

function comparison(name: string, property: Property, operator: string, input: unknown): Comparison {
  const { read, operand, isPhone = false } = property
  if (operator === '$not_empty') {
    if (input !== true) throw badFilter('filter_error', 'Error in filter: $not_empty takes true.')
    return { name, equals: null, test: (value) => read(value) !== null && read(value) !== '' }
  }
  if (operator === '$in') {
    const operands = new Set(listIn(input).map(operand))
    return { name, equals: [...operands], test: (value) => operands.has(read(value)) }
  }
  const wanted = isPhone ? digits(operand(input)) : operand(input)
  return {
    name,
    equals: operator === '$eq' ? [wanted] : null,
    test: (value) => compare(operator, isPhone ? digits(read(value)) : read(value), wanted),
  }
}

function candidatesOf(
  workspace: Workspace,
  attribute: Attribute,
  comparisons: readonly Comparison[],
): Filter['candidates'] {
  for (const { name, equals } of comparisons) {
    if (!equals) continue
    if (attribute.isSystem && ['record_id', 'entry_id'].includes(attribute.slug)) {
      return () => equals.flatMap((id) => workspace.records.get(String(id).toLowerCase()) ?? [])
    }
    if (attribute.type === 'record-reference' && name === 'target_record_id') {
      return () =>
        new Set(equals.flatMap((id) => referrersOf(workspace, String(id)).map((each) => each.record)))
    }
    const keys = equals.map((operand) => indexKey(name, attribute.type, operand))
    if (keys.some((key) => key === null)) continue
    return () => new Set(keys.flatMap((key) => [...recordsByKey(workspace, attribute, key ?? '')]))
  }
  return null
}

function compilePath(
  workspace: Workspace,
  object: ObjectType,
  options: { path: unknown; constraints: unknown },
): Filter {
  const attributes = resolvePath(workspace, object, options.path)
  const last = attributes.at(-1)
  if (!last || !isObject(options.constraints)) {
    throw badFilter('filter_error', 'Error in filter: a path needs constraints.')
  }
  const comparisons = compileComparisons(workspace, last, options.constraints)
  return {
    test: (record, view) =>
      valuesAlong(workspace, { attributes, record, view }).some((value) =>
        comparisons.every((each) => each.test(value)),
      ),
    candidates: null,
    conditions: comparisons.length + attributes.length,
  }
}
