/**
 * Attio values in the neutral shapes of `core/schema.ts`, and back: one codec per attribute type (Attio fact
 * sheet 8). Reading keys on the *schema's* type, because the `attribute_type` inside values is unreliable.
 *
 * On the wire every value list is an array; we write arrays throughout, `[]` to clear (10.3).
 */
import type { FieldType } from '../../core/schema.ts'
import { isBlank, isList } from '../../core/value.ts'
import type { FieldValue } from '../../core/value.ts'
import { codecOf, UnreadableValue, type Codec } from './codecs.ts'
import type { WireAttribute, WireValue } from './wire.ts'

/** A value that Attio cannot hold as it is. `message` says why, without quoting it. */
export class UnwritableValue extends Error {
  override readonly name = 'UnwritableValue'
  readonly field: string

  constructor(field: string, reason: string) {
    super(`${field}: ${reason}`)
    this.field = field
  }
}

export function fieldTypeOf(attribute: WireAttribute): FieldType {
  return codecOf(attribute).type
}

export function isWritable(attribute: WireAttribute): boolean {
  return attribute.is_writable && codecOf(attribute).write !== undefined
}

/** References are arrays by agreement, also when the attribute holds one (see `FieldType`). */
export function isArrayValued(attribute: WireAttribute): boolean {
  return attribute.is_multiselect || fieldTypeOf(attribute) === 'reference'
}

/** A field's current values in neutral shape. Throws `UnreadableValue`. */
export function readValue(attribute: WireAttribute, values: readonly WireValue[]): FieldValue {
  const codec = codecOf(attribute)
  const read = values.map((value) => readElement(attribute, codec, value))
  if (isArrayValued(attribute)) return read.filter((element) => element !== null)
  return read[0] ?? null
}

/** What to send so that the field holds exactly `value`. Throws `UnwritableValue`. */
export function writeValue(attribute: WireAttribute, value: FieldValue): readonly unknown[] {
  const { write } = codecOf(attribute)
  if (!attribute.is_writable || !write) {
    throw new UnwritableValue(attribute.api_slug, 'Attio does not let this attribute be written')
  }
  const elements = (isList(value) ? value : [value]).filter((element) => !isBlank(element))
  if (elements.length > 1 && !attribute.is_multiselect) {
    throw new UnwritableValue(attribute.api_slug, 'this attribute holds a single value')
  }
  return elements.map((element) => {
    const written = write(element, attribute)
    if ('wire' in written) return written.wire
    throw new UnwritableValue(attribute.api_slug, `expected ${written.expected}`)
  })
}

/** A filter for records whose attribute equals one of the texts, or null when the type cannot be searched by. */
export function filterFor(attribute: WireAttribute, texts: readonly string[]): unknown {
  const { filter } = codecOf(attribute)
  if (!filter) return null
  return { $or: texts.map((text) => ({ [attribute.api_slug]: { $eq: filter(text) } })) }
}

function readElement(attribute: WireAttribute, codec: Codec, value: WireValue): FieldValue {
  try {
    return codec.read(value)
  } catch (error) {
    if (!(error instanceof UnreadableValue)) throw error
    throw new UnreadableValue(`a ${attribute.type} value of ${attribute.api_slug} has ${error.message}`)
  }
}
