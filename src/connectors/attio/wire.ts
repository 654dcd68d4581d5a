/**
 * The parts of Attio's answers that we read, parsed at the edge. Attio adds fields, codes and enum members
 * without notice (Attio fact sheet 18), so unknown ones pass and enums are plain text.
 */
import { z } from 'zod'

export const wireActor = z.object({ type: z.string().nullish(), id: z.string().nullish() })
export type WireActor = z.infer<typeof wireActor>

/** One value with its envelope (section 7); the type's own properties are read by `values.ts`. */
export const wireValue = z.looseObject({
  active_from: z.string(),
  active_until: z.string().nullish(),
  created_by_actor: wireActor.nullish(),
})
export type WireValue = z.infer<typeof wireValue>

export const wireRecord = z.object({
  id: z.object({ record_id: z.string() }),
  values: z.record(z.string(), z.array(wireValue)),
})
export type WireRecord = z.infer<typeof wireRecord>

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
