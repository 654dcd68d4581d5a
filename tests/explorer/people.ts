/** What people do: type values, change other fields, decide conflicts. */
import { SIDES, type Side } from '../../src/core/record.ts'
import { canonicalText, isEqual, type Canonical } from '../../src/core/value.ts'
import { withSide, type State } from './state.ts'
import { spelled, typable } from './vendors.ts'
import { moveVersion, type Step, type World } from './world.ts'

export function people(world: World, state: State): Step[] {
  const { edits, touches } = state.budget
  return [
    ...(edits > 0 ? [...typing(world, state), ...deciding(state)] : []),
    ...(touches > 0 ? touching(world, state) : []),
  ]
}

function typing(world: World, state: State): Step[] {
  return SIDES.flatMap((side) =>
    typable(world.configuration)
      .filter((value) => !isEqual(value, world.canonical(state[side].value)))
      .map((value) =>
        step(`a person types ${canonicalText(value)} on the ${side}`, type(world, state, side, value)),
      ),
  )
}

function type(world: World, state: State, side: Side, value: Canonical): State {
  const typed = withSide(state, side, { value: spelled(side, value), by: 'person' })
  const { truth } = state
  return {
    ...moveVersion(world, typed, side, true),
    budget: { ...state.budget, edits: state.budget.edits - 1 },
    // What was overwritten there before is superseded on its own side now.
    truth: truth.owed?.side === side ? { ...truth, owed: null } : truth,
  }
}

/** Neither changes the canonical value; both make a new version, and the second one an entry in its history. */
function touching(world: World, state: State): Step[] {
  const budget = { ...state.budget, touches: state.budget.touches - 1 }
  // Where provenance is a matter of the record (Salesforce's `LastModifiedById`), any change takes it from us.
  const signs = world.configuration.protocol.learns === 'provenance'
  return SIDES.flatMap((side) => {
    const signed: State = signs ? withSide(state, side, { ...state[side], by: 'person' }) : state
    const respelt = withSide(state, side, { ...state[side], by: 'person' })
    return [
      step(`a person changes another field on the ${side}`, {
        ...moveVersion(world, signed, side, false),
        budget,
      }),
      step(`a person respells the value on the ${side}`, {
        ...moveVersion(world, respelt, side, true),
        budget,
      }),
    ]
  })
}

/** `Store.decideConflict`: a choice between the values that the standing row shows. */
function deciding(state: State): Step[] {
  const { conflict } = state
  if (!conflict || conflict.decided !== null) return []
  return SIDES.map((side) =>
    step(`a person decides the conflict for the ${side}`, {
      ...state,
      conflict: { ...conflict, decided: side },
      budget: { ...state.budget, edits: state.budget.edits - 1 },
    }),
  )
}

function step(does: string, next: State): Step {
  return { does, next, kind: 'world', wrote: false, finds: [] }
}
