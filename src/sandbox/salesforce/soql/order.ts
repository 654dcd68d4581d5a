/** Sorting (Salesforce fact sheet 9): blanks first unless told otherwise, text without case, ids by their characters. */
import type { Values } from '../rows/row-store.ts'
import type { OrderItem } from './ast.ts'
import { pathOf } from './condition.ts'
import { queryError } from './malformed.ts'
import { bindOperand, type Key } from './operand.ts'
import type { Scope } from './scope.ts'

interface SortKey {
  readonly key: (values: Values) => Key
  readonly compare: (a: string, b: string) => number
  readonly descending: boolean
  readonly nullsLast: boolean
}

/** The order of text depends on the user's locale; this is that of the org's users. */
const COLLATOR = new Intl.Collator('en-US', { sensitivity: 'accent' })

const COLLATED = new Set(['string', 'textarea', 'combobox', 'phone', 'email', 'url', 'picklist'])

export function sortKeys(scope: Scope, items: readonly OrderItem[]): readonly SortKey[] {
  return items.map(({ operand, descending, nullsLast }) => {
    const path = pathOf(scope, operand)
    const { field, key } = bindOperand(scope, path)
    if (!field.sortable || field.type === 'address') {
      throw queryError('INVALID_FIELD', scope.soql, {
        at: path.at,
        message: `field '${field.name}' can not be sorted in a query call`,
      })
    }
    const compare = COLLATED.has(field.type) ? COLLATOR.compare : plainOrder
    return { key, compare, descending, nullsLast }
  })
}

/** A new list in order. Ties come in an order that means nothing and stays the same. */
export function sorted(rows: readonly Values[], keys: readonly SortKey[]): Values[] {
  const entries = rows.map((values) => ({ values, keys: keys.map(({ key }) => key(values)) }))
  entries.sort((a, b) => {
    for (const [index, sortKey] of keys.entries()) {
      const difference = compareKeys(a.keys[index] ?? null, b.keys[index] ?? null, sortKey)
      if (difference !== 0) return difference
    }
    return scrambled(String(a.values['Id']), String(b.values['Id']))
  })
  return entries.map(({ values }) => values)
}

export function compareKeys(
  a: Key,
  b: Key,
  { compare, descending, nullsLast }: Omit<SortKey, 'key'>,
): number {
  if (a === b) return 0
  if (a === null) return nullsLast ? 1 : -1
  if (b === null) return nullsLast ? -1 : 1
  const difference = typeof a === 'string' ? compare(a, b as string) : Number(a) - Number(b)
  return descending ? -difference : difference
}

export function plainOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** By the last characters first: looks like no order at all. */
function scrambled(a: string, b: string): number {
  for (let index = 14; index >= 0; index--) {
    const difference = a.charCodeAt(index) - b.charCodeAt(index)
    if (difference !== 0) return difference
  }
  return 0
}
