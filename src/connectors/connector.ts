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
import type { Lane } from '../core/lane.ts'
import type { Evidence, History, RecordId, Snapshot } from '../core/record.ts'
import type { ObjectSchema } from '../core/schema.ts'
import type { LineNews, Webhooks } from './bells.ts'
import type {
  Account,
  User,
  ListRequest,
  ListPage,
  ReadRequest,
  Reading,
  FindRequest,
  EvidenceRequest,
  HistoryRequest,
  ChangesRequest,
  ChangesPage,
} from './reading.ts'
import type { CreateItem, UpdateItem, AssociateItem, RemoveItem, WriteOutcome, NewField } from './writing.ts'

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

  /**
   * How long each request would have to take, ms, for our part of the vendor's day to last until it ends: what is repeated
   * all day is spaced by this. 0 while there is plenty, where there is no such limit, or nobody knows it yet.
   */
  paceMs(): number

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
   * Live records that hold one of `values` in `field`, compared as the vendor compares. Where the
   * vendor has no look-up past its search index for the field, what was written a moment ago may be missing.
   */
  find(request: FindRequest): Promise<readonly Snapshot[]>

  /**
   * What these records were before they became records of this object, where that happens (a contact was a lead, or several
   * of them), the most telling last. Absent where it never does.
   */
  origins?(request: {
    object: string
    ids: readonly RecordId[]
  }): Promise<ReadonlyMap<RecordId, readonly { readonly object: string; readonly id: RecordId }[]>>

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
   * Hears changes of these objects over a line that is kept open, from `place` on (null: from now on), until the
   * signal is aborted; throws when the vendor keeps the line closed. Bells may be lost and repeated. Absent where
   * there is no line.
   */
  line?(request: {
    readonly objects: readonly string[]
    readonly place: string | null
    readonly signal: AbortSignal
  }): AsyncIterable<LineNews>
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
  readonly archives: boolean
  /**
   * How long a merge may go on in the background, while what went into the survivor answers as deleted and the survivor is
   * hidden; 0 where a merged record tells at once where it went.
   */
  readonly mergesWithinMs: number
  /** Whether `history` ever tells of anything. */
  readonly keepsHistory: boolean
  /** Whether it pushes changes to a URL; where it does not, `webhooks` rejects as `unavailable`. */
  readonly pushes: boolean
  /** What `users` needs, for accounts that refuse it without saying so. */
  readonly usersScope: string
  /** Can a custom field on this object be unique, so that creation is idempotent by stamp? */
  uniqueStamp(object: string): boolean
}
