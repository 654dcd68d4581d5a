/**
 * Taking writes back (algorithms 9.2): a value that is still the one we left goes back to what was there before us;
 * whatever anybody else put there since stays. Pure.
 */
import type { Evidence } from './record.ts'
import { isEqual, type Canonical } from './value.ts'

export interface Written {
  readonly before: Canonical
  readonly after: Canonical
}

export type Restoration =
  | { readonly kind: 'restore'; readonly to: Canonical }
  /** The field holds that already. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'changed-since' }

/**
 * What undoing a run's writes to one field of one record means while the field holds `now`; `writes` newest first.
 * They are one step back to before the oldest of them, as far as each write found what the one before it had left:
 * beyond a foreign change in between nothing is taken back, and `isPartial` says so.
 */
export function restoreField(
  writes: readonly Written[],
  now: Canonical,
): { readonly restoration: Restoration; readonly isPartial: boolean } {
  const [newest] = writes
  if (!newest) return { restoration: { kind: 'nothing' }, isPartial: false }
  const stop = writes.findIndex((write, i) => {
    const older = writes[i + 1]
    return older !== undefined && !isEqual(older.after, write.before)
  })
  const oldest = writes[stop === -1 ? writes.length - 1 : stop] ?? newest
  return { restoration: between(newest.after, oldest.before, now), isPartial: stop !== -1 }
}

function between(after: Canonical, before: Canonical, now: Canonical): Restoration {
  if (isEqual(now, before)) return { kind: 'nothing' }
  return isEqual(now, after) ? { kind: 'restore', to: before } : { kind: 'changed-since' }
}

/**
 * Whether somebody's work is lost when a record that we made goes away: a value there that we did not leave, unless
 * the CRM or a workflow in it put it there by itself. Whom we cannot tell counts as somebody. `ours`: values that
 * count as left by us when we are shown as their author (defaults that come with a creation).
 */
export function isSomebodysWork(evidence: Evidence | null, options: { readonly ours: boolean }): boolean {
  switch (evidence?.actor.kind) {
    case 'system':
    case 'automation':
      return false
    case 'us':
      return !options.ours
    case 'human':
    case 'integration':
    case 'unknown':
    case undefined:
      return true
  }
}
