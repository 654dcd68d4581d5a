/** Live schemas in neutral words: what an object's fields are called, hold and allow. */

/**
 * Neutral field types and the `FieldValue` shape each has on read and write (blank is `null`; where
 * `multiple` is true the value is an array of the shape below, `[]` when blank):
 *
 * | type          | shape |
 * |---------------|-------|
 * | `text`, `url` | string |
 * | `number`      | decimal text without exponent, `"12.5"` |
 * | `boolean`     | boolean |
 * | `date`        | `"YYYY-MM-DD"` |
 * | `instant`     | ISO 8601 text, as the vendor printed it |
 * | `money`       | `{ amount: decimal text, currency: ISO 4217 or null }` |
 * | `option`      | the option's `value`; several when `multiple` |
 * | `user`        | the vendor's user id |
 * | `reference`   | `{ object, id }` of the target; always an array, also when not `multiple` |
 * | `email`, `phone`, `domain` | string as the vendor prints it |
 * | `person-name` | `{ first_name, last_name, full_name }`, members may be null |
 * | `location`    | `{ line_1, line_2, line_3, line_4, locality, region, postcode, country_code, latitude, longitude }` |
 * | `opaque`      | anything; cannot be mapped |
 */
export type FieldType =
  | 'text'
  | 'url'
  | 'number'
  | 'boolean'
  | 'date'
  | 'instant'
  | 'money'
  | 'option'
  | 'user'
  | 'reference'
  | 'email'
  | 'phone'
  | 'domain'
  | 'person-name'
  | 'location'
  | 'opaque'

export interface FieldOption {
  /** What the wire carries and mapping files write. */
  readonly value: string
  readonly label: string
  readonly archived: boolean
  /** Values of the field beside it (a pipeline, a record type) in which it is offered; in all when absent. */
  readonly within?: readonly string[]
}

export interface FieldSchema {
  readonly name: string
  readonly label: string
  readonly type: FieldType
  readonly multiple: boolean
  readonly readOnly: boolean
  /** Never blank: a creation needs it, and clearing it is refused. */
  readonly required: boolean
  /** Required, but the vendor fills it when a creation does not say. */
  readonly defaulted?: boolean
  /** The vendor itself refuses two records with the same value. */
  readonly unique: boolean
  /** Null when the field has no closed option set. */
  readonly options: readonly FieldOption[] | null
  /** Longest text the vendor stores, in UTF-16 units; null when unbounded or unknown. */
  readonly lengthMax: number | null
  /** Decimal places the vendor keeps; null when unknown. */
  readonly scaleMax: number | null
  /** Objects a `reference` may point at. */
  readonly targets: readonly string[]
  /** `edge` fields are written by `Connector.associate`, all others by `create` and `update`. */
  readonly channel: 'value' | 'edge'
  /** The vendor's own type name, for messages. */
  readonly nativeType: string
}

export interface ObjectSchema {
  /** The one name by which the vendor's answers call it, whatever name it was asked for by. */
  readonly object: string
  readonly fields: ReadonlyMap<string, FieldSchema>
  /** What else to try where a field is missing: vendors that hide what a credential may not see do not say so. */
  readonly missingFieldHint?: string
}
