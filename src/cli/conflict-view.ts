/** An open conflict as scripts and people get it: the document of `attune conflicts --json`. */
import type { Actor, Both, RecordId, Side } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Conflict } from '../store/waiting.ts'
import type { NameOf } from './record-names.ts'

export interface ConflictView {
  readonly id: string
  readonly pairing: string
  /** Object of the left side. */
  readonly object: string
  readonly field: string
  /** `overwritten`: a write replaced the value of the side with an actor before anybody had seen it. */
  readonly kind: Conflict['kind']
  readonly left: Canonical
  readonly right: Canonical
  /** What each side held when they last agreed; null for a pair that never did. */
  readonly base: Both<Canonical> | null
  readonly leftRecord: RecordId | null
  readonly rightRecord: RecordId | null
  /** Who they are, as far as is known without asking the CRMs: the name of a person, company or deal. */
  readonly leftName: string | null
  readonly rightName: string | null
  /** Who set the value, as far as the CRM tells. */
  readonly leftActor: Actor | null
  readonly rightActor: Actor | null
  /** In which connection, where the change came through the side that shows it. */
  readonly leftVia: string | null
  readonly rightVia: string | null
  /** When, in the CRM's own words. */
  readonly leftAt: string | null
  readonly rightAt: string | null
  /** The rule that leaves the decision to a person. */
  readonly rule: string
  /** ISO 8601. */
  readonly openedAt: string
}

/** `objects`: what the mapping's two objects are called, when it is still configured. */
export function conflictView(conflict: Conflict, objects: Both<string> | null, nameOf: NameOf): ConflictView {
  const { evidence, mapping, records } = conflict
  const nameOn = (side: Side): string | null => {
    const id = records[side]
    return id === null ? null : nameOf({ mapping, side, id })
  }
  const [pairing = '', both = ''] = conflict.mapping.split('/')
  return {
    id: conflict.id,
    pairing,
    object: objects?.left ?? both,
    field: conflict.field,
    kind: conflict.kind,
    left: conflict.left,
    right: conflict.right,
    base: conflict.base,
    leftRecord: records.left,
    rightRecord: records.right,
    leftName: nameOn('left'),
    rightName: nameOn('right'),
    leftActor: evidence.left?.actor ?? null,
    rightActor: evidence.right?.actor ?? null,
    leftVia: evidence.left?.via ?? null,
    rightVia: evidence.right?.via ?? null,
    leftAt: evidence.left?.at ?? null,
    rightAt: evidence.right?.at ?? null,
    rule: conflict.rule,
    openedAt: new Date(conflict.openedAtMs).toISOString(),
  }
}

/** Which side lost its value, and how it comes back; null for conflicts of other kinds. */
export function overwrittenText({ kind, leftActor }: ConflictView): string | null {
  if (kind !== 'overwritten') return null
  const side = leftActor ? 'left' : 'right'
  return `The ${side} value was overwritten before anybody had seen it; --take ${side} brings it back to both sides.`
}

/** `via`: the connection in which they did it, where that is not the one that shows it. */
export function actorText(actor: Actor | null, via: string | null): string {
  const where = via === null ? '' : ` in ${via}`
  if (!actor || actor.kind === 'unknown') return via === null ? 'unknown' : `somebody${where}`
  const who = {
    human: 'a person',
    us: 'Attune',
    integration: 'an integration',
    automation: 'a workflow',
    system: 'the CRM itself',
  }
  return actor.id === null ? `${who[actor.kind]}${where}` : `${who[actor.kind]}${where} (${actor.id})`
}
