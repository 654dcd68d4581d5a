/** Search filters as predicates over indexed records (HubSpot fact sheet 9). */
import { objectsOf, scalarOf, stringsOf, type Json } from './call.ts'
import type { ObjectType } from './object-types.ts'
import type { Portal } from './portal.ts'
import type { Property } from './properties.ts'
import type { IndexedRecord } from './search-index.ts'
import { searchInstant } from './values.ts'
import { invalid, missingFields, wrongType } from './wire.ts'

export type Predicate = (record: IndexedRecord) => boolean

/** A value as it compares: text in lower case, enumerations as they are, numbers and times as numbers. */
type Comparable = string | number

const GROUPS_MAX = 5
const FILTERS_PER_GROUP_MAX = 6
const FILTERS_MAX = 18

export interface CompiledFilters {
  readonly matches: Predicate
  /** Association filters look at the present, so their hits cannot be remembered. */
  readonly usesAssociations: boolean
}

/** Groups are OR-ed, filters of a group AND-ed; no group matches everything. */
export function compileFilters(portal: Portal, type: ObjectType, search: Json): CompiledFilters {
  const groups = filterGroups(search)
  const count = groups.reduce((sum, group) => sum + group.length, 0)
  if (
    groups.length > GROUPS_MAX ||
    count > FILTERS_MAX ||
    groups.some((g) => g.length > FILTERS_PER_GROUP_MAX)
  ) {
    throw invalid(
      `A search can have at most ${GROUPS_MAX} filter groups, ${FILTERS_PER_GROUP_MAX} filters per group and ${FILTERS_MAX} filters in total`,
    )
  }
  const compiled = groups.map((group) => group.map((filter) => compileFilter(portal, type, filter)))
  return {
    matches: (record) =>
      compiled.length === 0 || compiled.some((group) => group.every((predicate) => predicate(record))),
    usesAssociations: groups
      .flat()
      .some((filter) => String(filter['propertyName']).startsWith('associations.')),
  }
}

/** HubSpot fact sheet 9. */
const OPERATORS: ReadonlySet<string> = new Set([
  'EQ',
  'NEQ',
  'LT',
  'LTE',
  'GT',
  'GTE',
  'BETWEEN',
  'IN',
  'NOT_IN',
  'HAS_PROPERTY',
  'NOT_HAS_PROPERTY',
  'CONTAINS_TOKEN',
  'NOT_CONTAINS_TOKEN',
])

/** A top-level `filters` list counts as one group. */
function filterGroups(search: Json): (readonly Json[])[] {
  const groups = objectsOf(search['filterGroups']).map((group) => objectsOf(group['filters']))
  const alone = objectsOf(search['filters'])
  return alone.length > 0 ? [...groups, alone] : groups
}

function compileFilter(portal: Portal, type: ObjectType, filter: Json): Predicate {
  const name = filter['propertyName']
  const operator = filter['operator']
  if (typeof name !== 'string') throw missingFields('propertyName')
  if (typeof operator !== 'string') throw missingFields('operator')
  // A name that is no operator is a value of the wrong type (5.2).
  if (!OPERATORS.has(operator)) throw wrongType('Filter$Operator', `String "${operator}"`)
  if (name.startsWith('associations.')) return associationFilter(portal, type, { name, operator, filter })
  const property = portal.properties.find(type.typeId, name)
  if (property === undefined) throw invalid(`Property "${name}" does not exist`)
  if (name === 'hs_body_preview_html') throw invalid(`Searching by ${name} is not supported`)
  return propertyFilter({ name, property, operator, filter })
}

interface PropertyFilter {
  readonly name: string
  readonly property: Property
  readonly operator: string
  readonly filter: Json
}

function propertyFilter({ name, property, operator, filter }: PropertyFilter): Predicate {
  const read = reader(property)
  const one = (key: string): Comparable => read(textOfFilter(filter, key), 'filter')
  const withValue = (test: (value: Comparable, raw: string) => boolean): Predicate => {
    return ({ values }) => {
      const raw = values[name]
      // Neither NEQ nor NOT_IN matches a record without a value.
      return raw !== undefined && test(read(raw, 'record'), raw)
    }
  }
  const isSet = property.definition.fieldType === 'checkbox'
  switch (operator) {
    case 'HAS_PROPERTY':
      return ({ values }) => values[name] !== undefined
    case 'NOT_HAS_PROPERTY':
      return ({ values }) => values[name] === undefined
    case 'EQ': {
      const wanted = one('value')
      return withValue((value) => value === wanted)
    }
    case 'NEQ': {
      const wanted = one('value')
      return withValue((value) => value !== wanted)
    }
    case 'LT':
    case 'LTE':
    case 'GT':
    case 'GTE': {
      const bound = one('value')
      return withValue((value) => ordered(value, operator, bound))
    }
    case 'BETWEEN': {
      const low = one('value')
      const high = one('highValue')
      return withValue((value) => value >= low && value <= high)
    }
    case 'IN':
    case 'NOT_IN': {
      const wanted = new Set(listedValues(filter, property))
      const holds = (value: Comparable, raw: string) =>
        isSet ? raw.split(';').some((element) => wanted.has(element)) : wanted.has(value)
      return withValue((value, raw) => holds(value, raw) === (operator === 'IN'))
    }
    case 'CONTAINS_TOKEN':
    case 'NOT_CONTAINS_TOKEN': {
      const matches = tokenMatcher(textOfFilter(filter, 'value'), property.definition.type === 'enumeration')
      return withValue((_value, raw) => matches(raw) === (operator === 'CONTAINS_TOKEN'))
    }
    default:
      throw new Error(`Operator ${operator} is listed and not handled`)
  }
}

/** `IN` wants lower-case values for text: they are compared as given with values in lower case. */
function listedValues(filter: Json, property: Property): Comparable[] {
  const values = stringsOf(filter['values'])
  if (values.length === 0) throw missingFields('values')
  if (property.definition.type === 'string') return values
  const read = reader(property)
  return values.map((value) => read(value, 'filter'))
}

function reader(property: Property): (text: string, from: 'filter' | 'record') => Comparable {
  switch (property.definition.type) {
    case 'number':
      return (text) => {
        const number = Number(text)
        if (Number.isNaN(number) || text.trim() === '') throw invalid(`${text} was not a valid number`)
        return number
      }
    case 'date':
    case 'datetime':
      return (text, from) => (from === 'record' ? Date.parse(text) : searchInstant(text))
    case 'enumeration':
    case 'bool':
      return (text) => text
    case 'string':
    case 'phone_number':
      return (text) => text.toLowerCase()
  }
}

function ordered(value: Comparable, operator: string, bound: Comparable): boolean {
  if (operator === 'LT') return value < bound
  if (operator === 'LTE') return value <= bound
  if (operator === 'GT') return value > bound
  return value >= bound
}

/** Every token of the wanted text must be there; `*` stands for any characters within one. */
function tokenMatcher(wanted: string, caseSensitive: boolean): (raw: string) => boolean {
  const fold = (text: string) => (caseSensitive ? text : text.toLowerCase())
  const patterns = fold(wanted)
    .split(/[^\p{L}\p{N}*_]+/u)
    .filter((part) => part !== '')
    .map((part) => new RegExp(`^${part.replaceAll('*', '.*')}$`, 'u'))
  return (raw) => {
    const tokens = fold(raw).split(/[^\p{L}\p{N}_]+/u)
    return patterns.length > 0 && patterns.every((pattern) => tokens.some((token) => pattern.test(token)))
  }
}

/** `associations.contact` and its like: `EQ` or `IN` with record ids, not for custom objects. */
function associationFilter(
  portal: Portal,
  type: ObjectType,
  { name, operator, filter }: { name: string; operator: string; filter: Json },
): Predicate {
  const target = portal.types.find(name.slice('associations.'.length))
  if (target === undefined || target.custom || !['EQ', 'IN'].includes(operator)) {
    throw invalid(`The filter ${name} ${operator} is not supported`)
  }
  const ids = operator === 'EQ' ? [textOfFilter(filter, 'value')] : stringsOf(filter['values'])
  const now = portal.clock()
  return (record) =>
    ids.some((id) => {
      const to = { typeId: target.typeId, id }
      const row = portal.associations.row({ typeId: type.typeId, id: record.id }, to)
      return row !== undefined && row.searchableAt <= now && portal.isVisible(to)
    })
}

function textOfFilter(filter: Json, key: string): string {
  const value = filter[key]
  if (value === undefined || value === null) throw missingFields(key)
  return scalarOf(value)
}
