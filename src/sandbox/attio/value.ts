/**
 * What the model stores: attribute values as a timeline. A current row has no end; a superseded or cleared one
 * carries the instant it ended and moves to the record's history. Attio fact sheet 7 and 8.
 */

export const ATTRIBUTE_TYPES = [
  'text',
  'number',
  'checkbox',
  'currency',
  'date',
  'timestamp',
  'rating',
  'status',
  'select',
  'record-reference',
  'actor-reference',
  'location',
  'domain',
  'email-address',
  'phone-number',
  'interaction',
  'personal-name',
] as const

export type AttributeType = (typeof ATTRIBUTE_TYPES)[number]

/** Types a person or client can create attributes of. Attio fact sheet 13.2. */
export const CREATABLE_TYPES = ATTRIBUTE_TYPES.filter(
  (type) => type !== 'interaction' && type !== 'personal-name',
)

/** The only types whose values can be compared for uniqueness. Attio fact sheet 8. */
export const UNIQUE_TYPES: readonly AttributeType[] = [
  'text',
  'number',
  'domain',
  'email-address',
  'phone-number',
]

export const MULTISELECT_TYPES: readonly AttributeType[] = [
  'select',
  'record-reference',
  'actor-reference',
  'domain',
  'email-address',
  'phone-number',
]

export interface Actor {
  readonly type: 'api-token' | 'workspace-member' | 'system' | 'app'
  readonly id: string | null
}

export const SYSTEM: Actor = { type: 'system', id: null }

export const LOCATION_KEYS = [
  'line_1',
  'line_2',
  'line_3',
  'line_4',
  'locality',
  'region',
  'postcode',
  'country_code',
  'latitude',
  'longitude',
] as const

export type Location = Readonly<Record<(typeof LOCATION_KEYS)[number], string | null>>

export type ValueData =
  | { readonly kind: 'text' | 'date' | 'timestamp'; readonly value: string }
  | { readonly kind: 'number' | 'currency' | 'rating'; readonly value: number }
  | { readonly kind: 'checkbox'; readonly value: boolean }
  | { readonly kind: 'select' | 'status'; readonly optionId: string }
  | { readonly kind: 'record-reference'; readonly objectId: string; readonly recordId: string }
  | { readonly kind: 'actor-reference'; readonly actor: Actor }
  | { readonly kind: 'location'; readonly location: Location }
  | { readonly kind: 'domain'; readonly domain: string; readonly root: string }
  | {
      readonly kind: 'email-address'
      readonly original: string
      readonly address: string
      readonly domain: string
      readonly root: string
      readonly local: string
    }
  | {
      readonly kind: 'phone-number'
      readonly original: string
      readonly number: string
      readonly country: string
    }
  | {
      readonly kind: 'personal-name'
      readonly first: string
      readonly last: string
      readonly full: string
    }
  | {
      readonly kind: 'interaction'
      readonly interactionType: string
      readonly interactedAt: string
      readonly owner: Actor
    }

export interface StoredValue {
  readonly data: ValueData
  readonly fromMs: number
  readonly untilMs: number | null
  readonly actor: Actor
}

/** What makes two values of one attribute the same: uniqueness, duplicates and equality look-ups use it. */
export function valueKey(data: ValueData): string {
  switch (data.kind) {
    case 'text':
    case 'date':
    case 'timestamp':
      return data.value
    case 'number':
    case 'currency':
    case 'rating':
    case 'checkbox':
      return String(data.value)
    case 'select':
    case 'status':
      return data.optionId
    case 'record-reference':
      return data.recordId
    case 'actor-reference':
      return `${data.actor.type}:${data.actor.id}`
    case 'location':
      return JSON.stringify(LOCATION_KEYS.map((key) => data.location[key]))
    case 'domain':
      return data.domain
    case 'email-address':
      return data.address
    case 'phone-number':
      return data.number
    case 'personal-name':
      return JSON.stringify([data.first, data.last, data.full])
    case 'interaction':
      return `${data.interactionType} ${data.interactedAt}`
  }
}

/** Closed rows end at an instant; a row is current at `ms` from its start up to, not including, its end. */
export const isActiveAt = (value: StoredValue, ms: number): boolean =>
  value.fromMs <= ms && (value.untilMs === null || value.untilMs > ms)
