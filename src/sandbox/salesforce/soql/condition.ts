/** Turns a parsed condition into a test of a row's values (Salesforce fact sheet 9). */
import type { Values } from '../rows/row-store.ts'
import { notModelled } from '../wire.ts'
import type { Comparison, Condition, Literal, Operand, Path, Query } from './ast.ts'
import { queryError } from './malformed.ts'
import {
  badFilter,
  bindLiteral,
  bindOperand,
  requireFilterable,
  type BoundLiteral,
  type BoundOperand,
  type Key,
  wrongLiteral,
} from './operand.ts'
import { plainText } from './tokens.ts'
import type { Scope } from './scope.ts'

export type Test = (values: Values) => boolean

/** Runs a semi-join's inner query and answers the keys of its single column. */
export type SemiJoin = (scope: Scope, query: Query) => ReadonlySet<Key>

export function compileCondition(scope: Scope, condition: Condition, semiJoin: SemiJoin): Test {
  switch (condition.kind) {
    case 'and': {
      const tests = condition.conditions.map((each) => compileCondition(scope, each, semiJoin))
      return (values) => tests.every((test) => test(values))
    }
    case 'or': {
      const tests = condition.conditions.map((each) => compileCondition(scope, each, semiJoin))
      return (values) => tests.some((test) => test(values))
    }
    case 'not': {
      const test = compileCondition(scope, condition.condition, semiJoin)
      return (values) => !test(values)
    }
    case 'compare': {
      const operand = filterOperand(scope, condition.operand)
      return compareTest(scope, operand, condition)
    }
    case 'in':
      return membership(scope, condition, semiJoin)
    case 'includes':
      return inclusion(scope, condition)
  }
}

/** The field of a condition in `WHERE`; aggregates belong into `HAVING`. */
export function pathOf({ soql }: Scope, operand: Operand): Path {
  if (operand.kind === 'field') return operand.path
  throw queryError('MALFORMED_QUERY', soql, {
    at: operand.at,
    message: 'unexpected token: aggregate functions are not allowed in WHERE',
  })
}

function filterOperand(scope: Scope, operand: Operand): BoundOperand {
  const path = pathOf(scope, operand)
  const bound = bindOperand(scope, path)
  requireFilterable(scope, bound)
  return bound
}

/** Also for `HAVING`, whose operand is the value of a group. */
export function compareTest(
  scope: Scope,
  operand: BoundOperand,
  { operator, value }: { readonly operator: Comparison; readonly value: Literal },
): Test {
  if (operator === 'like') return likeTest(scope, operand, value)
  const literal = bindLiteral(scope, operand, value)
  if (literal.kind === 'range') return rangeTest(operand, operator, literal)
  const wanted = literal.key
  if (wanted === null && operator !== '=' && operator !== '!=') {
    throw queryError('MALFORMED_QUERY', scope.soql, { at: value.at, message: "unexpected token: 'null'" })
  }
  const { key } = operand
  switch (operator) {
    case '=':
      return (values) => key(values) === wanted
    // True of blanks as well.
    case '!=':
      return (values) => key(values) !== wanted
    case '<':
      return ordered(key, (held) => held < (wanted as string))
    case '<=':
      return ordered(key, (held) => held <= (wanted as string))
    case '>':
      return ordered(key, (held) => held > (wanted as string))
    case '>=':
      return ordered(key, (held) => held >= (wanted as string))
  }
}

/** Blanks are neither less nor greater. The keys of one field are all of one type. */
function ordered(key: (values: Values) => Key, holds: (held: string) => boolean): Test {
  return (values) => {
    const held = key(values)
    return held !== null && holds(held as string)
  }
}

function rangeTest(
  { key }: BoundOperand,
  operator: Exclude<Comparison, 'like'>,
  { start, end }: Extract<BoundLiteral, { kind: 'range' }>,
): Test {
  const tests: Readonly<Record<typeof operator, (held: string) => boolean>> = {
    '=': (held) => held >= start && held < end,
    '!=': (held) => held < start || held >= end,
    '<': (held) => held < start,
    '<=': (held) => held < end,
    '>': (held) => held >= end,
    '>=': (held) => held >= start,
  }
  const test = tests[operator]
  return (values) => {
    const held = key(values)
    return held === null ? operator === '!=' : test(held as string)
  }
}

function likeTest(scope: Scope, operand: BoundOperand, literal: Literal): Test {
  const { type, soapType } = operand.field
  if (type === 'id' || type === 'reference') throw badFilter(scope, operand, 'invalid operator on id field')
  if (soapType !== 'xsd:string' || type === 'multipicklist') {
    throw badFilter(scope, operand, `invalid operator on ${type} field`)
  }
  if (literal.kind !== 'text') throw wrongLiteral(scope, operand)
  const source = literal.value.replaceAll(/\\[\\_%]|[_%]|[\s\S]/g, (part) => {
    if (part === '%') return '[\\s\\S]*'
    if (part === '_') return '[\\s\\S]'
    return plainText(part).replace(/[.*+?^${}()|[\]\\]/, '\\$&')
  })
  const pattern = new RegExp(`^${source}$`, operand.field.caseSensitive ? '' : 'i')
  return (values) => {
    const held = operand.value(values)
    return held !== null && pattern.test(String(held))
  }
}

function membership(
  scope: Scope,
  { operand, negated, values }: Extract<Condition, { kind: 'in' }>,
  semiJoin: SemiJoin,
): Test {
  const bound = filterOperand(scope, operand)
  const keys = 'select' in values ? semiJoin(scope, values) : literalKeys(scope, bound, values)
  return (row) => keys.has(bound.key(row)) !== negated
}

function literalKeys(scope: Scope, operand: BoundOperand, values: readonly Literal[]): ReadonlySet<Key> {
  return new Set(
    values.map((value) => {
      const literal = bindLiteral(scope, operand, value)
      if (literal.kind === 'range') throw notModelled('A relative date in an IN list')
      return literal.key
    }),
  )
}

/** `INCLUDES ('A;B', 'C')`: holds A and B, or C. */
function inclusion(
  scope: Scope,
  { operand, negated, values }: Extract<Condition, { kind: 'includes' }>,
): Test {
  const bound = filterOperand(scope, operand)
  const { field, value } = bound
  if (field.type !== 'multipicklist') {
    throw badFilter(scope, bound, 'includes or excludes operator only valid on multipicklist field')
  }
  const wanted = values.map((literal) => {
    if (literal.kind !== 'text') throw wrongLiteral(scope, bound)
    return plainText(literal.value).toLowerCase().split(';')
  })
  return (row) => {
    const held = value(row)
    const options = new Set(held === null ? [] : String(held).toLowerCase().split(';'))
    return wanted.some((all) => all.every((option) => options.has(option))) !== negated
  }
}
