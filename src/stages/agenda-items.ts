/** Operations of a plan with what became of them so far, and what of them is looked at together. */
import { otherSide, SIDES, type Both, type RecordId } from '../core/record.ts'
import type { RecordRef } from '../store/records.ts'
import type { PlannedLink, PlannedOperations, PlannedWrite } from './planned.ts'

/** `open` → `sending` (admitted) → `applied` (in the journal), or `open` again when it did not arrive. */
export interface Item<Operation> {
  readonly operation: Operation
  state: 'open' | 'sending' | 'applied'
  failed: boolean
  because: string
}

export function item<Operation>(operation: Operation): Item<Operation> {
  return { operation, state: 'open', failed: false, because: '' }
}

/** What is looked at together. Conflicts have no item: nothing of them is sent. */
export interface Unit {
  readonly item: Item<unknown> | null
  readonly refs: readonly RecordRef[]
  isVisited: boolean
}

/** By mapping: pairs to be made, then writes in the order of the plan, then questions for people. */
export function unitsOf(
  { conflicts }: PlannedOperations,
  links: readonly Item<PlannedLink>[],
  writes: readonly Item<PlannedWrite>[],
): ReadonlyMap<string, readonly Unit[]> {
  const all = [
    ...links.map((each) => ({ item: each, mapping: each.operation.mapping, refs: pairOf(each.operation) })),
    ...writes.map((each) => ({ item: each, mapping: each.operation.mapping, refs: refsOf(each.operation) })),
    ...conflicts.map(({ mapping, leftRecord: left, rightRecord: right }) => {
      return { item: null, mapping, refs: pairOf({ left, right }) }
    }),
  ].map((unit) => ({ ...unit, isVisited: false }))
  return Map.groupBy(all, ({ mapping }) => mapping)
}

export function refsOf({ side, record, source }: PlannedWrite): readonly RecordRef[] {
  return [
    { side, id: record },
    { side: otherSide(side), id: source },
  ]
}

function pairOf(pair: Both<RecordId>): readonly RecordRef[] {
  return SIDES.map((side) => ({ side, id: pair[side] }))
}
