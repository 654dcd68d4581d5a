/**
 * A field entry of the document, made definite: which fields it touches on each side, what shape they have,
 * and by which transform they correspond. Compiling and checking start from the same resolution.
 */
import { SIDES, type Both, type Side } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import { defaultsOf } from './defaults.ts'
import { fieldNames, type FieldEntry, type FieldReference, type TransformName } from './document.ts'
import { shapeOf, type FieldShape } from './field-shape.ts'
import type { DocumentPath, MappingDocument } from './load.ts'
import type { TransformSpec } from './transforms/transform.ts'
import { inferTransform, isPlural, likelyType } from './transforms/registry.ts'

export type Schemas = Both<ObjectSchema | null>

export interface ResolvedField {
  readonly key: string
  readonly path: DocumentPath
  readonly entry: FieldEntry
  readonly transform: TransformName
  readonly spec: TransformSpec
}

export function resolveFields(document: MappingDocument, schemas: Schemas | null): readonly ResolvedField[] {
  const keys = uniqueKeys(document.body.fields)
  return document.body.fields.map((entry, index) => {
    const written: TransformSpec = {
      left: shapesOf(document, schemas, 'left', entry.left),
      right: shapesOf(document, schemas, 'right', entry.right),
      settings: entry,
    }
    const transform = entry.as ?? inferTransform(written)
    return {
      key: keys[index] ?? String(index),
      path: ['fields', index],
      entry,
      transform,
      spec: {
        left: written.left.map((shape) => clearable(document, 'left', completed(shape, 'left', transform))),
        right: written.right.map((shape, place) =>
          clearable(document, 'right', completed(shape, 'right', transform, place)),
        ),
        settings: entry,
      },
    }
  })
}

export function shapesOf(
  document: MappingDocument,
  schemas: Schemas | null,
  side: Side,
  reference: FieldReference,
): readonly FieldShape[] {
  const object = document.body[side].object
  return fieldNames(reference).map((name) => shapeOf(side, object, name, schemas?.[side]))
}

/** What something stands in for can be cleared although the vendor insists on a value. */
function clearable(document: MappingDocument, side: Side, shape: FieldShape): FieldShape {
  return shape.required && shape.name in defaultsOf(document.body, side)
    ? { ...shape, required: false }
    : shape
}

/** What the transform says about a field that no schema describes. */
function completed(shape: FieldShape, side: Side, transform: TransformName, place = 0): FieldShape {
  if (shape.isKnown) return shape
  const isLikelyList =
    side === 'left' ? isPlural(transform) : transform === 'options' || transform === 'references'
  // Names and addresses spread over several fields are text; so is what accompanies a primary value.
  const isOwnType =
    transform !== 'person-name' && transform !== 'location' && transform !== 'money' && place === 0
  return {
    ...shape,
    type: side === 'left' || isOwnType ? likelyType(transform) : 'text',
    multiple: shape.multiple ?? isLikelyList,
  }
}

/** The first left field names an entry; entries that share it also name their right field. */
function uniqueKeys(entries: readonly FieldEntry[]): readonly string[] {
  const taken = new Map<string, number>()
  return entries.map((entry) => {
    const [left = ''] = fieldNames(entry.left)
    const shared = entries.filter((other) => fieldNames(other.left)[0] === left).length > 1
    const key = shared ? `${left}:${fieldNames(entry.right).join('+')}` : left
    const count = (taken.get(key) ?? 0) + 1
    taken.set(key, count)
    return count === 1 ? key : `${key}#${count}`
  })
}

/** Names of all fields an entry touches, per side. */
export function touchedFields(field: ResolvedField): Both<readonly string[]> {
  const [left, right] = SIDES.map((side) => field.spec[side].map((shape) => shape.name))
  return { left: left ?? [], right: right ?? [] }
}
