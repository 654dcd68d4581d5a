/**
 * The state of one Attio workspace: who is in it, its objects and attributes, its records and everything that
 * waits to happen. Plain data and look-ups; who may change it how is decided elsewhere.
 */
import type { Chance } from './chance.ts'
import type { DueQueue } from '../due-queue.ts'
import type { AttioSettings } from './settings.ts'
import type { Actor, AttributeType, StoredValue } from './value.ts'
import type { Webhook, WebhookEvent, WebhookMessage } from './webhook.ts'

export interface Member {
  readonly id: string
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly accessLevel: 'admin' | 'member' | 'suspended'
  readonly createdAtMs: number
}

/** A choice of a select, or a stage of a status attribute. */
export interface Option {
  readonly id: string
  title: string
  isArchived: boolean
  celebration: boolean
  targetTime: string | null
}

export type DefaultValue =
  | { readonly type: 'dynamic'; readonly template: string }
  | { readonly type: 'static'; readonly template: readonly unknown[] }

export interface Attribute {
  readonly id: string
  readonly objectId: string
  slug: string
  title: string
  description: string | null
  readonly type: AttributeType
  readonly isSystem: boolean
  readonly isWritable: boolean
  isRequired: boolean
  isUnique: boolean
  readonly isMultiselect: boolean
  isArchived: boolean
  defaultValue: DefaultValue | null
  /** The attribute at the other end of a relationship. */
  inverseId: string | null
  readonly createdAtMs: number
  currency: { readonly code: string; readonly display: string } | null
  allowedObjectIds: readonly string[] | null
  /** Filled by the vendor's data service; its history is not available. */
  readonly isEnriched: boolean
  readonly options: Option[]
}

export interface ObjectType {
  readonly id: string
  slug: string
  singular: string
  plural: string
  readonly createdAtMs: number
  readonly isStandard: boolean
  /** In the order of the user interface. */
  readonly attributes: Attribute[]
  /** Live records by their `created_at` value, then by id. */
  readonly listing: StoredRecord[]
}

export interface StoredRecord {
  readonly id: string
  readonly objectId: string
  readonly createdAtMs: number
  /** The `created_at` attribute value, which may lie earlier. Attio fact sheet 7. */
  readonly createdValueMs: number
  /** Current values by attribute id, in stored order; never an empty array. */
  readonly current: Map<string, readonly StoredValue[]>
  /** Superseded and cleared values by attribute id, in the order they ended. */
  readonly past: Map<string, StoredValue[]>
  lastWriteMs: number
  /** The instant a merge result becomes readable. */
  settlesAtMs: number
}

/** A record that is no more: deleted (`into` null) or merged. Kept for stale reads and the ground truth. */
export interface Departed {
  readonly record: StoredRecord
  readonly atMs: number
  readonly into: string | null
}

/** What the vendor does by itself, later. */
export type Chore =
  | { readonly kind: 'enrich'; readonly recordId: string }
  | { readonly kind: 'link-company'; readonly recordId: string }
  | { readonly kind: 'announce'; readonly events: readonly WebhookEvent[] }

export interface Workspace {
  readonly clock: () => number
  readonly seed: number
  readonly settings: AttioSettings
  readonly chance: Chance
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly createdAtMs: number
  readonly token: string
  readonly clientId: string
  readonly tokenActorId: string
  readonly members: readonly Member[]
  readonly objects: ObjectType[]
  /** Every attribute of every object by id. */
  readonly attributes: Map<string, Attribute>
  /** Live records of every object by id. */
  readonly records: Map<string, StoredRecord>
  readonly departed: Map<string, Departed>
  /** Equality indexes by attribute id: value key → records. Unique attributes always, others on demand. */
  readonly indexes: Map<string, Map<string, Set<StoredRecord>>>
  /** Record id → which records point at it, through which attributes (`recordId attributeId`). */
  readonly referrers: Map<string, Set<string>>
  readonly chores: DueQueue<Chore>
  readonly webhooks: Map<string, Webhook>
  /** Messages that wait for their time, by webhook: each target URL has a throttle of its own. */
  readonly messages: Map<string, DueQueue<WebhookMessage>>
  readonly inFlight: Map<string, WebhookMessage>
  /** Deliveries per target URL in the second they were counted in. */
  readonly deliveryCounts: Map<string, { second: number; count: number }>
}

/** When and by whom a change is made. Chores run late but act at the instant they were due. */
export interface Act {
  readonly atMs: number
  readonly actor: Actor
}

export function isEnabled(workspace: Workspace, object: ObjectType): boolean {
  if (!object.isStandard) return true
  if (object.slug === 'deals') return workspace.settings.dealsEnabled
  if (object.slug === 'users') return workspace.settings.usersEnabled
  if (object.slug === 'workspaces') return workspace.settings.workspacesEnabled
  return true
}

export const objectById = (workspace: Workspace, id: string): ObjectType | undefined =>
  workspace.objects.find((object) => object.id === id)

/** By slug or id, switched off or not. */
export const lookUpObject = (workspace: Workspace, key: string): ObjectType | undefined =>
  workspace.objects.find((object) => object.slug === key || object.id === key)

export const lookUpAttribute = (object: ObjectType, key: string): Attribute | undefined =>
  object.attributes.find((attribute) => attribute.slug === key || attribute.id === key)

/** A reference whose every target object is switched off is not shown. Attio fact sheet 17.1. */
export function isShown(workspace: Workspace, attribute: Attribute): boolean {
  if (!attribute.isSystem || !attribute.allowedObjectIds) return true
  return attribute.allowedObjectIds.some((id) => {
    const target = objectById(workspace, id)
    return target !== undefined && isEnabled(workspace, target)
  })
}

/** The attributes that records of an object show, in order. */
export const visibleAttributes = (workspace: Workspace, object: ObjectType): readonly Attribute[] =>
  object.attributes.filter((attribute) => !attribute.isArchived && isShown(workspace, attribute))

const NONE: readonly StoredValue[] = []

export const currentValues = (record: StoredRecord, attributeId: string): readonly StoredValue[] =>
  record.current.get(attributeId) ?? NONE
