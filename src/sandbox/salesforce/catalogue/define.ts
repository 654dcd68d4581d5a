/**
 * Short forms to write down a catalogue of fields. What follows from the type (groupable, sortable, soapType …)
 * follows it here, as it does in every recorded describe (Salesforce fact sheet 8).
 */
import type { Field, FieldType, PicklistValue } from './field.ts'

type Extras = Partial<Omit<Field, 'name' | 'label' | 'type'>>

const SOAP_TYPES: Readonly<Record<FieldType, string>> = {
  id: 'tns:ID',
  string: 'xsd:string',
  textarea: 'xsd:string',
  picklist: 'xsd:string',
  multipicklist: 'xsd:string',
  combobox: 'xsd:string',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  phone: 'xsd:string',
  email: 'xsd:string',
  url: 'xsd:string',
  address: 'urn:address',
}

/** Types that `GROUP BY` takes; long text areas and combo boxes are exceptions below. */
const GROUPABLE = new Set<FieldType>([
  'id',
  'string',
  'textarea',
  'picklist',
  'reference',
  'boolean',
  'int',
  'date',
  'phone',
  'email',
  'url',
])

/** A text area longer than this is neither filterable nor sortable (fact sheet 8). */
const SHORT_TEXT_MAX = 255

export function field(name: string, label: string, type: FieldType, extras: Extras = {}): Field {
  const length = extras.length ?? 0
  const isLongText = type === 'textarea' && length > SHORT_TEXT_MAX
  return {
    aggregatable: type !== 'boolean' && type !== 'address' && type !== 'multipicklist' && !isLongText,
    aiPredictionField: false,
    autoNumber: false,
    byteLength: type === 'id' || type === 'reference' ? length : length * 3,
    calculated: false,
    calculatedFormula: null,
    cascadeDelete: false,
    caseSensitive: false,
    compoundFieldName: null,
    controllerName: null,
    createable: true,
    custom: false,
    defaultValue: type === 'boolean' ? false : null,
    defaultValueFormula: null,
    defaultedOnCreate: type === 'boolean',
    dependentPicklist: false,
    deprecatedAndHidden: false,
    digits: type === 'int' ? 8 : 0,
    displayLocationInDecimal: false,
    encrypted: false,
    externalId: false,
    extraTypeInfo: type === 'textarea' ? 'plaintextarea' : null,
    filterable: !isLongText,
    filteredLookupInfo: null,
    formulaTreatNullNumberAsZero: false,
    groupable: GROUPABLE.has(type) && !isLongText,
    highScaleNumber: false,
    htmlFormatted: false,
    idLookup: false,
    inlineHelpText: null,
    label,
    length,
    mask: null,
    maskType: null,
    name,
    nameField: false,
    namePointing: false,
    nillable: type !== 'boolean',
    permissionable: true,
    picklistValues: [],
    polymorphicForeignKey: false,
    precision: 0,
    queryByDistance: type === 'address',
    referenceTargetField: null,
    referenceTo: [],
    relationshipName: null,
    relationshipOrder: null,
    restrictedDelete: false,
    restrictedPicklist: false,
    scale: 0,
    searchPrefilterable: false,
    soapType: SOAP_TYPES[type],
    sortable: !isLongText && type !== 'address' && type !== 'multipicklist',
    type,
    unique: false,
    updateable: true,
    writeRequiresMasterRead: false,
    ...extras,
  }
}

export function text(name: string, label: string, length: number, extras?: Extras): Field {
  return field(name, label, 'string', { length, ...extras })
}

export function area(name: string, label: string, length: number, extras?: Extras): Field {
  return field(name, label, 'textarea', { length, ...extras })
}

export function phone(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'phone', { length: 40, ...extras })
}

export function email(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'email', { length: 80, ...extras })
}

export function url(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'url', { length: 255, ...extras })
}

/** `values`: an asterisk at the end marks the default. */
export function picklist(name: string, label: string, values: readonly string[], extras?: Extras): Field {
  const picklistValues = values.map(picklistValue)
  const defaultValue = picklistValues.find((entry) => entry.defaultValue)?.value ?? null
  return field(name, label, 'picklist', { length: 255, picklistValues, defaultValue, ...extras })
}

/** Only the values listed; the vendor refuses others (fact sheet 8). */
export function restricted(name: string, label: string, values: readonly string[], extras?: Extras): Field {
  return picklist(name, label, values, { length: 40, restrictedPicklist: true, ...extras })
}

function picklistValue(entry: string): PicklistValue {
  const defaultValue = entry.endsWith('*')
  const value = defaultValue ? entry.slice(0, -1) : entry
  return { active: true, defaultValue, label: value, validFor: null, value }
}

export function flag(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'boolean', { permissionable: false, ...extras })
}

export function whole(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'int', extras)
}

export function decimal(
  name: string,
  label: string,
  type: 'double' | 'currency' | 'percent',
  size: readonly [precision: number, scale: number],
  extras?: Extras,
): Field {
  const [precision, scale] = size
  return field(name, label, type, { precision, scale, ...extras })
}

export function date(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'date', { permissionable: false, ...extras })
}

export function datetime(name: string, label: string, extras?: Extras): Field {
  return field(name, label, 'datetime', { permissionable: false, ...extras })
}

/** A reference to other records. `as` is the relationship name in queries; several targets make it polymorphic. */
export function lookup(
  name: string,
  label: string,
  to: readonly string[],
  as: string | null,
  extras?: Extras,
): Field {
  return field(name, label, 'reference', { length: 18, referenceTo: to, relationshipName: as, ...extras })
}

/** A reference by which a search can be narrowed down; those to owners, users and masters cannot. */
export function narrowing(definition: Field): Field {
  return { ...definition, searchPrefilterable: true }
}

/** The same field with values that only the vendor sets. */
export function readOnly(definition: Field, extras: Extras = {}): Field {
  return { ...definition, createable: false, updateable: false, permissionable: false, ...extras }
}

/** Not nillable: the vendor demands a value unless it has a default (fact sheet 8). */
export function required(definition: Field, extras: Extras = {}): Field {
  return { ...definition, nillable: false, permissionable: false, ...extras }
}

export function part(of: string, definition: Field): Field {
  return { ...definition, compoundFieldName: of }
}
