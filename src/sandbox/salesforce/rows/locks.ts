/** Row locks: a write locks its row and often the parent account (Salesforce fact sheet 6.2, 19). */
import { share } from '../../chance.ts'
import type { Org } from '../org.ts'
import type { ObjectType } from '../schema/object-type.ts'
import { refusal } from '../wire.ts'
import type { Row, Values } from './row-store.ts'

/** Parents that a write locks together with the row. */
const LOCKED_PARENTS: Readonly<Record<string, readonly (readonly [field: string, object: string])[]>> = {
  Contact: [['AccountId', 'Account']],
  Opportunity: [['AccountId', 'Account']],
  OpportunityContactRole: [['OpportunityId', 'Opportunity']],
}

/** Throws when somebody else holds a lock that this write needs. */
export function requireUnlocked(
  org: Org,
  type: ObjectType,
  { row, next }: { row: Row | null; next: Values },
): void {
  const number = ++org.counters.write
  const held = lockedIds(org, type, { row, next }).find((id) => org.settings.lockedRecords.includes(id))
  const running = runningRow(org, type, { row, next })
  const loses = org.settings.lockRate > 0 && share(org.seed, 'lock', number) < org.settings.lockRate
  if (held === undefined && running === null && !loses) return
  const id = held ?? running ?? row?.id
  throw refusal(
    'UNABLE_TO_LOCK_ROW',
    id === undefined
      ? 'unable to obtain exclusive access to this record'
      : `unable to obtain exclusive access to this record or 1 records: ${id}`,
    [],
  )
}

function lockedIds(org: Org, type: ObjectType, { row, next }: { row: Row | null; next: Values }): string[] {
  if (org.settings.lockedRecords.length === 0) return []
  const parents = LOCKED_PARENTS[type.name] ?? []
  return [row?.id, ...parents.map(([field]) => next[field])].flatMap((id) =>
    typeof id === 'string' ? id : [],
  )
}

/** A row or parent that a transaction has stamped and not committed. */
function runningRow(
  org: Org,
  type: ObjectType,
  { row, next }: { row: Row | null; next: Values },
): string | null {
  const isRunning = (held: Row | null | undefined): held is Row =>
    held?.pending !== null && held?.pending !== undefined && held.pending.until > org.now()
  if (isRunning(row)) return row.id
  for (const [field, object] of LOCKED_PARENTS[type.name] ?? []) {
    const parent = org.rows.find(object, String(next[field]))
    if (isRunning(parent)) return parent.id
  }
  return null
}
