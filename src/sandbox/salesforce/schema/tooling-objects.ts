/** Objects that only the Tooling API shows. */
import { text } from '../catalogue/define.ts'
import { SETUP, type ObjectDefinition } from '../catalogue/objects.ts'
import { audit, id } from '../catalogue/shared.ts'
import { objectType, type ObjectType } from './object-type.ts'

const CUSTOM_FIELD: ObjectDefinition = {
  name: 'CustomField',
  label: 'Custom Field',
  labelPlural: 'Custom Fields',
  keyPrefix: '00N',
  custom: false,
  traits: SETUP,
  fields: [
    id('Custom Field Definition ID'),
    text('DeveloperName', 'Developer Name', 80),
    text('TableEnumOrId', 'Entity Enumeration Or ID', 80),
    text('NamespacePrefix', 'Namespace Prefix', 15),
    text('FullName', 'Full Name', 255),
    ...audit(),
  ],
  children: {},
  scopes: [],
  optional: {},
}

export function toolingType(name: string): ObjectType | undefined {
  if (name.toLowerCase() !== 'customfield') return undefined
  return objectType(CUSTOM_FIELD, {
    multiCurrency: false,
    addressCodes: false,
    recordTypes: false,
    fields: [],
    children: {},
  })
}
