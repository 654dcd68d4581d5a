/** The engine's database, as far as one field of one link needs it: applies the changes that production returns. */
import type { FieldBase } from '../../src/core/base.ts'
import { otherSide, type Side } from '../../src/core/record.ts'
import { isEqual } from '../../src/core/value.ts'
import type { Change } from '../../src/store/change.ts'
import { FIELD } from './frame.ts'
import type { State } from './state.ts'
import type { World } from './world.ts'

/** All or nothing, as `Store.commitPlans` and `Store.ackWrites`. `written`: the side whose outcome it records. */
export function commit(
  world: World,
  state: State,
  changes: readonly Change[],
  written: Side | null = null,
): State {
  return changes.reduce((sum, change) => apply(world, sum, change, written), state)
}

function apply(world: World, state: State, change: Change, written: Side | null): State {
  switch (change.kind) {
    case 'set-base': {
      if (!(FIELD in change.fields)) return state
      const base = keptBase(world, change.fields[FIELD] ?? null, written)
      const isAgreement = written === null && base !== null && base.held === null && !base.doubt
      // Both sides were seen to correspond: nobody's edit is outstanding (see monitors.ts).
      const truth = isAgreement ? { ...state.truth, base: sides(base), noted: false } : state.truth
      return { ...state, base, truth }
    }
    case 'close-intent':
      // Requests still on their way are nobody's any more.
      return { ...state, intent: null, calls: state.calls.map((call) => ({ ...call, current: false })) }
    case 'open-conflict': {
      const { left, right, state: standing } = change.conflict
      const { owed } = state.truth
      const isPaid = owed !== null && isEqual(owed.value, change.conflict[owed.side])
      const told = isPaid ? { ...state, truth: { ...state.truth, owed: null } } : state
      if (standing !== 'open') return told
      // On the values of the standing row nothing happens, not even to a person's choice (I6).
      const isKnown =
        state.conflict && isEqual(state.conflict.left, left) && isEqual(state.conflict.right, right)
      return isKnown ? told : { ...told, conflict: { left, right, decided: null } }
    }
    case 'close-conflict':
      return { ...state, conflict: null }
    case 'set-link':
    case 'journal':
    case 'postpone':
      return state
    default:
      throw new Error(`this model knows no ${change.kind}`)
  }
}

/** What of a base is remembered, and where a control remembers less. */
function keptBase(world: World, base: FieldBase | null, written: Side | null): FieldBase | null {
  if (!base) return null
  const { protocol } = world.configuration
  const ring = protocol.breaker === 'on' ? base.ring : []
  if (protocol.base === 'pair') return { ...base, ring }
  const shared = base[written === null ? 'left' : otherSide(written)]
  return { ...base, left: shared, right: shared, ring }
}

function sides({ left, right }: FieldBase) {
  return { left, right }
}
