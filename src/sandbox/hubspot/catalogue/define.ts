/** Property definitions as the wire carries them, and short forms to write down a catalogue. */

export interface PropertyOption {
  readonly label: string
  readonly value: string
  readonly displayOrder: number
  readonly hidden: boolean
  readonly description?: string
}

export type PropertyType = 'string' | 'number' | 'bool' | 'enumeration' | 'date' | 'datetime' | 'phone_number'

/** HubSpot fact sheet 12.1. */
export interface PropertyDefinition {
  readonly name: string
  readonly label: string
  readonly type: PropertyType
  readonly fieldType: string
  readonly description: string
  readonly groupName: string
  readonly options: readonly PropertyOption[]
  readonly displayOrder: number
  readonly calculated: boolean
  readonly externalOptions: boolean
  readonly hasUniqueValue: boolean
  readonly hidden: boolean
  readonly hubspotDefined?: boolean
  readonly modificationMetadata: {
    readonly archivable: boolean
    readonly readOnlyDefinition: boolean
    readonly readOnlyValue: boolean
    readonly readOnlyOptions?: boolean
  }
  readonly formField: boolean
  readonly dataSensitivity: 'non_sensitive'
  readonly createdAt?: string
  readonly updatedAt?: string
  readonly createdUserId?: string
  readonly updatedUserId?: string
  readonly archived?: boolean
  readonly archivedAt?: string
  readonly referencedObjectType?: string
  readonly showCurrencySymbol?: boolean
  readonly calculationFormula?: string
  readonly numberDisplayHint?: string
  readonly textDisplayHint?: string
  readonly dateDisplayHint?: string
  readonly currencyPropertyName?: string
}

type Extras = Partial<
  Omit<PropertyDefinition, 'name' | 'label' | 'type' | 'fieldType' | 'modificationMetadata'>
>

/** A definition that HubSpot made and whose values anybody may write. */
function writable(name: string, label: string, type: PropertyType, fieldType: string, extras: Extras = {}) {
  return {
    name,
    label,
    type,
    fieldType,
    description: '',
    groupName: '',
    options: [],
    displayOrder: -1,
    calculated: false,
    externalOptions: false,
    hasUniqueValue: false,
    hidden: false,
    hubspotDefined: true,
    // Recorded as archivable, though nobody may archive what HubSpot defined.
    modificationMetadata: { archivable: true, readOnlyDefinition: true, readOnlyValue: false },
    formField: true,
    dataSensitivity: 'non_sensitive',
    ...extras,
  } satisfies PropertyDefinition
}

export function text(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'string', 'text', extras)
}

export function area(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'string', 'textarea', extras)
}

export function html(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'string', 'html', extras)
}

export function phone(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'string', 'phonenumber', extras)
}

export function number(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'number', 'number', extras)
}

/** A number in the currency of the record (fact sheet 11). */
export function money(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'number', 'number', { showCurrencySymbol: true, ...extras })
}

export function datetime(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'datetime', 'date', extras)
}

export function bool(name: string, label: string, extras?: Extras): PropertyDefinition {
  const options = optionList(['true|True', 'false|False'])
  return writable(name, label, 'bool', 'booleancheckbox', { options, ...extras })
}

/** `choices`: `value|Label`, or `VALUE_ONE` whose label is then `Value One`. */
export function choice(
  name: string,
  label: string,
  fieldType: 'select' | 'radio' | 'checkbox',
  choices: readonly string[],
  extras?: Extras,
): PropertyDefinition {
  return writable(name, label, 'enumeration', fieldType, { options: optionList(choices), ...extras })
}

export function owner(name: string, label: string, extras?: Extras): PropertyDefinition {
  return writable(name, label, 'enumeration', 'select', {
    externalOptions: true,
    referencedObjectType: 'OWNER',
    ...extras,
  })
}

/** The same definition with values that only HubSpot sets. */
export function readOnly(definition: PropertyDefinition): PropertyDefinition {
  return {
    ...definition,
    formField: false,
    modificationMetadata: { ...definition.modificationMetadata, readOnlyValue: true },
  }
}

export function calculated(definition: PropertyDefinition): PropertyDefinition {
  const fieldType = definition.type === 'number' ? 'calculation_equation' : definition.fieldType
  return { ...readOnly(definition), calculated: true, fieldType }
}

export function grouped(groupName: string, definitions: readonly PropertyDefinition[]): PropertyDefinition[] {
  return definitions.map((definition) => ({ ...definition, groupName }))
}

function optionList(choices: readonly string[]): PropertyOption[] {
  return choices.map((entry, displayOrder) => {
    const [value = entry, label = title(value)] = entry.split('|')
    return { label, value, displayOrder, hidden: false }
  })
}

function title(value: string): string {
  return value
    .toLowerCase()
    .split('_')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ')
}
