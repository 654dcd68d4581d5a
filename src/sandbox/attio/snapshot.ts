/** The whole workspace as JSON and back. Indexes and listings are rebuilt, not stored. */
import { DueQueue } from '../due-queue.ts'
import type { Due } from '../due-queue.ts'
import type { Comment } from './comment-routes.ts'
import type { Note } from './note-routes.ts'
import type { AuthorizationCode } from './oauth-routes.ts'
import type { Usage } from './rate-limit.ts'
import { buildMissingIndexes, enlist } from './record-index.ts'
import type { AttioSettings } from './settings.ts'
import type { Task } from './task-routes.ts'
import type { StoredValue } from './value.ts'
import type { Webhook, WebhookMessage } from './webhook.ts'
import type { Chore, ObjectType, StoredRecord, Workspace } from './workspace.ts'

type Rows = readonly (readonly [attributeId: string, rows: readonly StoredValue[]])[]

type FlatRecord = Omit<StoredRecord, 'current' | 'past'> & { readonly current: Rows; readonly past: Rows }

type Identity = Pick<
  Workspace,
  | 'id'
  | 'name'
  | 'slug'
  | 'createdAtMs'
  | 'token'
  | 'clientId'
  | 'clientSecret'
  | 'tokenActorId'
  | 'members'
  | 'seed'
>

interface Image {
  readonly identity: Identity
  readonly settings: AttioSettings
  readonly chance: number
  /** With empty listings. */
  readonly objects: readonly ObjectType[]
  readonly lists: readonly ObjectType[]
  readonly records: readonly FlatRecord[]
  readonly departed: readonly {
    readonly record: FlatRecord
    readonly atMs: number
    readonly into: string | null
  }[]
  readonly codes: readonly (readonly [string, AuthorizationCode])[]
  readonly notes: readonly Note[]
  readonly tasks: readonly Task[]
  readonly comments: readonly Comment[]
  readonly chores: readonly Due<Chore>[]
  readonly webhooks: readonly Webhook[]
  readonly messages: readonly (readonly [webhookId: string, waiting: readonly Due<WebhookMessage>[]])[]
  readonly inFlight: readonly WebhookMessage[]
  readonly deliveryCounts: readonly (readonly [string, { second: number; count: number }])[]
  readonly usage: Usage
}

const flatten = (record: StoredRecord): FlatRecord => ({
  ...record,
  current: [...record.current],
  past: [...record.past],
})

const unflatten = (record: FlatRecord): StoredRecord => ({
  ...record,
  current: new Map(record.current),
  past: new Map(record.past.map(([id, rows]) => [id, [...rows]])),
})

export function takeSnapshot(workspace: Workspace, usage: Usage): string {
  const image: Image = {
    identity: {
      id: workspace.id,
      name: workspace.name,
      slug: workspace.slug,
      createdAtMs: workspace.createdAtMs,
      token: workspace.token,
      clientId: workspace.clientId,
      clientSecret: workspace.clientSecret,
      tokenActorId: workspace.tokenActorId,
      members: workspace.members,
      seed: workspace.seed,
    },
    settings: workspace.settings,
    chance: workspace.chance.state,
    objects: workspace.objects.map((object) => ({ ...object, listing: [] })),
    lists: workspace.lists.map((list) => ({ ...list, listing: [] })),
    records: [...workspace.records.values()].map(flatten),
    departed: [...workspace.departed.values()].map((each) => ({ ...each, record: flatten(each.record) })),
    codes: [...workspace.codes],
    notes: [...workspace.notes.values()],
    tasks: [...workspace.tasks.values()],
    comments: [...workspace.comments.values()],
    chores: workspace.chores.toArray(),
    webhooks: [...workspace.webhooks.values()],
    messages: [...workspace.messages].map(([id, queue]) => [id, queue.toArray()] as const),
    inFlight: [...workspace.inFlight.values()],
    deliveryCounts: [...workspace.deliveryCounts],
    usage,
  }
  return JSON.stringify(image)
}

/** Brings `workspace` and `usage` to the state of a snapshot, in place: others hold references to both. */
export function loadSnapshot(workspace: Workspace, usage: Usage, text: string): void {
  // The text is our own, from `takeSnapshot`.
  const image = JSON.parse(text) as Image
  Object.assign(workspace, image.identity)
  Object.assign(workspace.settings, image.settings)
  Object.assign(usage, image.usage)
  workspace.chance.state = image.chance
  workspace.objects.splice(0, Infinity, ...image.objects.map((each) => ({ ...each, listing: [] })))
  workspace.lists.splice(0, Infinity, ...image.lists.map((each) => ({ ...each, listing: [] })))
  for (const map of [
    workspace.attributes,
    workspace.records,
    workspace.departed,
    workspace.codes,
    workspace.notes,
    workspace.tasks,
    workspace.comments,
    workspace.indexes,
    workspace.referrers,
    workspace.webhooks,
    workspace.messages,
    workspace.inFlight,
    workspace.deliveryCounts,
  ]) {
    map.clear()
  }
  const places = [...workspace.objects, ...workspace.lists]
  const byId = new Map(places.map((object) => [object.id, object]))
  for (const object of places) {
    for (const attribute of object.attributes) workspace.attributes.set(attribute.id, attribute)
    buildMissingIndexes(workspace, object)
  }
  for (const flat of image.records) {
    const object = byId.get(flat.objectId)
    if (object) enlist(workspace, object, unflatten(flat))
  }
  for (const each of image.departed) {
    workspace.departed.set(each.record.id, { ...each, record: unflatten(each.record) })
  }
  for (const [code, issued] of image.codes) workspace.codes.set(code, issued)
  for (const note of image.notes) workspace.notes.set(note.id, note)
  for (const task of image.tasks) workspace.tasks.set(task.id, task)
  for (const comment of image.comments) workspace.comments.set(comment.id, comment)
  workspace.chores.load(image.chores)
  for (const [id, waiting] of image.messages) {
    const queue = new DueQueue<WebhookMessage>()
    queue.load(waiting)
    workspace.messages.set(id, queue)
  }
  for (const webhook of image.webhooks) workspace.webhooks.set(webhook.id, webhook)
  for (const message of image.inFlight) workspace.inFlight.set(message.id, message)
  for (const [url, counted] of image.deliveryCounts) workspace.deliveryCounts.set(url, counted)
}
