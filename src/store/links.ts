/** Pairs of records as the store keeps them, and what may wait for one. */
import type { Both, RecordId, Side } from '../core/record.ts'
import { InvariantError } from '../errors.ts'

/** UUID made by the caller, so that a link can be referred to before it is stored. */
export type LinkId = string

/**
 * - `half`: only one side has a record; a creation is planned or under way.
 * - `live`: both records known and kept equal.
 * - `paused`: one side is not visible, or left the scope; no writes, base kept; resumes by itself.
 * - `unlinked`: separated by policy or by a person; ids that still live are in `suppressed`.
 * - `tomb`: both records are gone.
 */
export type LinkState = 'half' | 'live' | 'paused' | 'unlinked' | 'tomb'

export interface Link {
  readonly id: LinkId
  readonly mapping: string
  readonly left: RecordId | null
  readonly right: RecordId | null
  readonly state: LinkState
  /**
   * Rises by one with every `commitPlans` or `ackWrites` that touches the link (`put-link`, `set-link`,
   * `set-base`, `close-intent`), however often; a new link starts at 1. `beginWrites` refuses an intent that
   * was planned under another epoch.
   */
  readonly epoch: number
  /** `ObjectRules.version` the base was made under. */
  readonly rules: string
  readonly versions: Both<string | null>
}

/** States in which a link holds no records together any more. */
export const SEPARATED = ['unlinked', 'tomb'] as const satisfies readonly LinkState[]

/** Whether the link still speaks for its records: neither dissolved nor buried. */
export function isKept(link: Link | null): link is Link {
  return link !== null && !SEPARATED.some((state) => state === link.state)
}

/** Whether two known records stand behind it, and not only one whose counterpart is being created. */
export function isPair(link: Link | null): link is Link & { left: RecordId; right: RecordId } {
  return isKept(link) && link.left !== null && link.right !== null
}

export interface PendingEdge {
  /** Mapping, side and id of the record that has no link yet. */
  readonly targetMapping: string
  readonly side: Side
  readonly target: RecordId
  /** Link whose field waits. */
  readonly link: LinkId
  readonly field: string
}

/** Somebody else linked one of the records first (algorithms 3.4), set one apart, or changed the link. */
export class LinkTaken extends InvariantError {
  constructor(link: LinkId) {
    super('I7', `link ${link} exists or has changed, or one of its records belongs to another link`)
  }
}
