/** What happens to a request between the engine and the vendor, and what the vendor does with it. */
import type { FieldValue } from '../../src/core/value.ts'
import { FIELD } from './frame.ts'
import { watchArrival } from './monitors.ts'
import { withSide, type Call, type State } from './state.ts'
import { isRefused, spelled } from './vendors.ts'
import { course, moveVersion, type Step, type World } from './world.ts'

export function network(world: World, state: State): Step[] {
  return state.calls.flatMap((call) => {
    if (call.answer) return call.awaited ? loseAnswer(state, call) : []
    return [arrive(world, state, call), ...(call.awaited ? lose(state, call) : [vanish(state, call)])]
  })
}

function arrive(world: World, state: State, call: Call): Step {
  const write = world.production.writes.at(call.write)
  const { side } = write
  if (call.moved) {
    const does = `the ${side} vendor refuses the write: the record moved`
    const answered: Call = { ...call, answer: { kind: 'stale' } }
    return course(does, { ...state, calls: replaced(state, call, call.awaited ? answered : null) })
  }
  const held = state[side].value
  const sent = write.values[FIELD] ?? null
  const isKept = isRefused(world.configuration, side, sent)
  const value = isKept ? held : spelled(side, sent)
  const { truth, finds } = watchArrival(world, state, call, value)
  const applied = withSide(
    { ...state, calls: replaced(state, call, null) },
    side,
    isKept ? state[side] : { value, by: 'us' },
  )
  // A value that the vendor keeps makes a new version all the same, but no entry in the field's history.
  const noticed = moveVersion(world, applied, side, !isKept)
  const next: State = {
    ...noticed,
    truth,
    intent:
      call.current && noticed.intent?.write === call.write
        ? { ...noticed.intent, applied: { value } }
        : noticed.intent,
    calls: call.awaited ? [...noticed.calls, answered(call, value)] : noticed.calls,
  }
  const late = call.current ? '' : ', long after its outcome was settled'
  return course(`the ${side} vendor stores ${JSON.stringify(value)} as we asked${late}`, next, finds, true)
}

function answered(call: Call, value: FieldValue): Call {
  return { ...call, moved: false, answer: { kind: 'done', stored: value, moved: false } }
}

/** The three ways in which a caller never hears of its request (`ambiguous`): its intent stays open. */
function lose(state: State, call: Call): Step[] {
  if (state.budget.faults === 0) return []
  return [
    fault('the request is lost, and its caller gives up', state, replaced(state, call, null)),
    fault(
      'the caller gives up, the request travels on',
      state,
      replaced(state, call, { ...call, awaited: false }),
    ),
  ]
}

function loseAnswer(state: State, call: Call): Step[] {
  if (state.budget.faults === 0) return []
  return [fault('the answer is lost, and its caller gives up', state, replaced(state, call, null))]
}

function fault(does: string, state: State, calls: readonly Call[]): Step {
  const budget = { ...state.budget, faults: state.budget.faults - 1 }
  return { does, next: { ...state, calls, task: null, budget }, kind: 'world', wrote: false, finds: [] }
}

/** A request that nobody waits for may end on the way; that costs nothing, the fault was paid for before. */
function vanish(state: State, call: Call): Step {
  return course('a request that nobody waits for ends on the way', {
    ...state,
    calls: replaced(state, call, null),
  })
}

function replaced(state: State, call: Call, by: Call | null): readonly Call[] {
  return state.calls.flatMap((each) => (each === call ? (by ?? []) : each))
}
