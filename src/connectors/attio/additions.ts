/**
 * Writes that only add to lists of references. Attio overwrites a list as a whole or adds to it (fact sheet 10.3). Adding
 * keeps a reference that somebody else adds between our look and the write's effect; only taking away needs the whole list.
 *
 * Not for other lists: what is added goes to the front, and the first of the e-mail addresses is the one that people use.
 */
import { canonicalText, isBlank, isList, type FieldValue, type FieldValues } from '../../core/value.ts'
import type { UpdateItem } from '../writing.ts'
import type { Attributes } from './schema.ts'
import { fieldTypeOf } from './values.ts'

/** What to send when every list among the values is one of references that loses nothing; null when one is not. */
export function additionsOf(attributes: Attributes, { values, seen = {} }: UpdateItem): FieldValues | null {
  const lists = Object.keys(values).filter((field) => attributes.get(field)?.is_multiselect)
  const added = lists.map((field) => {
    const attribute = attributes.get(field)
    const before = seen[field]
    if (!attribute || fieldTypeOf(attribute) !== 'reference' || before === undefined) return null
    const [was, wanted] = [elementsOf(before), elementsOf(values[field] ?? null)]
    if ([...was.keys()].some((key) => !wanted.has(key))) return null
    return [field, [...wanted].filter(([key]) => !was.has(key)).map(([, element]) => element)] as const
  })
  const full = added.filter((entry) => entry !== null)
  if (full.length < lists.length || full.every(([, elements]) => elements.length === 0)) return null
  const others = Object.entries(values).filter(([field]) => !lists.includes(field))
  return Object.fromEntries([...others, ...full.filter(([, elements]) => elements.length > 0)])
}

/** Whether both hold the same elements, in whatever order. */
export function holdSame(one: FieldValue, other: FieldValue): boolean {
  const [a, b] = [elementsOf(one), elementsOf(other)]
  return a.size === b.size && [...a.keys()].every((key) => b.has(key))
}

function elementsOf(value: FieldValue): ReadonlyMap<string, FieldValue> {
  const list = isList(value) ? value : isBlank(value) ? [] : [value]
  return new Map(list.map((element) => [canonicalText(element), element]))
}
