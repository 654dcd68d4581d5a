/** An open conflict as scripts and people get it: the document of `attune conflicts --json`. */
import type { Actor, Both, RecordId } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Conflict } from '../store/store.ts'

export interface ConflictView {
  readonly id: string
  readonly pairing: string
  /** Object of the left side. */
  readonly object: string
  readonly field: string
  readonly left: Canonical
  readonly right: Canonical
  /** What each side held when they last agreed; null for a pair that never did. */
  readonly base: Both<Canonical> | null
  readonly leftRecord: RecordId | null
  readonly rightRecord: RecordId | null
  /** Who set the value, as far as the CRM tells. */
  readonly leftActor: Actor | null
  readonly rightActor: Actor | null
  /** When, in the CRM's own words. */
  readonly leftAt: string | null
  readonly rightAt: string | null
  /** The rule that leaves the decision to a person. */
  readonly rule: string
  /** ISO 8601. */
  readonly openedAt: string
}

/** `objects`: what the mapping's two objects are called, when it is still configured. */
export function conflictView(conflict: Conflict, objects: Both<string> | null): ConflictView {
  const { evidence, records } = conflict
  const [pairing = '', both = ''] = conflict.mapping.split('/')
  return {
    id: conflict.id,
    pairing,
    object: objects?.left ?? both,
    field: conflict.field,
    left: conflict.left,
    right: conflict.right,
    base: conflict.base,
    leftRecord: records.left,
    rightRecord: records.right,
    leftActor: evidence.left?.actor ?? null,
    rightActor: evidence.right?.actor ?? null,
    leftAt: evidence.left?.at ?? null,
    rightAt: evidence.right?.at ?? null,
    rule: conflict.rule,
    openedAt: new Date(conflict.openedAtMs).toISOString(),
  }
}

export function actorText(actor: Actor | null): string {
  if (!actor || actor.kind === 'unknown') return 'unknown'
  const who = {
    human: 'a person',
    us: 'Attune',
    integration: 'an integration',
    automation: 'a workflow',
    system: 'the CRM itself',
  }
  return actor.id === null ? who[actor.kind] : `${who[actor.kind]} (${actor.id})`
}
