/** Small makers of everything a store keeps, complete by default, and readers for what tests look at. */
import type { FieldBase } from '../../../src/core/base.ts'
import type { Canonical } from '../../../src/core/value.ts'
import type { Change, ObservedChange } from '../../../src/store/change.ts'
import type { Link } from '../../../src/store/links.ts'
import type { DirtyRecord, RecordRef, Sighting } from '../../../src/store/records.ts'
import type { Store } from '../../../src/store/store.ts'
import type { Conflict, Quarantine, Review } from '../../../src/store/waiting.ts'
import type { Intent, JournalEntry } from '../../../src/store/writes.ts'

export const MAPPING = 'people-contacts'
export const OTHER_MAPPING = 'companies'

export const left = (id: string): RecordRef => ({ side: 'left', id })
export const right = (id: string): RecordRef => ({ side: 'right', id })

export function link(id: string, change: Partial<Omit<Link, 'epoch'>> = {}): Omit<Link, 'epoch'> {
  return {
    id,
    mapping: MAPPING,
    left: `${id}-l`,
    right: `${id}-r`,
    state: 'live',
    rules: 'rules-1',
    versions: { left: null, right: null },
    ...change,
  }
}

export const putLink = (id: string, change: Partial<Omit<Link, 'epoch'>> = {}): Change => ({
  kind: 'put-link',
  link: link(id, change),
})

export function fieldBase(value: Canonical, change: Partial<FieldBase> = {}): FieldBase {
  return { left: value, right: value, doubt: false, held: null, once: false, ring: [], ...change }
}

export function sighting(id: string, change: Partial<Sighting> = {}): Sighting {
  return { id, fingerprint: `seen-${id}`, keys: [], version: null, ...change }
}

export function observed(key: string, change: Partial<ObservedChange> = {}): ObservedChange {
  return {
    key,
    mapping: MAPPING,
    side: 'left',
    record: 'a',
    source: 'webhook',
    kind: 'changed',
    actor: { kind: 'human', id: 'u1' },
    vendorAt: '2026-01-01T00:00:00.123456789Z',
    atMs: 100,
    version: null,
    ...change,
  }
}

export function intent(id: string, linkId: string, change: Partial<Intent> = {}): Intent {
  return {
    id,
    link: linkId,
    mapping: MAPPING,
    epoch: 1,
    run: 'run-1',
    side: 'right',
    kind: 'update',
    record: `${linkId}-r`,
    stamp: null,
    payload: { email: 'ada@example.com', phone: [] },
    fields: {
      email: {
        source: 'ada@example.com',
        target: 'ada@example.com',
        before: null,
        agreedAs: { value: null },
        human: true,
        because: 'changed',
        settles: { report: null, decided: true },
      },
    },
    versionBefore: '2026-01-01T00:00:00.000Z',
    sentAtMs: 1_000,
    ...change,
  }
}

export function conflict(id: string, change: Partial<Conflict> = {}): Conflict {
  return {
    id,
    mapping: MAPPING,
    link: 'k1',
    field: 'email',
    kind: 'both-changed',
    left: 'l@example.com',
    right: { address: 'r@example.com' },
    base: { left: 'old', right: null },
    records: { left: 'k1-l', right: 'k1-r' },
    evidence: { left: { at: '2026-01-01T00:00:00Z', actor: { kind: 'human', id: 'u1' } }, right: null },
    rule: 'ask',
    loser: null,
    state: 'open',
    openedAtMs: 100,
    closedAtMs: null,
    ...change,
  }
}

export function review(id: string, record: RecordRef, change: Partial<Review> = {}): Review {
  return {
    id,
    mapping: MAPPING,
    record,
    kind: 'ambiguous',
    candidates: [right('x'), right('y')],
    because: 'two contacts share the e-mail address',
    atMs: 100,
    ...change,
  }
}

export function quarantine(record: RecordRef, change: Partial<Quarantine> = {}): Quarantine {
  return {
    mapping: MAPPING,
    record,
    link: null,
    fields: ['email'],
    reason: 'INVALID_EMAIL',
    cause: 'cause-1',
    attempts: 1,
    retryAtMs: 10_000,
    atMs: 100,
    ...change,
  }
}

export function journalEntry(linkId: string, change: Partial<Omit<JournalEntry, 'id'>> = {}): Change {
  return {
    kind: 'journal',
    entry: {
      run: 'run-1',
      link: linkId,
      mapping: MAPPING,
      side: 'right',
      kind: 'update',
      record: `${linkId}-r`,
      before: { email: null },
      after: { email: 'ada@example.com' },
      cause: { email: 'changed on the left' },
      version: null,
      atMs: 1_000,
      ...change,
    },
  }
}

export function mark(record: RecordRef, change: Partial<Extract<Change, { kind: 'mark' }>> = {}): Change {
  return {
    kind: 'mark',
    mapping: MAPPING,
    record,
    reason: 'manual',
    lane: 2,
    dueMs: 100,
    atMs: 100,
    ...change,
  }
}

export const settle = (dirty: DirtyRecord): Change => ({
  kind: 'settle',
  mapping: MAPPING,
  record: { side: dirty.side, id: dirty.id },
  seq: dirty.seq,
})

export const agree = (record: RecordRef, fingerprint: string, version: string | null = null): Change => ({
  kind: 'agree-record',
  mapping: MAPPING,
  record,
  fingerprint,
  version,
})

/** Claims what is due; by default everything, late enough for all of it to be due. */
export function claim(
  store: Store,
  change: Partial<Parameters<Store['claimDirty']>[0]> = {},
): Promise<readonly DirtyRecord[]> {
  return store.claimDirty({ mapping: MAPPING, limit: 10_000, nowMs: 1_000_000, leaseMs: 1_000, ...change })
}

export const idsOf = (records: readonly RecordRef[]): string[] =>
  records.map(({ side, id }) => `${side}:${id}`).toSorted()

/** What is known about one record. */
export async function subjectOf(store: Store, record: RecordRef) {
  const [subject] = await store.load({ mapping: MAPPING, records: [record] })
  if (!subject) throw new Error('load left a record out')
  return subject
}

/** The left record `from` is known as `to` since a merge. */
export const alias = (from: string, to: string): Change => ({
  kind: 'put-alias',
  mapping: MAPPING,
  side: 'left',
  from,
  to,
  atMs: 1,
})
