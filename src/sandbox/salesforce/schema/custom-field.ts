/** Custom fields from their metadata, as Setup, the Tooling API and the Metadata API take it. */
import { field as defineField } from '../catalogue/define.ts'
import type { Field, FieldType, PicklistValue } from '../catalogue/field.ts'
import type { Org } from '../org.ts'
import { systemValues } from '../rows/system-values.ts'
import { notModelled, refusal, type Problem } from '../wire.ts'

type Metadata = Readonly<Record<string, unknown>>

/** Metadata type → field type of the describe. */
const TYPES: Readonly<Record<string, FieldType>> = {
  Text: 'string',
  TextArea: 'textarea',
  LongTextArea: 'textarea',
  Html: 'textarea',
  Email: 'email',
  Phone: 'phone',
  Url: 'url',
  Number: 'double',
  Currency: 'currency',
  Percent: 'percent',
  Checkbox: 'boolean',
  Date: 'date',
  DateTime: 'datetime',
  Time: 'time',
  Picklist: 'picklist',
  MultiselectPicklist: 'multipicklist',
  Lookup: 'reference',
}

const LENGTHS: Partial<Readonly<Record<string, number>>> = {
  TextArea: 255,
  Email: 80,
  Phone: 40,
  Url: 255,
  Picklist: 255,
  MultiselectPicklist: 4_099,
  Lookup: 18,
}

const TEXT_MAX = 255
const LONG_TEXT_MAX = 131_072

/** Types that can be an external id (Salesforce fact sheet 8). */
const KEYS = new Set(['Text', 'Number', 'Email'])

/**
 * Adds `Object.Field__c` and answers its id. Nobody can see the field yet: whoever adds it in the user interface also
 * says who can, an API client has to grant it by `FieldPermissions`.
 */
export function addCustomField(
  org: Org,
  { fullName, metadata }: { fullName: string; metadata: Metadata },
): string {
  const [objectName = '', name = ''] = fullName.split('.')
  const type = org.schema.find(objectName)
  if (type === undefined) {
    throw refusal(
      'INVALID_FIELD',
      `Entity Enumeration Or ID: bad value for restricted picklist field: ${objectName}`,
      ['TableEnumOrId'],
    )
  }
  if (!/^[A-Za-z](?:_?[A-Za-z0-9])*__c$/.test(name) || name.length > 43) {
    throw refusal(
      'FIELD_INTEGRITY_EXCEPTION',
      'The Field Name can only contain underscores and alphanumeric characters, and must end with __c',
      ['DeveloperName'],
    )
  }
  if (type.byName.has(name.toLowerCase())) {
    throw refusal('DUPLICATE_DEVELOPER_NAME', `There is already a field named ${name} on ${type.name}.`, [
      'DeveloperName',
    ])
  }
  const field = fieldFrom(org, name, metadata)
  const relationship = metadata['relationshipName']
  const children =
    field.type === 'reference' && typeof relationship === 'string'
      ? { relationshipName: `${relationship}__r`, cascadeDelete: false, restrictedDelete: false }
      : undefined
  org.schema.putField(type.name, field, children)
  return insertCustomFieldRow(org, { object: type.name, name })
}

function insertCustomFieldRow(org: Org, { object, name }: { object: string; name: string }): string {
  const id = org.ids.next('00N')
  org.rows.insert({
    id,
    object: 'CustomField',
    values: {
      ...systemValues(org, id, org.identity.userId),
      DeveloperName: name.replace(/__c$/, ''),
      TableEnumOrId: object,
      FullName: `${object}.${name}`,
    },
    deletedAt: null,
    deletedWith: null,
    pending: null,
  })
  return id
}

function fieldFrom(org: Org, name: string, metadata: Metadata): Field {
  const kind = String(metadata['type'])
  const type = TYPES[kind]
  if (type === undefined) throw notModelled(`A custom field of type ${kind}`)
  const label = metadata['label']
  if (typeof label !== 'string' || label === '') throw missing('label')
  const isRequired = metadata['required'] === true
  const isUnique = metadata['unique'] === true
  const isKey = metadata['externalId'] === true
  if ((isKey || isUnique) && !KEYS.has(kind)) {
    throw refusal(
      'FIELD_INTEGRITY_EXCEPTION',
      `A field of type ${kind} cannot be an external id or unique`,
      [],
    )
  }
  return defineField(name, label, type, {
    custom: true,
    ...sizeOf(kind, metadata),
    externalId: isKey,
    // External ids can be looked up by, and so can whatever is unique (8).
    idLookup: isKey || isUnique,
    unique: isUnique,
    caseSensitive: metadata['caseSensitive'] === true,
    nillable: !isRequired && type !== 'boolean',
    permissionable: !isRequired,
    defaultValue:
      type === 'boolean' ? metadata['defaultValue'] === true || metadata['defaultValue'] === 'true' : null,
    inlineHelpText: typeof metadata['inlineHelpText'] === 'string' ? metadata['inlineHelpText'] : null,
    htmlFormatted: kind === 'Html',
    ...optionsFrom(metadata),
    ...referenceFrom(org, kind, { name, metadata }),
  })
}

function sizeOf(kind: string, metadata: Metadata): Partial<Pick<Field, 'length' | 'precision' | 'scale'>> {
  const number = (member: string): number | undefined =>
    typeof metadata[member] === 'number' ? metadata[member] : undefined
  switch (kind) {
    case 'Text': {
      const length = number('length')
      if (length === undefined || length < 1 || length > TEXT_MAX) throw missing('length')
      return { length }
    }
    case 'LongTextArea':
    case 'Html': {
      const length = number('length')
      if (length === undefined || length <= TEXT_MAX || length > LONG_TEXT_MAX) throw missing('length')
      return { length }
    }
    case 'Number':
    case 'Currency':
    case 'Percent': {
      const [precision, scale] = [number('precision') ?? 18, number('scale') ?? 0]
      return { precision, scale }
    }
    default:
      return { length: LENGTHS[kind] ?? 0 }
  }
}

function optionsFrom(metadata: Metadata): Partial<Field> {
  const valueSet = metadata['valueSet'] as
    | {
        restricted?: boolean
        valueSetDefinition?: {
          value?: readonly { fullName?: string; valueName?: string; label?: string; default?: boolean }[]
        }
      }
    | undefined
  if (valueSet === undefined) return {}
  const picklistValues = (valueSet.valueSetDefinition?.value ?? []).map((entry): PicklistValue => {
    const value = entry.fullName ?? entry.valueName ?? ''
    return {
      active: true,
      defaultValue: entry.default === true,
      label: entry.label ?? value,
      validFor: null,
      value,
    }
  })
  return { picklistValues, restrictedPicklist: valueSet.restricted === true }
}

function referenceFrom(
  org: Org,
  kind: string,
  { name, metadata }: { name: string; metadata: Metadata },
): Partial<Field> {
  if (kind !== 'Lookup') return {}
  const target = org.schema.find(String(metadata['referenceTo']))
  if (target === undefined) throw missing('referenceTo')
  return { referenceTo: [target.name], relationshipName: name.replace(/__c$/, '__r') }
}

function missing(member: string): Problem {
  return refusal('FIELD_INTEGRITY_EXCEPTION', `Required field is missing or invalid: ${member}`, [member])
}
