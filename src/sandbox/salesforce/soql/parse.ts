/** Parses a SOQL query (Salesforce fact sheet 9). Keywords and names are case-insensitive. */
import { notModelled, type Problem } from '../wire.ts'
import type { Aggregate, AggregateFunction, Operand, OrderItem, Path, Query, SelectItem } from './ast.ts'
import { isDateFunction } from './date-functions.ts'
import { ConditionParser } from './parse-condition.ts'
import { Reader } from './reader.ts'

/** Longest statement (fact sheet 7). */
const STATEMENT_MAX = 100_000

const AGGREGATES = new Set(['count', 'count_distinct', 'sum', 'avg', 'min', 'max'])

/** Functions of the vendor that are not modelled. */
const FUNCTIONS_ELSEWHERE = /^(format|convertcurrency|distance|geolocation|grouping)$/i

export function parseQuery(soql: string): Query {
  const reader = new Reader(soql)
  if (soql.length > STATEMENT_MAX)
    throw reader.malformed(0, 'SOQL statements cannot be longer than 100000 characters.')
  const query = queryIn(reader, false)
  reader.end()
  return query
}

/** A condition alone, as validation rules have it. */
export function parseCondition(text: string): Query['where'] {
  const reader = new Reader(text)
  const condition = new ConditionParser(reader, conditionParts(reader)).parse()
  reader.end()
  return condition
}

function conditionParts(reader: Reader): ConstructorParameters<typeof ConditionParser>[1] {
  return {
    subquery: () => queryIn(reader, true),
    call: () => callIn(reader),
  }
}

function queryIn(reader: Reader, isNested: boolean): Query {
  reader.expect('select')
  const select = [selectItem(reader, isNested)]
  while (reader.takeSymbol(',')) select.push(selectItem(reader, isNested))
  const counted = isNested ? select.find((item) => item.kind === 'aggregate') : undefined
  if (counted?.kind === 'aggregate') throw rootOnly(reader, counted.at)
  reader.expect('from')
  const from = source(reader)
  const scope = reader.takeWords('using', 'scope') ? reader.name() : null
  const conditions = new ConditionParser(reader, conditionParts(reader))
  const where = reader.takeWord('where') ? conditions.parse() : null
  if (reader.takeWord('with')) throw withClause(reader)
  const groupBy: Path[] = []
  const groupAt = reader.peek().at
  if (reader.takeWords('group', 'by')) {
    if (isNested) throw rootOnly(reader, groupAt)
    do groupBy.push(groupItem(reader))
    while (reader.takeSymbol(','))
  }
  const having = groupBy.length > 0 && reader.takeWord('having') ? conditions.parse() : null
  const orderBy: OrderItem[] = []
  if (reader.takeWords('order', 'by')) {
    do orderBy.push(orderItem(reader))
    while (reader.takeSymbol(','))
  }
  const limit = reader.takeWord('limit') ? reader.count() : null
  const offset = reader.takeWord('offset') ? reader.count() : null
  return { select, from, where, groupBy, having, orderBy, limit, offset, lock: lock(reader), scope }
}

/** Apex asks for security that way, the API is asked in vain (observed); the other uses are not modelled. */
function withClause(reader: Reader): Problem {
  const { at } = reader.peek()
  if (!reader.isWord('security_enforced')) return notModelled('WITH in SOQL')
  return reader.malformed(at, 'SECURITY_ENFORCED not allowed in this context')
}

function rootOnly(reader: Reader, at: number): Problem {
  return reader.malformed(at, 'Only root queries support aggregate expressions')
}

function source(reader: Reader): Query['from'] {
  // Some objects are called like keywords: `FROM Group`, `FROM Order`.
  const token = reader.next()
  if (token.kind !== 'word') throw reader.malformed(token.at, 'unexpected token: FROM needs an object')
  const { text: name, at } = token
  if (reader.isSymbol(',')) throw notModelled('Several objects in FROM')
  reader.takeWord('as')
  const alias = reader.isWord() && !reader.isKeyword() ? reader.name() : null
  return { name, alias, at }
}

function selectItem(reader: Reader, isNested: boolean): SelectItem {
  if (reader.isSymbol('(')) {
    const { at } = reader.peek()
    if (isNested) throw reader.unexpected()
    reader.takeSymbol('(')
    const query = queryIn(reader, true)
    reader.expectSymbol(')')
    return { kind: 'subquery', query, at }
  }
  if (reader.isCall('fields')) {
    const { at } = reader.word()
    reader.expectSymbol('(')
    const group = reader.name().toUpperCase()
    reader.expectSymbol(')')
    if (group !== 'ALL' && group !== 'STANDARD' && group !== 'CUSTOM') {
      throw reader.malformed(at, `unexpected token: '${group}'`)
    }
    return { kind: 'fields', group, at }
  }
  if (reader.isCall('tolabel')) {
    const { at } = reader.word()
    reader.expectSymbol('(')
    const path = pathIn(reader)
    reader.expectSymbol(')')
    return { kind: 'label', path, alias: aliasIn(reader), at }
  }
  if (reader.isWord('typeof') && reader.peek(1).kind === 'word') return typeOfIn(reader)
  if (isAggregate(reader)) return { ...aggregateIn(reader), alias: aliasIn(reader) }
  return { kind: 'field', path: pathIn(reader), alias: aliasIn(reader) }
}

function isAggregate(reader: Reader): boolean {
  return [...AGGREGATES].some((fn) => reader.isCall(fn))
}

function aggregateIn(reader: Reader): Aggregate {
  const { text, at } = reader.word()
  if (!AGGREGATES.has(text.toLowerCase())) throw unknownFunction(reader, text, at)
  reader.expectSymbol('(')
  const fn = text.toLowerCase() as AggregateFunction
  const path = reader.isSymbol(')') ? null : pathIn(reader)
  if (path === null && fn !== 'count') throw reader.unexpected()
  reader.expectSymbol(')')
  return { kind: 'aggregate', fn, path, alias: null, at }
}

function aliasIn(reader: Reader): string | null {
  return reader.isWord() && !reader.isKeyword() ? reader.name() : null
}

/** A field, or a part of the date that it holds. */
function pathIn(reader: Reader): Path {
  const { text, at } = reader.word()
  if (!reader.isSymbol('(')) return { segments: text.split('.'), at, fn: null }
  if (!isDateFunction(text)) throw unknownFunction(reader, text, at)
  reader.expectSymbol('(')
  const inUserZone = reader.isCall('converttimezone')
  if (inUserZone) {
    reader.word()
    reader.expectSymbol('(')
  }
  const { segments } = plainPath(reader)
  if (inUserZone) reader.expectSymbol(')')
  reader.expectSymbol(')')
  return { segments, at, fn: { name: text, inUserZone } }
}

function plainPath(reader: Reader): Path {
  const path = pathIn(reader)
  if (path.fn !== null) throw reader.malformed(path.at, `unexpected token: '${path.fn.name}'`)
  return path
}

/** On the left side of a condition. */
function callIn(reader: Reader): Operand {
  return isAggregate(reader) ? aggregateIn(reader) : { kind: 'field', path: pathIn(reader) }
}

function typeOfIn(reader: Reader): SelectItem {
  const { at } = reader.word()
  const relationship = reader.name()
  const whens: { object: string; fields: Path[]; at: number }[] = []
  while (reader.isWord('when')) {
    const when = reader.word()
    const object = reader.name()
    reader.expect('then')
    whens.push({ object, fields: fieldList(reader), at: when.at })
  }
  if (whens.length === 0) throw reader.unexpected()
  const otherwise = reader.takeWord('else') ? fieldList(reader) : null
  reader.expect('end')
  return { kind: 'typeof', relationship, whens, otherwise, at }
}

function fieldList(reader: Reader): Path[] {
  const fields = [plainPath(reader)]
  while (reader.takeSymbol(',')) fields.push(plainPath(reader))
  return fields
}

function unknownFunction(reader: Reader, name: string, at: number): Problem {
  if (FUNCTIONS_ELSEWHERE.test(name)) return notModelled(`The SOQL function ${name}`)
  return reader.malformed(at, `unexpected token: '${name}'`)
}

function groupItem(reader: Reader): Path {
  if (reader.isCall('rollup') || reader.isCall('cube')) throw notModelled('ROLLUP and CUBE in SOQL')
  return pathIn(reader)
}

function orderItem(reader: Reader): OrderItem {
  const operand = isAggregate(reader)
    ? aggregateIn(reader)
    : ({ kind: 'field', path: pathIn(reader) } as const)
  const descending = reader.takeWord('desc')
  if (!descending) reader.takeWord('asc')
  let nullsLast = false
  if (reader.takeWord('nulls')) {
    nullsLast = reader.takeWord('last')
    if (!nullsLast) reader.expect('first')
  }
  return { operand, descending, nullsLast }
}

function lock(reader: Reader): Query['lock'] {
  if (!reader.takeWord('for')) return null
  const kind = reader.name().toLowerCase()
  if (kind === 'view' || kind === 'reference' || kind === 'update') return kind
  throw reader.unexpected()
}
