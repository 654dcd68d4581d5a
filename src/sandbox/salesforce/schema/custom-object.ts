/** Custom objects: a name field, the fields of the platform, and what is added to them. */
import { text } from '../catalogue/define.ts'
import { BUSINESS, type ObjectDefinition } from '../catalogue/objects.ts'
import { audit, currency, id, isDeleted, owner, recordType } from '../catalogue/shared.ts'
import type { Org } from '../org.ts'
import { refusal } from '../wire.ts'

export function addCustomObject(
  org: Org,
  { fullName, metadata }: { fullName: string; metadata: Readonly<Record<string, unknown>> },
): string {
  if (!/^[A-Za-z](?:_?[A-Za-z0-9])*__c$/.test(fullName)) {
    throw refusal('FIELD_INTEGRITY_EXCEPTION', `The object name ${fullName} is not valid`, ['DeveloperName'])
  }
  if (org.schema.find(fullName) !== undefined) {
    throw refusal('DUPLICATE_DEVELOPER_NAME', `There is already an object named ${fullName}.`, [
      'DeveloperName',
    ])
  }
  const { label = fullName.replace(/__c$/, ''), pluralLabel } = metadata
  if (typeof label !== 'string')
    throw refusal('FIELD_INTEGRITY_EXCEPTION', 'the label must be text', ['label'])
  const definition: ObjectDefinition = {
    name: fullName,
    label,
    labelPlural: typeof pluralLabel === 'string' ? pluralLabel : `${label}s`,
    keyPrefix: org.schema.nextKeyPrefix(),
    custom: true,
    traits: { ...BUSINESS, feedEnabled: false, mruEnabled: false },
    fields: [
      id('Record ID'),
      owner(),
      isDeleted(),
      text('Name', `${label} Name`, 80, {
        nameField: true,
        idLookup: true,
        defaultedOnCreate: true,
        permissionable: false,
      }),
      ...audit(),
    ],
    children: {},
    scopes: [
      ['everything', `All ${label}`],
      ['mine', `My ${label}`],
    ],
    optional: { multiCurrency: currency(), recordTypes: recordType() },
  }
  org.schema.addObject(definition)
  return org.ids.next('01I')
}
