/**
 * What a transform needs to know about one field. It comes from the live schema where there is one; offline
 * (fixtures, editors) from the standard fields that every account has; else it is unknown text.
 */
import type { FieldSchema, FieldType, ObjectSchema } from '../core/schema.ts'
import type { Side } from '../core/record.ts'
import { associatedObject } from './document.ts'
import { standardField } from './standard-fields.ts'

export interface FieldShape {
  readonly name: string
  readonly type: FieldType
  /** Null when neither the schema nor the standard fields say. */
  readonly multiple: boolean | null
  readonly readOnly: boolean
  readonly required: boolean
  /** Values the field accepts now; null when it has no closed set, or when the set is unknown. */
  readonly options: readonly string[] | null
  readonly targets: readonly string[]
  readonly scaleMax: number | null
  readonly channel: 'value' | 'edge'
  /** False where the type is a guess. */
  readonly isKnown: boolean
}

export function shapeOf(
  side: Side,
  object: string,
  name: string,
  schema: ObjectSchema | null | undefined,
): FieldShape {
  const live = schema?.fields.get(name)
  if (live) return shapeOfSchema(live)
  const associated = associatedObject(name)
  const known =
    associated === null
      ? standardField(side, object, name)
      : { type: 'reference' as const, multiple: !name.includes('/'), targets: [associated] }
  return {
    name,
    type: known?.type ?? 'text',
    multiple: known?.multiple ?? null,
    readOnly: false,
    required: known?.required ?? false,
    options: null,
    targets: known?.targets ?? [],
    scaleMax: null,
    channel: associated === null ? 'value' : 'edge',
    isKnown: known !== null,
  }
}

function shapeOfSchema(field: FieldSchema): FieldShape {
  return {
    name: field.name,
    type: field.type,
    multiple: field.multiple,
    readOnly: field.readOnly,
    required: field.required,
    options: field.options?.filter((option) => !option.archived).map((option) => option.value) ?? null,
    targets: field.targets,
    scaleMax: field.scaleMax,
    channel: field.channel,
    isKnown: true,
  }
}
