/** The codes that addresses have where state and country picklists are on (Salesforce fact sheet 17). */
import { COUNTRIES } from './countries.ts'
import { part, restricted } from './define.ts'
import type { Field, PicklistValue } from './field.ts'

const COUNTRY_VALUES: readonly PicklistValue[] = COUNTRIES.map(({ code, name }) => option(code, name, null))

/** A code is there once for each country that has it: MS is in Brazil and in the United States. */
const STATE_VALUES: readonly PicklistValue[] = COUNTRIES.flatMap(({ states }, country) =>
  states.map(({ code, name }) => option(code, name, bits(country))),
)

/** The address fields of an object, each country followed by the codes. */
export function withAddressCodes(fields: readonly Field[]): Field[] {
  return fields.flatMap((field) => (isCountry(field) ? [field, ...codes(field)] : [field]))
}

function isCountry({ name, compoundFieldName: compound }: Field): boolean {
  return compound !== null && name === compound.replace(/Address$/, 'Country')
}

function codes({ name, label, compoundFieldName, createable, updateable }: Field): Field[] {
  const prefix = name.slice(0, -'Country'.length)
  const told = label.slice(0, -'Country'.length)
  const extras = { length: 10, createable, updateable }
  return [
    restricted(`${prefix}StateCode`, `${told}State/Province Code`, [], {
      ...extras,
      picklistValues: STATE_VALUES,
      dependentPicklist: true,
      controllerName: `${prefix}CountryCode`,
    }),
    restricted(`${prefix}CountryCode`, `${told}Country Code`, [], {
      ...extras,
      picklistValues: COUNTRY_VALUES,
    }),
  ].map((each) => part(compoundFieldName ?? '', each))
}

function option(value: string, label: string, validFor: string | null): PicklistValue {
  return { active: true, defaultValue: false, label, validFor, value }
}

/** One bit for each value of the controlling field, the highest first, in base64. */
function bits(index: number): string {
  const bytes = Buffer.alloc(Math.ceil(COUNTRIES.length / 8))
  bytes[index >> 3] = 0x80 >> (index & 7)
  return bytes.toString('base64')
}
