/** Attributes: list, create, get, update, and every rule about what may be created where. Fact sheet 13.2. */
import { z } from 'zod'
import { nextUuid } from './chance.ts'
import { attributeOfCall, data, inData, placeOfCall, parseBody, queryFlag, queryNumber } from './call.ts'
import type { Answer, Call } from './call.ts'
import { announceAttribute } from './attribute-events.ts'
import { checkDefault, checkUnique, checkType } from './attribute-rules.ts'
import { CURRENCY_CODES } from './currencies.ts'
import { invalid, slugConflict, systemEdit, valueNotFound } from './fault.ts'
import { registerAttribute } from './found-workspace.ts'
import { emptyPayload, slugSchema } from './object-routes.ts'
import { buildMissingIndexes } from './record-index.ts'
import { renderAttribute } from './render.ts'
import { CREATABLE_TYPES } from './value.ts'
import { isEnabled, isShown, lookUpAttribute, lookUpObject } from './workspace.ts'
import type { Attribute, ObjectType, Workspace } from './workspace.ts'

const defaultValueSchema = z
  .union([
    z.object({ type: z.literal('dynamic'), template: z.string() }),
    z.object({ type: z.literal('static'), template: z.array(z.unknown()) }),
  ])
  .nullable()

const configSchema = z.object({
  currency: z
    .object({
      default_currency_code: z.enum(CURRENCY_CODES),
      display_type: z.enum(['code', 'name', 'narrowSymbol', 'symbol']),
    })
    .optional(),
  record_reference: z.object({ allowed_objects: z.array(z.string()).min(1) }).optional(),
})

const createSchema = inData(
  z.strictObject({
    title: z.string().min(1),
    description: z.string().nullable(),
    api_slug: slugSchema,
    type: z.enum(CREATABLE_TYPES),
    is_required: z.boolean(),
    is_unique: z.boolean(),
    is_multiselect: z.boolean(),
    default_value: defaultValueSchema.optional(),
    relationship: z
      .strictObject({
        object: z.string(),
        title: z.string().min(1),
        api_slug: slugSchema,
        is_multiselect: z.boolean(),
      })
      .nullish(),
    config: configSchema,
  }),
)

const updateSchema = inData(
  z.strictObject({
    title: z.string().min(1).optional(),
    description: z.string().nullable().optional(),
    api_slug: slugSchema.optional(),
    is_required: z.boolean().optional(),
    is_unique: z.boolean().optional(),
    default_value: defaultValueSchema.optional(),
    config: configSchema.optional(),
    is_archived: z.boolean().optional(),
  }),
)

export function listAttributes(call: Call): Answer {
  const { workspace } = call
  const object = placeOfCall(call)
  const offset = queryNumber(call, 'offset', { fallback: 0, min: 0 })
  const limit = queryNumber(call, 'limit', { fallback: Number.MAX_SAFE_INTEGER, min: 1 })
  const showsArchived = queryFlag(call, 'show_archived')
  const shown = object.attributes.filter(
    (attribute) => isShown(workspace, attribute) && (showsArchived || !attribute.isArchived),
  )
  return data(shown.slice(offset, offset + limit).map((attribute) => renderAttribute(workspace, attribute)))
}

export function getAttribute(call: Call): Answer {
  return data(renderAttribute(call.workspace, attributeOfCall(call, placeOfCall(call))))
}

export function createAttribute(call: Call): Answer {
  const { workspace } = call
  const object = placeOfCall(call)
  const body = parseBody(createSchema, call.body).data
  checkType(object, { type: body.type, isMultiselect: body.is_multiselect })
  if (body.is_unique) checkUnique(object, body.type)
  checkSlug(object, body.api_slug, null)
  const far = body.relationship ? relatedObject(workspace, body.relationship.object) : null
  const attribute = newAttribute(call, object, {
    slug: body.api_slug,
    title: body.title,
    description: body.description,
    type: body.type,
    isRequired: body.is_required,
    isUnique: body.is_unique,
    isMultiselect: body.is_multiselect,
    currency: currencyOf(body.type, body.config),
    allowedObjectIds: allowedObjects(workspace, { ...body, far }),
  })
  attribute.defaultValue = checkDefault(workspace, object, attribute, body.default_value ?? null)
  if (far && body.relationship) {
    if (object.list) throw invalid('Relationships are not supported on lists.')
    if (body.type !== 'record-reference') throw invalid('Only a record reference can be a relationship.')
    checkSlug(far, body.relationship.api_slug, null)
    if (far === object && body.relationship.api_slug === body.api_slug) {
      throw slugConflict('Both ends of the relationship have the same API slug.')
    }
    const inverse = newAttribute(call, far, {
      slug: body.relationship.api_slug,
      title: body.relationship.title,
      description: null,
      type: 'record-reference',
      isRequired: false,
      isUnique: false,
      isMultiselect: body.relationship.is_multiselect,
      currency: null,
      allowedObjectIds: [object.id],
    })
    attribute.inverseId = inverse.id
    inverse.inverseId = attribute.id
    registerAttribute(workspace, object, attribute)
    registerAttribute(workspace, far, inverse)
    announceAttribute(call, 'created', inverse)
  } else {
    registerAttribute(workspace, object, attribute)
  }
  announceAttribute(call, 'created', attribute)
  return data(renderAttribute(workspace, attribute))
}

export function updateAttribute(call: Call): Answer {
  const { workspace } = call
  const object = placeOfCall(call)
  const attribute = attributeOfCall(call, object)
  const body = parseBody(updateSchema, call.body).data
  if (Object.keys(body).length === 0) throw emptyPayload()
  if (attribute.isSystem) throw systemEdit('Cannot update a System attribute.')
  if (body.is_unique) checkUnique(object, attribute.type)
  if (body.api_slug !== undefined) checkSlug(object, body.api_slug, attribute)
  const allowed = body.config?.record_reference?.allowed_objects
  const changes: Partial<Attribute> = {
    ...(body.title === undefined ? {} : { title: body.title }),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.api_slug === undefined ? {} : { slug: body.api_slug }),
    ...(body.is_required === undefined ? {} : { isRequired: body.is_required }),
    ...(body.is_unique === undefined ? {} : { isUnique: body.is_unique }),
    ...(body.is_archived === undefined ? {} : { isArchived: body.is_archived }),
    ...(body.default_value === undefined
      ? {}
      : { defaultValue: checkDefault(workspace, object, attribute, body.default_value) }),
    ...(body.config?.currency ? { currency: currencyOf(attribute.type, body.config) } : {}),
    ...(allowed ? { allowedObjectIds: allowed.map((key) => relatedObject(workspace, key).id) } : {}),
  }
  Object.assign(attribute, changes)
  buildMissingIndexes(workspace, object)
  announceAttribute(call, 'updated', attribute)
  return data(renderAttribute(workspace, attribute))
}

/** Archived slugs still count. */
function checkSlug(object: ObjectType, slug: string, self: Attribute | null): void {
  const holder = lookUpAttribute(object, slug)
  if (holder && holder !== self) {
    throw slugConflict(
      'An attribute with the same API slug already exists on this object. Please choose a different API slug.',
    )
  }
}

function relatedObject(workspace: Workspace, key: string): ObjectType {
  const object = lookUpObject(workspace, key)
  if (!object || !isEnabled(workspace, object)) throw valueNotFound(`Object with slug/ID "${key}" not found.`)
  return object
}

function currencyOf(type: string, config: z.infer<typeof configSchema>): Attribute['currency'] {
  if (type !== 'currency') return null
  if (!config.currency) throw invalid('A currency attribute needs config.currency.')
  return { code: config.currency.default_currency_code, display: config.currency.display_type }
}

function allowedObjects(
  workspace: Workspace,
  options: { type: string; config: z.infer<typeof configSchema>; far: ObjectType | null },
): readonly string[] | null {
  if (options.type !== 'record-reference') return null
  const named = options.config.record_reference?.allowed_objects.map(
    (key) => relatedObject(workspace, key).id,
  )
  if (!options.far) {
    if (!named) throw invalid('A record reference needs config.record_reference.allowed_objects.')
    return named
  }
  const farId = options.far.id
  if (named?.some((id) => id !== farId)) {
    throw invalid('allowed_objects of a relationship must contain only the object of the relationship.')
  }
  return [farId]
}

function newAttribute(
  call: Call,
  object: ObjectType,
  options: Pick<
    Attribute,
    | 'slug'
    | 'title'
    | 'description'
    | 'type'
    | 'isRequired'
    | 'isUnique'
    | 'isMultiselect'
    | 'currency'
    | 'allowedObjectIds'
  >,
): Attribute {
  return {
    ...options,
    id: nextUuid(call.workspace.chance),
    objectId: object.id,
    isSystem: false,
    isWritable: true,
    isArchived: false,
    defaultValue: null,
    inverseId: null,
    isPseudo: false,
    createdAtMs: call.act.atMs,
    isEnriched: false,
    options: [],
  }
}
