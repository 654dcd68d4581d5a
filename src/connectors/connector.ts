/**
 * The connector port: what the engine may ask of a CRM. One implementation per vendor; the engine never
 * knows which. A connector translates vendor JSON and vendor errors and contains no policy.
 *
 * Contract for every method:
 * - Failures are `ConnectorError`s. A failure of the whole call is thrown; a failure of one item in a batch
 *   is returned in that item's place, so that the others proceed.
 * - Field names, option values and ids are the vendor's own; value shapes are those of `FieldType`.
 * - Nothing is retried here except requests that the vendor certainly did not process (the budget does it).
 */
import type { ConnectorError } from '../errors.ts'
import type { Bell, Delivery, Hearing } from '../core/bell.ts'
import type { Lane } from '../core/lane.ts'
import type { Actor, Evidence, History, RecordId, Snapshot } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { FieldValues } from '../core/value.ts'

export interface Connector {
  /** The connection's name in `config/attune.yaml`. */
  readonly connection: string
  readonly capabilities: Capabilities
  readonly self: SelfActor

  /**
   * The same connector for work of another urgency: where the vendor's allowance is short, its requests wait in that
   * lane. A connector as it was opened is interactive. Views share everything that was learned.
   */
  inLane(lane: Lane): Connector

  /**
   * The same connector, whose changes fail as `stale`, unsent, when they would have to wait longer than this for the
   * vendor's allowances: what they were decided on has grown too old by then.
   */
  hurried(patienceMs: number): Connector

  /**
   * How much of the vendor's fullest allowance is in use, from 0 to 1: the nearer to 1, the more it pays to ask about
   * several records at once, and at 1 somebody waits. Of a second's allowance nothing is said, since it is free again
   * before that would pay. 0 where nobody counts.
   */
  pressure(): number

  /** Who we are and what we may do. Throws `unauthorized` for a dead token. Costs at most two reads. */
  account(): Promise<Account>

  /** Scopes that reading (or writing) this object needs and the credential lacks. Changes nothing. */
  missingScopes(request: { object: string; write: boolean }): Promise<readonly string[]>

  /** People who can own records, suspended and former ones included. Cached by the caller. */
  users(): Promise<readonly User[]>

  /**
   * The live schema of one object. Throws `unavailable` when the object is switched off in the account and
   * `not-found` when it does not exist. Association fields are described with the channel `edge`.
   */
  describe(object: string): Promise<ObjectSchema>

  /**
   * One page of a complete listing from a consistent store (never a search index), oldest first. `cursor` is
   * null for the first page and opaque after it. A page may repeat rows of an earlier one; a row may be missed
   * when records are created or deleted meanwhile, so absence proves nothing.
   */
  list(request: ListRequest): Promise<ListPage>

  /**
   * Records by id, as they are now: never older than what this connector wrote, showed or was told about them before.
   * One reading per distinct id asked, in no particular order.
   */
  read(request: ReadRequest): Promise<readonly Reading[]>

  /**
   * Live records that hold one of `values` in `field`, compared as the vendor compares. Strongly consistent
   * exactly when `capabilities.strongFind(object, field)`.
   */
  find(request: FindRequest): Promise<readonly Snapshot[]>

  /**
   * What these records were before they became records of this object, where that happens (a contact was a lead). Absent
   * where it never does.
   */
  origins?(request: {
    object: string
    ids: readonly RecordId[]
  }): Promise<ReadonlyMap<RecordId, { readonly object: string; readonly id: RecordId }>>

  /** Who changed these fields last and when, where the vendor keeps history; a missing entry means unknown. */
  evidence(request: EvidenceRequest): Promise<ReadonlyMap<RecordId, Readonly<Record<string, Evidence>>>>

  /**
   * Everything that these fields held one after the other, as far back as the vendor keeps it, and never older than
   * what this connector wrote itself. What has no history (the field, the vendor as a whole) and what is not to be seen
   * (a record that is gone; one in the bin may still tell) has no entry: whoever asks learns nothing then, and must not
   * take it for "nothing happened".
   */
  history(request: HistoryRequest): Promise<ReadonlyMap<RecordId, History>>

  /**
   * Creates records, each keyed by its stamp where the vendor can enforce that it is unique. `not-unique`
   * means that somebody else's record holds a unique value: match again. Never updates a record that the
   * stamp does not identify.
   */
  create(object: string, items: readonly CreateItem[]): Promise<readonly WriteOutcome[]>

  /** Sets exactly the given fields of existing records; every other field stays untouched. */
  update(object: string, items: readonly UpdateItem[]): Promise<readonly WriteOutcome[]>

  /** Adds and removes single associations (fields of the channel `edge`); others stay untouched. */
  associate(object: string, items: readonly AssociateItem[]): Promise<readonly WriteOutcome[]>

  /** Removes records: `archive` where the vendor can restore, `delete` for good. */
  remove(object: string, items: readonly RemoveItem[]): Promise<readonly WriteOutcome[]>

  /**
   * Records that may have changed since `cursor` (null: since now), with an overlap: repeats are normal.
   * `more` means call again at once. Only where `capabilities.changes`.
   */
  changes(request: ChangesRequest): Promise<ChangesPage>

  /** Creates a text field, e.g. for a stamp. Does nothing when an equal one exists; refuses an unequal one. */
  createField(object: string, field: NewField): Promise<void>

  readonly webhooks: Webhooks

  /**
   * Hears changes of these objects over a line that is kept open, from `place` on (null: from now on), until the signal is
   * aborted; throws when the vendor keeps the line closed. Bells may be lost and repeated. Absent where there is no line.
   */
  line?(request: {
    readonly objects: readonly string[]
    readonly place: string | null
    readonly signal: AbortSignal
  }): AsyncIterable<LineNews>
}

/** What a line tells. */
export interface LineNews {
  readonly bells: readonly Bell[]
  /** From where to go on when these were heard; null where that did not move. */
  readonly place: string | null
}

/**
 * How our own writes appear as actor. Vendors do not tell beforehand: it is learned from the first write that
 * shows it, and the caller remembers it for the next process.
 */
export interface SelfActor {
  id(): string | null
  remember(id: string): void
}

export interface Capabilities {
  /** Most ids per `read`, values per `find`, items per `create`/`update`/`associate`/`remove`. */
  readonly batch: {
    readonly read: number
    readonly find: number
    readonly write: number
  }
  /**
   * Writes that one HTTP request can carry; 1 where the vendor has no batch write. The engine sends at most
   * `batch.write` items per call either way.
   */
  readonly writesPerRequest: number
  /** From so many items on a write is cheaper by the row; null or absent where it makes no difference. */
  readonly bulkFrom?: number | null
  readonly changes: boolean
  /** Whether `changes` tells of removals too, so that nobody has to go through the recycle bin for them. */
  readonly changesTellRemovals: boolean
  /** Whether `version` tokens order (`>` means newer) or only compare for equality. */
  readonly versions: 'ordered' | 'equality'
  /** How exact the vendor's times of change are, in ms: a change may have come so much after its stamp. */
  readonly stampResolutionMs: number
  /** `list` returns edge fields too, at no extra request per page. */
  readonly listsEdges: boolean
  readonly archives: boolean
  /** Whether `history` ever tells of anything. */
  readonly keepsHistory: boolean
  /** Whether it pushes changes to a URL; where it does not, `webhooks` rejects as `unavailable`. */
  readonly pushes: boolean
  /** What `users` needs, for accounts that refuse it without saying so. */
  readonly usersScope: string
  strongFind(object: string, field: string): boolean
  /** Can a custom field on this object be unique, so that creation is idempotent by stamp? */
  uniqueStamp(object: string): boolean
}

export interface Account {
  /** The vendor's account or workspace id. */
  readonly id: string
  readonly name: string
  /** Null when the vendor does not tell; then `missingScopes` has to try. */
  readonly scopes: readonly string[] | null
  /** How our own writes appear as actor, once known. */
  readonly self: Actor | null
  /** The user on whose behalf the token acts, when the vendor tells. */
  readonly tokenOwner: string | null
}

export interface User {
  readonly id: string
  /** Lower-case. */
  readonly email: string
  readonly active: boolean
}

export interface ListRequest {
  readonly object: string
  readonly fields: readonly string[]
  readonly cursor: string | null
  /** List the recycle bin instead; empty where `capabilities.archives` is false. */
  readonly archived?: boolean
}

export interface ListPage {
  readonly records: readonly Snapshot[]
  /** Null on the last page. */
  readonly next: string | null
}

export interface ReadRequest {
  readonly object: string
  readonly ids: readonly RecordId[]
  readonly fields: readonly string[]
}

/**
 * `found`: `snapshot.key.id` differs from `requestedId` when the record was merged into another.
 * `moved`: it lives on as a record of another object (a lead that became a contact), and does not change any more.
 * `gone`: positive evidence (404 by id, archived flag). `hidden`: not visible to us; never a deletion.
 */
export type Reading =
  | { readonly kind: 'found'; readonly requestedId: RecordId; readonly snapshot: Snapshot }
  | {
      readonly kind: 'moved'
      readonly requestedId: RecordId
      readonly to: { readonly object: string; readonly id: RecordId }
    }
  | { readonly kind: 'gone'; readonly requestedId: RecordId; readonly how: 'deleted' | 'archived' }
  | { readonly kind: 'hidden'; readonly requestedId: RecordId; readonly error: ConnectorError }

export interface FindRequest {
  readonly object: string
  readonly field: string
  readonly values: readonly string[]
  readonly fields: readonly string[]
  /** The answer must show every change up to this moment (epoch ms, our clock), and every write of our own. */
  readonly asOfMs?: number
}

export interface EvidenceRequest {
  readonly object: string
  readonly records: readonly { readonly id: RecordId; readonly fields: readonly string[] }[]
}

/** Each record once. */
export interface HistoryRequest {
  readonly object: string
  readonly records: readonly { readonly id: RecordId; readonly fields: readonly string[] }[]
}

export interface CreateItem {
  /** Identifies this intended write across retries. */
  readonly writeId: string
  readonly values: FieldValues
  /** Field and value by which a second try finds the record of the first. Part of `values` too. */
  readonly stamp: { readonly field: string; readonly value: string } | null
}

export interface UpdateItem {
  readonly writeId: string
  readonly id: RecordId
  /** Whole target values: a multi-valued field is made exactly equal to what is given. */
  readonly values: FieldValues
  /**
   * The version that the decision saw. A connector that can compares and sets: an item whose record moved on since is
   * `stale`. Null or absent: not known.
   */
  readonly version?: string | null
}

export interface AssociateItem {
  readonly writeId: string
  readonly id: RecordId
  readonly field: string
  readonly add: readonly { readonly object: string; readonly id: RecordId }[]
  readonly remove: readonly { readonly object: string; readonly id: RecordId }[]
}

export interface RemoveItem {
  readonly writeId: string
  readonly id: RecordId
  readonly mode: 'archive' | 'delete'
}

/**
 * `done`: `image` holds stored values as the answer of the write showed them (the atomic post-image): at least
 * the written fields, and every other field the answer carries. A written field whose stored value is not known for
 * certain is left out (an answer that cannot be read; a read-back that somebody else's change came before), and the
 * engine goes by the value sent; a field missing from the image of a *create* is blank. `failed`: `error.kind` says whether it was
 * applied: `ambiguous` may have been, every other kind was not.
 */
export type WriteOutcome =
  | {
      readonly kind: 'done'
      readonly writeId: string
      readonly id: RecordId
      readonly image: FieldValues
      readonly version: string | null
    }
  | { readonly kind: 'failed'; readonly writeId: string; readonly error: ConnectorError }

export interface ChangesRequest {
  readonly object: string
  readonly cursor: string | null
  /**
   * Only what was changed at least so long ago, by a cursor of its own: what the feed shows late is then there. Absent
   * or 0: everything up to now.
   */
  readonly settledMs?: number
}

export interface ChangesPage {
  readonly changes: readonly {
    readonly id: RecordId
    /** The vendor's modification time, ISO text; null when it gives none. */
    readonly at: string | null
    /** The version it has now, where that is not `at` itself; null where it cannot be told. */
    readonly version?: string | null
    readonly kind: 'changed' | 'removed'
  }[]
  readonly cursor: string
  readonly more: boolean
}

export interface NewField {
  readonly name: string
  readonly label: string
  readonly description: string
  readonly unique: boolean
}

/** Hearing what the vendor pushes, and registering to be told. */
export interface Webhooks {
  /**
   * Gets ready to hear. What naming objects and fields takes is asked now, at one request per object at most, so
   * that hearing needs no request.
   */
  reader(request: WebhookReaderRequest): Promise<WebhookReader>

  /** What the vendor tells at `target`, beside what is wanted. Changes nothing. */
  list(request: WebhookRequest): Promise<WebhookState>

  /**
   * Makes the vendor tell exactly what is wanted at `target`. What leads there is ours, and nothing else is touched.
   * Doing it twice changes nothing the second time, and doing it again after a failure completes it.
   */
  install(request: WebhookRequest & WebhookInstallOptions): Promise<WebhookChange>

  /** Makes the vendor tell nothing at `target` any more; `wanted` only helps to name what it told. */
  remove(request: WebhookRequest): Promise<WebhookChange>
}

export interface WebhookReaderRequest {
  /** `Account.id`: events of other accounts are ignored. */
  readonly account: string
  /** Objects as the mappings spell them; bells come with these names. */
  readonly objects: readonly string[]
  /** What the vendor signs with. */
  readonly secret: string
}

export interface WebhookReader {
  /**
   * Verifies a delivery over its raw bytes, in constant time and before anything is parsed, then reads all of its
   * events. Pure, and never throws for what a stranger sent.
   */
  read(delivery: Delivery, nowMs: number): Hearing
}

export interface WebhookRequest {
  /** The URL that the vendor calls. */
  readonly target: string
  /** Objects that mappings keep, and the fields of them that they read. */
  readonly wanted: readonly { readonly object: string; readonly fields: readonly string[] }[]
}

export interface WebhookInstallOptions {
  /** The vendor shows some secrets only once. Where it is not known any more, a new one has to be made. */
  readonly secretIsKnown: boolean
  /** Where the account can deliver to one URL only: deliver here although it delivers elsewhere. */
  readonly takeOver?: boolean
}

/** `paused`: the vendor knows of it and does not tell. `unneeded`: no mapping wants to hear of it. */
export interface WebhookSubscription {
  /** One kind of event about one object or field, in the vendor's words. */
  readonly name: string
  readonly state: 'present' | 'missing' | 'paused' | 'unneeded'
}

/** `by-hand`: the vendor lets only a person set it up, and does not tell whether that was done. */
export type WebhookState =
  | {
      readonly kind: 'known'
      readonly subscriptions: readonly WebhookSubscription[]
      /** What is wrong with the deliveries, in the vendor's words; null when nothing is. */
      readonly trouble: string | null
    }
  | { readonly kind: 'by-hand'; readonly steps: readonly string[] }

export type WebhookChange =
  | {
      readonly kind: 'done'
      /** Names of subscriptions. */
      readonly created: readonly string[]
      readonly removed: readonly string[]
      readonly kept: readonly string[]
      /** What deliveries are signed with from now on; null when that did not change. Shown this once. */
      readonly secret: string | null
    }
  | { readonly kind: 'by-hand'; readonly steps: readonly string[] }
