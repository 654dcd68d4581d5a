/**
 * The state of one Attio workspace: who is in it, its objects and attributes, its records and everything that
 * waits to happen. Plain data and look-ups; who may change it how is decided elsewhere.
 */
import type { Chance } from './chance.ts'
import type { DueQueue } from '../due-queue.ts'
import type { Comment } from './comment-routes.ts'
import type { Note } from './note-routes.ts'
import type { AuthorizationCode } from './oauth-routes.ts'
import type { AttioSettings } from './settings.ts'
import type { Task } from './task-routes.ts'
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
  /** Leads from an entry to the record it stands for: good for filters, absent everywhere else (9.4). */
  readonly isPseudo: boolean
  /** Filled by the vendor's data service; its history is not available. */
  readonly isEnriched: boolean
  readonly options: Option[]
}

export type AccessLevel = 'full-access' | 'read-and-write' | 'read-only'

/** What a list has beside attributes and entries. Attio fact sheet 14. */
export interface ListFacts {
  readonly parentObjectId: string
  readonly createdBy: Actor
  workspaceAccess: AccessLevel | null
  memberAccess: readonly { readonly workspace_member_id: string; readonly level: AccessLevel }[]
}

/** What holds records: an object, or a list, whose records are its entries. */
export interface ObjectType {
  readonly id: string
  slug: string
  singular: string
  plural: string
  readonly createdAtMs: number
  readonly isStandard: boolean
  /** Null for an object; the name of a list is its noun, singular and plural. */
  readonly list: ListFacts | null
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
  readonly clientSecret: string
  readonly tokenActorId: string
  readonly members: readonly Member[]
  readonly objects: ObjectType[]
  readonly lists: ObjectType[]
  /** Every attribute of every object and list by id. */
  readonly attributes: Map<string, Attribute>
  /** Live records of every object, and entries of every list, by id. */
  readonly records: Map<string, StoredRecord>
  readonly departed: Map<string, Departed>
  /** Equality indexes by attribute id: value key → records. Unique attributes always, others on demand. */
  readonly indexes: Map<string, Map<string, Set<StoredRecord>>>
  /** Record id → which records point at it, through which attributes (`recordId attributeId`). */
  readonly referrers: Map<string, Set<string>>
  /** Authorisation codes that wait to be exchanged. */
  readonly codes: Map<string, AuthorizationCode>
  readonly notes: Map<string, Note>
  readonly tasks: Map<string, Task>
  readonly comments: Map<string, Comment>
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
  workspace.objects.find((object) => object.id === id) ?? workspace.lists.find((list) => list.id === id)

/** By slug or id, switched off or not. */
export const lookUpObject = (workspace: Workspace, key: string): ObjectType | undefined =>
  workspace.objects.find((object) => object.slug === key || object.id === key)

export const lookUpList = (workspace: Workspace, key: string): ObjectType | undefined =>
  workspace.lists.find((list) => list.slug === key || list.id === key)

export const lookUpAttribute = (object: ObjectType, key: string): Attribute | undefined =>
  object.attributes.find((attribute) => attribute.slug === key || attribute.id === key)

/** A pseudo-attribute never is; a reference whose every target object is switched off is not shown. Attio fact sheet 17.1. */
export function isShown(workspace: Workspace, attribute: Attribute): boolean {
  if (attribute.isPseudo) return false
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

/** Where an entry's parent is kept: a reference like any other, so merges move it along. */
export const PARENT_SLUG = 'parent_record'

export const currentValues = (record: StoredRecord, attributeId: string): readonly StoredValue[] =>
  record.current.get(attributeId) ?? NONE

/** The id of the record that an entry stands for. */
export function parentOf(list: ObjectType, entry: StoredRecord): string {
  const parent = lookUpAttribute(list, PARENT_SLUG)
  const data = parent && currentValues(entry, parent.id)[0]?.data
  if (data?.kind !== 'record-reference') throw new Error(`Entry ${entry.id} has no parent`)
  return data.recordId
}

export function objectOf(workspace: Workspace, record: StoredRecord): ObjectType {
  const object = objectById(workspace, record.objectId)
  if (!object) throw new Error(`Record ${record.id} has no object`)
  return object
}
