/** Live schemas: describes in neutral words, and what they leave out (record types, contact roles, stages). */
import type { FieldOption, FieldSchema, ObjectSchema } from '../../core/schema.ts'
import {
  hasRecordTypes,
  MASTER,
  RECORD_TYPE,
  type Catalogue,
  type Description,
  type Field,
} from './catalogue.ts'
import type { SalesforceClient } from './client.ts'
import { EDGE_OWNER, edgeSchemas, ROLES } from './edges.ts'
import { valueKind } from './values.ts'
import { listIn, textIn } from './wire.ts'

/** Types whose `length` is a number of characters. */
const TEXTS = new Set(['string', 'textarea', 'phone', 'email', 'url', 'combobox', 'encryptedstring'])

const HIDDEN_HINT =
  'or give the user of this connection access to it: Salesforce does not show fields that a user may not see (Setup, Permission Sets, Object Settings, Field Permissions)'

/** Costs a describe, and one read per record type where stages depend on it. */
export async function describeObject(
  client: SalesforceClient,
  catalogue: Catalogue,
  object: string,
): Promise<ObjectSchema> {
  const [description, roles] = await Promise.all([
    catalogue.load(object),
    object === EDGE_OWNER ? rolesOf(catalogue) : null,
  ])
  const stages = await stagesByRecordType(client, description)
  const fields = [...description.fields.values()].map((field): FieldSchema => {
    const schema = fieldSchema(field)
    if (field.name === RECORD_TYPE) return { ...schema, ...recordTypeField(description) }
    if (field.name === STAGE && stages) return { ...schema, options: stageOptions(field, stages) }
    return schema
  })
  if (!description.fields.has(RECORD_TYPE)) fields.push(recordTypeField(description))
  if (roles) fields.push(...edgeSchemas(roles))
  return {
    object: description.object,
    fields: new Map(fields.map((field) => [field.name, field])),
    missingFieldHint: HIDDEN_HINT,
  }
}

function fieldSchema(field: Field): FieldSchema {
  const kind = valueKind(field)
  const isDefaulted = field.defaultedOnCreate || field.type === 'boolean'
  return {
    name: field.name,
    label: field.label,
    type: kind.type,
    multiple: kind.multiple,
    // What cannot be written in both cases would be refused in one of them (`Opportunity.ContactId`).
    readOnly: !field.createable || !field.updateable || field.calculated || kind.type === 'location',
    required: !field.nillable,
    ...(isDefaulted && { defaulted: true }),
    unique: field.unique,
    options: kind.type === 'option' ? optionsOf(field) : null,
    lengthMax: TEXTS.has(field.type) && field.length > 0 ? field.length : null,
    scaleMax: kind.type === 'number' ? field.scale : null,
    targets: kind.target === undefined ? [] : [kind.target],
    channel: 'value',
    nativeType:
      field.referenceTo.length === 0 ? field.type : `${field.type} to ${field.referenceTo.join(', ')}`,
  }
}

/** Without leave to see the roles of an opportunity there is nothing to map. */
async function rolesOf(catalogue: Catalogue): Promise<readonly string[]> {
  const { fields } = await catalogue.load(ROLES)
  return (fields.get('Role')?.options ?? []).filter(({ active }) => active).map(({ value }) => value)
}

function optionsOf({ options }: Field): readonly FieldOption[] {
  return options.map(({ value, label, active }) => ({ value, label, archived: !active }))
}

/** Chosen by developer name, because ids differ from org to org. Without record types all records are of one kind. */
function recordTypeField(description: Description): FieldSchema {
  const isReal = hasRecordTypes(description)
  const types = [...description.recordTypes.values()]
  return {
    name: RECORD_TYPE,
    label: 'Record Type',
    type: 'option',
    multiple: false,
    readOnly: isReal && !(description.fields.get(RECORD_TYPE)?.updateable ?? false),
    required: false,
    unique: false,
    options: isReal
      ? types.map(({ developerName, name, active }) => ({
          value: developerName,
          label: name,
          archived: !active,
        }))
      : [{ value: MASTER, label: MASTER, archived: false }],
    lengthMax: null,
    scaleMax: null,
    targets: [],
    channel: 'value',
    nativeType: 'record type',
  }
}

/** The field whose choices differ between record types although no describe says so (8). */
const STAGE = 'StageName'

async function stagesByRecordType(
  client: SalesforceClient,
  description: Description,
): Promise<ReadonlyMap<string, readonly string[]> | null> {
  if (!description.fields.has(STAGE) || !hasRecordTypes(description)) return null
  const kinds = [...description.recordTypes].filter(([, { active }]) => active)
  const answers = await Promise.all(
    kinds.map(([id]) =>
      client.get(`/ui-api/object-info/${description.object}/picklist-values/${id}/${STAGE}`),
    ),
  )
  const offered = new Map<string, string[]>()
  for (const [i, [, { developerName }]] of kinds.entries()) {
    for (const value of listIn(answers[i] ?? null, 'values')) {
      const stage = textIn(value, 'value')
      if (stage !== null) offered.set(stage, [...(offered.get(stage) ?? []), developerName])
    }
  }
  return offered
}

function stageOptions(field: Field, stages: ReadonlyMap<string, readonly string[]>): readonly FieldOption[] {
  return optionsOf(field).map((option) => ({ ...option, within: stages.get(option.value) ?? [] }))
}

/** Whether the user of the connection may do what is asked of an object, in words of Setup; empty when they may. */
export function missingPermissions(description: Description, write: boolean): readonly string[] {
  const { label, queryable, createable, updateable } = description
  if (!queryable) return [`Read on ${label}`]
  if (!write) return []
  return [...(createable ? [] : [`Create on ${label}`]), ...(updateable ? [] : [`Edit on ${label}`])]
}
