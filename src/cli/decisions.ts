/** Handing a person's decisions to the engine: the one way, for `resolve` and for the demo alike. */
import type { Both } from '../core/record.ts'
import type { Canonical } from '../core/value.ts'
import type { Store } from '../store/store.ts'
import type { Conflict } from '../store/waiting.ts'

export interface Decision {
  readonly id: string
  readonly choice: 'left' | 'right'
  /** The values the person saw; null: whatever the conflict holds now. */
  readonly expect: Both<Canonical> | null
}

/**
 * - `decided`: the next pass writes it.
 * - `stale`: the values changed since the person looked, or it was decided already; nothing happens.
 * - `unknown`: there is no such conflict.
 */
export type DecisionOutcome = Decision & {
  readonly outcome: 'decided' | 'stale' | 'unknown'
  readonly because: string
}

export async function decide(store: Store, decision: Decision, atMs: number): Promise<DecisionOutcome> {
  const conflict = await store.conflict(decision.id)
  if (!conflict) return { ...decision, outcome: 'unknown', because: 'there is no conflict with this id' }
  const { id, choice } = decision
  const expect = decision.expect ?? { left: conflict.left, right: conflict.right }
  const outcome = await store.decideConflict({ id, choice, expect, atMs })
  return { ...decision, outcome, because: reason(outcome, conflict) }
}

function reason(outcome: DecisionOutcome['outcome'], conflict: Conflict): string {
  switch (outcome) {
    case 'decided':
      return ''
    case 'unknown':
      return 'there is no conflict with this id'
    case 'stale':
      return conflict.state === 'open' ? 'the values changed since' : STATE_TEXT[conflict.state]
  }
}

const STATE_TEXT: Readonly<Record<Exclude<Conflict['state'], 'open'>, string>> = {
  decided: 'it was decided already and waits for the next pass',
  resolved: 'it was resolved already',
  auto: 'a rule settled it',
  superseded: 'another edit has overtaken it',
}
