/** Live schemas: property definitions, pipelines and association labels in neutral words, and new fields. */
import { ConnectorError } from '../../errors.ts'
import type { FieldOption, FieldSchema, ObjectSchema } from '../../core/schema.ts'
import type { NewField } from '../writing.ts'
import type { AssociationType } from './association-calls.ts'
import {
  createPropertyGroup,
  createTextProperty,
  readPipelines,
  readPropertyGroups,
  type Pipeline,
  type PropertyDefinition,
} from './catalogue-calls.ts'
import type { Catalogue, Definitions } from './catalogue.ts'
import type { HubSpotClient } from './client.ts'
import { edgeName, findType, isPrimary, parseEdge, standardType } from './edges.ts'
import { associationPartners, canonicalObject, pipelineProperties, requiredProperties } from './objects.ts'
import { valueKind } from './values.ts'

/** Longest text that HubSpot stores (HubSpot fact sheet 6). */
const TEXT_LENGTH_MAX = 65_536

/** Costs one read for the properties, one for pipelines, one per object it is usually associated with. */
export async function describeObject(
  client: HubSpotClient,
  catalogue: Catalogue,
  object: string,
): Promise<ObjectSchema> {
  const stages = pipelineProperties(object)
  const partners = associationPartners(object)
  const [definitions, pipelines, labels] = await Promise.all([
    loadDefinitions(client, catalogue, object),
    stages ? readPipelines(client, object) : [],
    Promise.all(partners.map((partner) => labelsBetween(catalogue, object, partner))),
  ])
  const required = new Set(requiredProperties(object))
  const fields = [...definitions.values()].map((definition): FieldSchema => {
    const schema = propertySchema(object, definition, required)
    if (definition.name === stages?.pipeline) return { ...schema, options: pipelineOptions(pipelines) }
    if (definition.name === stages?.stage) return { ...schema, options: stageOptions(pipelines) }
    return schema
  })
  for (const [i, partner] of partners.entries()) {
    fields.push(...edgeSchemas(object, partner, labels[i] ?? []))
  }
  return { object: canonicalObject(object), fields: new Map(fields.map((field) => [field.name, field])) }
}

async function loadDefinitions(
  client: HubSpotClient,
  catalogue: Catalogue,
  object: string,
): Promise<Definitions> {
  try {
    return await catalogue.load(object)
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'unavailable') throw error
    // HubSpot answers 400 for a name it does not know (HubSpot fact sheet 5.2); here that means: no such object.
    throw client.error('not-found', `there is no object "${object}"`, error.hint)
  }
}

function propertySchema(
  object: string,
  definition: PropertyDefinition,
  required: ReadonlySet<string>,
): FieldSchema {
  const kind = valueKind(definition)
  const { readOnlyValue = false } = definition.modificationMetadata ?? {}
  return {
    name: definition.name,
    label: definition.label,
    type: kind.type,
    multiple: kind.multiple,
    readOnly: readOnlyValue || definition.calculated === true || definition.archived === true,
    required: required.has(definition.name),
    unique: isUnique(object, definition),
    options: kind.type === 'option' ? propertyOptions(definition) : null,
    lengthMax: definition.type === 'string' ? TEXT_LENGTH_MAX : null,
    scaleMax: null,
    targets: [],
    channel: 'value',
    nativeType: `${definition.type}/${definition.fieldType}`,
  }
}

/** A contact's e-mail is unique although its definition does not say so (HubSpot fact sheet 8). */
export function isUnique(object: string, definition: PropertyDefinition): boolean {
  return (
    definition.hasUniqueValue === true ||
    definition.name === 'hs_object_id' ||
    (definition.name === 'email' && canonicalObject(object) === 'contacts')
  )
}

/** Options that HubSpot keeps elsewhere (`externalOptions`) are an open set as far as we can see. */
function propertyOptions(definition: PropertyDefinition): readonly FieldOption[] | null {
  if (definition.externalOptions === true && definition.options.length === 0) return null
  return definition.options.map(({ value, label, hidden }) => ({ value, label, archived: hidden }))
}

function pipelineOptions(pipelines: readonly Pipeline[]): readonly FieldOption[] {
  return pipelines.map(({ id, label, archived }) => ({ value: id, label, archived }))
}

/** Stage labels repeat between pipelines, so there they carry the pipeline's name. */
function stageOptions(pipelines: readonly Pipeline[]): readonly FieldOption[] {
  return pipelines.flatMap((pipeline) =>
    pipeline.stages.map(({ id, label, archived }) => ({
      value: id,
      label: pipelines.length > 1 ? `${pipeline.label}: ${label}` : label,
      archived: archived || pipeline.archived,
    })),
  )
}

/**
 * The account's association types between two objects. Without leave to see them (or without such a pair) the
 * ones that every account has remain, so that is not a reason to fail a description.
 */
async function labelsBetween(
  catalogue: Catalogue,
  from: string,
  to: string,
): Promise<readonly AssociationType[]> {
  try {
    return await catalogue.loadAssociationTypes(from, to)
  } catch (error) {
    const missing = error instanceof ConnectorError && error.status !== null && error.status !== 401
    const asks = ['unauthorized', 'rejected', 'unavailable', 'not-found']
    if (missing && asks.includes(error.kind)) return []
    throw error
  }
}

function edgeSchemas(from: string, to: string, types: readonly AssociationType[]): FieldSchema[] {
  const labels = types.flatMap((type) => type.label ?? [])
  const others = labels.filter((label) => label.toLowerCase() !== 'primary')
  return [null, 'primary', ...others].flatMap((label) => {
    const edge = parseEdge(edgeName(to, label))
    const type = edge && (standardType(from, edge) ?? findType(edge, types))
    if (!type) return []
    return {
      name: edge.field,
      label: label === null ? `Associated ${to}` : `Associated ${to} (${label})`,
      type: 'reference',
      multiple: !isPrimary(edge),
      readOnly: false,
      required: false,
      unique: false,
      options: null,
      lengthMax: null,
      scaleMax: null,
      targets: [to],
      channel: 'edge',
      nativeType: `association ${type.category} ${type.typeId}`,
    } satisfies FieldSchema
  })
}

/** Our own properties get a group of their own: other people's groups stay as they arranged them. */
const GROUP = { name: 'attune', label: 'Attune' }

/** Creates a text property, or finds that an equal one exists; `rejected` when an unequal one has the name. */
export async function createTextField(
  client: HubSpotClient,
  catalogue: Catalogue,
  object: string,
  field: NewField,
): Promise<void> {
  if (isSettled(client, await catalogue.load(object), field)) return
  if (!(await readPropertyGroups(client, object)).includes(GROUP.name)) {
    await unlessTaken(createPropertyGroup(client, object, GROUP))
  }
  await unlessTaken(createTextProperty(client, object, { ...field, group: GROUP.name }))
  // Also after a success: somebody else may have created the name a moment before, with other properties.
  if (isSettled(client, await catalogue.load(object), field)) return
  throw client.error(
    'ambiguous',
    `property "${field.name}" does not show up after its creation`,
    'Run the command again; if it persists, create the property in HubSpot by hand.',
  )
}

function isSettled(client: HubSpotClient, definitions: Definitions, field: NewField): boolean {
  const existing = definitions.get(field.name)
  if (!existing) return false
  if (existing.type === 'string' && (existing.hasUniqueValue === true) === field.unique) return true
  throw client.error(
    'rejected',
    `property "${field.name}" exists, but is not a ${field.unique ? 'unique ' : ''}text property`,
    `Rename or delete the property "${field.name}" in HubSpot; uniqueness cannot be changed later.`,
  )
}

/** 409: the name is taken, by an earlier run of ours or by somebody who was faster. */
async function unlessTaken(creation: Promise<void>): Promise<void> {
  try {
    await creation
  } catch (error) {
    if (!(error instanceof ConnectorError) || error.kind !== 'not-unique') throw error
  }
}
