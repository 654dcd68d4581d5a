/** Every transform by name, and which one two fields call for when the mapping does not say. */
import type { FieldType } from '../../core/schema.ts'
import type { TransformName } from '../document.ts'
import { booleanTransform } from './boolean.ts'
import { dateTransform } from './date.ts'
import { domainTransform } from './domain.ts'
import { emailTransform } from './email.ts'
import { instantTransform } from './instant.ts'
import { locationTransform } from './location.ts'
import { moneyTransform } from './money.ts'
import { numberTransform } from './number.ts'
import { optionTransform } from './option.ts'
import { personNameTransform } from './person-name.ts'
import { phoneTransform } from './phone.ts'
import { referenceTransform } from './reference.ts'
import { stageTransform } from './stage.ts'
import { textTransform } from './text.ts'
import type { Transform, TransformSpec } from './transform.ts'
import { urlTransform } from './url.ts'
import { userTransform } from './user.ts'

/** Singular and plural are one transform: how many values a side holds is the field's business. */
export const TRANSFORMS: Readonly<Record<TransformName, (spec: TransformSpec) => Transform>> = {
  text: textTransform,
  number: numberTransform,
  money: moneyTransform,
  boolean: booleanTransform,
  date: dateTransform,
  instant: instantTransform,
  url: urlTransform,
  option: optionTransform,
  options: optionTransform,
  stage: stageTransform,
  'person-name': personNameTransform,
  email: emailTransform,
  emails: emailTransform,
  phone: phoneTransform,
  phones: phoneTransform,
  domain: domainTransform,
  domains: domainTransform,
  user: userTransform,
  reference: referenceTransform,
  references: referenceTransform,
  location: locationTransform,
}

/** Field types that decide the transform, the telling ones first: text and numbers adapt to anything else. */
const BY_TYPE: readonly (readonly [FieldType, TransformName])[] = [
  ['reference', 'reference'],
  ['person-name', 'person-name'],
  ['location', 'location'],
  ['money', 'money'],
  ['user', 'user'],
  ['email', 'email'],
  ['phone', 'phone'],
  ['domain', 'domain'],
  ['date', 'date'],
  ['instant', 'instant'],
  ['boolean', 'boolean'],
  ['option', 'option'],
  ['number', 'number'],
  ['url', 'url'],
]

/** The transform for a mapping entry without `as`. `stage` is a table from one field onto a pair of fields. */
export function inferTransform(spec: TransformSpec): TransformName {
  if (spec.settings.values) return spec.right.length === 2 ? 'stage' : 'option'
  const types = new Set([...spec.left, ...spec.right].map((field) => field.type))
  return BY_TYPE.find(([type]) => types.has(type))?.[1] ?? 'text'
}

/** Whether the name itself says that the left side holds several values, for fields that nobody described. */
export function isPlural(name: TransformName): boolean {
  return (
    name === 'options' ||
    name === 'emails' ||
    name === 'phones' ||
    name === 'domains' ||
    name === 'references'
  )
}

/** The neutral type that an undescribed field of this transform most likely has. */
export function likelyType(name: TransformName): FieldType {
  switch (name) {
    case 'options':
    case 'stage':
      return 'option'
    case 'emails':
      return 'email'
    case 'phones':
      return 'phone'
    case 'domains':
      return 'domain'
    case 'references':
      return 'reference'
    default:
      return name
  }
}
