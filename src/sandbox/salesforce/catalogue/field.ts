/** One entry of `fields[]` in a describe result, in the vendor's own names: 57 members (Salesforce fact sheet 8). */

export type FieldType =
  | 'id'
  | 'string'
  | 'textarea'
  | 'picklist'
  | 'multipicklist'
  | 'combobox'
  | 'reference'
  | 'boolean'
  | 'int'
  | 'double'
  | 'currency'
  | 'percent'
  | 'date'
  | 'datetime'
  | 'time'
  | 'phone'
  | 'email'
  | 'url'
  | 'address'

export interface PicklistValue {
  readonly active: boolean
  readonly defaultValue: boolean
  readonly label: string
  readonly validFor: string | null
  readonly value: string
}

export interface Field {
  readonly aggregatable: boolean
  readonly aiPredictionField: boolean
  readonly autoNumber: boolean
  readonly byteLength: number
  readonly calculated: boolean
  readonly calculatedFormula: string | null
  readonly cascadeDelete: boolean
  readonly caseSensitive: boolean
  readonly compoundFieldName: string | null
  readonly controllerName: string | null
  readonly createable: boolean
  readonly custom: boolean
  readonly defaultValue: string | boolean | null
  readonly defaultValueFormula: string | null
  readonly defaultedOnCreate: boolean
  readonly dependentPicklist: boolean
  readonly deprecatedAndHidden: boolean
  readonly digits: number
  readonly displayLocationInDecimal: boolean
  readonly encrypted: boolean
  readonly externalId: boolean
  readonly extraTypeInfo: string | null
  readonly filterable: boolean
  readonly filteredLookupInfo: null
  readonly formulaTreatNullNumberAsZero: boolean
  readonly groupable: boolean
  readonly highScaleNumber: boolean
  readonly htmlFormatted: boolean
  readonly idLookup: boolean
  readonly inlineHelpText: string | null
  readonly label: string
  readonly length: number
  readonly mask: null
  readonly maskType: null
  readonly name: string
  readonly nameField: boolean
  readonly namePointing: boolean
  readonly nillable: boolean
  readonly permissionable: boolean
  readonly picklistValues: readonly PicklistValue[]
  readonly polymorphicForeignKey: boolean
  readonly precision: number
  readonly queryByDistance: boolean
  readonly referenceTargetField: null
  readonly referenceTo: readonly string[]
  readonly relationshipName: string | null
  readonly relationshipOrder: null
  readonly restrictedDelete: boolean
  readonly restrictedPicklist: boolean
  readonly scale: number
  readonly searchPrefilterable: boolean
  readonly soapType: string
  readonly sortable: boolean
  readonly type: FieldType
  readonly unique: boolean
  readonly updateable: boolean
  readonly writeRequiresMasterRead: boolean
}
