/** The shapes of webhooks: subscriptions, events and the messages that carry them. Attio fact sheet 16. */
import type { Actor } from './value.ts'

export interface FilterCondition {
  readonly field: string
  readonly operator: 'equals' | 'not_equals'
  readonly value: string
}

export type WebhookFilter =
  { readonly $and: readonly FilterCondition[] } | { readonly $or: readonly FilterCondition[] } | null

export interface Subscription {
  readonly event_type: EventType
  readonly filter: WebhookFilter
}

export interface Webhook {
  readonly id: string
  readonly secret: string
  readonly createdAtMs: number
  targetUrl: string
  subscriptions: readonly Subscription[]
  status: 'active' | 'degraded' | 'inactive'
  degradedAtMs: number | null
}

export interface WebhookEvent {
  readonly event_type: EventType
  readonly id: Readonly<Record<string, string>>
  readonly actor: Actor
  readonly duplicate_object_id?: string
  readonly duplicate_record_id?: string
  /** Of entries and notes. */
  readonly parent_object_id?: string
  readonly parent_record_id?: string
  /** Of comments; what a comment is not about is null. */
  readonly thread_id?: string
  readonly object_id?: string | null
  readonly record_id?: string | null
  readonly list_id?: string | null
  readonly entry_id?: string | null
}

export interface WebhookMessage {
  /** The `Idempotency-Key`, stable across retries and duplicates. */
  readonly id: string
  readonly webhookId: string
  readonly body: string
  /** Deliveries that failed so far. */
  failures: number
}

export const EVENT_TYPES = [
  'record.created',
  'record.updated',
  'record.merged',
  'record.deleted',
  'list-entry.created',
  'list-entry.updated',
  'list-entry.deleted',
  'list.created',
  'list.updated',
  'list.deleted',
  'list-attribute.created',
  'list-attribute.updated',
  'object-attribute.created',
  'object-attribute.updated',
  'note.created',
  'note.updated',
  'note.deleted',
  'note-content.updated',
  'task.created',
  'task.updated',
  'task.deleted',
  'comment.created',
  'comment.resolved',
  'comment.unresolved',
  'comment.deleted',
  'workspace-member.created',
  'call-recording.created',
] as const

export type EventType = (typeof EVENT_TYPES)[number]
