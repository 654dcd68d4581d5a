/** Attio's attributes: as neutral field descriptions, and as the lookup that values are read and written by. */
import { ConnectorError } from '../../errors.ts'
import type { FieldOption, FieldSchema, ObjectSchema } from '../../core/schema.ts'
import type { NewField } from '../writing.ts'
import type { AttioClient } from './client.ts'
import { fieldTypeOf, isWritable } from './values.ts'
import type { WireAttribute, WireObject, WireOption } from './wire.ts'

export type Attributes = ReadonlyMap<string, WireAttribute>

export interface AttributeCatalog {
  /**
   * The attributes of an object, remembered: types never change (Attio fact sheet 13.2). Loaded anew when
   * one of `names` is not among them, once per name. A name that stays missing does not exist.
   */
  attributes(object: string, names: readonly string[]): Promise<Attributes>
  /**
   * The attributes as they are now, which `attributes` goes by from then on. `onAttribute` is given each as soon as it is
   * known.
   */
  refresh(object: string, onAttribute?: (attribute: WireAttribute) => void): Promise<Attributes>
  /** All objects as they are now; who asks while they are being asked for is given the same. */
  objects(): Promise<readonly WireObject[]>
}

export function attributeCatalog(client: AttioClient): AttributeCatalog {
  const loaded = new Map<string, Promise<Attributes>>()
  const missing = new Map<string, Set<string>>()
  let asking: Promise<readonly WireObject[]> | null = null

  const load = (
    object: string,
    onAttribute: (attribute: WireAttribute) => void = () => undefined,
  ): Promise<Attributes> => {
    const loading = client
      .attributes(object, (rows) => rows.filter(isInUse).forEach(onAttribute))
      .then((rows) => new Map(rows.filter(isInUse).map((row) => [row.api_slug, row])))
    loaded.set(object, loading)
    loading.catch(() => loaded.delete(object))
    return loading
  }

  return {
    attributes: async (object, names) => {
      const known = await (loaded.get(object) ?? load(object))
      const absent = names.filter((name) => !known.has(name) && !missing.get(object)?.has(name))
      if (absent.length === 0) return known
      const fresh = await load(object)
      const stillAbsent = absent.filter((name) => !fresh.has(name))
      missing.set(object, new Set([...(missing.get(object) ?? []), ...stillAbsent]))
      return fresh
    },
    refresh: (object, onAttribute) => {
      missing.delete(object)
      return load(object, onAttribute)
    },
    objects: () => {
      asking ??= client.objects().finally(() => {
        asking = null
      })
      return asking
    },
  }
}

function isInUse({ is_archived: isArchived }: WireAttribute): boolean {
  return !isArchived
}

/** Object id → its name, as the mappings spell it where they name it. */
export async function objectNames(
  client: AttioClient,
  mapped: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await client.objects()
  return new Map(
    rows.map(({ id: { object_id: id }, api_slug: slug }) => [
      id,
      mapped.find((name) => name === slug || name === id) ?? slug ?? id,
    ]),
  )
}

/** Attribute id → its name, of all attributes of these objects. */
export async function attributeNames(
  catalog: AttributeCatalog,
  objects: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const known = await Promise.all(objects.map((object) => catalog.attributes(object, [])))
  return new Map(
    known
      .flatMap((attributes) => [...attributes.values()])
      .flatMap(({ id, api_slug: slug }) => (id ? [[id.attribute_id, slug] as const] : [])),
  )
}

/** Custom unique attributes are refused on these (13.2), so a stamp there is not unique. */
const NO_UNIQUE_ATTRIBUTES = new Set(['people', 'companies'])

export function allowsUniqueAttributes(object: string): boolean {
  return !NO_UNIQUE_ATTRIBUTES.has(object)
}

/** Objects every workspace knows but may have switched off (17). */
const OPTIONAL_OBJECTS = new Set(['deals', 'users', 'workspaces'])

/** Decimal places that Attio documents for numbers and amounts (8); ratings are whole. */
const SCALE_MAX: Readonly<Record<string, number>> = { number: 4, currency: 4, rating: 0 }

/** Reads the live schema of an object, options included. Errors as `Connector.describe`. */
export async function describeObject(
  client: AttioClient,
  catalog: AttributeCatalog,
  object: string,
): Promise<ObjectSchema> {
  const options = new Map<string, Promise<readonly WireOption[] | null>>()
  const references: Promise<readonly WireObject[]>[] = []
  const load = () =>
    catalog.refresh(object, (attribute) => {
      options.set(attribute.api_slug, begun(optionsOf(client, object, attribute)))
      if (attribute.type === 'record-reference') references.push(begun(catalog.objects()))
    })
  const attributes = [...(await orSwitchedOff(object, load)).values()]
  const objects = (await Promise.all(references)).at(-1) ?? []
  const fields = await Promise.all(
    attributes.map(async (attribute) =>
      fieldSchema(attribute, (await options.get(attribute.api_slug)) ?? null, objects),
    ),
  )
  return { object, fields: new Map(fields.map((field) => [field.name, field])) }
}

/** Asked for before it is waited for: whoever stops earlier has no use for its failure either. */
function begun<T>(asking: Promise<T>): Promise<T> {
  asking.catch(() => undefined)
  return asking
}

/** A switched-off standard object may be told by an error of its own or by a plain 404 (13.1). */
async function orSwitchedOff<T>(object: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load()
  } catch (error) {
    if (error instanceof ConnectorError && error.kind === 'not-found' && OPTIONAL_OBJECTS.has(object)) {
      throw objectUnavailable(object, error)
    }
    throw error
  }
}

/**
 * A 404 for a request about an object as a whole says that the object is out of reach, which must never pass
 * for evidence about one of its records.
 */
export function objectUnavailable(object: string, error: ConnectorError): ConnectorError {
  return new ConnectorError('unavailable', `The object ${object} does not answer: ${error.message}`, {
    connection: error.connection,
    hint: `Switch ${object} on in Attio (Workspace settings, Objects), or correct its name in the mapping.`,
    status: error.status,
    code: error.code,
    cause: error,
  })
}

async function optionsOf(
  client: AttioClient,
  object: string,
  attribute: WireAttribute,
): Promise<readonly WireOption[] | null> {
  const kind = attribute.type === 'select' ? 'options' : attribute.type === 'status' ? 'statuses' : null
  if (kind === null) return null
  try {
    return await client.options(object, attribute.api_slug, kind)
  } catch (error) {
    // Some attributes that Attio maintains itself refuse to be looked into; they are read-only anyway.
    const refused = error instanceof ConnectorError && ['rejected', 'not-found'].includes(error.kind)
    if (refused && !attribute.is_writable) return null
    throw error
  }
}

function fieldSchema(
  attribute: WireAttribute,
  options: readonly WireOption[] | null,
  objects: readonly WireObject[],
): FieldSchema {
  const targets = attribute.config?.record_reference?.allowed_object_ids ?? []
  return {
    name: attribute.api_slug,
    label: attribute.title,
    type: fieldTypeOf(attribute),
    multiple: attribute.is_multiselect,
    readOnly: !isWritable(attribute),
    required: attribute.is_required,
    unique: attribute.is_unique,
    options: options?.map(fieldOption) ?? null,
    lengthMax: null,
    scaleMax: SCALE_MAX[attribute.type] ?? null,
    targets: objects.flatMap(({ id, api_slug }) =>
      api_slug && targets.includes(id.object_id) ? [api_slug] : [],
    ),
    channel: 'value',
    nativeType: attribute.type,
  }
}

/** Titles are what people see and write; ids would tie a mapping file to one workspace. */
function fieldOption(option: WireOption): FieldOption {
  return { value: option.title, label: option.title, archived: option.is_archived }
}

/**
 * Creates a text attribute, or makes sure that an equal one is there: Attio's own recipe (13.2), because a
 * slug stays taken when its attribute is archived.
 */
export async function ensureTextAttribute(
  client: AttioClient,
  connection: string,
  object: string,
  field: NewField,
): Promise<void> {
  try {
    await client.createAttribute(object, {
      title: field.label,
      description: field.description,
      api_slug: field.name,
      type: 'text',
      is_required: false,
      is_unique: field.unique,
      is_multiselect: false,
      config: {},
    })
    return
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.code !== 'slug_conflict') throw error
  }
  const existing = await client.attribute(object, field.name)
  const isEqual = existing.type === 'text' && !existing.is_multiselect && existing.is_unique === field.unique
  if (!isEqual) {
    const found = `${existing.is_unique ? 'unique' : 'non-unique'} ${existing.type}`
    throw new ConnectorError('rejected', `${object}.${field.name} exists in Attio as ${found} attribute`, {
      connection,
      fields: [field.name],
      hint: `Rename that attribute in Attio, or give it the form of a ${field.unique ? 'unique ' : ''}text attribute.`,
    })
  }
  if (existing.is_archived) await client.restoreAttribute(object, field.name)
}
