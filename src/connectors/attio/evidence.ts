/**
 * Who changed a value and when: every Attio value carries it (Attio fact sheet 7). Removals leave only the end
 * of the removed value's life, without saying who ended it.
 */
import { hash } from 'node:crypto'
import type { Actor, Evidence } from '../../core/record.ts'
import type { WireActor, WireRecord, WireValue } from './wire.ts'

/** What our own writes are signed with, as far as known. */
export interface OwnActor {
  /** The token id that has signed something of ours; null before the first such is seen. */
  id(): string | null
  /** Whether a token's signature is ours. A suspect that has signed something is known from then on. */
  isOurs(id: string): boolean
  /** Records the token id that signed a value which certainly is ours. */
  learn(id: string): void
  /** Records an id that would be ours if it ever signed something. */
  suspect(id: string): void
}

/**
 * Attio does not say which actor a token acts as (16.7). `known` is what an earlier process learnt; the client
 * id in `/v2/self` is the likely one: it names our credential, so a value that it signed can only be ours. It is asked
 * for at every opening. Where it is not the one, only the answer to a write can tell: nothing else that Attio says
 * names the actor, and a write for no other purpose would be seen by everybody.
 */
export function ownActor(known: string | null): OwnActor {
  const ids = new Set(known === null ? [] : [known])
  let latest = known
  return {
    id: () => latest,
    isOurs: (id) => {
      if (!ids.has(id)) return false
      latest ??= id
      return true
    },
    learn: (id) => {
      ids.add(id)
      latest = id
    },
    suspect: (id) => {
      ids.add(id)
    },
  }
}

export function actorOf(actor: WireActor | null | undefined, own: OwnActor): Actor {
  const id = actor?.id ?? null
  switch (actor?.type) {
    case 'workspace-member':
      return { kind: 'human', id }
    case 'api-token':
      return { kind: id !== null && own.isOurs(id) ? 'us' : 'integration', id }
    case 'app':
      return { kind: 'integration', id }
    case 'system':
      return { kind: 'system', id }
    default:
      return { kind: 'unknown', id }
  }
}

/** Evidence of a field from its current values; null when it has none. */
export function currentEvidence(values: readonly WireValue[], own: OwnActor): Evidence | null {
  const newest = latestBy(values, (value) => value.active_from)
  return newest ? { at: newest.active_from, actor: actorOf(newest.created_by_actor, own) } : null
}

/** Evidence from a field's whole history: the last value set, or the last one ended when nothing followed. */
export function historicEvidence(history: readonly WireValue[], own: OwnActor): Evidence | null {
  const set = currentEvidence(history, own)
  const ended = latestBy(history, (value) => value.active_until ?? '')?.active_until
  if (ended && compareInstants(ended, set?.at ?? '') > 0) {
    return { at: ended, actor: { kind: 'unknown', id: null } }
  }
  return set
}

/**
 * A token that changes with every value set, replaced or removed on the record: records have no version of
 * their own (12). Option titles are part of it, since a renamed option reads differently without a new value.
 */
export function versionOf(record: WireRecord): string {
  const set = Object.keys(record.values).filter((attribute) => record.values[attribute]?.length)
  let marks = ''
  for (const attribute of set.toSorted()) {
    marks += `${attribute}\n`
    for (const value of record.values[attribute] ?? []) {
      marks += `${value.active_from} ${titleOf(value)}\n`
    }
    marks += '\n'
  }
  return hash('sha256', marks, 'base64url')
}

function titleOf(value: WireValue): string {
  const option = value['option'] ?? value['status']
  return typeof option === 'object' && option !== null && 'title' in option ? String(option.title) : ''
}

function latestBy(values: readonly WireValue[], at: (value: WireValue) => string): WireValue | null {
  return values.reduce<WireValue | null>(
    (latest, value) => (latest === null || compareInstants(at(value), at(latest)) > 0 ? value : latest),
    null,
  )
}

/** Attio's instants are UTC with nine digits, so text order is time order, below the millisecond as well (3). */
function compareInstants(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
