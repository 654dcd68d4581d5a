/**
 * SOSL as far as a look-up needs it (Salesforce fact sheet 23): `FIND {words} IN ALL FIELDS RETURNING T(F, … WHERE …)`,
 * and the same with parameters. The index of the vendor lags; this one does not.
 */
import { visibleField, type Actor } from '../actor.ts'
import { asText, bodyObject, type Call, type Json, type Route } from '../call.ts'
import type { Field } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import { printRow } from '../rows/print.ts'
import type { Values } from '../rows/row-store.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { runQuery } from '../soql/run-query.ts'
import { notModelled, ok, refusal, type Answer } from '../wire.ts'

const ROOT = '/services/data/{version}'

export const searchRoutes: readonly Route[] = [
  { method: 'GET', template: `${ROOT}/search`, mutates: false, handle: search },
  { method: 'GET', template: `${ROOT}/parameterizedSearch`, mutates: false, handle: byQuery },
  {
    method: 'POST',
    template: `${ROOT}/parameterizedSearch`,
    mutates: false,
    handle: (call) => byBody(call, bodyObject(call)),
  },
]

/** Which fields are looked at. */
type Group = 'all' | 'name' | 'email' | 'phone'

interface Request {
  readonly words: readonly RegExp[]
  readonly group: Group
  readonly targets: readonly Target[]
}

interface Target {
  readonly type: ObjectType
  readonly fields: readonly Field[]
  readonly limit: number
  readonly offset: number
  /** `WHERE … ORDER BY …` as SOQL has it; empty for none. */
  readonly clauses: string
}

const RESULTS_MAX = 2_000
const FIND =
  /^\s*FIND\s*\{((?:\\.|[^}])*)\}\s*(?:IN\s+(ALL|NAME|EMAIL|PHONE)\s+FIELDS\s*)?(?:RETURNING\s+([\s\S]+))?$/i
const RETURNED = /^\s*(\w+)\s*(?:\(([\s\S]*)\))?\s*$/
const LIMITS = /^([\s\S]*?)(?:\s+LIMIT\s+(\d+))?(?:\s+OFFSET\s+(\d+))?\s*$/i
const CLAUSES = /^([\s\S]*?)\s((?:WHERE|ORDER\s+BY)\s[\s\S]*)$/i

function search(call: Call): Answer {
  const sosl = call.query.get('q') ?? ''
  const match = FIND.exec(sosl)
  if (match === null)
    throw refusal('MALFORMED_SEARCH', 'No search term found. The search term must be enclosed in braces.')
  const [, words = '', group = 'ALL', returning] = match
  if (returning === undefined) throw notModelled('SOSL without RETURNING')
  const targets = splitTopLevel(returning).map((each) => targetOf(call, each))
  return find(call, { words: wordsOf(words), group: group.toLowerCase() as Group, targets })
}

/** At commas outside of parentheses and texts. */
function splitTopLevel(text: string): string[] {
  const parts = ['']
  let depth = 0
  for (const [token] of text.matchAll(/'(?:\\.|[^'\\])*'|[\s\S]/g)) {
    if (token === '(') depth++
    if (token === ')') depth--
    if (token === ',' && depth === 0) parts.push('')
    else parts[parts.length - 1] += token
  }
  return parts
}

function targetOf(call: Call, text: string): Target {
  const [, name = '', inner = 'Id'] = RETURNED.exec(text) ?? []
  const [, selected = inner, limit, offset] = LIMITS.exec(inner) ?? []
  const [, list = selected, clauses = ''] = CLAUSES.exec(selected) ?? []
  return target(call, {
    name,
    fields: list.split(','),
    limit: Number(limit ?? RESULTS_MAX),
    offset: Number(offset ?? 0),
    clauses,
  })
}

function target(
  call: Call,
  {
    name,
    fields,
    limit,
    offset = 0,
    clauses = '',
  }: { name: string; fields: readonly string[]; limit: number; offset?: number; clauses?: string },
): Target {
  const { org, actor } = call
  const type = org.schema.find(name)
  if (type === undefined || !type.definition.traits.searchable) {
    throw refusal('INVALID_TYPE', `sObject type '${name}' is not supported.`)
  }
  const asked = fields.map((each) => {
    const field = visibleField(org, actor, type, each.trim())
    if (field === undefined)
      throw refusal('INVALID_FIELD', `No such column '${each.trim()}' on entity '${name}'.`)
    return field
  })
  return { type, fields: asked, limit, offset, clauses }
}

function byQuery(call: Call): Answer {
  const names = (call.query.get('sobject') ?? '').split(',').filter((name) => name !== '')
  const fields = call.query.get('fields')?.split(',') ?? ['Id']
  return find(call, {
    words: wordsOf(call.query.get('q') ?? ''),
    group: groupOf(call.query.get('in')),
    targets: names.map((name) =>
      target(call, {
        name,
        fields: call.query.get(`${name}.fields`)?.split(',') ?? fields,
        limit: RESULTS_MAX,
      }),
    ),
  })
}

function byBody(call: Call, body: Json): Answer {
  const fields = listOf(body['fields']).map(String)
  const targets = listOf(body['sobjects']).map((entry) => {
    const each = entry as Json
    const own = listOf(each['fields']).map(String)
    const limit = Number(each['limit'] ?? body['overallLimit'] ?? RESULTS_MAX)
    return target(call, {
      name: String(each['name']),
      fields: [...own, ...fields].length > 0 ? [...own, ...fields] : ['Id'],
      limit,
    })
  })
  return find(call, { words: wordsOf(asText(body['q'], 'q')), group: groupOf(body['in']), targets })
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : []
}

function groupOf(value: unknown): Group {
  const name = typeof value === 'string' ? value.toLowerCase() : 'all'
  return name === 'name' || name === 'email' || name === 'phone' ? name : 'all'
}

/** Each word as a test: whole words, or their beginnings where an asterisk says so. */
function wordsOf(text: string): RegExp[] {
  const plain = text.replaceAll(/\\(.)/g, '$1').replaceAll('"', ' ').toLowerCase()
  const words = plain.split(/\s+/).filter((word) => word.replaceAll('*', '') !== '')
  // One character finds nothing (the vendor refuses it).
  if (words.every((word) => word.replaceAll('*', '').length < 2)) {
    throw refusal('MALFORMED_SEARCH', 'search term must be longer than one character')
  }
  return words.map((word) => {
    const source = word.replaceAll('*', '').replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
    const end = word.endsWith('*') ? '' : '(?![\\p{L}\\p{N}])'
    return new RegExp(`(?<![\\p{L}\\p{N}])${source}${end}`, 'u')
  })
}

function find(call: Call, { words, group, targets }: Request): Answer {
  const searchRecords = targets.flatMap(({ type, fields, limit, offset, clauses }) => {
    const found = new Map(
      [...matching(call.org, call.actor, { type, words, group })].map((values) => [
        String(values['Id']),
        values,
      ]),
    )
    const ids = clauses === '' ? [...found.keys()] : idsInOrder(call, type, clauses)
    return ids
      .map((id) => found.get(id))
      .filter((values) => values !== undefined)
      .slice(offset, offset + limit)
      .map((values) => printRow(type, values, { fields, version: call.version }))
  })
  return ok({ searchRecords })
}

/** Ids of the records that fulfil the conditions, sorted as they say. */
function idsInOrder({ org, actor, version }: Call, type: ObjectType, clauses: string): readonly string[] {
  const soql = `SELECT Id FROM ${type.name} ${clauses}`
  const result = runQuery(org, { actor, soql, withDeleted: false, version }, () => '')
  if (result.kind !== 'rows') throw refusal('MALFORMED_SEARCH', 'a search cannot group what it finds')
  return result.ids
}

function* matching(
  org: Org,
  actor: Actor,
  { type, words, group }: { type: ObjectType; words: readonly RegExp[]; group: Group },
): Iterable<Values> {
  const fields = type.fields.filter(
    (field) => inGroup(field, group) && visibleField(org, actor, type, field.name),
  )
  for (const row of org.rows.all(type.name)) {
    const values = org.seen(row)
    if (values === null || values['IsDeleted'] === true) continue
    const text = fields.map(({ name }) => String(values[name] ?? '').toLowerCase()).join('\n')
    if (words.every((word) => word.test(text))) yield values
  }
}

function inGroup(field: Field, group: Group): boolean {
  switch (group) {
    case 'name':
      return field.nameField || field.extraTypeInfo === 'personname'
    case 'email':
      return field.type === 'email'
    case 'phone':
      return field.type === 'phone'
    case 'all':
      return ['string', 'textarea', 'email', 'phone', 'url'].includes(field.type)
  }
}
