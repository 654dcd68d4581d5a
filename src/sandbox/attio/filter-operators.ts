/**
 * The operator matrix: which properties of which type can be filtered, how, and what equality means there.
 * Attio fact sheet 8 and 9.2. What is not listed there is refused, with the codes seen live (9.3).
 */
import {
  amountOperand,
  booleanOperand,
  dateOperand,
  instantOperand,
  lowerCase,
  nullableOperand,
  numberOperand,
  objectIdOperand,
  optionIdOperand,
  textOperand,
} from './filter-operands.ts'
import { normaliseDomain } from './parse-contact.ts'
import type { StoredValue, ValueData } from './value.ts'
import type { Attribute, Workspace } from './workspace.ts'

export type Comparable = string | number | boolean | null

export interface Property {
  readonly operators: readonly string[]
  readonly read: (value: StoredValue) => Comparable
  /** Turns the operand of a comparison into what `read` returns, or throws. */
  readonly operand: (input: unknown) => Comparable
  /** Compare like digits: the plus sign of a phone number may be left out. */
  readonly isPhone?: boolean
}

const EQUAL = ['$eq']
const ORDERED = ['$eq', '$gt', '$gte', '$lt', '$lte']
const RANGE = ['$gt', '$gte', '$lt', '$lte']
const MATCHING = ['$eq', '$contains', '$starts_with', '$ends_with']
const MATCHING_OR_SET = [...MATCHING, '$not_empty']

/** Reads one member of the stored data, whatever its kind. */
const member =
  (name: string) =>
  ({ data }: StoredValue): Comparable =>
    (data as unknown as Readonly<Record<string, Comparable>>)[name] ?? null

const activeFrom: Property = {
  operators: RANGE,
  read: (value) => value.fromMs,
  operand: (input) => Date.parse(instantOperand(input)),
}

const textProperty = (
  name: string,
  operators: readonly string[],
  operand: Property['operand'] = textOperand,
): Property => ({
  operators,
  read: member(name),
  operand,
})

const inLocation = (name: string, operators: readonly string[]): Property => ({
  operators,
  read: ({ data }) => (data.kind === 'location' ? data.location[name as 'line_1'] : null),
  operand: textOperand,
})

export interface FilterType {
  /** The property meant when none is named; null where one must be. */
  readonly implicit: string | null
  readonly properties: Readonly<Record<string, Property>>
}

const ofValue = (operators: readonly string[], operand: Property['operand']): FilterType => ({
  implicit: 'value',
  properties: { value: { operators, read: member('value'), operand } },
})

/** What can be filtered on an attribute. */
export function filterType(workspace: Workspace, attribute: Attribute): FilterType {
  switch (attribute.type) {
    case 'text':
      return ofValue(['$eq', '$in', '$contains', '$starts_with', '$ends_with'], textOperand)
    case 'number':
    case 'rating':
      return ofValue(ORDERED, numberOperand)
    case 'checkbox':
      return ofValue(EQUAL, booleanOperand)
    case 'date':
      return ofValue(ORDERED, dateOperand)
    case 'timestamp':
      return ofValue(ORDERED, instantOperand)
    case 'currency':
      return {
        implicit: 'currency_value',
        properties: { currency_value: { operators: ORDERED, read: member('value'), operand: amountOperand } },
      }
    case 'select':
    case 'status': {
      const name = attribute.type === 'select' ? 'option' : 'status'
      const operand = (input: unknown): string => optionIdOperand(attribute, textOperand(input))
      return {
        implicit: name,
        properties: {
          [name]: { operators: EQUAL, read: member('optionId'), operand },
          active_from: activeFrom,
        },
      }
    }
    case 'record-reference':
      return {
        implicit: null,
        properties: {
          target_object: {
            operators: EQUAL,
            read: member('objectId'),
            operand: (input) => objectIdOperand(workspace, textOperand(input)),
          },
          target_record_id: { operators: ['$eq', '$in'], read: member('recordId'), operand: lowerCase },
        },
      }
    case 'actor-reference':
      return {
        implicit: null,
        properties: {
          referenced_actor_type: { operators: EQUAL, read: actorPart('type'), operand: textOperand },
          referenced_actor_id: { operators: EQUAL, read: actorPart('id'), operand: nullableOperand },
        },
      }
    case 'location':
      return {
        implicit: null,
        properties: {
          ...Object.fromEntries(
            ['line_1', 'line_2', 'line_3', 'line_4', 'locality', 'region', 'postcode'].map((name) => [
              name,
              inLocation(name, MATCHING),
            ]),
          ),
          country_code: inLocation('country_code', ['$eq', '$starts_with']),
        },
      }
    case 'domain': {
      const operand = (input: unknown): string =>
        normaliseDomain(textOperand(input), workspace.settings) ?? lowerCase(input)
      return {
        implicit: 'domain',
        properties: {
          domain: textProperty('domain', MATCHING_OR_SET, operand),
          root_domain: textProperty('root', MATCHING_OR_SET, lowerCase),
        },
      }
    }
    case 'email-address':
      return {
        implicit: 'email_address',
        properties: {
          email_address: textProperty('address', MATCHING, lowerCase),
          email_domain: textProperty('domain', MATCHING, lowerCase),
          email_root_domain: textProperty('root', MATCHING, lowerCase),
          email_local_specifier: textProperty('local', MATCHING, lowerCase),
        },
      }
    case 'phone-number':
      return {
        implicit: 'phone_number',
        properties: {
          phone_number: { ...textProperty('number', MATCHING), isPhone: true },
          country_code: textProperty('country', ['$eq', '$not_empty']),
        },
      }
    case 'personal-name':
      return {
        implicit: 'full_name',
        properties: {
          first_name: textProperty('first', MATCHING_OR_SET),
          last_name: textProperty('last', MATCHING_OR_SET),
          full_name: textProperty('full', MATCHING_OR_SET),
        },
      }
    case 'interaction':
      return {
        implicit: null,
        properties: {
          interacted_at: { operators: ORDERED, read: member('interactedAt'), operand: instantOperand },
        },
      }
  }
}

const actorPart =
  (name: 'type' | 'id') =>
  ({ data }: StoredValue): Comparable =>
    data.kind === 'actor-reference' ? data.actor[name] : null

/** The key under which an equality index holds what a property is compared with; null without an index. */
export function indexKey(property: string, kind: ValueData['kind'], operand: Comparable): string | null {
  if (typeof operand !== 'string') return null
  const isIndexed =
    (kind === 'text' && property === 'value') ||
    (kind === 'domain' && property === 'domain') ||
    (kind === 'email-address' && property === 'email_address')
  if (isIndexed) return operand
  return kind === 'phone-number' && property === 'phone_number' ? `+${operand.replace(/^\+/, '')}` : null
}

export function compare(operator: string, value: Comparable, operand: Comparable): boolean {
  if (value === null && operator !== '$eq') return false
  switch (operator) {
    case '$eq':
      return value === operand
    case '$contains':
      return String(value).toLowerCase().includes(String(operand).toLowerCase())
    case '$starts_with':
      return String(value).toLowerCase().startsWith(String(operand).toLowerCase())
    case '$ends_with':
      return String(value).toLowerCase().endsWith(String(operand).toLowerCase())
    default: {
      if (value === null || operand === null || typeof value !== typeof operand) return false
      if (operator === '$gt') return value > operand
      if (operator === '$gte') return value >= operand
      if (operator === '$lt') return value < operand
      return value <= operand
    }
  }
}
