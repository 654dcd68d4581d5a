/**
 * The parts of Attio's answers that we read, parsed at the edge. Attio adds fields, codes and enum members
 * without notice (Attio fact sheet 18), so unknown ones pass and enums are plain text.
 */
import { z } from 'zod'

export const wireActor = z.object({ type: z.string().nullish(), id: z.string().nullish() })
export type WireActor = z.infer<typeof wireActor>

/** One value with its envelope (section 7); the type's own properties are read by `values.ts`. */
export interface WireValue {
  readonly active_from: string
  readonly active_until?: string | null
  readonly created_by_actor?: WireActor | null
  readonly [property: string]: unknown
}

export interface WireRecord {
  readonly id: { readonly record_id: string }
  readonly values: Readonly<Record<string, readonly WireValue[]>>
}

/**
 * Records are most of what Attio says, and are checked where they stand: spelled as zod objects, every value of
 * every record is copied, which takes as long as parsing the JSON did.
 */
export const wireRecord = z.custom<WireRecord>(isRecord)
export const wireValue = z.custom<WireValue>(isValue)

function isRecord(input: unknown): boolean {
  if (!isObject(input)) return false
  const { id, values } = input
  if (!isObject(id) || typeof id['record_id'] !== 'string' || !isObject(values)) return false
  return Object.values(values).every((value) => Array.isArray(value) && value.every(isValue))
}

function isValue(input: unknown): boolean {
  if (!isObject(input) || typeof input['active_from'] !== 'string') return false
  const { active_until: until, created_by_actor: actor } = input
  if (!isTextOrNone(until)) return false
  if (actor === undefined || actor === null) return true
  return isObject(actor) && isTextOrNone(actor['type']) && isTextOrNone(actor['id'])
}

function isObject(input: unknown): input is Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}

function isTextOrNone(input: unknown): boolean {
  return typeof input === 'string' || input === undefined || input === null
}

export const wireAttribute = z.object({
  /** What webhooks call it by. */
  id: z.object({ attribute_id: z.string() }).optional(),
  title: z.string(),
  api_slug: z.string(),
  type: z.string(),
  is_writable: z.boolean(),
  is_required: z.boolean(),
  is_unique: z.boolean(),
  is_multiselect: z.boolean(),
  is_archived: z.boolean(),
  config: z
    .object({
      currency: z.object({ default_currency_code: z.string().nullish() }).nullish(),
      record_reference: z.object({ allowed_object_ids: z.array(z.string()).nullish() }).nullish(),
    })
    .nullish(),
})
export type WireAttribute = z.infer<typeof wireAttribute>

/** A select option or a status: the same to us. */
export const wireOption = z.object({ title: z.string(), is_archived: z.boolean() })
export type WireOption = z.infer<typeof wireOption>

export const wireObject = z.object({
  id: z.object({ object_id: z.string() }),
  api_slug: z.string().nullable(),
})
export type WireObject = z.infer<typeof wireObject>

export const wireMember = z.object({
  id: z.object({ workspace_member_id: z.string() }),
  email_address: z.string(),
  access_level: z.string(),
})
export type WireMember = z.infer<typeof wireMember>

/** `/v2/self` is not wrapped in `data`; an unknown token is told with `active: false` and status 200 (2.1). */
export const wireSelf = z.object({
  active: z.boolean(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  workspace_id: z.string().optional(),
  workspace_name: z.string().optional(),
  authorized_by_workspace_member_id: z.string().nullish(),
})
export type WireSelf = z.infer<typeof wireSelf>

const wireCondition = z.object({ field: z.string(), operator: z.string(), value: z.string() })

/** Section 16.2; null passes everything. */
const wireFilter = z
  .union([z.object({ $and: z.array(wireCondition) }), z.object({ $or: z.array(wireCondition) })])
  .nullable()

export const wireSubscription = z.object({ event_type: z.string(), filter: wireFilter })
export type WireSubscription = z.infer<typeof wireSubscription>

/** `secret` is in the answer to the creation and nowhere else (16.1). */
export const wireWebhook = z.object({
  id: z.object({ webhook_id: z.string() }),
  target_url: z.string(),
  status: z.string(),
  subscriptions: z.array(wireSubscription),
  secret: z.string().optional(),
})
export type WireWebhook = z.infer<typeof wireWebhook>

export function wrapped<T extends z.ZodType>(data: T) {
  return z.object({ data })
}

/** DELETE answers `{}`, and a body may be missing altogether (section 1). */
export const wireNothing = z.unknown()
