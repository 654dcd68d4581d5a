/**
 * `query?explain=`: the plans by which a query could run, the cheapest first. Which fields are indexed is the vendor's
 * (Salesforce fact sheet 9); what a plan costs is an estimate there as it is here.
 */
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import type { Condition } from './ast.ts'
import { bindOperand } from './operand.ts'
import { parseQuery } from './parse.ts'
import { runQuery, scopeOf, whereTest, type QueryOptions } from './run-query.ts'
import type { Scope } from './scope.ts'

interface Note {
  readonly description: string
  readonly fields: readonly string[]
  readonly tableEnumOrId: string
}

interface Plan {
  /** Rows that the leading operation would look at. */
  readonly cardinality: number
  readonly fields: readonly string[]
  readonly leadingOperationType: 'Index' | 'TableScan'
  readonly notes: readonly Note[]
  /** Below 1 the optimiser takes an index for selective. */
  readonly relativeCost: number
  readonly sobjectCardinality: number
  readonly sobjectType: string
}

/** An index is worth it for less than this share of the rows. */
const SELECTIVE = 0.1

export function explain(org: Org, options: QueryOptions): { readonly plans: readonly Plan[] } {
  // A query that does not run has no plan either.
  runQuery(org, options, () => '')
  const query = parseQuery(options.soql)
  const scope = scopeOf(org, options, query)
  const { name } = scope.type
  const total = org.rows.count(name)
  const filters = query.where === null ? [] : conjuncts(query.where)
  const notes: Note[] = []
  const unindexed = (field: string): void => {
    const description = 'Not considering filter for optimization because unindexed'
    notes.push({ description, fields: [field], tableEnumOrId: name })
  }
  const common = { notes, sobjectCardinality: total, sobjectType: name }
  const plans: Plan[] = filters.flatMap((filter) => {
    const field = filteredField(scope, filter)
    if (field === null) return []
    if (!isIndexed(field) || !narrows(filter)) {
      unindexed(field.name)
      return []
    }
    const test = whereTest(scope, { scope: null, where: filter })
    const cardinality = [...org.rows.all(name)].filter(({ values }) => test(values)).length
    const relativeCost = rounded(cardinality / Math.max(1, total * SELECTIVE))
    return [{ ...common, cardinality, fields: [field.name], leadingOperationType: 'Index', relativeCost }]
  })
  if (!options.withDeleted) unindexed('IsDeleted')
  plans.push({
    ...common,
    cardinality: total,
    fields: [],
    leadingOperationType: 'TableScan',
    relativeCost: filters.length === 0 ? 1 : 1.5,
  })
  return { plans: plans.toSorted((a, b) => a.relativeCost - b.relativeCost) }
}

/** Conditions that every result must fulfil. */
function conjuncts(condition: Condition): readonly Condition[] {
  return condition.kind === 'and' ? condition.conditions.flatMap(conjuncts) : [condition]
}

/** The field of the object itself that a simple condition is about. */
function filteredField(scope: Scope, condition: Condition): Field | null {
  if (!('operand' in condition)) return null
  const { operand } = condition
  if (operand.kind !== 'field') return null
  const { field, isOwn } = bindOperand(scope, operand.path)
  return isOwn ? field : null
}

/** `LastModifiedDate` is not, `SystemModstamp` is (9). */
function isIndexed(field: Field): boolean {
  if (field.type === 'id' || field.type === 'reference') return true
  if (field.externalId || field.unique || field.idLookup || field.nameField) return true
  return field.name === 'CreatedDate' || field.name === 'SystemModstamp'
}

/** Exclusions and texts of which the beginning is open look at everything. */
function narrows(condition: Condition): boolean {
  switch (condition.kind) {
    case 'compare':
      if (condition.operator === '!=') return false
      return (
        condition.operator !== 'like' ||
        !(condition.value.kind === 'text' && /^[%_]/.test(condition.value.value))
      )
    case 'in':
      return !condition.negated
    case 'includes':
    case 'and':
    case 'or':
    case 'not':
      return false
  }
}

function rounded(cost: number): number {
  return Math.round(cost * 1_000) / 1_000
}
