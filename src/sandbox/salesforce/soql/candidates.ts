/** Which rows a query has to look at: as few as an index finds, or all of the object. */
import type { Row } from '../rows/row-store.ts'
import { indexKey } from '../rows/value-index.ts'
import { normalId } from '../ids.ts'
import type { Condition, Literal, Path, Query } from './ast.ts'
import { bindOperand } from './operand.ts'
import type { Scope } from './scope.ts'

export interface Candidates {
  readonly rows: Iterable<Row>
  /** They come in the order of their stamps, which is the order asked for. */
  readonly byStamp: boolean
}

export function candidatesOf(scope: Scope, query: Query): Candidates {
  const { org, type } = scope
  const found = query.where === null ? null : indexed(scope, query.where)
  const pending = org.rows.pendingOf(type.name)
  if (found !== null) return { rows: withPending(found, pending), byStamp: false }
  const [first] = query.orderBy
  const isPolling = first?.operand.kind === 'field' && isStamp(scope, first.operand.path) && !first.descending
  const from = query.where === null ? null : stampBound(scope, query.where)
  if (from === null && !isPolling) return { rows: org.rows.all(type.name), byStamp: false }
  const rows = org.rows.since(type.name, from ?? '')
  if (pending.size > 0) return { rows: withPending(rows, pending), byStamp: false }
  return { rows, byStamp: isPolling }
}

/** Indexes know the newest values only; rows of running transactions are looked at one by one. */
function* withPending(rows: Iterable<Row>, pending: ReadonlySet<Row>): Generator<Row> {
  for (const row of rows) if (!pending.has(row)) yield row
  yield* pending
}

/** Rows found through one equality that every result must fulfil. */
function indexed(scope: Scope, condition: Condition): Iterable<Row> | null {
  if (condition.kind === 'and') {
    for (const each of condition.conditions) {
      const rows = indexed(scope, each)
      if (rows !== null) return rows
    }
    return null
  }
  if (condition.kind === 'compare' && condition.operator === '=') {
    return byValues(scope, condition.operand, [condition.value])
  }
  if (condition.kind === 'in' && !condition.negated && !('select' in condition.values)) {
    return byValues(scope, condition.operand, condition.values)
  }
  return null
}

function byValues(
  scope: Scope,
  operand: Extract<Condition, { kind: 'compare' }>['operand'],
  literals: readonly Literal[],
): Iterable<Row> | null {
  const { org, type } = scope
  if (operand.kind !== 'field') return null
  const { field, isOwn } = bindOperand(scope, operand.path)
  if (!isOwn || literals.some(({ kind }) => kind !== 'text')) return null
  const texts = literals.flatMap((literal) => (literal.kind === 'text' ? literal.value : []))
  if (texts.some((text) => text === '' || text.includes('\\'))) return null
  if (field.type === 'id') {
    const ids = new Set(texts.map((text) => normalId(text)))
    return [...ids].flatMap((id) => (id === null ? [] : (org.rows.find(type.name, id) ?? [])))
  }
  const isKey = field.externalId || field.idLookup || field.unique || field.type === 'reference'
  if (!isKey || /^(Created|LastModified)ById$/.test(field.name)) return null
  const keys = texts.map((text) => indexKey(field.type === 'reference' ? (normalId(text) ?? text) : text))
  return [...new Set(keys)].flatMap((key) => [...org.rows.withValue(type.name, field.name, key)])
}

/** A stamp that no result can be before, or null. */
function stampBound(scope: Scope, condition: Condition): string | null {
  switch (condition.kind) {
    case 'and': {
      const bounds = condition.conditions.flatMap((each) => stampBound(scope, each) ?? [])
      return bounds.length === 0 ? null : bounds.reduce((a, b) => (a > b ? a : b))
    }
    case 'or': {
      const bounds = condition.conditions.map((each) => stampBound(scope, each))
      const known = bounds.filter((bound) => bound !== null)
      return known.length < bounds.length || known.length === 0
        ? null
        : known.reduce((a, b) => (a < b ? a : b))
    }
    case 'compare': {
      const { operand, operator, value } = condition
      if (operand.kind !== 'field' || value.kind !== 'datetime' || !isStamp(scope, operand.path)) return null
      return operator === '=' || operator === '>' || operator === '>=' ? value.value : null
    }
    case 'not':
    case 'in':
    case 'includes':
      return null
  }
}

function isStamp(scope: Scope, path: Path): boolean {
  if (path.segments.at(-1)?.toLowerCase() !== 'systemmodstamp') return false
  return bindOperand(scope, path).isOwn
}
