/**
 * The truth table of a linked pair (algorithms 2.7): what the state of the two records means. Absence is never
 * evidence: `gone` needs a positive answer, `hidden` is not a deletion.
 */
import type { DeletePolicy } from './rules.ts'
import { otherSide, SIDES, type Both, type Side } from './record.ts'

/**
 * - `live`: read, and inside the scope. `changed` says whether any mapped field differs from its base.
 * - `outside`: read, but outside the mapping's scope.
 * - `gone`: the vendor says so. - `hidden`: not visible to us.
 */
export type RecordState = 'unchanged' | 'changed' | 'outside' | 'gone' | 'hidden'

export type PairAction =
  | { readonly kind: 'reconcile' }
  /** No writes; the base is kept; resumes when the cause is over. */
  | { readonly kind: 'pause'; readonly because: string }
  | { readonly kind: 'tomb' }
  /** `gone` is the dead side; the survivor is released, and never created again by itself. */
  | { readonly kind: 'unlink'; readonly gone: Side; readonly because: string }
  | { readonly kind: 'remove'; readonly gone: Side; readonly mode: 'archive' | 'delete' }
  /** Deleted on one side, edited on the other: the survivor is kept and a person is told (B5). */
  | { readonly kind: 'contested-removal'; readonly gone: Side }

export function decidePair(state: Both<RecordState>, onDelete: Both<DeletePolicy>): PairAction {
  for (const side of SIDES) {
    if (state[side] === 'hidden') return { kind: 'pause', because: `the ${side} record is not visible to us` }
  }
  if (state.left === 'gone' && state.right === 'gone') return { kind: 'tomb' }
  for (const side of SIDES) {
    if (state[side] === 'gone') return onOneGone(side, state[otherSide(side)], onDelete[side])
  }
  for (const side of SIDES) {
    if (state[side] === 'outside')
      return { kind: 'pause', because: `the ${side} record is outside the scope` }
  }
  return { kind: 'reconcile' }
}

function onOneGone(gone: Side, survivor: RecordState, policy: DeletePolicy): PairAction {
  if (survivor === 'outside') {
    return { kind: 'unlink', gone, because: 'deleted on the other side while outside the scope' }
  }
  switch (policy) {
    case 'unlink':
      return { kind: 'unlink', gone, because: 'deleted on the other side' }
    case 'ignore':
      return { kind: 'unlink', gone, because: 'deleted on the other side, which this mapping ignores' }
    case 'archive':
    case 'delete':
      return survivor === 'changed'
        ? { kind: 'contested-removal', gone }
        : { kind: 'remove', gone, mode: policy }
  }
}
