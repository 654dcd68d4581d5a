/** The two vendors, reduced to one field: what may be typed there, and what is stored of what is sent. */
import type { Side } from '../../src/core/record.ts'
import { toSet } from '../../src/core/sets.ts'
import { isList, type Canonical, type FieldValue } from '../../src/core/value.ts'
import type { Configuration } from './configuration.ts'

const WORDS: readonly Canonical[] = ['a', 'b', 'c']
const SETS: readonly Canonical[] = [null, ['p'], ['q'], ['p', 'q']]

/** Everything a person may type, in canonical form. */
export function typable({ field }: Configuration): readonly Canonical[] {
  if (field.shape === 'elements') return SETS
  // A new link is about blanks too, and needs no third word.
  return field.start === 'new' ? [null, 'a', 'b'] : WORDS
}

/** How a vendor spells what it stores: capitals on the left, small letters on the right. */
export function spelled(side: Side, value: FieldValue): FieldValue {
  if (typeof value === 'string') return side === 'left' ? value.toUpperCase() : value.toLowerCase()
  return isList(value) ? value.map((element) => spelled(side, element)) : value
}

/** The canoniser of the field's rule. */
export function canonise({ field }: Configuration, value: FieldValue): Canonical {
  if (field.shape === 'elements') return toSet(isList(value) ? value.map(folded) : [])
  return field.canoniser === 'none' ? value : folded(value)
}

/** Whether the vendor takes this value without complaint and keeps what it held. */
export function isRefused({ vendors }: Configuration, side: Side, value: FieldValue): boolean {
  const refused = vendors.refuses[side]
  return refused !== null && folded(value) === refused
}

function folded(value: FieldValue): FieldValue {
  return typeof value === 'string' ? value.toLowerCase() : value
}
