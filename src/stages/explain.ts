/**
 * Why does this field have this value? The chain of what was seen, decided and written for one pair of records,
 * read from what is stored anyway (DESIGN rule 6); nothing is recorded for this purpose alone.
 */
import { ConfigError } from '../errors.ts'
import { otherSide, SIDES, type Both, type Evidence, type RecordId, type Side } from '../core/record.ts'
import type { Canonical, Json } from '../core/value.ts'
import type { ObservedChange } from '../store/change.ts'
import type { Link } from '../store/links.ts'
import type { RecordRef } from '../store/records.ts'
import type { Store } from '../store/store.ts'
import type { Conflict, KeptAlone, Quarantine, Review, Unpaired } from '../store/waiting.ts'
import type { JournalEntry } from '../store/writes.ts'

interface Common {
  /** ISO 8601. */
  readonly at: string
  readonly mapping: string
  /** Null where the record has no pair. */
  readonly link: string | null
  readonly field: string
}

export type Step = Common &
  (
    | {
        /** Somebody told us that the record may have changed. */
        readonly kind: 'observed'
        readonly side: Side
        readonly record: RecordId
        readonly source: ObservedChange['source']
        readonly what: ObservedChange['kind']
        readonly vendorAt: string | null
      }
    | {
        readonly kind: 'link' | 'unlink' | 'relink'
        readonly side: Side
        readonly record: RecordId | null
        readonly because: string
        readonly run: string
      }
    | {
        readonly kind: 'write'
        readonly write: 'create' | 'update' | 'associate' | 'remove'
        readonly side: Side
        readonly record: RecordId | null
        readonly before: Canonical
        readonly after: Canonical
        readonly because: string
        readonly run: string
      }
    | {
        readonly kind: 'conflict'
        readonly id: string
        readonly about: Conflict['kind']
        readonly left: Canonical
        readonly right: Canonical
        readonly base: Both<Canonical> | null
        readonly evidence: Both<Evidence | null>
        readonly rule: string
        readonly state: Conflict['state']
        /** Side whose value gave way. */
        readonly loser: Side | null
      }
    | {
        /** The record has no pair, and this is why. */
        readonly kind: 'review' | 'alone' | 'quarantined'
        readonly side: Side
        readonly record: RecordId
        /** Of a review: the records that it may belong to. */
        readonly candidates: readonly RecordRef[]
        readonly because: string
      }
    | {
        /** How the pair stands now: always the last step of a pair. */
        readonly kind: 'now'
        readonly state: Link['state']
        readonly agreed: Both<Canonical> | null
        readonly openWrite: Side | null
        readonly quarantine: string | null
      }
  )

export interface ExplainRequest {
  /** Any id by which a record was ever known, on either side. */
  readonly record: RecordId
  /** Translates the field that was asked for into the mapping's key. */
  readonly keyOf: (mapping: string) => string
}

/** Entries read per pair and table. A pair with a longer history is explained by its newest part. */
const HISTORY_MAX = 1_000

/**
 * The steps, oldest first. Throws `ConfigError` when the record was never paired, and nothing was decided about it
 * either.
 */
export async function explainField(store: Store, request: ExplainRequest): Promise<readonly Step[]> {
  const found = [...(await store.findLinks(request.record)), ...(await store.formerLinks(request.record))]
  const links = [...new Map(found.map((link) => [link.id, link])).values()]
  const steps = [...unpairedSteps(await store.unpaired(request.record), request)]
  if (links.length === 0 && steps.length === 0) {
    throw new ConfigError(`nothing is known of a record ${request.record}`, {
      hint: 'give the id of a record in either CRM; whoever was never written, linked or in review has no history',
    })
  }
  for (const link of links) steps.push(...(await explainLink(store, link, request.keyOf(link.mapping))))
  return steps.toSorted((a, b) => a.at.localeCompare(b.at))
}

/** A quarantine of a pair is told with the pair. */
function unpairedSteps(found: Unpaired, { keyOf }: ExplainRequest): readonly Step[] {
  const step = (
    kind: 'review' | 'alone' | 'quarantined',
    { mapping, record: { side, id }, atMs }: Review | KeptAlone | Quarantine,
    because: string,
    candidates: readonly RecordRef[] = [],
  ): Step => {
    const common = { mapping, link: null, field: keyOf(mapping) }
    return { ...common, kind, at: iso(atMs), side, record: id, candidates, because }
  }
  return [
    ...found.reviews.map((review) => step('review', review, review.because, review.candidates)),
    ...found.keptAlone.map((kept) => step('alone', kept, kept.reason)),
    ...found.quarantined
      .filter(({ link }) => link === null)
      .map((entry) => step('quarantined', entry, entry.reason)),
  ]
}

async function explainLink(store: Store, link: Link, field: string): Promise<readonly Step[]> {
  const { journal, conflicts, changes } = await store.history({ link: link.id, limit: HISTORY_MAX })
  const common = { mapping: link.mapping, link: link.id, field }
  const past = [
    ...changes.map((change): Step => observed(common, change)),
    ...journal.flatMap((entry): Step[] => written(common, entry, field)),
    ...conflicts
      .filter((conflict) => conflict.field === field || conflict.field === '*')
      .map((conflict): Step => contested(common, conflict)),
  ]
  // The tables are newest first, and steps of one millisecond must not change places.
  const chain = past.toReversed().toSorted((a, b) => a.at.localeCompare(b.at))
  return [...chain, await standing(store, common, link, chain.at(-1)?.at ?? iso(0))]
}

type Frame = Pick<Common, 'mapping' | 'link' | 'field'>

function observed(common: Frame, change: ObservedChange): Step {
  const { side, record, source, kind: what, vendorAt } = change
  return { ...common, kind: 'observed', at: iso(change.atMs), side, record, source, what, vendorAt }
}

function written(common: Frame, entry: JournalEntry, field: string): Step[] {
  const { side, record, run, kind } = entry
  const shared = { ...common, at: iso(entry.atMs), side, record, run }
  switch (kind) {
    case 'link':
    case 'unlink':
    case 'relink':
      return [{ ...shared, kind, because: causeOf(entry.cause, field) }]
    case 'apart':
    case 'release':
      // Told of the record, as it stands now.
      return []
    case 'create':
    case 'update':
    case 'associate':
    case 'remove': {
      if (kind !== 'remove' && !(field in entry.after)) return []
      const before = entry.before[field] ?? null
      const after = entry.after[field] ?? null
      return [{ ...shared, kind: 'write', write: kind, before, after, because: causeOf(entry.cause, field) }]
    }
  }
}

function contested(common: Frame, conflict: Conflict): Step {
  const { id, kind: about, left, right, base, evidence, rule, state, loser } = conflict
  const at = iso(conflict.openedAtMs)
  return { ...common, kind: 'conflict', at, id, about, left, right, base, evidence, rule, state, loser }
}

async function standing(store: Store, common: Frame, link: Link, at: string): Promise<Step> {
  const [known] = await store.loadLinks({ links: [link.id] })
  const side = SIDES.find((each) => link[each] !== null) ?? 'left'
  const id = link[side]
  const [subject] = id === null ? [] : await store.load({ mapping: link.mapping, records: [{ side, id }] })
  const base = known?.base[common.field]
  return {
    ...common,
    kind: 'now',
    at,
    state: link.state,
    agreed: base ? { left: base.left, right: base.right } : null,
    openWrite: subject?.openIntent?.side ?? null,
    quarantine: subject?.quarantine?.reason ?? null,
  }
}

/** Writes keep one cause per field, links a single one. */
function causeOf(cause: Json, field: string): string {
  if (typeof cause === 'string') return cause
  if (cause === null || typeof cause !== 'object' || Array.isArray(cause)) return ''
  const own = (cause as Readonly<Record<string, Json>>)[field]
  return typeof own === 'string' ? own : ''
}

/** The winner of a conflict that was settled, or null while it is open. */
export function winnerOf(step: Extract<Step, { kind: 'conflict' }>): Side | null {
  return step.loser === null ? null : otherSide(step.loser)
}

function iso(atMs: number): string {
  return new Date(atMs).toISOString()
}
